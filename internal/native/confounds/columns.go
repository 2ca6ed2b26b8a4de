package confounds

import (
	"errors"
	"fmt"
	"math"

	"github.com/raphe-org/raphe/nifti"
)

// defaultMemory holds the time series of 220,000 voxels in 300 volumes.
const defaultMemory = 256 << 20

// masked is the voxels of a series that lie in a mask.
type masked struct {
	in     *series
	dims   [3]int
	inside []int // voxels, ascending
}

// sumDVARS goes through the voxels, as many at a time as memory allows.
func sumDVARS(opts ComputeDVARSOptions) (*dvarsSums, error) {
	m, err := openMasked(opts.InFile, opts.InMask)
	if err != nil {
		return nil, err
	}
	memory := opts.Memory
	if memory <= 0 {
		memory = defaultMemory
	}
	length := m.in.volumes
	slab := int(min(max(memory/int64(4*length), 1), int64(len(m.inside))))
	columns := make([]float32, slab*length)
	if slab == len(m.inside) { // one reading is enough
		if err := m.load(columns, m.inside); err != nil {
			return nil, err
		}
	}
	normal, err := m.normaliser(opts.IntensityNormalization, columns)
	if err != nil {
		return nil, err
	}
	sums := &dvarsSums{square: make([]float64, length-1), ownSquare: make([]float64, length-1)}
	for at := 0; at < len(m.inside); at += slab {
		voxels := m.inside[at:min(at+slab, len(m.inside))]
		if slab < len(m.inside) {
			if err := m.load(columns, voxels); err != nil {
				return nil, err
			}
		}
		if err := m.addSlab(sums, columns, voxels, normal, &opts); err != nil {
			return nil, err
		}
	}
	if sums.voxels == 0 {
		return nil, fmt.Errorf("none of the %d voxels in the mask has a variance", len(m.inside))
	}
	return sums, nil
}

// addSlab takes in the voxels whose time series are in columns.
func (m *masked) addSlab(sums *dvarsSums, columns []float32, voxels []int, normal func([]float32), opts *ComputeDVARSOptions) error {
	length := m.in.volumes
	scratch := make([]float32, length)
	for i, voxel := range voxels {
		series := columns[i*length : (i+1)*length]
		normal(series)
		if !sums.add(series, scratch, opts) {
			return fmt.Errorf("voxel %v in the mask has no variance; remove such voxels (remove_zerovariance)", m.place(voxel))
		}
	}
	return nil
}

func openMasked(image, mask string) (*masked, error) {
	in, err := openSeries([]string{image})
	if err != nil {
		return nil, err
	}
	m := &masked{in: in, dims: space(in.header)}
	if n := len(in.header.Shape()); n != 4 {
		err = fmt.Errorf("the image has %d dimensions, needs 4", n)
	} else if in.volumes < 2 {
		err = errors.New("the image has one volume, needs 2 at least")
	} else {
		m.inside, err = readMask(mask, m.dims)
	}
	return m, err
}

// readMask lists the voxels of a mask that are not 0 (NaN is not 0 either).
func readMask(path string, dims [3]int) ([]int, error) {
	r, err := nifti.Open(path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if space(r.Header()) != dims || r.Header().Volumes() != 1 {
		return nil, fmt.Errorf("the mask %s has the shape %v, the image has volumes of %v", path, r.Header().Shape(), dims)
	}
	values := make([]float64, r.Header().VolumeVoxels())
	if err := r.ReadVolume(values); err != nil {
		return nil, err
	}
	var inside []int
	for i, v := range values {
		if v != 0 {
			inside = append(inside, i)
		}
	}
	if len(inside) == 0 {
		return nil, fmt.Errorf("the mask %s is empty", path)
	}
	return inside, nil
}

// load reads the time series of some voxels, one after the other.
func (m *masked) load(columns []float32, voxels []int) error {
	length := m.in.volumes
	return m.in.each(func(t int, volume []float32) {
		for i, voxel := range voxels {
			columns[i*length+t] = volume[voxel]
		}
	})
}

// normaliser gives the function that brings the median of all masked values to
// the target, in single precision as nipype does. columns hold all voxels, or
// are too small for that, and then the image is read again. It also makes sure
// that all values are finite.
func (m *masked) normaliser(target float64, columns []float32) (func([]float32), error) {
	var bad error
	values := func(visit func(float32)) error {
		if len(columns) == len(m.inside)*m.in.volumes {
			for i, v := range columns {
				if bad == nil && !isFinite(v) {
					bad = m.notFinite(m.inside[i/m.in.volumes], i%m.in.volumes, v)
				}
				visit(v)
			}
			return bad
		}
		err := m.in.each(func(t int, volume []float32) {
			for _, voxel := range m.inside {
				v := volume[voxel]
				if bad == nil && !isFinite(v) {
					bad = m.notFinite(voxel, t, v)
				}
				visit(v)
			}
		})
		if err == nil {
			err = bad
		}
		return err
	}
	middle, err := medianOf(values)
	if err != nil {
		return nil, err
	}
	if target == 0 {
		return func([]float32) {}, nil
	}
	if middle == 0 {
		return nil, errors.New("the median in the mask is 0, and can't be normalised; set intensity_normalization to 0")
	}
	factor := float32(target)
	return func(series []float32) {
		for i, v := range series {
			series[i] = float32(v/middle) * factor
		}
	}, nil
}

func isFinite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

func (m *masked) notFinite(voxel, t int, v float32) error {
	return fmt.Errorf("voxel %v in the mask is %v in volume %d", m.place(voxel), v, t)
}

// place is a voxel's indices.
func (m *masked) place(voxel int) [3]int {
	return [3]int{voxel % m.dims[0], voxel / m.dims[0] % m.dims[1], voxel / m.dims[0] / m.dims[1]}
}
