package iface

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

func printsText(s string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(s), nil }
}

func touch(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, n := range names {
		p := filepath.Join(dir, n)
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte("content of "+n+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func collector(t *testing.T) *Interface {
	bare := func(s string) Expr { return &Made{Text: text(t, s), Where: Bare} }
	files := Type{Kind: Multi, Of: []Type{tFile}}
	return build(t, Interface{
		Inputs: []Input{
			{Name: "out", Type: tPath, Default: value.String("o.nii")},
			{Name: "mask", Type: Type{Kind: Bool}},
			{Name: "n", Type: tInt},
			{Name: "in", Type: Type{Kind: Multi, Of: []Type{tPath}}},
			{Name: "id", Type: tStr},
		},
		Outputs: []Output{
			{Name: "out", Type: tFile},
			{Name: "mask", Type: tFile, Value: &Made{Source: "out", Suffix: text(t, "_mask"), Where: Beside}, When: &Cond{Any: []string{"mask"}}},
			{Name: "maybe", Type: tFile, Value: bare("maybe.txt"), Optional: true},
			{Name: "counted", Type: files, Value: &Count{Input: "n", Start: 1, Of: bare("c{i}.txt")}},
			{Name: "each", Type: Type{Kind: Multi, Of: []Type{tPath}}, Value: &Each{"in", bare("{in:stem}_{i}{n}.txt")}},
			{Name: "found", Type: files, Value: &Glob{Pattern: bare("g*.txt")}},
			{Name: "id", Type: tStr, Value: &Same{"id"}},
			{Name: "volume", Type: tFloat, Value: &Printed{"stdout", Extract{Pattern: regexp.MustCompile(`volume: (\S+)`)}}},
			{Name: "all", Type: Type{Kind: Multi, Of: []Type{tInt}}, Value: &Printed{"stderr", Extract{Pattern: regexp.MustCompile(`\d+`), All: true}}},
			{Name: "text", Type: tStr, Value: &Content{bare("g1.txt"), Extract{}}},
			{Name: "first", Type: tPath, Value: &First{[]Expr{&At{"id"}, &At{"out"}}}, Unless: &Cond{Any: []string{"id"}, Not: true}},
		},
	})
}

func TestCollect(t *testing.T) {
	t.Parallel()
	f := collector(t)
	dir := t.TempDir()
	touch(t, dir, "sub/o.nii", "sub/o_mask.nii", "c1.txt", "c2.txt", "g1.txt", "g2.txt")
	in := rec("out", value.String("sub/o.nii"), "mask", value.Bool(true), "n", value.Int(2), "in", list(value.String("/x/a.nii"), value.String("b.nii.gz")))
	line, err := f.CommandLine(in, Context{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Collect(in, line, dir, printsText("the volume: 12.5 mm\n"), printsText("3 and 4"))
	if err != nil {
		t.Fatal(err)
	}
	p := func(name string) value.Value { return value.String(filepath.Join(dir, name)) }
	want := rec(
		"out", p("sub/o.nii"), "mask", p("sub/o_mask.nii"), "counted", list(p("c1.txt"), p("c2.txt")), "each", list(p("a_01.txt"), p("b_12.txt")),
		"found", list(p("g1.txt"), p("g2.txt")), "volume", value.Float(12.5), "all", list(value.Int(3), value.Int(4)),
		"text", value.String("content of g1.txt"), "first", p("sub/o.nii"),
	)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if promised, err := f.Promise(in, line, dir); err != nil || promised.Has("volume") || !promised.Has("mask") {
		t.Errorf("promised %v, %v", promised, err)
	}
}

// A list of one is read as its element, as nipype's output lists are.
func TestCollectUnwraps(t *testing.T) {
	t.Parallel()
	f := collector(t)
	dir := t.TempDir()
	touch(t, dir, "o.nii", "c1.txt", "g1.txt", "maybe.txt")
	in := rec("n", value.Int(1), "id", value.String("x"))
	line, err := f.CommandLine(in, Context{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	got, err := f.Collect(in, line, dir, printsText(""), printsText(""))
	if err != nil {
		t.Fatal(err)
	}
	p := func(name string) value.Value { return value.String(filepath.Join(dir, name)) }
	want := rec("out", p("o.nii"), "maybe", p("maybe.txt"), "counted", p("c1.txt"), "found", p("g1.txt"), "id", value.String("x"), "text", value.String("content of g1.txt"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCollectMissing(t *testing.T) {
	t.Parallel()
	f := collector(t)
	dir := t.TempDir()
	touch(t, dir, "g1.txt")
	in := rec("mask", value.Bool(true), "n", value.Int(1))
	line, err := f.CommandLine(in, Context{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.Collect(in, line, dir, printsText(""), printsText(""))
	var missing *MissingError
	if !errors.As(err, &missing) {
		t.Fatalf("got %v", err)
	}
	want := []MissingOutput{
		{"out", filepath.Join(dir, "o.nii"), ""},
		{"mask", filepath.Join(dir, "o_mask.nii"), "because mask is set"},
		{"counted", filepath.Join(dir, "c1.txt"), ""},
	}
	if diff := cmp.Diff(want, missing.Missing); diff != "" {
		t.Error(diff)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	strict := &Command{Words: []string{"t"}, SuccessCodes: []int{0, 1}, Fails: []Failure{
		{StderrNotEmpty: true}, {Pattern: regexp.MustCompile(`^ERROR.*`), Stream: "stdout"},
	}}
	for _, tc := range []struct {
		name           string
		c              *Command
		status         int
		stdout, stderr string
		want           string
	}{
		{"fine", nil, 0, "", "noise", ""},
		{"status", nil, 3, "", "", "exit status 3"},
		{"allowed status", strict, 1, "", "", ""},
		{"other status", strict, 2, "", "", "exit status 2"},
		{"error output", strict, 0, "", "oh", "it wrote to its error output, and its exit status says nothing"},
		{"blank error output", strict, 0, "", "\n", ""},
		{"pattern", strict, 0, "ERROR: no", "", `it printed "ERROR: no" on stdout`},
	} {
		f := build(t, Interface{Command: tc.c})
		got, err := f.Judge(tc.status, printsText(tc.stdout), printsText(tc.stderr))
		if err != nil || got != tc.want {
			t.Errorf("%s: got %q, %v", tc.name, got, err)
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	base := func() Interface {
		return Interface{
			Ref: Ref{Name: "p.T"}, Help: "help",
			Inputs:  []Input{{Name: "a", Type: tInt, Argstr: "-a %d", Default: value.Int(1), Help: "h"}},
			Outputs: []Output{{Name: "o", Type: tFile, Value: &Made{Text: Text{{Literal: "x"}}}}},
			Command: &Command{Words: []string{"t"}, Checks: []Pure{pure{id: "f"}}, Fails: []Failure{{Pattern: regexp.MustCompile("E")}}},
		}
	}
	first := build(t, base()).Digest()
	same := map[string]func(*Interface){
		"nothing":     func(*Interface) {},
		"help":        func(f *Interface) { f.Help, f.Inputs[0].Help = "other", "other" },
		"place":       func(f *Interface) { f.Pos.Line = 7; f.Inputs[0].Pos.Line = 8 },
		"source text": func(f *Interface) { f.Source = "# a comment" },
	}
	for name, change := range same {
		f := base()
		change(&f)
		if build(t, f).Digest() != first {
			t.Errorf("%s changes the digest", name)
		}
	}
	other := map[string]func(*Interface){
		"name":      func(f *Interface) { f.Name = "p.U" },
		"argument":  func(f *Interface) { f.Inputs[0].Argstr = "-b %d" },
		"default":   func(f *Interface) { f.Inputs[0].Default = value.Int(2) },
		"position":  func(f *Interface) { f.Inputs[0].Position = at(1) },
		"type":      func(f *Interface) { f.Inputs[0].Type = tFloat },
		"condition": func(f *Interface) { f.Inputs[0].When = &Cond{Any: []string{"a"}} },
		"output":    func(f *Interface) { f.Outputs[0].Value = &Made{Text: Text{{Literal: "y"}}} },
		"kind":      func(f *Interface) { f.Outputs[0].Value = &At{"a"} },
		"words":     func(f *Interface) { f.Command.Words = []string{"u"} },
		"function":  func(f *Interface) { f.Command.Checks = []Pure{pure{id: "g"}} },
		"pattern":   func(f *Interface) { f.Command.Fails[0].Pattern = regexp.MustCompile("F") },
	}
	for name, change := range other {
		f := base()
		change(&f)
		if build(t, f).Digest() == first {
			t.Errorf("%s does not change the digest", name)
		}
	}
}

func TestSplitExt(t *testing.T) {
	t.Parallel()
	for in, want := range map[string][2]string{
		"/d.x/a.nii.gz": {"/d.x/a", ".nii.gz"}, "a.b.NII.GZ": {"a.b", ".NII.GZ"}, ".nii.gz": {".nii", ".gz"}, "a": {"a", ""}, ".a": {".a", ""},
		"..a": {"..a", ""}, "d.e/a": {"d.e/a", ""}, "a.": {"a", "."}, "x.niml.dset": {"x", ".niml.dset"}, "": {"", ""},
	} {
		stem, ext := SplitExt(in)
		if [2]string{stem, ext} != want {
			t.Errorf("%q: %q %q", in, stem, ext)
		}
	}
}
