package confounds

import (
	"fmt"
	"math"

	"github.com/raphe-org/raphe/nifti"
)

// drift is the slow change of every voxel: Legendre polynomials over the scan,
// of degree 1 and up, each with a weight for every voxel.
type drift struct {
	basis   [][]float64 // [degree][t]; 0 is the constant
	weights [][]float64 // [degree-1][voxel]
}

// fitDrift fits the polynomials up to a degree, and the constant, to every voxel
// by least squares. It goes through the series once.
func fitDrift(in *series, degree int) (*drift, error) {
	if degree < 1 {
		return nil, fmt.Errorf("a drift of degree %d: needs 1 at least", degree)
	}
	if in.volumes <= degree {
		return nil, fmt.Errorf("a drift of degree %d over %d volume(s): needs more volumes", degree, in.volumes)
	}
	d := &drift{basis: legendre(degree, in.volumes)}
	inverse := pseudoInverse(d.basis)
	for range degree {
		d.weights = append(d.weights, make([]float64, in.voxels))
	}
	return d, in.each(func(t int, volume []float32) {
		tame(volume)
		for k, weights := range d.weights {
			factor := inverse[k+1][t]
			for i, v := range volume {
				weights[i] += factor * float64(v)
			}
		}
	})
}

// at gives the drift of each voxel in volume t; of a nil drift it is 0.
func (d *drift) at(t int) func(voxel int) float64 {
	if d == nil {
		return func(int) float64 { return 0 }
	}
	return func(voxel int) float64 {
		sum := 0.0
		for k, weights := range d.weights {
			sum += d.basis[k+1][t] * weights[voxel]
		}
		return sum
	}
}

// legendre is the Legendre polynomials of degree 0 to the given one at t points
// from -1 to 1, by Bonnet's recursion.
func legendre(degree, t int) [][]float64 {
	basis := make([][]float64, degree+1)
	for n := range basis {
		basis[n] = make([]float64, t)
		for i := range t {
			x := -1 + 2*float64(i)/float64(t-1)
			switch n {
			case 0:
				basis[n][i] = 1
			case 1:
				basis[n][i] = x
			default:
				k := float64(n)
				basis[n][i] = ((2*k-1)*x*basis[n-1][i] - (k-1)*basis[n-2][i]) / k
			}
		}
	}
	return basis
}

// pseudoInverse is that of the matrix whose columns are given, as rows: the
// weight of column k in the least-squares fit to y is the product of row k and
// y. The columns must be independent.
//
// Method: Gram-Schmidt, each column twice (Giraud et al. 2005,
// doi:10.1007/s00211-005-0615-4), then back substitution.
func pseudoInverse(columns [][]float64) [][]float64 {
	n := len(columns)
	q, r := make([][]float64, n), make([][]float64, n)
	for k, column := range columns {
		q[k], r[k] = append([]float64{}, column...), make([]float64, n)
		for range 2 {
			for j := range k {
				along := dot(q[j], q[k])
				r[j][k] += along
				for i := range q[k] {
					q[k][i] -= along * q[j][i]
				}
			}
		}
		r[k][k] = math.Sqrt(dot(q[k], q[k]))
		for i := range q[k] {
			q[k][i] /= r[k][k]
		}
	}
	for k := n - 1; k >= 0; k-- { // q becomes R^-1 Q^T, row by row from below
		for i := range q[k] {
			for j := k + 1; j < n; j++ {
				q[k][i] -= r[k][j] * q[j][i]
			}
			q[k][i] /= r[k][k]
		}
	}
	return q
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// writeDetrended writes the series without its drift; lo and hi are the range
// of its values.
func writeDetrended(path string, in *series, d *drift, lo, hi float64) error {
	like := in.header
	dims := space(like)
	w, err := nifti.Create(path, derived(like, lo, hi, dims[0], dims[1], dims[2], in.volumes))
	if err != nil {
		return err
	}
	defer w.Abort()
	out := make([]float64, in.voxels)
	var failed error
	err = in.each(func(t int, volume []float32) {
		tame(volume)
		at := d.at(t)
		for i, v := range volume {
			out[i] = float64(v) - at(i)
		}
		if failed == nil {
			failed = w.WriteVolume(out)
		}
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	return w.Close()
}
