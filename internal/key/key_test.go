package key

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// disk gives files an identity by their content, as package task does.
type disk map[string]string

var errUnreadable = errors.New("permission denied")

func (d disk) Identity(path string) (string, int64, error) {
	if d[path] == "unreadable" {
		return "", 0, errUnreadable
	}
	return d[path], int64(len(d[path])), nil
}

const base = "/work"

func betInputs() []iface.Input {
	file := iface.Type{Kind: iface.File}
	return []iface.Input{
		{Name: "in_file", Type: iface.Type{Kind: iface.File, Exists: true}},
		{Name: "in_matrix_file", Type: file},
		{Name: "out_file", Type: file, HashText: true},
		{Name: "log", Type: file, Compute: &iface.Same{Input: "in_file"}},
		{Name: "frac", Type: iface.Type{Kind: iface.Float}},
		{Name: "opts"},
		{Name: "threads", Threads: true},
		{Name: "verbose", NoHash: true},
		{Name: "tool"},
	}
}

func tool(name, fn string) *iface.Interface {
	return iface.New(iface.Interface{
		Ref: iface.Ref{Name: name}, Inputs: betInputs(),
		Function: &iface.Function{Fn: iface.Func{Name: "f", Source: fn}, Outputs: []string{"out"}},
	})
}

// a case is a subject and the files that are there.
type situation struct {
	subject Subject
	disk    disk
}

func start() situation {
	return situation{
		Subject{
			Interface: tool("fsl.BET", "def f(): return 1"), Tool: "6.0.5", Env: []string{"FSLOUTPUTTYPE=NIFTI_GZ"}, BaseDir: base,
			Inputs: value.RecordOf([]value.Field{
				{Name: "in_file", Value: value.String("/data/sub-01/t1.nii")}, {Name: "in_matrix_file", Value: value.String("/data/m.mat")},
				{Name: "out_file", Value: value.String("/results/brain.nii")}, {Name: "log", Value: value.String("/results/log")},
				{Name: "frac", Value: value.Float(0.4)}, {Name: "opts", Value: value.List{value.Int(1), value.String("x")}},
				{Name: "threads", Value: value.Int(2)}, {Name: "verbose", Value: value.Bool(true)}, {Name: "tool", Value: value.String("t")},
			}),
		},
		disk{"/data/sub-01/t1.nii": "A", "/data/other/t1.nii": "A", "/data/t2.nii": "A", "/data/m.mat": "M",
			"/results/brain.nii": "R", "/results/log": "L", "/data/folder": "tree 1", "/work/wf/a/x.nii": "X", "/moved/wf/a/x.nii": "X"},
	}
}

func (s situation) identify(t interface{ Fatal(...any) }) (Key, []Item) {
	l, _, err := NewList(s.subject, s.disk)
	if err != nil {
		t.Fatal(err)
	}
	return l.Key(), l.Items()
}

func (s *situation) set(name string, v value.Value) {
	s.subject.Inputs = s.subject.Inputs.With(name, v)
}

