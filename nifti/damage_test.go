package nifti

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sound is a small good file, whose bytes the tests below damage.
func sound(t testing.TB, version int) []byte {
	t.Helper()
	h := NewHeader(Int16, 4, 3, 2, 5)
	h.Version = version
	h.Extensions = []Extension{{Code: 6, Data: []byte("a comment")}}
	path := filepath.Join(t.TempDir(), "good.nii")
	w, err := Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	for v := range 5 {
		volume := make([]float64, 24)
		for i := range volume {
			volume[i] = float64(v*100 + i)
		}
		if err := w.WriteVolume(volume); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func put16(at int, v int16) func([]byte) []byte {
	return func(b []byte) []byte { binary.LittleEndian.PutUint16(b[at:], uint16(v)); return b }
}

func put32(at int, v uint32) func([]byte) []byte {
	return func(b []byte) []byte { binary.LittleEndian.PutUint32(b[at:], v); return b }
}

func put64(at int, v int64) func([]byte) []byte {
	return func(b []byte) []byte { binary.LittleEndian.PutUint64(b[at:], uint64(v)); return b }
}

func float(v float32) uint32 { return math.Float32bits(v) }

func TestDamage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		version int
		damage  func([]byte) []byte
		field   string // of the FieldError
		says    string
	}{
		{"empty", 1, func(b []byte) []byte { return nil }, "sizeof_hdr", "shorter"},
		{"cut header", 1, func(b []byte) []byte { return b[:200] }, "sizeof_hdr", "shorter"},
		{"cut header 2", 2, func(b []byte) []byte { return b[:400] }, "sizeof_hdr", "NIfTI-2"},
		{"no NIfTI", 1, put32(0, 1234), "sizeof_hdr", "1234"},
		{"Analyze", 1, put32(344, 0), "magic", "Analyze"},
		{"magic", 1, put32(344, 0x41414141), "magic", "AAAA"},
		{"magic of the other version", 2, put32(4, 0x00312b6e), "magic", "NIfTI-2"},
		{"pair in one file", 1, put32(344, 0x0031696e), "magic", "two files"},
		{"text transfer", 2, put32(8, 0x0a0a1a0a), "magic", "text mode"},
		{"datatype", 1, put16(70, 3), "datatype", "is 3"},
		{"no dimensions", 1, put16(40, 0), "dim[0]", "is 0"},
		{"too many dimensions", 1, put16(40, 8), "dim[0]", "is 8"},
		{"negative dimension", 1, put16(44, -3), "dim[2]", "is -3"},
		{"zero dimension", 2, put64(32, 0), "dim[2]", "is 0"},
		{"product overflow", 2, put64(32, math.MaxInt64/2), "dim[2]", "64 bits"},
		{"huge image", 2, put64(32, 1<<40), "dim", "can't hold"},
		{"vox_offset in header", 1, put32(108, float(100)), "vox_offset", "inside the header"},
		{"vox_offset zero", 1, put32(108, 0), "vox_offset", "inside the header"},
		{"vox_offset NaN", 1, put32(108, float(float32(math.NaN()))), "vox_offset", "NaN"},
		{"vox_offset fraction", 1, put32(108, float(352.5)), "vox_offset", "352.5"},
		{"vox_offset out of file", 1, put32(108, float(1e6)), "vox_offset", "the file ends"},
		{"vox_offset far", 2, put64(168, 1<<60), "vox_offset", "more than"},
		{"vox_offset negative", 2, put64(168, -1), "vox_offset", "-1"},
		{"slope without intercept", 1, put32(116, float(float32(math.Inf(1)))), "scl_inter", "Inf"},
		{"extension too long", 1, put32(352, 1<<20), "extension", "1048576"},
		{"extension negative", 1, put32(352, 0xffffffff), "extension", "-1"},
		{"short data", 1, func(b []byte) []byte { return b[:len(b)-1] }, "dim", "can't hold"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "bad.nii")
			if err := os.WriteFile(path, c.damage(sound(t, c.version)), 0o666); err != nil {
				t.Fatal(err)
			}
			r, err := Open(path)
			if err == nil {
				r.Close()
				t.Fatal("no error")
			}
			var field *FieldError
			if !errors.As(err, &field) || field.Field != c.field {
				t.Errorf("%v: want field %s", err, c.field)
			}
			if !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("%v: want the path and %q", err, c.says)
			}
		})
	}
}

