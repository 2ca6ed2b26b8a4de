package native

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/nifti"
)

// assertEqual fails unless two images hold the same values in the same shape.
//
// Differs from nipype: NaN equals NaN, so that an image equals itself; the message names the first voxel that differs.
var assertEqual = inChild("Fail unless two images hold the same values.",
	[]iface.Input{need("volume1", inFile, "an image"), need("volume2", inFile, "another")}, nil,
	func(c *Call) (value.Record, error) {
		return nil, compareImages(c.Inputs.Str("volume1"), c.Inputs.Str("volume2"))
	})

func compareImages(pathA, pathB string) error {
	a, err := nifti.Open(pathA)
	if err != nil {
		return err
	}
	defer a.Close()
	b, err := nifti.Open(pathB)
	if err != nil {
		return err
	}
	defer b.Close()
	if sa, sb := a.Header().Shape(), b.Header().Shape(); !slices.Equal(sa, sb) {
		return fmt.Errorf("the images are not equal: %s has the shape %v, %s %v", pathA, sa, pathB, sb)
	}
	n := a.Header().VolumeVoxels()
	va, vb := make([]float64, n), make([]float64, n)
	for t := 0; ; t++ {
		errA, errB := a.ReadVolume(va), b.ReadVolume(vb)
		if errors.Is(errA, io.EOF) && errors.Is(errB, io.EOF) {
			return nil
		}
		if err := errors.Join(errA, errB); err != nil {
			return err
		}
		for i := range va {
			if va[i] != vb[i] && (va[i] == va[i] || vb[i] == vb[i]) {
				return fmt.Errorf("the images are not equal: voxel %d of volume %d is %v in %s and %v in %s", i, t, va[i], pathA, vb[i], pathB)
			}
		}
	}
}
