package confounds

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/raphe-org/raphe/nifti"
)

// series is the volumes of one or more images of the same space, one after the
// other, in single precision. It can be gone through several times. One file is
// open at a time, and none in between.
type series struct {
	paths   []string
	header  *nifti.Header // of the first image
	voxels  int           // of a volume
	volumes int           // of all images
}

// openSeries looks at the headers of the images; they must agree in the first
// three dimensions.
func openSeries(paths []string) (*series, error) {
	if len(paths) == 0 {
		return nil, errors.New("no image was given")
	}
	s := &series{paths: paths}
	for _, path := range paths {
		r, err := nifti.Open(path)
		if err != nil {
			return nil, err
		}
		h := r.Header()
		r.Close()
		if s.header == nil {
			s.header, s.voxels = h, h.VolumeVoxels()
		}
		if space(h) != space(s.header) {
			return nil, fmt.Errorf("%s has volumes of %v voxels, %s of %v", path, space(h), paths[0], space(s.header))
		}
		s.volumes += h.Volumes()
	}
	return s, nil
}

// space is the first three dimensions, 1 where there are fewer.
func space(h *nifti.Header) [3]int {
	dims := [3]int{1, 1, 1}
	copy(dims[:], h.Shape())
	return dims
}

// each calls do with every volume in turn, from the first on; t counts them.
// do must not keep the slice.
func (s *series) each(do func(t int, volume []float32)) error {
	volume := make([]float32, s.voxels)
	t := 0
	for _, path := range s.paths {
		if err := eachOf(path, volume, func() {
			if t < s.volumes { // what do has made room for
				do(t, volume)
			}
			t++
		}); err != nil {
			return err
		}
	}
	if t != s.volumes {
		return fmt.Errorf("%s changed while it was read: %d volumes, then %d", s.paths[0], s.volumes, t)
	}
	return nil
}

// eachOf reads the volumes of one image into volume, one after the other.
func eachOf(path string, volume []float32, do func()) error {
	r, err := nifti.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		err := r.ReadVolumeFloat32(volume)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		do()
	}
}

// tame replaces NaN by 0 and infinities by the largest number, as numpy's
// nan_to_num does.
func tame(volume []float32) {
	for i, v := range volume {
		switch {
		case v != v:
			volume[i] = 0
		case v > math.MaxFloat32:
			volume[i] = math.MaxFloat32
		case v < -math.MaxFloat32:
			volume[i] = -math.MaxFloat32
		}
	}
}
