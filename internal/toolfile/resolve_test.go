package toolfile

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

var update = flag.Bool("update", false, "write the golden files")

func record(t *testing.T, text string) value.Record {
	t.Helper()
	r, err := value.ParseRecordJSON([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestResolve(t *testing.T) {
	t.Parallel()
	source := "load(\"fsl\", \"FSL\")\nMine = command(\"mine\", profile = FSL, inputs = [file(\"in_file\", \"%s\"), path(\"out\", \"%s\", default = named(\"in_file\", \"%s_x\"))], outputs = [file(\"out\")])\n"
	for _, tc := range []struct {
		name            string
		ref             iface.Ref
		inputs, outputs string
	}{
		{"catalogue", iface.Ref{Name: "mrtrix3.BrainMask"}, "args environ nthreads in_file out_file grad_file grad_fsl bval_scale in_bvec in_bval out_bvec out_bval", "out_file"},
		{"a part of a package", iface.Ref{Name: "fsl.maths.MathsCommand"}, "args environ output_type in_file out_file internal_datatype output_datatype nan2zeros", "out_file"},
		{"Go", iface.Ref{Name: "utility.IdentityInterface", Params: record(t, `{"fields": ["a", "b"]}`)}, "a b", "a b"},
		{"source", iface.Ref{Name: "Mine", Source: source}, "args environ output_type in_file out", "out"},
		{"function", iface.Ref{Name: FunctionName, Params: record(t, `{"function_str": "def g(x): return x\ndef f(a, b = 1): return g(a), b", "output_names": ["x", "y"]}`)}, "a b", "x y"},
		{"function by name", iface.Ref{Name: FunctionName, Source: "f = lambda a: a\ng = 1", Params: record(t, `{"function": "f"}`)}, "a", "out"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			f, err := Resolve(tc.ref)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name != tc.ref.Name {
				t.Errorf("name %q", f.Name)
			}
			if got := strings.Join(f.InputNames(), " "); got != tc.inputs {
				t.Errorf("inputs %s", got)
			}
			if got := strings.Join(f.OutputNames(), " "); got != tc.outputs {
				t.Errorf("outputs %s", got)
			}
			if again, err := Resolve(tc.ref); err != nil || again != f {
				t.Errorf("resolved again: another one, %v", err)
			}
		})
	}
}

func TestResolveErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		ref  iface.Ref
		what string
		mend string
	}{
		{"misspelt", iface.Ref{Name: "fsl.BTE"}, `there is no interface "fsl.BTE"`, `did you mean "BET"?`},
		{"package", iface.Ref{Name: "fls.BET"}, `there is no interface "fls.BET"`, `did you mean "fsl"?`},
		{"no package", iface.Ref{Name: "fsl_BET"}, `there is no interface "fsl_BET"`, `did you mean "fsl.BET"?`},
		{"a helper", iface.Ref{Name: "fsl.FSL"}, `there is no interface "fsl.FSL"`, ""},
		{"arguments", iface.Ref{Name: "fsl.BET", Params: record(t, `{"n": 1}`)}, "takes no arguments that shape it", ""},
		{"argument of Go", iface.Ref{Name: "utility.Merge", Params: record(t, `{"n": 1}`)}, `has no argument "n"`, ""},
		{"argument's type", iface.Ref{Name: "utility.Merge", Params: record(t, `{"numinputs": "x"}`)}, `argument "numinputs": want`, ""},
		{"source", iface.Ref{Name: "T", Source: "T = command("}, "got end of file", ""},
		{"source of another", iface.Ref{Name: "T", Source: "U = 1"}, "does not define it", ""},
		{"no function", iface.Ref{Name: FunctionName}, "has no function", ""},
		{"bad function", iface.Ref{Name: FunctionName, Params: record(t, `{"function_str": "x = 1"}`)}, "defines no function", ""},
		{"function's parameter", iface.Ref{Name: FunctionName, Params: record(t, `{"function_str": "def f(in_file): pass", "input_names": ["in_flie"]}`)}, `has no parameter "in_flie": did you mean "in_file"?`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := Resolve(tc.ref)
			if err == nil || !strings.Contains(err.Error(), tc.what) {
				t.Fatalf("got %v, want %q", err, tc.what)
			}
			var d *diag.Diagnostic
			if tc.mend != "" && (!errors.As(err, &d) || d.Mend != tc.mend) {
				t.Errorf("got %+v, want the mend %q", d, tc.mend)
			}
		})
	}
}

