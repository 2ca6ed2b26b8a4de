package confounds

import (
	"errors"
	"fmt"
	"math"
)

// matrix is a 3x3 matrix, rows first.
type matrix [3][3]float64

func (a matrix) times(b matrix) (c matrix) {
	for i := range 3 {
		for j := range 3 {
			for k := range 3 {
				c[i][j] += a[i][k] * b[k][j]
			}
		}
	}
	return c
}

// nipyMotion turns nipy's parameters of a rigid or affine registration into
// translations and Euler angles.
//
// row has 6 numbers (translation in mm, rotation vector in radians), 7 (and an
// isotropic scale), or 12 and more (and logarithms of three scales, and a
// second rotation vector). Of scales and shears only the rotation is kept.
// The result is x, y, z in mm and the angles about x, y, z in radians.
//
// It returns an error for other lengths, or if the scale leaves no rotation.
//
// Source: nipy 0.5 algorithms.registration (to_matrix44, aff2euler); the
// rotation vector is Rodrigues' formula, the angles are those of z, then y,
// then x.
func nipyMotion(row []float64) ([6]float64, error) {
	var m [6]float64
	for i := range 3 {
		m[i] = min(max(row[i], -1e10), 1e10) // nipy's bound of a translation
	}
	a := rotationOf([3]float64(row[3:6]))
	switch n := len(row); {
	case n == 6:
	case n == 7:
		for i := range 3 {
			for j := range 3 {
				a[i][j] *= row[6]
			}
		}
	case n >= 12:
		var scale matrix
		for i := range 3 {
			limit := math.Log(1e10) // nipy's bound of a scale
			scale[i][i] = math.Exp(min(max(row[6+i], -limit), limit))
		}
		a = a.times(scale).times(rotationOf([3]float64(row[9:12])))
	default:
		return m, fmt.Errorf("%d NIPY parameters, needs 6, 7 or 12", n)
	}
	r, err := rotationIn(a)
	if err != nil {
		return m, err
	}
	m[3], m[4], m[5] = eulerAngles(r)
	return m, nil
}

// rotationOf is the matrix of a rotation vector: its direction is the axis, its
// length the angle.
func rotationOf(v [3]float64) matrix {
	angle := math.Sqrt(v[0]*v[0] + v[1]*v[1] + v[2]*v[2])
	if angle > 1e10*2*math.Pi { // nipy's bound, beyond which it does not turn
		return matrix{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	}
	// sin(a)/a and (1-cos(a))/a² go to 1 and 1/2.
	s, c := 1.0, 0.5
	if angle > 1e-8 {
		half := math.Sin(angle/2) / (angle / 2)
		s, c = math.Sin(angle)/angle, half*half/2
	}
	cross := matrix{{0, -v[2], v[1]}, {v[2], 0, -v[0]}, {-v[1], v[0], 0}}
	square := cross.times(cross)
	var r matrix
	for i := range 3 {
		r[i][i] = 1
		for j := range 3 {
			r[i][j] += s*cross[i][j] + c*square[i][j]
		}
	}
	return r
}

// rotationIn is the rotation within an affine: the columns brought to length 1,
// a reflection taken out of the first, then the orthogonal factor of the polar
// decomposition, by Newton's iteration.
//
// Source: Higham 1986, doi:10.1137/0907079.
func rotationIn(a matrix) (matrix, error) {
	for j := range 3 {
		length := math.Sqrt(a[0][j]*a[0][j] + a[1][j]*a[1][j] + a[2][j]*a[2][j])
		for i := range 3 {
			a[i][j] /= length
		}
	}
	c := a.cofactors()
	if d := a.det(c); d < 0 {
		for i := range 3 {
			a[i][0] = -a[i][0]
		}
	}
	for range 60 {
		c := a.cofactors()
		d := a.det(c)
		if !(math.Abs(d) > 1e-12) {
			return a, errors.New("the parameters hold no rotation")
		}
		change := 0.0
		for i := range 3 {
			for j := range 3 {
				v := (a[i][j] + c[i][j]/d) / 2
				change = max(change, math.Abs(v-a[i][j]))
				a[i][j] = v
			}
		}
		if change < 1e-15 {
			break
		}
	}
	return a, nil
}

func (a matrix) cofactors() (c matrix) {
	for i := range 3 {
		for j := range 3 {
			i1, i2, j1, j2 := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
			c[i][j] = a[i1][j1]*a[i2][j2] - a[i1][j2]*a[i2][j1]
		}
	}
	return c
}

func (a matrix) det(cofactors matrix) float64 {
	return a[0][0]*cofactors[0][0] + a[0][1]*cofactors[0][1] + a[0][2]*cofactors[0][2]
}

// eulerAngles are the angles about x, y and z whose rotations, applied in the
// order z, y, x, make r. Where y is a quarter turn, x is taken as 0.
//
// Source: nibabel.eulerangles, which names Shoemake in Graphics Gems IV, 1994.
func eulerAngles(r matrix) (x, y, z float64) {
	cosY := math.Hypot(r[2][2], r[1][2])
	y = math.Atan2(r[0][2], cosY)
	if cosY > 4*0x1p-52 {
		return math.Atan2(-r[1][2], r[2][2]), y, math.Atan2(-r[0][1], r[0][0])
	}
	return 0, y, math.Atan2(r[1][0], r[1][1])
}
