package nifti

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var scalarTypes = []DataType{Uint8, Int8, Int16, Uint16, Int32, Uint32, Int64, Uint64, Float32, Float64}

// drawHeader draws a header that every version can hold.
func drawHeader(t *rapid.T, types []DataType) *Header {
	shape := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 7).Draw(t, "shape")
	h := NewHeader(rapid.SampledFrom(types).Draw(t, "type"), shape...)
	h.Version = rapid.IntRange(1, 2).Draw(t, "version")
	h.BigEndian = rapid.Bool().Draw(t, "big endian")
	number := rapid.Float32Range(-1e6, 1e6)
	for _, p := range []*float64{
		&h.CalMin, &h.CalMax, &h.TOffset, &h.SliceTime, &h.PixDim[1], &h.PixDim[4],
		&h.IntentP[0], &h.IntentP[2], &h.Quatern[0], &h.QOffset[1], &h.SRow[0][0], &h.SRow[2][3],
	} {
		*p = float64(number.Draw(t, "number"))
	}
	h.DimInfo = rapid.Uint8().Draw(t, "dim_info")
	h.SliceStart = int64(rapid.Int16().Draw(t, "slice_start"))
	h.SliceEnd = int64(rapid.Int16().Draw(t, "slice_end"))
	h.SliceCode = int32(rapid.Uint8().Draw(t, "slice_code"))
	h.XYZTUnits = int32(rapid.Uint8().Draw(t, "units"))
	h.IntentCode = int32(rapid.Int16().Draw(t, "intent"))
	h.QFormCode = int32(rapid.Int16().Draw(t, "qform_code"))
	h.SFormCode = int32(rapid.Int16().Draw(t, "sform_code"))
	h.Descrip = rapid.StringMatching(`[ -~]{0,80}`).Draw(t, "descrip")
	h.AuxFile = rapid.StringMatching(`[ -~]{0,24}`).Draw(t, "aux_file")
	h.IntentName = rapid.StringMatching(`[ -~]{0,16}`).Draw(t, "intent_name")
	for range rapid.IntRange(0, 2).Draw(t, "extensions") {
		n := rapid.IntRange(0, 3).Draw(t, "blocks")*16 + 8 // whole blocks, so that no padding is added
		h.Extensions = append(h.Extensions, Extension{
			Code: rapid.Int32().Draw(t, "code"),
			Data: rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "data"),
		})
	}
	return h
}