// What makes a difference changes the key, and Why names it; what makes none
// changes neither.
func TestChanges(t *testing.T) {
	list := func(items ...value.Value) value.List { return items }
	long := func(last string) value.Value {
		return value.Strings(append(slices.Repeat([]string{"abcdefgh"}, 50), last)...)
	}
	tests := []struct {
		name   string
		before func(*situation) // on top of start
		change func(*situation)
		why    string
	}{
		{"nothing", nil, func(s *situation) {}, ""},
		{"a value", nil, func(s *situation) { s.set("frac", value.Float(0.5)) }, `input "frac" changed: 0.4 -> 0.5`},
		{"the last digit", func(s *situation) { s.set("frac", value.Float(1e-11)) },
			func(s *situation) { s.set("frac", value.Float(2e-11)) }, `input "frac" changed: 1e-11 -> 2e-11`},
		{"1 for 1.0", func(s *situation) { s.set("opts", value.Int(1)) }, func(s *situation) { s.set("opts", value.Float(1)) }, `input "opts" changed: 1 -> 1.0`},
		{"True for 1", func(s *situation) { s.set("opts", value.Int(1)) }, func(s *situation) { s.set("opts", value.Bool(true)) }, `input "opts" changed: 1 -> True`},
		{"a text for a number", func(s *situation) { s.set("opts", value.Int(1)) }, func(s *situation) { s.set("opts", value.String("1")) }, `input "opts" changed: 1 -> '1'`},
		{"None for nothing", func(s *situation) { s.set("opts", nil) }, func(s *situation) { s.set("opts", value.None{}) }, `input "opts" is now set to None`},
		{"no longer set", nil, func(s *situation) { s.set("opts", nil) }, `input "opts" is no longer set (was [1, 'x'])`},
		{"a list for its element", func(s *situation) { s.set("opts", value.Int(1)) }, func(s *situation) { s.set("opts", list(value.Int(1))) }, `input "opts" changed: 1 -> [1]`},
		{"order of a list", nil, func(s *situation) { s.set("opts", list(value.String("x"), value.Int(1))) }, `input "opts" changed: [1, 'x'] -> ['x', 1]`},
		{"nesting of a list", func(s *situation) { s.set("opts", list(list(value.Int(1)), list())) }, func(s *situation) { s.set("opts", list(list(), list(value.Int(1)))) }, `input "opts" changed: [[1], []] -> [[], [1]]`},
		{"the end of a long list", func(s *situation) { s.set("opts", long("y")) }, func(s *situation) { s.set("opts", long("z")) },
			`input "opts" changed, beyond what is shown of it or in the content behind it: ['abcdefgh'`},
		{"a tuple for a list", nil, func(s *situation) { s.set("opts", value.Tuple{value.Int(1), value.String("x")}) }, ""},
		{"threads", nil, func(s *situation) { s.set("threads", value.Int(8)) }, ""},
		{"verbosity", nil, func(s *situation) { s.set("verbose", nil) }, ""},
		{"another input that is called tool", nil, func(s *situation) { s.set("tool", value.String("u")) }, `input "tool" changed: 't' -> 'u'`},

		{"content of a file", nil, func(s *situation) { s.disk["/data/sub-01/t1.nii"] = "B" }, `the content behind input "in_file" changed: '/data/sub-01/t1.nii'`},
		{"a file with other content", nil, func(s *situation) { s.set("in_file", value.String("/data/m.mat")) }, `input "in_file" changed: '/data/sub-01/t1.nii' -> '/data/m.mat'`},
		{"a file with another name", nil, func(s *situation) { s.set("in_file", value.String("/data/t2.nii")) }, `input "in_file" changed: '/data/sub-01/t1.nii' -> '/data/t2.nii'`},
		{"the same file elsewhere", nil, func(s *situation) { s.set("in_file", value.String("/data/other/t1.nii")) }, ""},
		{"a file that is gone", nil, func(s *situation) { delete(s.disk, "/data/sub-01/t1.nii") }, `the content behind input "in_file" changed: '/data/sub-01/t1.nii'`},
		{"content of a folder", func(s *situation) { s.set("in_file", value.String("/data/folder")) },
			func(s *situation) { s.disk["/data/folder"] = "tree 2" }, `the content behind input "in_file" changed: '/data/folder'`},
		{"content of a file in a list", func(s *situation) { s.set("opts", list(value.String("/data/m.mat"))) },
			func(s *situation) { s.disk["/data/m.mat"] = "N"; s.set("in_matrix_file", nil) }, `the content behind input "opts" changed: ['/data/m.mat']; input "in_matrix_file" is no longer set (was '/data/m.mat')`},
		{"content of a file in a dictionary", func(s *situation) {
			s.set("opts", value.Dict{{Key: value.String("k"), Value: value.String("/data/t2.nii")}})
		}, func(s *situation) { s.disk["/data/t2.nii"] = "B" }, `the content behind input "opts" changed: {'k': '/data/t2.nii'}`},
		{"content of a file that need not be there", nil, func(s *situation) { s.disk["/data/m.mat"] = "N" }, `the content behind input "in_matrix_file" changed: '/data/m.mat'`},
		{"content of a file that is written", nil, func(s *situation) { s.disk["/results/brain.nii"] = "S"; delete(s.disk, "/results/log") }, ""},
		{"name of a file that is written", nil, func(s *situation) { s.set("out_file", value.String("/results/b.nii")) }, `input "out_file" changed: '/results/brain.nii' -> '/results/b.nii'`},
		{"folder of a file that a function sees", func(s *situation) { s.set("opts", value.String("/data/sub-01/t1.nii")) },
			func(s *situation) { s.set("opts", value.String("/data/other/t1.nii")) }, `input "opts" changed: '/data/sub-01/t1.nii' -> '/data/other/t1.nii'`},

		{"another interface", nil, func(s *situation) { s.subject.Interface = tool("fsl.BET2", "def f(): return 1") }, `interface changed: fsl.BET -> fsl.BET2`},
		{"source of a function", nil, func(s *situation) { s.subject.Interface = tool("fsl.BET", "def f(): return 2") }, `the definition of interface fsl.BET changed`},
		{"version of the tool", nil, func(s *situation) { s.subject.Tool = "6.0.6" }, `the tool changed: 6.0.5 -> 6.0.6`},
		{"no tool", nil, func(s *situation) { s.subject.Tool = "" }, `tool is no longer set (was 6.0.5)`},
		{"environment", nil, func(s *situation) { s.subject.Env = []string{"FSLOUTPUTTYPE=NIFTI"} }, `environment variable FSLOUTPUTTYPE changed: NIFTI_GZ -> NIFTI`},
		{"one more variable", nil, func(s *situation) { s.subject.Env = append(s.subject.Env, "Z=") }, `environment variable Z is now set to `},

		{"base_dir moved", func(s *situation) { s.set("opts", value.String("/work/wf/a/x.nii")) }, func(s *situation) {
			s.subject.BaseDir = "/moved"
			s.set("opts", value.String("/moved/wf/a/x.nii"))
		}, ""},
		{"a place below base_dir for its name", func(s *situation) { s.set("opts", value.String("/work/gone")) },
			func(s *situation) { s.set("opts", value.String("gone")) }, `input "opts" changed: '/work/gone' -> 'gone'`},
		{"two things at once", nil, func(s *situation) { s.set("frac", nil); s.set("opts", value.Int(0)) }, `input "opts" changed: [1, 'x'] -> 0; input "frac" is no longer set (was 0.4)`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			was, now := start(), start()
			if tt.before != nil {
				tt.before(&was)
				tt.before(&now)
			}
			tt.change(&now)
			key1, items1 := was.identify(t)
			key2, items2 := now.identify(t)
			if got := Why(items1, items2); got != tt.why && (tt.why == "" || !strings.HasPrefix(got, tt.why+"'")) && !strings.HasPrefix(got, tt.why+", ") {
				t.Errorf("Why: got %s, want %s", got, tt.why)
			}
			if (key1 == key2) != (tt.why == "") {
				t.Errorf("keys are equal: %t", key1 == key2)
			}
		})
	}
}

