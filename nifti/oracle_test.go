package nifti

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oracle is testdata/oracle.json: what nibabel 5.0.0 says of the images there.
type oracle struct {
	Files map[string]verdict `json:"files"`
	Fits  [][5]any           `json:"fits"`
}

type verdict struct {
	Shape      []int     `json:"shape"`
	DataType   string    `json:"datatype"`
	Version    int       `json:"version"`
	BigEndian  bool      `json:"big_endian"`
	Zooms      []float64 `json:"zooms"`
	Units      [2]string `json:"units"`
	Affine     Affine    `json:"affine"`
	QForm      Affine    `json:"qform"`
	Slope      float64   `json:"slope"`
	Inter      float64   `json:"inter"`
	Values     []float64 `json:"values"`
	Extensions [][2]any  `json:"extensions"`
	Descrip    string    `json:"descrip"`
}

func readOracle(t *testing.T) oracle {
	t.Helper()
	text, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var o oracle
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// TestOracle compares header and values with nibabel. Both compute in float64,
// so that values agree to the last bit but one; the tolerance of the affine,
// 1e-6 mm, is nibabel's: it squares the quaternion of version 1 in float32.
func TestOracle(t *testing.T) {
	t.Parallel()
	for name, want := range readOracle(t).Files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := Open(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if diff := cmp.Diff(want, judge(t, r), near(1e-6)); diff != "" {
				t.Errorf("(-nibabel +here):\n%s", diff)
			}
		})
	}
}

func judge(t *testing.T, r *Reader) verdict {
	t.Helper()
	h := r.Header()
	space, time := h.Units()
	affine, err := h.Affine()
	if err != nil {
		t.Error(err)
	}
	qform, err := h.QForm()
	if err != nil {
		t.Error(err)
	}
	slope, inter, _ := h.Scaling()
	v := verdict{
		Shape: h.Shape(), DataType: h.DataType.String(), Version: h.Version, BigEndian: h.BigEndian,
		Zooms: h.Zooms(), Units: [2]string{space, time}, Affine: affine, QForm: qform,
		Slope: slope, Inter: inter, Descrip: h.Descrip, Extensions: [][2]any{},
	}
	for _, e := range h.Extensions {
		v.Extensions = append(v.Extensions, [2]any{float64(e.Code), strings.TrimRight(string(e.Data), "\x00")})
	}
	volume := make([]float64, h.VolumeVoxels())
	for {
		err := r.ReadVolume(volume)
		if errors.Is(err, io.EOF) {
			return v
		}
		if err != nil {
			t.Fatal(err)
		}
		v.Values = append(v.Values, volume...)
	}
}

// near compares numbers within tol, relative or absolute, whichever is wider.
func near(tol float64) cmp.Option {
	return cmp.Comparer(func(a, b float64) bool {
		return math.Abs(a-b) <= tol*max(1, math.Abs(a)) || (math.IsNaN(a) && math.IsNaN(b))
	})
}

// TestFitScaling compares with nibabel's automatic scaling: the same float32
// slope, and an intercept within one float32 step (nibabel subtracts in 80 bits).
func TestFitScaling(t *testing.T) {
	t.Parallel()
	for _, fit := range readOracle(t).Fits {
		h := NewHeader(typeNamed(t, fit[0].(string)), 1)
		lo, hi := fit[1].(float64), fit[2].(float64)
		h.FitScaling(lo, hi)
		want := [2]float64{fit[3].(float64), fit[4].(float64)}
		if diff := cmp.Diff(want, [2]float64{h.SclSlope, h.SclInter}, near(0x1p-23)); diff != "" {
			t.Errorf("%v of %v to %v (-nibabel +here):\n%s", fit[0], lo, hi, diff)
		}
	}
}

func typeNamed(t *testing.T, name string) DataType {
	t.Helper()
	for d := range dataTypes {
		if d.String() == name {
			return d
		}
	}
	t.Fatalf("no type %q", name)
	return 0
}

func TestFitScalingExtremes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		lo, hi float64
	}{
		{"no values", math.Inf(1), math.Inf(-1)},
		{"not a number", math.NaN(), 1},
		{"beyond float32", -1e300, 1e300},
		{"beyond float64", -math.MaxFloat64, math.MaxFloat64},
		{"below float32", 0, 1e-60},
	} {
		h := NewHeader(Int16, 1)
		h.FitScaling(c.lo, c.hi)
		if h.SclSlope != 1 || h.SclInter != 0 {
			t.Errorf("%s: slope %v inter %v, want none", c.name, h.SclSlope, h.SclInter)
		}
	}
}

func TestSetQForm(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]Affine{
		"identity":       {{1, 0, 0, 1}, {0, 1, 0, 2}, {0, 0, 1, 3}, {0, 0, 0, 1}},
		"left-handed":    {{-2, 0, 0, 1}, {0, 2, 0, 2}, {0, 0, 2, 3}, {0, 0, 0, 1}},
		"half turn x":    {{1, 0, 0, 1}, {0, -2, 0, 2}, {0, 0, -3, 3}, {0, 0, 0, 1}},
		"half turn y":    {{-1, 0, 0, 1}, {0, 2, 0, 2}, {0, 0, -3, 3}, {0, 0, 0, 1}},
		"half turn z":    {{-1, 0, 0, 1}, {0, -2, 0, 2}, {0, 0, 3, 3}, {0, 0, 0, 1}},
		"axes exchanged": {{0, 0, 2, 1}, {3, 0, 0, 2}, {0, 4, 0, 3}, {0, 0, 0, 1}},
	} {
		h := NewHeader(Uint8, 2, 2, 2)
		h.Version = 2
		if err := h.SetQForm(m, 1); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := h.Affine()
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(m, got, near(1e-12)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if err := NewHeader(Uint8, 2, 2, 2).SetQForm(Affine{}, 1); err == nil {
		t.Error("a matrix of zeros was accepted")
	}
}
