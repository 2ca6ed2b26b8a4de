package confounds

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/nifti"
)

// verdicts is testdata/oracle.json: what nipype 1.8.5 made of the files there.
type verdicts struct {
	TSNR   map[string]tsnrCase  `json:"tsnr"`
	DVARS  map[string]dvarsCase `json:"dvars"`
	FD     map[string]fdCase    `json:"fd"`
	Steady map[string]struct {
		InFile  string           `json:"in_file"`
		Outputs map[string]found `json:"outputs"`
	} `json:"steady"`
	Gunzip map[string]struct{ Mode, Name string } `json:"gunzip"`
}

type tsnrCase struct {
	InFile  []string         `json:"in_file"`
	Degree  int              `json:"regress_poly"`
	Outputs map[string]found `json:"outputs"`
}

type dvarsCase struct {
	InFile             string           `json:"in_file"`
	InMask             string           `json:"in_mask"`
	Normal             float64          `json:"intensity_normalization"`
	RemoveZeroVariance *bool            `json:"remove_zerovariance"`
	VarianceTol        *float64         `json:"variance_tol"`
	Default            bool             `json:"default"`
	Outputs            map[string]found `json:"outputs"`
}

type fdCase struct {
	InFile  string           `json:"in_file"`
	Source  string           `json:"parameter_source"`
	Radius  float64          `json:"radius"`
	Outputs map[string]found `json:"outputs"`
}

// found is one output of nipype: a number, a text, or an image.
type found struct {
	Name, Text   string
	Number       float64
	Shape        []int
	DataType     string
	Zooms        []float64
	Affine       nifti.Affine
	Slope, Inter float64
	Values       []float64 // of a 4-D image every 7th
}

func oracle(t *testing.T) verdicts {
	t.Helper()
	text, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var v verdicts
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func testdata(name string) string { return filepath.Join("testdata", name) }

// near compares numbers within the sum of a relative and an absolute tolerance.
func near(relative, absolute float64) cmp.Option {
	return cmp.Comparer(func(a, b float64) bool {
		return math.Abs(a-b) <= absolute+relative*max(math.Abs(a), math.Abs(b))
	})
}

// TestTSNROracle compares images with nipype's. It adds up T values in float32,
// which is good to 1e-6 for the 30 of these series; the standard deviation loses
// that much of the mean. An integer image adds one step, where the two sides
// round a value to different neighbours.
func TestTSNROracle(t *testing.T) {
	t.Parallel()
	for name, c := range oracle(t).TSNR {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := DefaultTSNR()
			opts.Dir, opts.RegressPoly = t.TempDir(), c.Degree
			for _, f := range c.InFile {
				opts.InFile = append(opts.InFile, testdata(f))
			}
			res, err := TSNR(opts)
			if err != nil {
				t.Fatal(err)
			}
			paths := map[string]string{"tsnr_file": res.TSNRFile, "mean_file": res.MeanFile, "stddev_file": res.StddevFile}
			if c.Degree > 0 {
				paths["detrended_file"] = res.DetrendedFile
			}
			if len(paths) != len(c.Outputs) {
				t.Errorf("outputs %v, nipype has %d", paths, len(c.Outputs))
			}
			for output, path := range paths {
				compareImage(t, output, c.Outputs[output], path)
			}
		})
	}
}

func compareImage(t *testing.T, output string, want found, path string) {
	t.Helper()
	r, err := nifti.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	h := r.Header()
	got := found{Name: filepath.Base(path), Shape: h.Shape(), DataType: h.DataType.String(), Zooms: h.Zooms()}
	if got.Affine, err = h.Affine(); err != nil {
		t.Error(err)
	}
	var values []float64
	volume := make([]float64, h.VolumeVoxels())
	for range h.Volumes() {
		if err := r.ReadVolume(volume); err != nil {
			t.Fatal(err)
		}
		values = append(values, volume...)
	}
	step := 1
	if len(got.Shape) == 4 {
		step = 7
	}
	for i := 0; i < len(values); i += step {
		got.Values = append(got.Values, values[i])
	}
	tolerance := 0.0
	if h.DataType.Integer() {
		tolerance = math.Abs(want.Slope) * 1.001
		got.Slope, got.Inter, _ = h.Scaling()
	} else {
		want.Slope, want.Inter = 0, 0 // 1 and 0: none
	}
	if output == "stddev_file" || output == "tsnr_file" {
		tolerance += 1e-7 // the mean of the 1e-3 series, in float32
	}
	if diff := cmp.Diff(want, got, near(2e-6, tolerance)); diff != "" {
		t.Errorf("%s (-nipype +here):\n%s", output, diff)
	}
}

