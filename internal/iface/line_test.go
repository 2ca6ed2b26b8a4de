package iface

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

func at(p float64) *float64 { return &p }

func rec(pairs ...any) value.Record {
	m := map[string]value.Value{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i].(string)] = pairs[i+1].(value.Value)
	}
	return value.NewRecord(m)
}

// pure is a Pure written in Go, for tests.
type pure struct {
	id string
	fn func(args []value.Value, in Inputs) (value.Value, error)
}

func (p pure) Identity() string { return p.id }
func (p pure) Call(args []value.Value, in Inputs) (value.Value, error) {
	return p.fn(args, in)
}

func text(t *testing.T, s string) Text {
	t.Helper()
	out, err := ParseText(s)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func build(t *testing.T, f Interface) *Interface {
	t.Helper()
	if f.Name == "" {
		f.Name = "test.Tool"
	}
	if f.Command == nil {
		f.Command = &Command{Words: []string{"tool"}}
	}
	built, faults := Build(f)
	if err := faults.Err(); err != nil {
		t.Fatal(err)
	}
	return built
}

func argv(t *testing.T, inputs []Input, set value.Record) []string {
	t.Helper()
	line, err := build(t, Interface{Inputs: inputs}).CommandLine(set, Context{Dir: "/w"})
	if err != nil {
		t.Fatal(err)
	}
	return line.Argv[1:]
}

// The order that nipype-semantics 5.4 verified: 0, 1.5, 3, the rest by name
// (capitals first), then -2 and -1.
func TestArgumentOrder(t *testing.T) {
	t.Parallel()
	inputs := []Input{
		{Name: "last", Type: tStr, Argstr: "%s", Position: at(-1)},
		{Name: "z", Type: tStr, Argstr: "%s"},
		{Name: "three", Type: tStr, Argstr: "%s", Position: at(3)},
		{Name: "Z", Type: tStr, Argstr: "%s"},
		{Name: "zero", Type: tStr, Argstr: "%s", Position: at(0)},
		{Name: "before", Type: tStr, Argstr: "%s", Position: at(-2)},
		{Name: "between", Type: tStr, Argstr: "%s", Position: at(1.5)},
		{Name: "a", Type: tStr, Argstr: "%s"},
	}
	set := value.Record{}
	for _, in := range inputs {
		set.Set(in.Name, value.String(in.Name))
	}
	want := []string{"zero", "between", "three", "Z", "a", "z", "before", "last"}
	if diff := cmp.Diff(want, argv(t, inputs, set)); diff != "" {
		t.Error(diff)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	tBool := Type{Kind: Bool}
	ints := Type{Kind: Multi, Of: []Type{tInt}}
	files := Type{Kind: Multi, Of: []Type{tFile}}
	words := func(items ...value.Value) value.Value { return list(items...) }
	choices := func(pairs ...value.Value) []Choice {
		var out []Choice
		for i := 0; i < len(pairs); i += 2 {
			out = append(out, Choice{pairs[i], pairs[i+1]})
		}
		return out
	}
	for _, tc := range []struct {
		name string
		in   Input
		v    value.Value
		want []string
	}{
		{"flag", Input{Type: tBool, Argstr: "-m"}, value.Bool(true), []string{"-m"}},
		{"flag of two words", Input{Type: tBool, Argstr: "-tshift 0"}, value.Bool(true), []string{"-tshift", "0"}},
		{"flag off", Input{Type: tBool, Argstr: "-m"}, value.Bool(false), nil},
		{"flag as a number", Input{Type: tBool, Argstr: "-F %d"}, value.Bool(false), []string{"-F", "0"}},
		{"float", Input{Type: tFloat, Argstr: "-f %.2f"}, value.Float(1.0 / 3), []string{"-f", "0.33"}},
		{"float as Python has it", Input{Type: tFloat, Argstr: "-f %s"}, value.Int(1), []string{"-f", "1.0"}},
		{"percent sign", Input{Type: tInt, Argstr: "-t %d%%"}, value.Int(5), []string{"-t", "5%"}},
		{"path", Input{Type: tFile, Argstr: "-i %s"}, value.String("a b'.nii"), []string{"-i", "a b'.nii"}},
		{"path in a word", Input{Type: tFile, Argstr: "--in=%s"}, value.String("a b"), []string{"--in=a b"}},
		{"text in quotes", Input{Type: tStr, Argstr: `-expr "%s"`}, value.String("a*(b > 1)"), []string{"-expr", "a*(b > 1)"}},
		{"text is words", Input{Type: tStr, Argstr: "%s"}, value.String("-a 1 -b 'x y'"), []string{"-a", "1", "-b", "x y"}},
		{"list", Input{Type: ints, Argstr: "-c %s"}, words(value.Int(1), value.Int(2)), []string{"-c", "1", "2"}},
		{"list with a separator", Input{Type: ints, Argstr: "-c %s", Sep: ","}, words(value.Int(1), value.Int(2)), []string{"-c", "1,2"}},
		{"list of paths", Input{Type: files, Argstr: "-c %s"}, words(value.String("a b"), value.String("c")), []string{"-c", "a b", "c"}},
		{"list of paths in one word", Input{Type: files, Argstr: "-c %s", Sep: ","}, words(value.String("a b"), value.String("c")), []string{"-c", "a b,c"}},
		{"repeated", Input{Type: ints, Argstr: "-l %d..."}, words(value.Int(1), value.Int(2)), []string{"-l", "1", "-l", "2"}},
		{"repeated pairs", Input{Type: Type{Kind: Multi, Of: []Type{{Kind: Tuple, Of: []Type{tInt, tFile}}}}, Argstr: "-p %d,%s..."},
			words(value.Tuple{value.Int(1), value.String("a b")}, value.Tuple{value.Int(2), value.String("c")}), []string{"-p", "1,a b", "-p", "2,c"}},
		{"tuple", Input{Type: Type{Kind: Tuple, Of: []Type{tInt, tFloat}}, Argstr: "-t %d %.1f"}, value.Tuple{value.Int(1), value.Int(2)}, []string{"-t", "1", "2.0"}},
		{"list over conversions", Input{Type: ints, Argstr: "-t %d %d"}, words(value.Int(1), value.Int(2)), []string{"-t", "1", "2"}},
		{"empty list", Input{Type: Type{Kind: List, Of: []Type{tInt}}, Argstr: "-L %s"}, words(), []string{"-L"}},
		{"nested list", Input{Type: Type{Kind: List, Of: []Type{{Kind: List, Of: []Type{tInt}}}}, Argstr: "-L %s", Sep: ";"}, words(words(value.Int(1)), words(value.Int(3))), []string{"-L", "[1];[3]"}},
		{"either a file", Input{Type: Type{Kind: Either, Of: []Type{tBool, tFile}}, Argstr: "-e %s"}, value.String("a b"), []string{"-e", "a b"}},
		{"either True", Input{Type: Type{Kind: Either, Of: []Type{tBool, tFile}}, Argstr: "-e %s"}, value.Bool(true), []string{"-e", "True"}},
		{"choices", Input{Type: tAB, Choices: choices(value.String("a"), value.String("-x 1"), value.Int(1), value.None{})}, value.String("a"), []string{"-x", "1"}},
		{"choice of nothing", Input{Type: tAB, Choices: choices(value.String("a"), value.String("-x 1"), value.Int(1), value.None{})}, value.Int(1), nil},
		{"map", Input{Type: tAB, Argstr: "-x %s", Map: choices(value.String("a"), value.Int(7))}, value.String("a"), []string{"-x", "7"}},
		{"transform", Input{Type: tInt, Argstr: "-x %s", Transform: pure{fn: func(a []value.Value, _ Inputs) (value.Value, error) { return a[0].(value.Int) * 2, nil }}}, value.Int(2), []string{"-x", "4"}},
		{"function, words", Input{Type: tInt, Format: pure{fn: func([]value.Value, Inputs) (value.Value, error) { return value.String("-a 'b c'"), nil }}}, value.Int(2), []string{"-a", "b c"}},
		{"function, arguments", Input{Type: tInt, Format: pure{fn: func([]value.Value, Inputs) (value.Value, error) { return value.Strings("-a", "b c"), nil }}}, value.Int(2), []string{"-a", "b c"}},
		{"function, nothing", Input{Type: tInt, Format: pure{fn: func([]value.Value, Inputs) (value.Value, error) { return value.None{}, nil }}}, value.Int(2), nil},
		{"relative", Input{Type: tFile, Argstr: "%s", Relative: true}, value.String("/in/a"), []string{"../in/a"}},
		{"True for a name", Input{Type: Type{Kind: Either, Of: []Type{tBool, tPath}}, Argstr: "--o %s", Auto: &Made{Text: Text{{Literal: "o.nii"}}}}, value.Bool(true), []string{"--o", "/w/o.nii"}},
		{"False for a name", Input{Type: Type{Kind: Either, Of: []Type{tBool, tPath}}, Argstr: "--o %s", Auto: &Made{Text: Text{{Literal: "o.nii"}}}}, value.Bool(false), nil},
		{"unless", Input{Type: tInt, Argstr: "-x %d", Unless: &Cond{Equal: []Match{{"x", []value.Value{value.Int(2)}}}, Not: true}}, value.Int(2), nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.in.Name = "x"
			got := argv(t, []Input{tc.in}, rec("x", tc.v))
			if diff := cmp.Diff(tc.want, got[:len(got):len(got)]); diff != "" && len(tc.want)+len(got) > 0 {
				t.Error(diff)
			}
		})
	}
}

func TestRedirection(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ argstr, stdout, stderr, text string }{
		{"> %s", "/w/o", "", "tool > o"},
		{"2> %s", "", "/w/o", "tool '2>' o"},
		{" |& tee %s", "/w/o", "/w/o", "tool |& tee o"},
	} {
		f := build(t, Interface{Inputs: []Input{{Name: "o", Type: tPath, Argstr: tc.argstr, Position: at(-1)}}})
		line, err := f.CommandLine(rec("o", value.String("o")), Context{Dir: "/w"})
		if err != nil {
			t.Fatal(err)
		}
		if len(line.Argv) != 1 || line.Stdout != tc.stdout || line.Stderr != tc.stderr {
			t.Errorf("%s: %+v", tc.argstr, line)
		}
		if got := strings.ReplaceAll(line.String(), "2> o", "'2>' o"); got != tc.text {
			t.Errorf("%s: %s", tc.argstr, got)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	ext := &Call{pure{"ext", func([]value.Value, Inputs) (value.Value, error) { return value.String(".nii.gz"), nil }}}
	inputs := []Input{
		{Name: "in", Type: tFile},
		{Name: "named", Type: tPath, Compute: &NameSource{Source: "in", Template: "%s_n"}},
		{Name: "kept", Type: tPath, Compute: &NameSource{Source: "in", Template: "%s_k", KeepExt: true}},
		{Name: "chain", Type: tPath, Compute: &NameSource{Source: "kept", Template: "%s_chain", KeepExt: true}},
		{Name: "here", Type: tPath, Compute: &Made{Source: "in", Suffix: text(t, "_h")}},
		{Name: "beside", Type: tPath, Compute: &Made{Source: "in", Prefix: text(t, "p_"), Where: Beside, KeepExt: true}},
		{Name: "text", Type: tPath, Compute: &Made{Text: text(t, "{in:stem}-{n:03d}{ext}"), Where: Bare}},
		{Name: "n", Type: tInt, Default: value.Int(7)},
		{Name: "env", Type: tStr, Compute: &EnvVar{Name: "HOME_OF", Default: value.String("none")}},
		{Name: "threads", Type: tInt, Threads: true, Default: value.Int(1)},
	}
	for _, tc := range []struct {
		name    string
		set     value.Record
		replace bool
		procs   int
		want    value.Record
	}{
		{"all", rec("in", value.String("/d/s.img")), false, 0, rec(
			"in", value.String("/d/s.img"), "named", value.String("s_n.nii.gz"), "kept", value.String("s_k.img"), "chain", value.String("s_k_chain.img"),
			"here", value.String("/w/s_h.nii.gz"), "beside", value.String("/d/p_s.img"), "text", value.String("s-007.nii.gz"), "n", value.Int(7),
			"env", value.String("set"), "threads", value.Int(1))},
		{"without the source", nil, false, 4, rec("n", value.Int(7), "env", value.String("set"), "threads", value.Int(4))},
		{"the user's template", rec("in", value.String("s.nii"), "named", value.String("x_%s.mgz"), "kept", value.String("pre_%s.nii"), "n", value.Int(1)), true, 0, rec(
			"in", value.String("s.nii"), "named", value.String("x_s.nii.gz"), "kept", value.String("pre_s.nii"), "chain", value.String("pre_s_chain.nii"),
			"here", value.String("/w/s_h.nii.gz"), "beside", value.String("p_s.nii"), "text", value.String("s-001.nii.gz"), "n", value.Int(1),
			"env", value.String("set"), "threads", value.Int(1))},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f := build(t, Interface{Inputs: inputs, Command: &Command{Words: []string{"tool"}, Ext: ext, ExtReplaces: tc.replace}})
			line, err := f.CommandLine(tc.set, Context{Dir: "/w", NProcs: tc.procs, Getenv: func(n string) (string, bool) { return "set", n == "HOME_OF" }})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, line.Derived); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDefaultsStandBack(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{Inputs: []Input{
		{Name: "a", Type: tInt, Default: value.Int(1), Argstr: "-a %d", Xor: []string{"b"}},
		{Name: "b", Type: tInt, Argstr: "-b %d"},
		{Name: "c", Type: tPath, Argstr: "-c %s", Compute: &NameSource{Source: "d", Template: "%s_c"}, Requires: []string{"e"}},
		{Name: "d", Type: tPath}, {Name: "e", Type: tInt},
		{Name: "new", Type: tInt, Default: value.Int(1), Argstr: "-n %d", MinVer: "2.1"},
	}})
	line, err := f.CommandLine(rec("b", value.Int(2), "d", value.String("x.nii")), Context{Version: "2.0"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"tool", "-b", "2"}, line.Argv); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultsInACircle(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{Inputs: []Input{
		{Name: "a", Type: tPath, Compute: &NameSource{Source: "b", Template: "%s"}},
		{Name: "b", Type: tPath, Compute: &NameSource{Source: "a", Template: "%s"}},
	}})
	if _, err := f.CommandLine(nil, Context{}); err == nil || !strings.Contains(err.Error(), "the defaults of a, b, a depend on each other") {
		t.Errorf("got %v", err)
	}
}

func TestStage(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	f := build(t, Interface{
		Inputs: []Input{
			{Name: "a", Type: tFile, Argstr: "%s", CopyFile: &yes},
			{Name: "b", Type: Type{Kind: Multi, Of: []Type{tFile}}, Argstr: "%s", CopyFile: &no},
			{Name: "c", Type: tFile},
		},
		Command: &Command{Words: []string{"tool"}, Stage: []StageRule{{Input: "c", To: &Made{Text: text(t, "sub/{c:name}"), Where: Bare}}}},
	})
	line, err := f.CommandLine(rec("a", value.String("/d/a.img"), "b", list(value.String("/e/b"), value.String("/w/here")), "c", value.String("/f/c")), Context{Dir: "/w", Stage: true})
	if err != nil {
		t.Fatal(err)
	}
	want := []Staged{
		{From: "/d/a.img", To: "/w/a.img", Copy: true},
		{From: "/d/a.hdr", To: "/w/a.hdr", Copy: true, Optional: true},
		{From: "/d/a.mat", To: "/w/a.mat", Copy: true, Optional: true},
		{From: "/e/b", To: "/w/b"},
		{From: "/f/c", To: "/w/sub/c"},
	}
	if diff := cmp.Diff(want, line.Stage); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"tool", "/w/a.img", "/w/b", "/w/here"}, line.Argv); diff != "" {
		t.Error(diff)
	}
	_, err = f.CommandLine(rec("b", list(value.String("/e/b"), value.String("/f/b"))), Context{Dir: "/w", Stage: true})
	if err == nil || !strings.Contains(err.Error(), "/e/b and /f/b would both become /w/b") {
		t.Errorf("got %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{
		Inputs: []Input{
			{Name: "n", Type: tInt}, {Name: "unset", Type: tInt}, {Name: "environ", Type: Type{Kind: Dict}},
		},
		Command: &Command{Words: []string{"tool"}, Env: []EnvRule{
			{"N", &Made{Text: text(t, "{n}"), Where: Bare}}, {"U", &Made{Text: text(t, "{unset}"), Where: Bare}}, {"OWN", &Made{Text: text(t, "ours"), Where: Bare}},
		}},
	})
	own := value.Dict{{Key: value.String("OWN"), Value: value.String("mine")}}
	line, err := f.CommandLine(rec("n", value.Int(3), "environ", own), Context{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"N=3", "OWN=mine"}, line.Env); diff != "" {
		t.Error(diff)
	}
}

