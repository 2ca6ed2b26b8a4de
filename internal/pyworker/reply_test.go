package pyworker

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

func TestParseReply(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  *Reply
		wrong string
	}{
		{text: `{}`, want: &Reply{}},
		{text: `{"outputs":null,"error":null,"crashfile":null,"elements":[],"new":1}`, want: &Reply{}},
		{
			text: `{"outputs":{"b":[1,{"$tuple":[2.0]}],"a":"x","none":{"$none":true},"not":null},"cached":true,"runtime":{"duration":1.5}}`,
			want: &Reply{
				Outputs: value.RecordOf([]value.Field{
					{Name: "a", Value: value.String("x")},
					{Name: "b", Value: value.List{value.Int(1), value.Tuple{value.Float(2)}}},
					{Name: "none", Value: value.None{}},
				}),
				Cached: true, Duration: 1500 * time.Millisecond,
			},
		},
		{
			text: `{"elements":[{"blob":"n/1_0.pkl","sha256":"ab","dir":"wf/m/mapflow/_m0","result":"_m0","inputs":{"x":1}}]}`,
			want: &Reply{Elements: []Element{{
				Blob: "n/1_0.pkl", SHA256: "ab", Dir: "wf/m/mapflow/_m0", Result: "_m0",
				Inputs: value.RecordOf([]value.Field{{Name: "x", Value: value.Int(1)}}),
			}}},
		},
		{
			text: `{"command":{"cmdline":"bet a b","env":{"PATH":"/bin","A":"b=c"},"cwd":"/w","output":"allatonce"}}`,
			want: &Reply{Command: &Command{Cmdline: "bet a b", Env: []string{"A=b=c", "PATH=/bin"}, Dir: "/w", Output: "allatonce"}},
		},
		{
			text: `{"error":{"type":"ValueError","message":"no","traceback":"t","cmdline":"c","stdout":"o","stderr":"e"},"crashfile":"/c","outputs":{"a":1}}`,
			want: &Reply{Crashfile: "/c", Error: &Error{Type: "ValueError", Message: "no", Traceback: "t", Cmdline: "c", Stdout: "o", Stderr: "e"}},
		},
		{text: `{"runtime":{"duration":-1}}`, want: &Reply{}},
		{text: `{"runtime":{"duration":1e300}}`, want: &Reply{}},
		{text: ``, wrong: "unexpected end"},
		{text: `[]`, wrong: "cannot unmarshal"},
		{text: `{"outputs":[1]}`, wrong: "outputs: "},
		{text: `{"outputs":{"a":12345678901234567890}}`, wrong: "outputs: "},
		{text: `{"elements":[{"blob":"b"}]}`, wrong: "without a blob or a directory"},
	} {
		got, err := ParseReply([]byte(c.text))
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: error %v; want one with %s", c.text, err, c.wrong)
			}
			continue
		}
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", c.text, err, diff)
		}
	}
}

func TestErrorText(t *testing.T) {
	for want, e := range map[string]Error{
		"ValueError: no": {Type: "ValueError", Message: "no"}, "no": {Message: "no"}, "KeyError": {Type: "KeyError"},
	} {
		if got := e.Error(); got != want {
			t.Errorf("%q; want %q", got, want)
		}
	}
}

func TestOpaque(t *testing.T) {
	for text, want := range map[string]bool{
		`{"$opaque":"ab"}`:                    true,
		`[1,{"$opaque":"ab"}]`:                true,
		`{"a":{"$tuple":[{"$opaque":"ab"}]}}`: true,
		`{"$dict":[[{"$opaque":"ab"},1]]}`:    true,
		`{"$dict":[["$opaque","ab"]]}`:        true, // as such a value is written again
		`{"opaque":"ab"}`:                     false,
		`"$opaque"`:                           false,
		`null`:                                false,
	} {
		v, err := value.ParseJSON([]byte(text))
		if err != nil || Opaque(v) != want {
			t.Errorf("%s: %v, %v", text, Opaque(v), err)
		}
		again, err := value.ParseJSON(value.AppendJSON(nil, v))
		if err != nil || !value.Equal(v, again) {
			t.Errorf("%s came back as %v, %v", text, again, err)
		}
	}
}

// FuzzParseReply: whatever a worker writes, it is read or refused.
func FuzzParseReply(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"outputs":{"a":{"$opaque":"ab"}},"cached":true,"runtime":{"duration":0.1}}`,
		`{"elements":[{"blob":"n/1_0.pkl","sha256":"ab","dir":"d","result":"_m0","inputs":{"x":[]}}]}`,
		`{"command":{"cmdline":"a","env":{"A":"b"},"cwd":"/"}}`, `{"error":{"type":"E","message":"m"},"crashfile":null}`, `{]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ParseReply(text)
		if (r == nil) == (err == nil) {
			t.Fatalf("%v and %v", r, err)
		}
		if err == nil && r.Duration < 0 {
			t.Errorf("duration %v", r.Duration)
		}
	})
}

// FuzzTemplateLine: whatever a template says, it is an answer or nonsense.
func FuzzTemplateLine(f *testing.F) {
	for _, seed := range []string{`{"ready":true}`, `{"id":1,"pid":7}`, `{"id":1,"error":"no"}`, `{"id":2,"pid":7}`, `{"id":1,"pid":1}`, `x`, ``, `{}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		c := make(chan birth, 1)
		tm := &template{ready: make(chan struct{}), waiting: map[int]chan<- birth{1: c}}
		late := time.NewTimer(time.Hour)
		defer late.Stop()
		err := tm.take(line, late)
		select {
		case b := <-c:
			if err != nil || b.err == nil && b.pid <= 1 {
				t.Errorf("%q: %+v, %v", line, b, err)
			}
		default:
			if err == nil && !tm.started {
				t.Errorf("%q means nothing", line)
			}
		}
	})
}