// TestDVARSOracle compares the measures with nipype's, and the text files field
// by field. nipype adds up in float32 and finds the autocorrelation through a
// float32 Fourier transform: 1e-6 of the measures.
func TestDVARSOracle(t *testing.T) {
	t.Parallel()
	for name, c := range oracle(t).DVARS {
		for _, memory := range []int64{0, 1000} { // all voxels at once; slab by slab
			t.Run(fmt.Sprint(name, " memory ", memory), func(t *testing.T) {
				t.Parallel()
				opts := DefaultComputeDVARS()
				opts.Dir, opts.Memory = t.TempDir(), memory
				opts.InFile, opts.InMask = testdata(c.InFile), testdata(c.InMask)
				opts.IntensityNormalization = c.Normal
				if !c.Default {
					opts.SaveNStd, opts.SaveVxStd, opts.SaveAll = true, true, true
				}
				if c.RemoveZeroVariance != nil {
					opts.RemoveZeroVariance = *c.RemoveZeroVariance
				}
				if c.VarianceTol != nil {
					opts.VarianceTol = *c.VarianceTol
				}
				res, err := ComputeDVARS(opts)
				if err != nil {
					t.Fatal(err)
				}
				compareDVARS(t, c.Outputs, res)
			})
		}
	}
}

func compareDVARS(t *testing.T, want map[string]found, res ComputeDVARSResult) {
	t.Helper()
	for output, got := range map[string]float64{"avg_std": res.AvgStd, "avg_nstd": res.AvgNStd, "avg_vxstd": res.AvgVxStd} {
		if diff := cmp.Diff(want[output].Number, got, near(1e-6, 0)); diff != "" {
			t.Errorf("%s (-nipype +here):\n%s", output, diff)
		}
	}
	for output, path := range map[string]string{
		"out_std": res.OutStd, "out_nstd": res.OutNStd, "out_vxstd": res.OutVxStd, "out_all": res.OutAll,
	} {
		if (path == "") != (want[output].Name == "") {
			t.Errorf("%s is %q, nipype's %q", output, path, want[output].Name)
		}
		if path != "" {
			compareText(t, want[output], path, 1e-6)
		}
	}
}

// compareText wants the same name, the same words at the same places, and
// numbers that are near and written with as many digits.
func compareText(t *testing.T, want found, path string, tolerance float64) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if filepath.Base(path) != want.Name {
		t.Errorf("the name is %s, nipype's %s", filepath.Base(path), want.Name)
	}
	shape := func(s string) string {
		return strings.Map(func(r rune) rune {
			if '0' <= r && r <= '9' {
				return '0'
			}
			return r
		}, s)
	}
	if diff := cmp.Diff(shape(want.Text), shape(string(text))); diff != "" {
		t.Errorf("%s: form (-nipype +here):\n%s", path, diff)
	}
	theirs, ours := strings.Fields(want.Text), strings.Fields(string(text))
	for i := range min(len(theirs), len(ours)) {
		a, err := strconv.ParseFloat(theirs[i], 64)
		b, _ := strconv.ParseFloat(ours[i], 64)
		if err != nil && theirs[i] != ours[i] || !cmp.Equal(a, b, near(tolerance, 1.001e-6)) {
			t.Errorf("%s: field %d is %s, nipype's %s", path, i, ours[i], theirs[i])
		}
	}
}

// TestFDOracle compares with nipype; both compute in float64, NIPY's way over
// a matrix costs a few more digits.
func TestFDOracle(t *testing.T) {
	t.Parallel()
	for name, c := range oracle(t).FD {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			opts := DefaultFramewiseDisplacement()
			opts.Dir, opts.InFile = t.TempDir(), testdata(c.InFile)
			opts.ParameterSource, opts.Radius = c.Source, c.Radius
			res, err := FramewiseDisplacement(opts)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.Outputs["fd_average"].Number, res.FDAverage, near(1e-11, 0)); diff != "" {
				t.Errorf("average (-nipype +here):\n%s", diff)
			}
			compareText(t, c.Outputs["out_file"], res.OutFile, 1e-11)
			rows, err := os.ReadFile(res.OutFile)
			if err != nil {
				t.Fatal(err)
			}
			if lines := strings.Count(string(rows), "\n"); lines != len(res.FD)+1 {
				t.Errorf("%d lines for %d values", lines, len(res.FD))
			}
		})
	}
}

func TestNonSteadyStateOracle(t *testing.T) {
	t.Parallel()
	for name, c := range oracle(t).Steady {
		res, err := NonSteadyStateDetector(NonSteadyStateDetectorOptions{InFile: testdata(c.InFile)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := int(c.Outputs["n_volumes_to_discard"].Number); res.NVolumesToDiscard != want {
			t.Errorf("%s: %d, nipype's %d", name, res.NVolumesToDiscard, want)
		}
	}
}

func TestGunzipNames(t *testing.T) {
	t.Parallel()
	for name, c := range oracle(t).Gunzip {
		res, err := Gunzip(GunzipOptions{Dir: t.TempDir(), InFile: testdata(name), Mode: c.Mode})
		if err != nil {
			t.Fatal(err)
		}
		if got := filepath.Base(res.OutFile); got != c.Name {
			t.Errorf("%s became %s, nipype's %s", name, got, c.Name)
		}
		if info, err := os.Stat(res.OutFile); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", res.OutFile, err)
		}
	}
}
