// Package real holds the comparison of Raphe's numeric interfaces with nipype's
// on a real functional series, the one that Debian's python3-nibabel carries.
// Random series are compared in internal/native/confounds.
package real

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/raphe-org/raphe/nifti"
)

const (
	python = "/usr/bin/python3"
	series = "/usr/lib/python3/dist-packages/nibabel/tests/data/functional.nii"
)

// The tolerances. nipype keeps maps as int16 where the series is int16, so two
// results may differ by one step of the scale; DVARS are printed with six
// digits.
const (
	mapTolerance   = 2e-6 // of the largest value, beside one step
	dvarsTolerance = 2e-6
)

func command(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "NIPYPE_NO_ET=1", "RAPHE_NO_LEARN=1", "HOME="+t.TempDir(), "GOCACHE="+goCache(t))
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%s %v: %v\n%s", name, args, err, exit.Stderr)
		}
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return out
}

// goCache keeps the compiler's cache although HOME is another.
func goCache(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out[:len(out)-1])
}

// numbers is what both sides print.
type numbers struct {
	AvgStd    float64     `json:"avg_std"`
	AvgNStd   float64     `json:"avg_nstd"`
	AvgVxStd  float64     `json:"avg_vxstd"`
	DVARS     [][]float64 `json:"dvars"`
	NonSteady float64     `json:"non_steady"`
}

func TestSameOnRealData(t *testing.T) {
	theirs, ours := t.TempDir(), t.TempDir()
	var want numbers
	if err := json.Unmarshal(command(t, python, "real.py", series, theirs), &want); err != nil {
		t.Fatal(err)
	}
	raphe := filepath.Join(ours, "raphe")
	command(t, "go", "build", "-o", raphe, "../../cmd/raphe")
	base := filepath.Join(ours, "work")
	command(t, raphe, "run", "real.star", "--base-dir", base, "--series", series, "--mask", filepath.Join(theirs, "mask.nii.gz"))
	for _, name := range []string{"tsnr", "mean", "stdev"} {
		sameMap(t, filepath.Join(theirs, name+".nii.gz"), filepath.Join(base, "real/tsnr", name+".nii.gz"))
	}
	for _, name := range []string{"tsnr", "mean", "stdev", "detrend"} {
		sameMap(t, filepath.Join(theirs, "poly_"+name+".nii.gz"), filepath.Join(base, "real/poly", name+".nii.gz"))
	}
	var shown struct {
		Outputs struct {
			numbers
			OutAll    string  `json:"out_all"`
			NonSteady float64 `json:"n_volumes_to_discard"`
		} `json:"outputs"`
	}
	show(t, raphe, base, "dvars", &shown)
	got := shown.Outputs
	near(t, "avg_std", got.AvgStd, want.AvgStd, dvarsTolerance)
	near(t, "avg_nstd", got.AvgNStd, want.AvgNStd, dvarsTolerance*want.AvgNStd)
	near(t, "avg_vxstd", got.AvgVxStd, want.AvgVxStd, dvarsTolerance)
	sameTable(t, got.OutAll, want.DVARS)
	show(t, raphe, base, "steady", &shown)
	near(t, "n_volumes_to_discard", shown.Outputs.NonSteady, want.NonSteady, 0)
}

func show(t *testing.T, raphe, base, node string, into any) {
	t.Helper()
	if err := json.Unmarshal(command(t, raphe, "show", base, node, "--json"), into); err != nil {
		t.Fatal(err)
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.9g, want %.9g within %.2g", what, got, want, tolerance)
	}
}

// sameTable compares DVARS with what nipype wrote, which has six digits.
func sameTable(t *testing.T, path string, want [][]float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '\t'
	rows, err := r.ReadAll()
	if err != nil || len(rows) != len(want)+1 {
		t.Fatalf("%d rows, want %d and a header; %v", len(rows), len(want), err)
	}
	for i, row := range rows[1:] {
		for j, cell := range row {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "dvars", v, want[i][j], dvarsTolerance*math.Max(1, math.Abs(want[i][j])))
		}
	}
}

// sameMap compares two images voxel by voxel.
func sameMap(t *testing.T, theirs, ours string) {
	t.Helper()
	want, step := voxels(t, theirs)
	got, ourStep := voxels(t, ours)
	if len(got) != len(want) {
		t.Fatalf("%s has %d voxels, want %d", filepath.Base(ours), len(got), len(want))
	}
	largest := 0.0
	for _, v := range want {
		largest = math.Max(largest, math.Abs(v))
	}
	worst := 0.0
	for i := range want {
		worst = math.Max(worst, math.Abs(got[i]-want[i]))
	}
	if tolerance := mapTolerance*largest + math.Max(step, ourStep); !(worst <= tolerance) {
		t.Errorf("%s is off by %.3g, tolerance %.3g (largest value %.4g)", filepath.Base(ours), worst, tolerance, largest)
	}
}

// voxels gives all values of an image, and the step of its scale.
func voxels(t *testing.T, path string) (all []float64, step float64) {
	t.Helper()
	r, err := nifti.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if slope, _, scaled := r.Header().Scaling(); scaled && r.Header().DataType.Integer() {
		step = math.Abs(slope)
	}
	buf := make([]float64, r.Header().VolumeVoxels())
	for {
		err := r.ReadVolume(buf)
		if errors.Is(err, io.EOF) {
			return all, step
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, buf...)
	}
}
