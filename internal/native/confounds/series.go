package confounds

import (
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/raphe-org/raphe/nifti"
)

// series is the volumes of one or more images of the same space, one after the
// other, in single precision. It can be gone through several times.
type series struct {
	readers []*nifti.Reader
	voxels  int // of a volume
	volumes int // of all images
}

// openSeries opens the images; they must agree in the first three dimensions.
func openSeries(paths []string) (*series, error) {
	if len(paths) == 0 {
		return nil, errors.New("no image was given")
	}
	s := &series{}
	for _, path := range paths {
		r, err := nifti.Open(path)
		if err != nil {
			s.close()
			return nil, err
		}
		s.readers = append(s.readers, r)
		s.volumes += r.Header().Volumes()
		first, this := s.readers[0].Header(), r.Header()
		if space(first) != space(this) {
			s.close()
			return nil, fmt.Errorf("%s has volumes of %v voxels, %s of %v", path, space(this), paths[0], space(first))
		}
	}
	s.voxels = s.readers[0].Header().VolumeVoxels()
	return s, nil
}

func (s *series) close() {
	for _, r := range s.readers {
		r.Close()
	}
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
	for _, r := range s.readers {
		if err := r.Rewind(); err != nil {
			return err
		}
		for {
			err := r.ReadVolumeFloat32(volume)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			do(t, volume)
			t++
		}
	}
	return nil
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
