package nipype

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/value"
)

// anyValue draws what may be an input of nipype, and what nobody would set.
func anyValue(depth int) *rapid.Generator[value.Value] {
	leaf := rapid.OneOf(
		rapid.Just[value.Value](value.None{}),
		rapid.Map(rapid.Bool(), func(b bool) value.Value { return value.Bool(b) }),
		rapid.Map(rapid.Int64(), func(i int64) value.Value { return value.Int(i) }),
		rapid.Map(rapid.Int64Range(-300, 300), func(i int64) value.Value { return value.Int(i) }),
		rapid.Map(rapid.Float64(), func(f float64) value.Value { return value.Float(f) }),
		rapid.Map(rapid.Float64Range(-10, 10), func(f float64) value.Value { return value.Float(f) }),
		rapid.Map(anyText(), func(s string) value.Value { return value.String(s) }),
	)
	if depth == 0 {
		return leaf
	}
	item := anyValue(depth - 1)
	items := rapid.SliceOfN(item, 0, 4)
	return rapid.OneOf(leaf, leaf,
		rapid.Map(items, func(v []value.Value) value.Value { return value.List(v) }),
		rapid.Map(items, func(v []value.Value) value.Value { return value.Tuple(v) }),
		rapid.Map(rapid.MapOfN(rapid.StringOf(anyRune), item, 0, 4), func(m map[string]value.Value) value.Value {
			d := value.Dict{}
			for _, f := range value.NewRecord(m) {
				d = append(d, value.Entry{Key: value.String(f.Name), Value: f.Value})
			}
			return d
		}),
		rapid.Map(rapid.SliceOfNDistinct(rapid.Int64(), 0, 4, rapid.ID), func(keys []int64) value.Value {
			d := value.Dict{}
			for _, k := range keys {
				d = append(d, value.Entry{Key: value.Int(k), Value: value.Float(k)})
			}
			return d
		}),
	)
}

// anyRune draws characters of all kinds, of blocks that every version of Unicode
// at hand agrees about: which are printable depends on it.
var anyRune = rapid.RuneFrom(nil, &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0, Hi: 0x52f, Stride: 1}, {Lo: 0x2000, Hi: 0x23ff, Stride: 1}, {Lo: 0x4e00, Hi: 0x9fa5, Stride: 17}, {Lo: 0xe000, Hi: 0xe00f, Stride: 1}, {Lo: 0xfff0, Hi: 0xffff, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x1f300, Hi: 0x1f5ff, Stride: 1}, {Lo: 0x10fff0, Hi: 0x10ffff, Stride: 1}},
})

// anyText draws texts, among them those with quotes, line ends of all kinds,
// and bytes that are no UTF-8.
func anyText() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.StringOf(anyRune),
		rapid.StringOf(rapid.SampledFrom([]rune("a.'\"\\/ \n\r\t\v\f\x1c\x85\u2028é\U0001f9e0\x7f\x00"))),
		rapid.StringOf(rapid.SampledFrom([]rune("a./"))),
		rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }),
	)
}

type question struct {
	Value  json.RawMessage `json:"value"`
	Text   string          `json:"text"`
	Pickle []byte          `json:"pickle"`
}

// TestPython asks Python and nipype what they make of values, and compares.
func TestPython(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.pklz")
	var in bytes.Buffer
	ask := json.NewEncoder(&in)
	var drawn []value.Value
	var texts []string
	for i := range 1500 {
		v := anyValue(2).Example(i)
		text := strings.ToValidUTF8(anyText().Example(i), "?")
		drawn, texts = append(drawn, v), append(texts, text)
		q := question{Value: value.AppendJSON(nil, v), Text: text, Pickle: pickled(t, path, v)}
		if err := ask.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	answers := bufio.NewScanner(bytes.NewReader(askPython(t, in.Bytes())))
	answers.Buffer(nil, 1<<24)
	n := 0
	for ; answers.Scan(); n++ {
		var a struct {
			Repr, Sum, JSON, Lines, Path string
			Pickled                      bool
		}
		if err := json.Unmarshal(answers.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		v, text := drawn[n], texts[n]
		if got := value.Repr(v); got != a.Repr {
			t.Errorf("repr: Python %q, here %q", a.Repr, got)
		}
		h := hashOf(t, v)
		if h.Sum != a.Sum {
			t.Errorf("hash of %s differs: %s", a.Repr, value.Repr(h.Inputs))
		}
		if got := string(appendHashJSON(nil, h.Inputs, 0)); got != a.JSON {
			t.Errorf("hashed inputs: nipype %s, here %s", a.JSON, got)
		}
		if !a.Pickled {
			t.Errorf("Python reads another value from the pickle of %s", a.Repr)
		}
		if got := splitLines([]byte(text)); got != a.Lines {
			t.Errorf("lines of %q: Python %q, here %q", text, a.Lines, got)
		}
		if got := pathText(text); got != a.Path {
			t.Errorf("path %q: Python %q, here %q", text, a.Path, got)
		}
	}
	if n != len(drawn) {
		t.Errorf("%d answers to %d questions", n, len(drawn))
	}
}

// askPython needs Debian's python3-nipype.
func askPython(t *testing.T, questions []byte) []byte {
	t.Helper()
	cmd := exec.Command("/usr/bin/python3", "testdata/values.py")
	cmd.Env = append(os.Environ(), "NIPYPE_NO_ET=1", "PYTHONDONTWRITEBYTECODE=1", "PYTHONIOENCODING=utf-8", "HOME="+t.TempDir())
	cmd.Stdin = bytes.NewReader(questions)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("ask Python: %v\n%s", err, stderr.Bytes())
	}
	return out
}

func hashOf(t *testing.T, v value.Value) Hashed {
	t.Helper()
	n := &Node{
		Class:    &Class{NoFileHash: []string{"v"}},
		Inputs:   value.NewRecord(map[string]value.Value{"v": v}),
		Settings: Settings{HashMethod: "timestamp"},
	}
	h, err := n.Hash()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// pickled gives the content of a file with the value under the name v.
func pickled(t *testing.T, path string, v value.Value) []byte {
	t.Helper()
	b := scratch.Get().(*buffers)
	defer b.release()
	if err := b.pickle(path, func(p *pickler) { p.record(value.NewRecord(map[string]value.Value{"v": v})) }); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
