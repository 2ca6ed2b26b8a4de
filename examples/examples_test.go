// Package examples holds workflows to look at and to run; its test runs them
// all and checks their figures against an independent computation.
package examples

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// python is Debian's, which has nibabel and numpy.
const python = "/usr/bin/python3"

// build builds raphe once for all examples.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "raphe")
	run(t, ".", "go", "build", "-o", bin, "../cmd/raphe")
	return bin
}

// run runs a command in a directory and gives what it printed.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "RAPHE_NO_LEARN=1")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// A case is one example: the definition, and the check of its results, which
// gets the working directory of the workflow, the results and a scratch folder.
var cases = []struct {
	file, workflow string
	check          func(t *testing.T, work, results, scratch string)
}{
	{"bold-qc/bold_qc.star", "bold_qc", checkBold},
	{"t1-regions/t1_regions.star", "t1_regions", func(t *testing.T, _, results, _ string) {
		t.Log(run(t, ".", python, "testdata/check_regions.py", filepath.Join(results, "regions.tsv"), "/usr/share/mricron/templates", "ch2bet.nii.gz"))
	}},
	{"dicom-dwi/dicom_dwi.star", "dicom_dwi", func(t *testing.T, work, results, scratch string) {
		t.Log(run(t, ".", python, "testdata/check_tensor.py", work, results, scratch))
	}},
}

func TestExamples(t *testing.T) {
	raphe := build(t)
	for _, c := range cases {
		t.Run(c.workflow, func(t *testing.T) {
			dir := t.TempDir()
			file, err := filepath.Abs(c.file)
			if err != nil {
				t.Fatal(err)
			}
			args := []string{"run", file, "--base-dir", "work", "--output-dir", "results"}
			run(t, dir, raphe, args...)
			scratch := filepath.Join(dir, "scratch")
			if err := os.Mkdir(scratch, 0o777); err != nil {
				t.Fatal(err)
			}
			c.check(t, filepath.Join(dir, "work", c.workflow), filepath.Join(dir, "results"), scratch)
			if out := run(t, dir, raphe, args...); !strings.Contains(out, "nothing had to run") {
				t.Errorf("the second start says:\n%s", out)
			}
		})
	}
}
