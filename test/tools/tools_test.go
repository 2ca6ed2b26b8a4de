// Package toolstest runs interfaces of the catalogue with the real tools: their
// command lines must be accepted, and the outputs they promise be there. It
// needs Debian's mrtrix3, dcm2niix, nifti-bin, python3-nibabel and python3-dipy.
package toolstest

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

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

// runWorkflow runs a definition of this folder twice: all of it, then nothing.
// It gives the folder of the results.
func runWorkflow(t *testing.T, raphe, file string, more ...string) string {
	t.Helper()
	definition, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	args := append([]string{"run", definition, "--base-dir", "a work folder", "--output-dir", "results"}, more...)
	run(t, dir, raphe, args...)
	if out := run(t, dir, raphe, args...); !strings.Contains(out, "nothing had to run") {
		t.Errorf("the second start says:\n%s", out)
	}
	return filepath.Join(dir, "results")
}

func TestTools(t *testing.T) {
	raphe := filepath.Join(t.TempDir(), "raphe")
	run(t, ".", "go", "build", "-o", raphe, "../../cmd/raphe")
	t.Run("mrtrix3", func(t *testing.T) { checkMRtrix(t, raphe) })
	t.Run("nifti", func(t *testing.T) { checkNifti(t, raphe) })
}

func checkMRtrix(t *testing.T, raphe string) {
	data, err := filepath.Abs("data")
	if err != nil {
		t.Fatal(err)
	}
	results := runWorkflow(t, raphe, "mrtrix3.star", "--data", data)
	// Two regions, and streamlines without one: a third row and column. The
	// matrix has one half only.
	rows, sum := readMatrix(t, filepath.Join(results, "connectome.csv")), 0.0
	for i, row := range rows {
		if len(rows) != 3 || len(row) != 3 || row[i] != 0 {
			t.Fatalf("the connectome is %v, want 3 x 3 with zeros on the diagonal", rows)
		}
		for _, v := range row {
			sum += v
		}
	}
	if sum <= 0 || sum > 200 {
		t.Errorf("%g streamlines connect two regions, of 200", sum)
	}
	seeds, err := os.ReadFile(filepath.Join(results, "out_seeds.nii.gz"))
	if err != nil {
		t.Fatal(err)
	}
	seeded := 0
	for line := range strings.Lines(string(seeds)) {
		if !strings.HasPrefix(line, "#") {
			seeded++
		}
	}
	// A thread may come home with one more than was asked for.
	if seeded < 20 || seeded > 22 {
		t.Errorf("%d seeds, want one for each of 20 streamlines", seeded)
	}
	for name, want := range map[string]string{
		"fa.mif":               "10 10 10",
		"wm_shconv_amp.mif":    "10 10 10 4",
		"mean_MRTransform.mif": "13 13 13",
		"counted/tdi.mif":      "10 10 10",
		"wm_norm.mif":          "10 10 10 15",
	} {
		if got := strings.TrimSpace(run(t, results, "mrinfo", "-size", name)); got != want {
			t.Errorf("%s has %s voxels, want %s", name, got, want)
		}
	}
}

func readMatrix(t *testing.T, path string) [][]float64 {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]float64
	for _, r := range records {
		row := make([]float64, len(r))
		for i, cell := range r {
			if row[i], err = strconv.ParseFloat(cell, 64); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, row)
	}
	return out
}

func checkNifti(t *testing.T, raphe string) {
	results := runWorkflow(t, raphe, "nifti.star")
	text, err := os.ReadFile(filepath.Join(results, "report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"shape": []any{128., 128., 48., 2.}, "zooms": []any{2., 2., 2.5, 3.}, "descrip": "a name with spaces; and $(more)",
		"differ": []any{"intent_code", "pixdim", "descrip"}, "unlike": false, "alike": true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	for _, name := range []string{"dwi_mod_volumes.nii", "dwi_mod_stripped.nii"} {
		if out := run(t, results, "nifti_tool", "-check_nim", "-infiles", name); !strings.Contains(out, "IS GOOD") {
			t.Errorf("%s: %s", name, out)
		}
	}
}