func TestUnreadableInput(t *testing.T) {
	s := start()
	s.disk["/data/m.mat"] = "unreadable"
	_, _, err := NewList(s.subject, s.disk)
	if !errors.Is(err, errUnreadable) || !strings.Contains(err.Error(), `identify input "in_matrix_file"`) {
		t.Errorf("got %v", err)
	}
}

// No two lists of items run together in the digest.
func TestDigestKeepsItemsApart(t *testing.T) {
	items := func(parts ...string) Key {
		d := NewDigest()
		for i := 0; i < len(parts); i += 2 {
			d.Add(parts[i], []byte(parts[i+1]))
		}
		return d.Key()
	}
	keys := map[Key]string{}
	for _, parts := range [][]string{{}, {"", ""}, {"a", "b"}, {"ab", ""}, {"", "ab"}, {"a", "b", "", ""}, {"a", "", "b", ""}, {"a\x01b", ""}} {
		k := items(parts...)
		if other, known := keys[k]; known {
			t.Errorf("%q and %s have one key", parts, other)
		}
		keys[k] = fmt.Sprint(parts)
	}
}

// plainValue draws values without files.
func plainValue(depth int) *rapid.Generator[value.Value] {
	return rapid.Custom(func(t *rapid.T) value.Value {
		most := 4
		if depth > 0 {
			most = 7
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return value.None{}
		case 1:
			return value.Bool(rapid.Bool().Draw(t, "bool"))
		case 2:
			return value.Int(rapid.IntRange(-1, 2).Draw(t, "int"))
		case 3:
			return value.Float(rapid.SampledFrom([]float64{-1, 0.5, 1, 2}).Draw(t, "float"))
		case 4:
			return value.String(rapid.SampledFrom([]string{"", "1", "a", "/work", "/work/a", "/data/m.mat", "l\x00"}).Draw(t, "text"))
		case 5:
			return value.List(rapid.SliceOfN(plainValue(depth-1), 0, 3).Draw(t, "list"))
		case 6:
			return value.Tuple(rapid.SliceOfN(plainValue(depth-1), 0, 3).Draw(t, "tuple"))
		}
		return value.Dict{{Key: plainValue(0).Draw(t, "key"), Value: plainValue(depth-1).Draw(t, "value")}}
	})
}