func TestHelperFilesAndChecks(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{
		Inputs: []Input{{Name: "n", Type: tInt}},
		Command: &Command{
			Choose: pure{fn: func(_ []value.Value, in Inputs) (value.Value, error) { return value.Strings("tool", "two words"), nil }},
			Writes: []WriteRule{{Name: &Made{Text: text(t, "list.txt"), Where: Bare}, Fn: pure{fn: func(_ []value.Value, in Inputs) (value.Value, error) {
				v, _, err := in.Lookup("n")
				return value.String("n is " + value.Text(v)), err
			}}}},
			Checks: []Pure{pure{fn: func(_ []value.Value, in Inputs) (value.Value, error) {
				if v, _, _ := in.Lookup("n"); v == value.Int(13) {
					return value.String("13 is not allowed"), nil
				}
				return value.None{}, nil
			}}},
		},
	})
	line, err := f.CommandLine(rec("n", value.Int(3)), Context{Dir: "/w"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]HelperFile{{"/w/list.txt", "n is 3"}}, line.Files); diff != "" {
		t.Error(diff)
	}
	if line.String() != "tool 'two words'" {
		t.Errorf("got %s", line)
	}
	_, err = f.CommandLine(rec("n", value.Int(13)), Context{Dir: "/w"})
	var bad *InputError
	if !errors.As(err, &bad) || bad.Problems[0].What != "13 is not allowed" {
		t.Errorf("got %v", err)
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	f := build(t, Interface{
		Inputs:  []Input{{Name: "in", Type: tFile}, {Name: "copy", Type: Type{Kind: Bool}}},
		Outputs: []Output{{Name: "out", Type: tFile, Value: &Made{Source: "in", Suffix: text(t, "_o")}}},
		Command: &Command{Words: []string{"tool"}, Headers: []HeaderRule{{Output: "out", Like: "in", KeepType: true, When: &Cond{Any: []string{"copy"}}}}},
	})
	line, err := f.CommandLine(rec("in", value.String("a.nii"), "copy", value.Bool(true)), Context{Dir: "/w"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]HeaderCopy{{"/w/a.nii", "/w/a_o.nii", true}}, line.Headers); diff != "" {
		t.Error(diff)
	}
	if line, err = f.CommandLine(rec("in", value.String("a.nii")), Context{Dir: "/w"}); err != nil || line.Headers != nil {
		t.Errorf("%v, %v", line.Headers, err)
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		a, b string
		want int
	}{
		{"5.0.0", "5.0", 0}, {"5.0.10", "5.0.9", 1}, {"v2.1", "2.1", 0}, {"3.0rc1", "3.0.0", -1}, {"3.0.4-12-gabc", "3.0.4", 1}, {"2.1.0", "2.2", -1}, {"AFNI_21", "AFNI_3", 1},
	} {
		if got := CompareVersions(tc.a, tc.b); got != tc.want {
			t.Errorf("%s against %s: %d, want %d", tc.a, tc.b, got, tc.want)
		}
		if got := CompareVersions(tc.b, tc.a); got != -tc.want {
			t.Errorf("%s against %s: %d, want %d", tc.b, tc.a, got, -tc.want)
		}
	}
	f := build(t, Interface{Inputs: []Input{{Name: "x", Type: tInt, MinVer: "2", MaxVer: "3"}}})
	for version, ok := range map[string]bool{"": true, "2.5": true, "1.9": false, "3.1": false} {
		if _, err := f.CommandLine(rec("x", value.Int(1)), Context{Version: version}); (err == nil) != ok {
			t.Errorf("version %q: %v", version, err)
		}
	}
}
