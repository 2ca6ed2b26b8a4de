package iface

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

func whats(problems []Problem) []string {
	var out []string
	for _, p := range problems {
		out = append(out, p.What)
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{
		Ref: Ref{Name: "p.T"},
		Inputs: []Input{
			{Name: "need", Type: tInt, Mandatory: true},
			{Name: "one", Type: tInt, Mandatory: true, Xor: []string{"other"}},
			{Name: "other", Type: tInt, Mandatory: true},
			{Name: "with", Type: tInt, Requires: []string{"this", "that", "given"}},
			{Name: "this", Type: tInt}, {Name: "that", Type: tInt}, {Name: "given", Type: tInt, Default: value.Int(1)},
			{Name: "x", Type: tInt}, {Name: "y", Type: tInt}, {Name: "z", Type: tInt},
			{Name: "old", Type: tInt, Deprecated: "1.2", NewName: "x"},
			{Name: "has", Type: tInt, Mandatory: true, Default: value.Int(1)},
		},
		Rules: Rules{Exclusive: [][]string{{"x", "y", "z"}}},
	})
	full := rec("need", value.Int(1), "one", value.Int(1))
	for _, tc := range []struct {
		name      string
		set       value.Record
		connected string
		want      []string
	}{
		{"fine", full, "", nil},
		{"connected", rec("one", value.Int(1)), "need", nil},
		{"the other alternative", rec("need", value.Int(1), "other", value.Int(1)), "", nil},
		{"all missing", nil, "", []string{
			`interface p.T needs a value for input "need"`,
			`interface p.T needs a value for one of the inputs "one", "other"`,
		}},
		{"requires", full.With("with", value.Int(1)).With("this", value.Int(1)), "", []string{`interface p.T needs a value for "that", because "with" is set`}},
		{"exclusive, the way that is not declared", full.With("other", value.Int(1)), "", []string{`inputs "one", "other" of interface p.T exclude each other`}},
		{"exclusive group, once", full.With("x", value.Int(1)).With("z", value.Int(1)).With("y", value.Int(1)), "", []string{`inputs "x", "y", "z" of interface p.T exclude each other`}},
		{"exclusive with a connection", full.With("x", value.Int(1)), "y", []string{`inputs "x", "y" of interface p.T exclude each other`}},
		{"deprecated", full.With("old", value.Int(1)), "", []string{`input "old" of interface p.T is deprecated`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			got := f.Check(tc.set, func(n string) bool { return n == tc.connected })
			if diff := cmp.Diff(tc.want, whats(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAcceptRecord(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{Ref: Ref{Name: "p.T"}, Inputs: []Input{
		{Name: "frac", Type: tFloat}, {Name: "old", Type: tInt, Deprecated: "1", NewName: "new"}, {Name: "new", Type: tInt},
	}})
	got, problems := f.Accept(rec("frac", value.Int(1), "old", value.Int(2)))
	if diff := cmp.Diff(rec("frac", value.Float(1), "new", value.Int(2)), got); diff != "" || len(problems) > 0 {
		t.Error(diff, problems)
	}
	_, problems = f.Accept(rec("fracc", value.Int(1), "new", value.String("x")))
	want := []string{`interface p.T has no input "fracc"`, `input "new" has the wrong value`}
	if diff := cmp.Diff(want, whats(problems)); diff != "" {
		t.Error(diff)
	}
	if problems[0].Mend != `did you mean "frac"?` {
		t.Errorf("mend: %s", problems[0].Mend)
	}
}

func TestMissingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "there"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	f := build(t, Interface{Ref: Ref{Name: "p.T"}, Inputs: []Input{
		{Name: "files", Type: Type{Kind: Multi, Of: []Type{tFile}}},
		{Name: "dir", Type: Type{Kind: Dir, Exists: true}},
		{Name: "out", Type: tPath},
		{Name: "or", Type: Type{Kind: Either, Of: []Type{tFile, tStr}}},
		{Name: "either", Type: Type{Kind: Multi, Of: []Type{{Kind: Either, Of: []Type{tFile, {Kind: Dir, Exists: true}}}}}},
	}})
	got := f.MissingFiles(rec(
		"files", list(value.String("there"), value.String("gone")), "dir", value.String("there"), "out", value.String("new"), "or", value.String("word"),
		"either", list(value.String("there"), value.String("."), value.String("nowhere")),
	), dir, os.Stat)
	want := []string{`input "files" of interface p.T: there is no file gone`, `input "dir" of interface p.T: there is not a folder`,
		`input "either" of interface p.T: there is no file nowhere`}
	if diff := cmp.Diff(want, whats(got)); diff != "" {
		t.Error(diff)
	}
}

func TestBuildFaults(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		f    Interface
		want string
	}{
		{"twice", Interface{Inputs: []Input{{Name: "a", Type: tInt}, {Name: "a", Type: tInt}}}, `input "a" is declared twice`},
		{"xor", Interface{Inputs: []Input{{Name: "abc", Type: tInt, Xor: []string{"abd"}}}}, `names "abd", which is no input`},
		{"template", Interface{Inputs: []Input{{Name: "a", Type: tInt, Argstr: "-x %q"}}}, "none of %s"},
		{"no place", Interface{Inputs: []Input{{Name: "a", Type: tInt, Argstr: "-x"}}}, "has no place for its value"},
		{"redirection", Interface{Inputs: []Input{{Name: "a", Type: tPath, Argstr: "> %s.txt"}}}, "goes before a lone %s"},
		{"default", Interface{Inputs: []Input{{Name: "a", Type: tInt, Default: value.String("x")}}}, "its default has the wrong value"},
		{"position", Interface{Inputs: []Input{{Name: "a", Type: tInt, Argstr: "%d", Position: at(1)}, {Name: "b", Type: tInt, Argstr: "%d", Position: at(1)}}}, `"a" and "b" share position 1`},
		{"output", Interface{Outputs: []Output{{Name: "o", Type: tFile}}}, `output "o" comes from nowhere`},
		{"output's source", Interface{Outputs: []Output{{Name: "o", Type: tFile, Value: &At{"x"}}}}, `output "o" names "x"`},
		{"condition", Interface{Inputs: []Input{{Name: "a", Type: tInt, When: &Cond{Any: []string{"c"}}}}}, `input "a" names "c"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.f.Name, tc.f.Command = "p.T", &Command{Words: []string{"tool"}}
			_, faults := Build(tc.f)
			if len(faults) == 0 || !strings.Contains(faults[0].What, tc.want) {
				t.Errorf("got %v, want %q", faults, tc.want)
			}
		})
	}
	t.Run("alternatives may share a position", func(t *testing.T) {
		build(t, Interface{Inputs: []Input{
			{Name: "a", Type: tInt, Argstr: "%d", Position: at(1), Xor: []string{"b"}}, {Name: "b", Type: tInt, Argstr: "%d", Position: at(1)},
		}})
	})
}