// listed gives v with every tuple as a list: what a key sees.
func listed(v value.Value) value.Value {
	if items, ok := value.Items(v); ok {
		out := value.List{}
		for _, e := range items {
			out = append(out, listed(e))
		}
		return out
	}
	if d, ok := v.(value.Dict); ok {
		out := value.Dict{}
		for _, e := range d {
			out = append(out, value.Entry{Key: listed(e.Key), Value: listed(e.Value)})
		}
		return out
	}
	return v
}

// Two values have one key exactly when they are equal but for tuples, and the
// explanation agrees with the key.
func TestKeysTellValuesApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := plainValue(2).Draw(t, "a"), plainValue(2).Draw(t, "b")
		was, now := start(), start()
		was.set("opts", a)
		now.set("opts", b)
		key1, items1 := was.identify(t)
		key2, items2 := now.identify(t)
		if equal := value.Equal(listed(a), listed(b)); equal != (key1 == key2) {
			t.Fatalf("%s and %s: equal %t, one key %t", value.Repr(a), value.Repr(b), equal, key1 == key2)
		}
		if why := Why(items1, items2); (why == "") != (key1 == key2) {
			t.Fatalf("%s and %s: Why says %q", value.Repr(a), value.Repr(b), why)
		}
	})
}

func TestExplanationIsShort(t *testing.T) {
	s := start()
	s.set("opts", value.Strings(slices.Repeat([]string{"é"}, 10000)...))
	_, items := s.identify(t)
	for _, it := range items {
		if len(it.Text) > longestText+len(cutMark) {
			t.Errorf("%s keeps %d bytes", it.Name, len(it.Text))
		}
	}
	var names []string
	for _, it := range items {
		names = append(names, it.Name)
	}
	want := []string{"interface", "tool", "environ.FSLOUTPUTTYPE", "frac", "in_file", "in_matrix_file", "log", "opts", "out_file", "input.tool"}
	if d := cmp.Diff(want, names); d != "" {
		t.Errorf("items (-want +got):\n%s", d)
	}
}
