package nifti

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// FuzzHeader reads any bytes as an image: no panic, no memory beyond the input,
// and a header that was accepted keeps its promises.
func FuzzHeader(f *testing.F) {
	f.Add(sound(f, 1))
	f.Add(sound(f, 2))
	seeds, err := filepath.Glob("testdata/*.nii*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range seeds {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := NewReader(bytes.NewReader(data), "input")
		if err != nil {
			return
		}
		h := r.Header()
		if h.VolumeVoxels() < 1 || h.Volumes() < 1 || h.VolumeBytes() < 1 || len(h.Shape()) != len(h.Zooms()) {
			t.Fatalf("accepted a header without voxels: %+v", h)
		}
		h.Affine() // may be an error, must not panic
		h.Units()
		if h.VolumeBytes() < 1<<20 {
			for range 3 {
				if err := r.ReadVolumeRaw(make([]byte, h.VolumeBytes())); err != nil {
					break
				}
			}
		}
		again := h.Clone()
		if encoded, err := again.encode(); err == nil {
			back, err := ReadHeader(io.MultiReader(bytes.NewReader(encoded), bytes.NewReader(nil)))
			if err != nil {
				t.Fatalf("the header written back can't be read: %v", err)
			}
			if back.Volumes() != h.Volumes() || back.VolumeVoxels() != h.VolumeVoxels() {
				t.Fatalf("%v became %v", h.Shape(), back.Shape())
			}
		}
	})
}
