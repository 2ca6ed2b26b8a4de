package confounds

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/nifti"
)

var finiteValues = rapid.SliceOfN(rapid.OneOf(
	rapid.Float32Range(-math.MaxFloat32/4, math.MaxFloat32/4),
	rapid.SampledFrom([]float32{0, 1, -1, 1e-40}), // equal values, and a denormal
), 1, 60)

// TestSelectNth: it finds what sorting would, and keeps the values.
func TestSelectNth(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := finiteValues.Draw(t, "values")
		n := rapid.IntRange(0, len(values)-1).Draw(t, "n")
		sorted := slices.Sorted(slices.Values(values))
		got := slices.Clone(values)
		if v := selectNth(got, n); v != sorted[n] {
			t.Fatalf("selectNth(%v, %d) = %v, want %v", values, n, v, sorted[n])
		}
		if slices.ContainsFunc(got[:n], func(v float32) bool { return v > sorted[n] }) ||
			slices.ContainsFunc(got[n:], func(v float32) bool { return v < sorted[n] }) {
			t.Fatalf("not parted at %d: %v", n, got)
		}
		slices.Sort(got)
		if !slices.Equal(got, sorted) {
			t.Fatalf("other values: %v, want %v", got, sorted)
		}
	})
}

// TestMedianOf: counting bits gives what sorting gives.
func TestMedianOf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := finiteValues.Draw(t, "values")
		got, err := medianOf(func(visit func(float32)) error {
			for _, v := range values {
				visit(v)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		sorted := slices.Sorted(slices.Values(values))
		want := (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
		if got != want {
			t.Fatalf("%v: %v, want %v", values, got, want)
		}
	})
}

// TestOrder: the whole numbers have the order of the floating-point ones.
func TestOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float32().Draw(t, "a"), rapid.Float32().Draw(t, "b")
		if (a < b) != (order(a) < order(b)) && a != b {
			t.Fatalf("%v and %v", a, b)
		}
		if disorder(order(a)) != a {
			t.Fatalf("%v came back as %v", a, disorder(order(a)))
		}
	})
}

// TestRotation: a rotation vector, made a matrix and taken apart into angles,
// gives the same matrix again.
func TestRotation(t *testing.T) {
	t.Parallel()
	about := func(axis int, angle float64) matrix {
		v := [3]float64{}
		v[axis] = angle
		return rotationOf(v)
	}
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Float64Range(-4, 4)
		r := rotationOf([3]float64{number.Draw(t, "x"), number.Draw(t, "y"), number.Draw(t, "z")})
		x, y, z := eulerAngles(r)
		// nibabel's convention: turn about z first, then y, then x.
		back := about(0, x).times(about(1, y)).times(about(2, z))
		if diff := cmp.Diff(r, back, near(0, 1e-9)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestPseudoInverse: times the columns it is the identity.
func TestPseudoInverse(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]int{{1, 2}, {2, 3}, {3, 40}, {8, 300}} {
		columns := legendre(c[0], c[1])
		for i, row := range pseudoInverse(columns) {
			for j, column := range columns {
				want := 0.0
				if i == j {
					want = 1
				}
				if got := dot(row, column); math.Abs(got-want) > 1e-13 {
					t.Errorf("degree %d of %d: element %d, %d is %v", c[0], c[1], i, j, got)
				}
			}
		}
	}
}

// write4D writes a float32 series, values[t][voxel].
func write4D(t testing.TB, path string, dims [3]int, values [][]float32) string {
	t.Helper()
	h := nifti.NewHeader(nifti.Float32, dims[0], dims[1], dims[2], len(values))
	if len(values) == 1 {
		h.SetShape(dims[:]...)
	}
	w, err := nifti.Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range values {
		if err := w.WriteVolumeFloat32(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDetrendTakesAll: a series that is a cubic in time, detrended by a cubic,
// keeps its level alone, and has no signal-to-noise ratio.
func TestDetrendTakesAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var values [][]float32
	for i := range 20 {
		x := -1 + 2*float64(i)/19
		values = append(values, []float32{float32(100 + 5*x + 4*x*x*x), float32(50 - 3*x), 7})
	}
	res, err := TSNR(TSNROptions{
		Dir: dir, RegressPoly: 3,
		InFile: []string{write4D(t, filepath.Join(dir, "cubic.nii"), [3]int{3, 1, 1}, values)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]float64{
		res.MeanFile: {100, 50, 7}, res.StddevFile: {0, 0, 0}, res.TSNRFile: {0, 0, 0},
	} {
		if diff := cmp.Diff(want, firstVolume(t, path), near(0, 1e-5)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

func firstVolume(t testing.TB, path string) []float64 {
	t.Helper()
	r, err := nifti.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	volume := make([]float64, r.Header().VolumeVoxels())
	if err := r.ReadVolume(volume); err != nil {
		t.Fatal(err)
	}
	return volume
}

// TestSlabsAgree: how many voxels are held at a time does not change a bit.
func TestSlabsAgree(t *testing.T) {
	t.Parallel()
	var results []ComputeDVARSResult
	for _, memory := range []int64{0, 1, 4 * 30 * 7} {
		opts := DefaultComputeDVARS()
		opts.InFile, opts.InMask = testdata("float32.nii.gz"), testdata("mask_float32.nii.gz")
		opts.SaveStd, opts.Memory = false, memory
		res, err := ComputeDVARS(opts)
		if err != nil {
			t.Fatal(err)
		}
		results = append(results, res)
	}
	for _, other := range results[1:] {
		if diff := cmp.Diff(results[0], other); diff != "" {
			t.Error(diff)
		}
	}
}
