package nipype

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// files gives the names of all files below dir.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rest, _ := filepath.Rel(dir, path)
			out = append(out, rest)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDressWritesWhatNipypeWrites(t *testing.T) {
	n := sampleNode(t, t.TempDir())
	for _, old := range []string{"_0x00000000000000000000000000000000.json", "_0x11111111111111111111111111111111_unfinished.json"} {
		if err := os.WriteFile(n.file(old), nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	h, err := n.Hash()
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Dress(h); err != nil {
		t.Fatal(err)
	}
	want := []string{h.File(), "_inputs.pklz", "_node.pklz", "_report/report.rst", "command.txt", "result_bet.pklz"}
	slices.Sort(want)
	if diff := cmp.Diff(want, files(t, n.Dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if done, err := Done(n.Dir); !done || err != nil {
		t.Errorf("Done is %v, %v", done, err)
	}
	if err := Forget(n.Dir); err != nil {
		t.Error(err)
	}
	if done, err := Done(n.Dir); done || err != nil {
		t.Errorf("after Forget Done is %v, %v", done, err)
	}
}

// A directory in which a Dress did not come to its end holds no hash file,
// whatever it failed at, not even one of before.
func TestDressIsBelievedAtItsEndOnly(t *testing.T) {
	for _, blocked := range []string{"_inputs.pklz", "_node.pklz", "command.txt", "_report", "result_bet.pklz"} {
		t.Run(blocked, func(t *testing.T) {
			n := sampleNode(t, t.TempDir())
			h, err := n.Hash()
			if err != nil {
				t.Fatal(err)
			}
			if err := n.Dress(h); err != nil {
				t.Fatal(err)
			}
			if err := os.RemoveAll(n.file(blocked)); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("nowhere/at/all", n.file(blocked)); err != nil { // can't be written
				t.Fatal(err)
			}
			if err := n.Dress(h); err == nil {
				t.Error("no error")
			}
			if done, _ := Done(n.Dir); done {
				t.Error("nipype would believe it")
			}
		})
	}
}

func TestHash(t *testing.T) {
	n := sampleNode(t, t.TempDir())
	sum := func() string {
		t.Helper()
		h, err := n.Hash()
		if err != nil {
			t.Fatal(err)
		}
		return h.Sum
	}
	first := sum()
	n.Inputs = n.Inputs.With("environ", value.Dict{})
	if sum() != first {
		t.Error("an input of NoHash counts")
	}
	n.Settings.RemoveUnnecessary = false
	if sum() == first {
		t.Error("needed outputs don't count")
	}
	n.Settings.RemoveUnnecessary = true
	in := n.Inputs.Str("in_file")
	later := time.Unix(1_800_000_000, 0)
	if err := os.Chtimes(in, later, later); err != nil {
		t.Fatal(err)
	}
	if sum() == first {
		t.Error("the time of an input file does not count")
	}
	n.Settings.HashMethod = "Content"
	first = sum()
	if err := os.Chtimes(in, later, later.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if sum() != first {
		t.Error("the time of an input file counts, though its content should")
	}
	n.Settings.HashMethod = "guess"
	if _, err := n.Hash(); err == nil {
		t.Error("a hash_method that nipype lacks is no error")
	}
}

func TestHashOfARelativeNameIsBelowCwd(t *testing.T) {
	n := sampleNode(t, t.TempDir())
	n.Inputs = n.Inputs.With("in_file", value.String("in.nii.gz"))
	h, err := n.Hash()
	if err != nil {
		t.Fatal(err)
	}
	in := h.Inputs[1].(value.Tuple)[1]
	if pair, ok := in.(value.Tuple); !ok || pair[0] != value.Value(value.String("in.nii.gz")) {
		t.Errorf("in_file was hashed as %s", value.Repr(in))
	}
}

func TestReport(t *testing.T) {
	n := sampleNode(t, t.TempDir())
	n.Inputs = n.Inputs.With("in_file", value.String("/in/häß.nii.gz"))
	n.Dir, n.Settings.Cwd = "/base/bet", "/home/me"
	n.Outputs = nil
	n.Runtime.Environ = []string{"A_B=1", "A=x=y"}
	n.Runtime.End = time.Date(2026, 1, 2, 3, 4, 5, 6000, time.Local)
	n.Runtime.Start = n.Runtime.End.Add(-1500 * time.Millisecond)
	const want = `Node: inner (bet (fsl)
======================


 Hierarchy : flow.inner.bet
 Exec ID : bet.a0


Original Inputs
---------------


* args : <undefined>
* environ : {'FSLOUTPUTTYPE': 'NIFTI_GZ'}
* frac : 0.4
* in_file : /in/häß.nii.gz
* mask : True
* out_file : <undefined>


Execution Inputs
----------------


* args : <undefined>
* environ : {'FSLOUTPUTTYPE': 'NIFTI_GZ'}
* frac : 0.4
* in_file : /in/häß.nii.gz
* mask : True
* out_file : <undefined>


Execution Outputs
-----------------


* mask_file : <undefined>
* out_file : <undefined>


Runtime info
------------


* cmdline : bet in.nii.gz in_brain.nii.gz -f 0.40 -m
* duration : 1.5
* hostname : host
* prev_wd : /home/me
* working_dir : /base/bet


Terminal output
~~~~~~~~~~~~~~~


 stdout 2026-01-02T03:04:05.000006:one` + "\r" + `
stdout 2026-01-02T03:04:05.000006:two


Terminal - standard output
~~~~~~~~~~~~~~~~~~~~~~~~~~


 one` + "\r" + `
two


Terminal - standard error
~~~~~~~~~~~~~~~~~~~~~~~~~


 


Environment
~~~~~~~~~~~


* A : x=y
* A_B : 1

`
	if diff := cmp.Diff(want, string(n.appendReport(nil))); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}

func TestNormalise(t *testing.T) {
	f := sampleClass().Interface
	in := value.NewRecord(map[string]value.Value{
		"frac": value.Int(1), "in_file": value.String("/a//b/./c.nii"), "unknown": value.List{value.Int(1)},
	})
	got, problems := Normalise(f, in)
	want := value.NewRecord(map[string]value.Value{
		"frac": value.Float(1), "in_file": value.String("/a/b/c.nii"), "unknown": value.List{value.Int(1)},
	})
	if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
		t.Errorf("problems %v, (-want +got):\n%s", problems, diff)
	}
	in.Set("mask", value.String("yes"))
	if _, problems := Normalise(f, in); len(problems) != 1 || problems[0].Input != "mask" {
		t.Errorf("problems: %v", problems)
	}
	mapped, problems := NormaliseMap(f, &Map{IterFields: []string{"frac", "in_file"}}, value.NewRecord(map[string]value.Value{
		"frac": value.List{value.Int(1), value.Float(0.5)}, "in_file": value.String("x/"), "mask": value.Bool(true),
	}))
	want = value.NewRecord(map[string]value.Value{
		"frac": value.List{value.Float(1), value.Float(0.5)}, "in_file": value.List{value.String("x")}, "mask": value.Bool(true),
	})
	if diff := cmp.Diff(want, mapped); diff != "" || len(problems) > 0 {
		t.Errorf("problems %v, of a MapNode (-want +got):\n%s", problems, diff)
	}
}

func TestNormaliseKeepsTuplesAndEmptyLists(t *testing.T) {
	floats := iface.Type{Kind: iface.List, Of: []iface.Type{{Kind: iface.Float}}}
	many := iface.Type{Kind: iface.Multi, Of: []iface.Type{{Kind: iface.Str}}}
	f := iface.New(iface.Interface{
		Inputs: []iface.Input{
			{Name: "spacing", Type: floats}, {Name: "pairs", Type: iface.Type{Kind: iface.List, Of: []iface.Type{floats}}}, {Name: "many", Type: many}, {Name: "none", Type: many},
		},
		Command: &iface.Command{Words: []string{"x"}},
	})
	in := value.NewRecord(map[string]value.Value{
		"spacing": value.Tuple{value.Int(1), value.Float(2)},
		"pairs":   value.List{value.Tuple{value.Int(1)}, value.List{value.Int(2)}},
		"many":    value.Tuple{value.String("a")},
		"none":    value.List{},
	})
	want := value.NewRecord(map[string]value.Value{
		"spacing": value.Tuple{value.Float(1), value.Float(2)},
		"pairs":   value.List{value.Tuple{value.Float(1)}, value.List{value.Float(2)}},
		"many":    value.List{value.String("a")},
		"none":    value.List{},
	})
	got, problems := Normalise(f, in)
	if diff := cmp.Diff(want, got); diff != "" || len(problems) > 0 {
		t.Errorf("problems %v, (-want +got):\n%s", problems, diff)
	}
}

func TestUsedHasStagedFiles(t *testing.T) {
	f := sampleClass().Interface
	in := value.NewRecord(map[string]value.Value{"in_file": value.String("/data/a.nii"), "frac": value.Float(0.5)})
	want := in.With("in_file", value.String("/work/a.nii"))
	if diff := cmp.Diff(want, Used(f, in, "/work")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