// TestDamagedStream: a compressed file that ends early or was changed is
// noticed, at the latest with the last volume.
func TestDamagedStream(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "z.nii.gz")
	h := NewHeader(Float64, 16, 16, 4, 3)
	w, err := Create(path, h)
	if err != nil {
		t.Fatal(err)
	}
	volume := make([]float64, h.VolumeVoxels())
	for range 3 {
		for i := range volume {
			volume[i] = math.Sin(float64(i)) // hardly compressible
		}
		if err := w.WriteVolume(volume); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	good, _ := os.ReadFile(path)
	for name, bad := range map[string][]byte{
		"cut":       good[:len(good)/2],
		"no end":    good[:len(good)-4],
		"checksum":  append(append([]byte{}, good[:len(good)-8]...), 1, 2, 3, 4, 5, 6, 7, 8),
		"only name": good[:10],
	} {
		if err := readAll(bad); err == nil || errors.Is(err, io.EOF) && name != "only name" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := readAll(good); err != nil {
		t.Error(err)
	}
}

// readAll reads an image to its end; nil means that all of it was good.
func readAll(data []byte) error {
	r, err := NewReader(bytes.NewReader(data), "image")
	if err != nil {
		return err
	}
	volume := make([]byte, r.Header().VolumeBytes())
	for {
		err := r.ReadVolumeRaw(volume)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			if again := r.ReadVolumeRaw(volume); again != err {
				return fmt.Errorf("after %w: %w", err, again)
			}
			return err
		}
	}
}

// TestCompressedPromise: a compressed file of some hundred bytes can't hold
// what its header promises, and is refused before anybody makes room for it.
func TestCompressedPromise(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "small.nii.gz")
	w, err := Create(path, NewHeader(Uint8, 1))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.WriteVolume([]float64{1}), w.Close()); err != nil {
		t.Fatal(err)
	}
	// The same again with a header that promises 30000^3 voxels, aborted in
	// the middle: its start is a compressed file with a huge promise.
	big, err := Create(filepath.Join(dir, "big.nii.gz"), NewHeader(Uint8, 30000, 30000, 30000))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(big.zip.Close(), big.buffer.Flush()); err != nil {
		t.Fatal(err)
	}
	_, err = Open(big.temp)
	var field *FieldError
	if !errors.As(err, &field) || field.Field != "dim" {
		t.Errorf("%v: want a FieldError of dim", err)
	}
	big.Abort()
}

// TestNothingHalfWritten: until Close has succeeded the path does not exist,
// and after Abort or a failed Close the folder is as before.
func TestNothingHalfWritten(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"abort", "close early"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "x.nii.gz")
			w, err := Create(path, NewHeader(Uint8, 2, 1, 1, 2))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.WriteVolume([]float64{1, 2}); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(path); err == nil {
				t.Error("visible before Close")
			}
			if end == "abort" {
				w.Abort()
			} else if err := w.Close(); err == nil || !strings.Contains(err.Error(), "1 of 2") {
				t.Errorf("Close: %v", err)
			}
			if left, _ := os.ReadDir(dir); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
			if err := w.Close(); err != nil {
				t.Errorf("second Close: %v", err)
			}
		})
	}
}

func TestRefusedUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, h := range map[string]*Header{
		"a.img":    NewHeader(Uint8, 2),
		"a.txt":    NewHeader(Uint8, 2),
		"pair.nii": {Version: 1, Pair: true, DataType: Uint8, Dim: [8]int64{1, 2}},
		"long.nii": {Version: 1, DataType: Uint8, Dim: [8]int64{1, 40000}},
		"type.nii": {Version: 1, DataType: 1, Dim: [8]int64{1, 2}},
	} {
		if _, err := Create(filepath.Join(dir, name), h); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w, err := Create(filepath.Join(dir, "rgb.nii"), NewHeader(RGB24, 2))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteVolume([]float64{1, 2}); err == nil || !strings.Contains(err.Error(), "rgb24") {
		t.Errorf("WriteVolume of colours: %v", err)
	}
	if err := w.WriteVolumeRaw([]byte{1, 2}); err == nil {
		t.Error("a short volume was accepted")
	}
	if err := errors.Join(w.WriteVolumeRaw([]byte{1, 2, 3, 4, 5, 6}), w.Close()); err != nil {
		t.Fatal(err)
	}
	r, err := Open(filepath.Join(dir, "rgb.nii"))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.ReadVolume(make([]float64, 2)); err == nil || !strings.Contains(err.Error(), "rgb24") {
		t.Errorf("ReadVolume of colours: %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}