// A tool that a user's file defines can be made again from the text that its
// reference carries.
func TestSourceOfUserTools(t *testing.T) {
	t.Parallel()
	text := `
load("fsl", "EXTENSIONS", "FSL")
PREFIX = "x_"
unused = [n for n in range(3)]
def name(i):
    return PREFIX + path.basename(i.in_file) + EXTENSIONS[i.output_type]

Mine = command("mine", profile = FSL,
    inputs = [file("in_file", "%s", mandatory = True)],
    outputs = [path("out", name)],  # a comment
)
`
	globals, err := newLoader(nil).exec("user.star", "", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	f := globals["Mine"].(*Tool).Interface()
	if f.Name != "Mine" || strings.Contains(f.Source, "unused") {
		t.Errorf("%q from\n%s", f.Name, f.Source)
	}
	again, err := Resolve(f.Ref)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, f.Source)
	}
	if again.Digest() != f.Digest() {
		t.Error("made again it is another one")
	}
}

func TestResolveConcurrently(t *testing.T) {
	t.Parallel()
	var wg sync.WaitGroup
	for _, name := range []string{"fsl.BET", "fsl.FAST", "afni.Calc", "ants.Registration", "fsl.BET", "mrtrix3.MRMath", "fsl.FAST"} {
		wg.Go(func() {
			f, err := Resolve(iface.Ref{Name: name})
			if err != nil {
				t.Error(err)
				return
			}
			_ = Describe(f)
		})
	}
	wg.Wait()
}

func TestCatalogueNames(t *testing.T) {
	t.Parallel()
	c := Catalogue{}
	if !slices.Contains(c.Names("fsl"), "BET") || slices.Contains(c.Names("fsl"), "FSL") || !slices.Contains(c.Names("utility"), "Merge") || c.Names("nope") != nil {
		t.Errorf("fsl: %v", c.Names("fsl"))
	}
	for _, p := range []string{"fsl", "fsl.maths", "utility"} {
		if !slices.Contains(c.Packages(), p) {
			t.Errorf("no package %s in %v", p, c.Packages())
		}
	}
	if got := c.Search("BET", "fsl"); !slices.Contains(got, "fsl.BET") {
		t.Errorf("search: %v", got)
	}
}

func TestEval(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "a b.nii")
	if err := os.WriteFile(in, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	e := Evaluator{Dir: dir, Getenv: func(name string) (string, bool) { return "NIFTI_GZ", name == "FSLOUTPUTTYPE" }}
	for _, tc := range []struct{ name, question, want string }{
		{"answer", `{"interface": "fsl.MeanImage", "inputs": {"in_file": "` + in + `", "out_file": "m.nii.gz"}}`,
			`{"argv":["fslmaths","` + in + `","-Tmean","m.nii.gz"],"cmdline":"fslmaths '` + in + `' -Tmean m.nii.gz","outputs":{"out_file":"` + dir + `/m.nii.gz"},"environ":["FSLOUTPUTTYPE=NIFTI_GZ"]}`},
		{"all that is wrong", `{"interface": "fsl.MeanImage", "inputs": {"dimension": "Q", "fle": 1}}`,
			`{"error":"fsl.MeanImage: input \"dimension\" has the wrong value: want one of 'T', 'X', 'Y', 'Z', got the str 'Q'\nfsl.MeanImage: interface fsl.MeanImage has no input \"fle\"\nfsl.MeanImage: interface fsl.MeanImage needs a value for input \"in_file\": it is mandatory","inputs":["dimension","fle","in_file"]}`},
		{"no such interface", `{"interface": "fsl.Mean", "inputs": {}}`, `{"error":"there is no interface \"fsl.Mean\""}`},
		{"no command", `{"interface": "utility.Merge", "params": {"numinputs": 2}, "inputs": {}}`, `{"error":"interface utility.Merge runs inside Raphe: it has no command line"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, string(e.Eval([]byte(tc.question)))); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, bad := range []string{"", "{", "[]", `{"interface": 3}`, `{"interface": "fsl.BET", "inputs": []}`, `{"interface": "fsl.BET", "inputs": {"frac": 1e999}}`} {
		var got struct{ Error string }
		if err := json.Unmarshal(e.Eval([]byte(bad)), &got); err != nil || got.Error == "" {
			t.Errorf("%q: %v %q", bad, err, got.Error)
		}
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"fsl.BET", "ants.N4BiasFieldCorrection", "utility.Function"} {
		ref := iface.Ref{Name: name}
		if name == FunctionName {
			ref.Params = record(t, `{"function_str": "def f(a, b = 1): return a", "output_names": ["x"]}`)
		}
		f, err := Resolve(ref)
		if err != nil {
			t.Fatal(err)
		}
		golden := filepath.Join("testdata", "describe-"+name+".golden")
		got := Describe(f)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Error(diff)
		}
	}
}

// The function of utility.Function is the one that runs.
func TestFunctionRuns(t *testing.T) {
	t.Parallel()
	f, err := Resolve(iface.Ref{Name: FunctionName, Params: record(t, `{"function_str": "def g(x): return x * 2\ndef f(a): return g(a)"}`)})
	if err != nil {
		t.Fatal(err)
	}
	p, err := starfn.Compile(f.Function.Fn)
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Call(context.Background(), nil, record(t, `{"a": 4}`))
	if err != nil || got != value.Int(8) {
		t.Errorf("got %v, %v", got, err)
	}
}