// writeRaw writes an image of the given bytes and opens it again.
func writeRaw(t *rapid.T, dir string, h *Header, data []byte) *Reader {
	name := rapid.SampledFrom([]string{"a.nii", "a.nii.gz"}).Draw(t, "name")
	path := filepath.Join(dir, name)
	w, err := Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	for v := range slices.Chunk(data, int(h.VolumeBytes())) {
		if err := w.WriteVolumeRaw(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestRawIdentity: what is written is what is read, header, extensions and
// bytes, for every data type, version, byte order and compression.
func TestRawIdentity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var types []DataType
	for d := range dataTypes {
		types = append(types, d)
	}
	slices.Sort(types)
	rapid.Check(t, func(t *rapid.T) {
		h := drawHeader(t, types)
		n := int(h.VolumeBytes()) * h.Volumes()
		data := make([]byte, n)
		seed := rapid.Byte().Draw(t, "seed")
		for i := range data {
			data[i] = byte(i)*31 + seed
		}
		r := writeRaw(t, dir, h, data)
		defer r.Close()
		got := r.Header().Clone()
		got.VoxOffset = h.VoxOffset
		if diff := cmp.Diff(h, got); diff != "" {
			t.Fatalf("header (-written +read):\n%s", diff)
		}
		var back []byte
		volume := make([]byte, h.VolumeBytes())
		for r.ReadVolumeRaw(volume) == nil {
			back = append(back, volume...)
		}
		if !bytes.Equal(data, back) {
			t.Fatal("the bytes differ")
		}
	})
}

// drawValue draws a number that type d holds exactly.
func drawValue(t *rapid.T, d DataType) float64 {
	if d == Float32 {
		return float64(rapid.Float32().Draw(t, "value"))
	}
	if d == Float64 {
		return rapid.Float64().Draw(t, "value")
	}
	lo, hi := d.bounds()
	return float64(rapid.Int64Range(int64(max(lo, -(1<<53))), int64(min(hi, 1<<53))).Draw(t, "value"))
}

// TestValueIdentity: values that a type can hold come back as they were, in
// float64, and rounded once in float32.
func TestValueIdentity(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		h := drawHeader(t, scalarTypes)
		n, volumes := h.VolumeVoxels(), min(h.Volumes(), 3)
		h.SetShape(n, 1, 1, volumes)
		values := make([][]float64, volumes)
		path := filepath.Join(dir, rapid.SampledFrom([]string{"v.nii", "v.nii.gz"}).Draw(t, "name"))
		w, err := Create(path, h)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Abort()
		for v := range values {
			values[v] = make([]float64, n)
			for i := range values[v] {
				values[v][i] = drawValue(t, h.DataType)
			}
			if err := w.WriteVolume(values[v]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		checkValues(t, path, values)
	})
}

func checkValues(t *rapid.T, path string, values [][]float64) {
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	wide, narrow := make([]float64, len(values[0])), make([]float32, len(values[0]))
	for _, want := range values {
		if err := r.ReadVolume(wide); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, wide); diff != "" {
			t.Fatalf("(-written +read):\n%s", diff)
		}
	}
	if err := r.ReadVolume(wide); !errors.Is(err, io.EOF) {
		t.Fatalf("after the last volume: %v", err)
	}
	if err := r.Rewind(); err != nil {
		t.Fatal(err)
	}
	for _, want := range values {
		if err := r.ReadVolumeFloat32(narrow); err != nil {
			t.Fatal(err)
		}
		for i := range want {
			if narrow[i] != float32(want[i]) {
				t.Fatalf("voxel %d: %v, want %v", i, narrow[i], float32(want[i]))
			}
		}
	}
}

// TestScaledWriting: with fitted scaling, values come back within half a step
// (and the rounding of slope and intercept to float32).
func TestScaledWriting(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SampledFrom([]DataType{Uint8, Int8, Int16, Uint16, Int32}).Draw(t, "type")
		values := rapid.SliceOfN(rapid.Float64Range(-1e5, 1e5), 1, 20).Draw(t, "values")
		for i, v := range values {
			if math.Abs(v) < 1e-20 { // a slope this small has no full precision in a float32
				values[i] = 0
			}
		}
		h := NewHeader(d, len(values))
		lo, hi := slices.Min(values), slices.Max(values)
		h.FitScaling(lo, hi)
		path := filepath.Join(dir, "s.nii")
		w, err := Create(path, h)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.WriteVolume(values), w.Close()); err != nil {
			t.Fatal(err)
		}
		r, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		got := make([]float64, len(values))
		if err := r.ReadVolume(got); err != nil {
			t.Fatal(err)
		}
		// The range moves by at most the float32 rounding of its two ends.
		tol := math.Abs(h.SclSlope)/2 + (math.Abs(lo)+math.Abs(hi)+(hi-lo))*0x1p-22
		for i := range values {
			if math.Abs(got[i]-values[i]) > tol {
				t.Fatalf("%v came back as %v, tolerance %v", values[i], got[i], tol)
			}
		}
	})
}

func TestRoundingAndClipping(t *testing.T) {
	t.Parallel()
	in := []float64{-1e9, -0.5, 0.5, 1.5, 2.5, 254.6, 1e9, math.Inf(1), math.Inf(-1), math.NaN()}
	for _, c := range []struct {
		name         string
		t            DataType
		slope, inter float64
		want         []float64
	}{
		{"uint8", Uint8, 0, 0, []float64{0, 0, 0, 2, 2, 255, 255, 255, 0, 0}},
		{"int8", Int8, 1, 0, []float64{-128, 0, 0, 2, 2, 127, 127, 127, -128, 0}},
		{"int16 by 2 plus 10", Int16, 2, 10, []float64{-65526, 0, 0, 2, 2, 254, 65544, 65544, -65526, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := NewHeader(c.t, len(in))
			h.SclSlope, h.SclInter = c.slope, c.inter
			path := filepath.Join(t.TempDir(), "c.nii.gz")
			w, err := Create(path, h)
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(w.WriteVolume(in), w.Close()); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got := make([]float64, len(in))
			if err := r.ReadVolume(got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSameBytes: two writings of one image are the same file, to the byte.
func TestSameBytes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files [2][]byte
	for i, name := range []string{"one.nii.gz", "two.nii.gz"} {
		path := filepath.Join(dir, name)
		w, err := Create(path, NewHeader(Int16, 2, 1, 1, 2))
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(w.WriteVolume([]float64{1, 2}), w.WriteVolumeFloat32([]float32{3, 4}), w.Close())
		if err != nil {
			t.Fatal(err)
		}
		files[i], _ = os.ReadFile(path)
	}
	// RFC 1952: flags at byte 3 (8: a name follows), time at 4 to 7.
	if head := files[0][:8]; head[3] != 0 || !bytes.Equal(head[4:8], make([]byte, 4)) {
		t.Errorf("the gzip header holds a name or a time: %v", head)
	}
	if len(files[0]) == 0 || !bytes.Equal(files[0], files[1]) {
		t.Error("the bytes differ")
	}
}
