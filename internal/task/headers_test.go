package task

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/nifti"
)

func writeImage(t *testing.T, path string, d nifti.DataType, origin float64, values []float64) {
	t.Helper()
	h := nifti.NewHeader(d, 2, 2, 1)
	m := nifti.Affine{{-2, 0, 0, origin}, {0, 2, 0, 0}, {0, 0, 3, 0}, {0, 0, 0, 1}}
	h.SetSForm(m, 2)
	w, err := nifti.Create(path, h)
	if err == nil {
		err = w.WriteVolume(values)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestCopyHeaders(t *testing.T) {
	dir := t.TempDir()
	like, made := filepath.Join(dir, "like.nii"), filepath.Join(dir, "made.nii.gz")
	for _, tt := range []struct {
		name string
		keep bool
		want nifti.DataType
	}{{"the type stays", true, nifti.Float32}, {"the type is taken over", false, nifti.Int16}} {
		t.Run(tt.name, func(t *testing.T) {
			writeImage(t, like, nifti.Int16, 90, []float64{1, 2, 3, 4})
			writeImage(t, made, nifti.Float32, 0, []float64{5, 6, 7, 8})
			if err := copyHeaders([]iface.HeaderCopy{{From: like, To: made, KeepType: tt.keep}, {From: like, To: filepath.Join(dir, "absent.nii")}}); err != nil {
				t.Fatal(err)
			}
			r, err := nifti.Open(made)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got := make([]float64, 4)
			if err := r.ReadVolume(got); err != nil {
				t.Fatal(err)
			}
			h := r.Header()
			if d := cmp.Diff([]float64{5, 6, 7, 8}, got); d != "" || h.DataType != tt.want || h.SForm()[0][3] != 90 {
				t.Errorf("values %v, type %v, sform %v", got, h.DataType, h.SForm())
			}
		})
	}
}
