package nifti

import (
	"math"
	"slices"
)

// An Affine takes voxel indices (i, j, k, 1) to millimetres (x, y, z, 1);
// x grows to the right, y to the front, z to the top of the head.
type Affine [4][4]float64

// knownForm holds the transform codes of the standard; others count as 0
// (unknown), as in nibabel.
func knownForm(code int32) bool { return code > 0 && code <= 5 }

// Affine is the best of the transforms in the header, chosen as nibabel does:
// the sform if it has a code, otherwise the qform if it has one, otherwise the
// voxel sizes alone, with x flipped and the origin in the middle of the image.
//
// It returns an error where the qform is chosen but is no rotation.
func (h *Header) Affine() (Affine, error) {
	if knownForm(h.SFormCode) {
		return h.SForm(), nil
	}
	if knownForm(h.QFormCode) {
		return h.QForm()
	}
	return h.plainAffine(), nil
}

// SForm is the transform of the srow fields, whatever its code says.
func (h *Header) SForm() Affine {
	return Affine{h.SRow[0], h.SRow[1], h.SRow[2], {0, 0, 0, 1}}
}

// QForm is the transform of the quaternion fields, whatever their code says:
// a rotation times the voxel sizes, plus the offset.
//
// The quaternion (a, b, c, d) is stored without a = sqrt(1-b²-c²-d²); pixdim[0]
// is -1 where the third axis is flipped, and anything else means 1.
//
// It returns an error if b²+c²+d² exceeds 1 by more than rounding.
//
// Source: nifti1.h, "METHOD 2"; tolerance and voxel sizes as nibabel's
// get_qform.
func (h *Header) QForm() (Affine, error) {
	b, c, d := h.Quatern[0], h.Quatern[1], h.Quatern[2]
	eps := 0x1p-23
	if h.Version == 2 {
		eps = 0x1p-52
	}
	square := 1 - (b*b + c*c + d*d)
	if !(square >= -3*eps) {
		return Affine{}, wrong("quatern_b", "(%g, %g, %g) is no part of a unit quaternion", b, c, d)
	}
	r := rotation(math.Sqrt(max(square, 0)), b, c, d)
	z := [3]float64{spacing(h.PixDim[1]), spacing(h.PixDim[2]), spacing(h.PixDim[3])}
	if h.PixDim[0] == -1 {
		z[2] = -z[2]
	}
	m := Affine{3: {3: 1}}
	for i := range 3 {
		for j := range 3 {
			m[i][j] = r[i][j] * z[j]
		}
		m[i][3] = h.QOffset[i]
	}
	return m, nil
}

// rotation is the matrix of the quaternion (a, b, c, d), which need not be
// exactly of length 1.
func rotation(a, b, c, d float64) [3][3]float64 {
	n := a*a + b*b + c*c + d*d
	s := 2 / n
	return [3][3]float64{
		{1 - s*(c*c+d*d), s * (b*c - a*d), s * (b*d + a*c)},
		{s * (b*c + a*d), 1 - s*(b*b+d*d), s * (c*d - a*b)},
		{s * (b*d - a*c), s * (c*d + a*b), 1 - s*(b*b+c*c)},
	}
}

// plainAffine is what a header without any transform amounts to.
func (h *Header) plainAffine() Affine {
	zooms := h.Zooms()
	m := Affine{3: {3: 1}}
	for i := range 3 {
		zoom, n := 1.0, int64(1)
		if i < len(zooms) {
			zoom, n = zooms[i], h.Dim[i+1]
		}
		if i == 0 {
			zoom = -zoom
		}
		m[i][i] = zoom
		m[i][3] = -zoom * float64(n-1) / 2
	}
	return m
}

// SetSForm stores m as the sform. code says what space it leads to: 1 the
// scanner's, 2 another scan's, 3 Talairach, 4 MNI, 5 another template.
func (h *Header) SetSForm(m Affine, code int32) {
	h.SFormCode = code
	for i := range 3 {
		h.SRow[i] = m[i]
	}
}

// SetQForm stores m as the qform, and its voxel sizes in PixDim. A qform can
// only turn, flip and scale: of an m with shears it keeps the nearest rotation.
//
// It returns an error if a column of m has no length or m is flat.
func (h *Header) SetQForm(m Affine, code int32) error {
	var r [3][3]float64
	var zooms [3]float64
	for j := range 3 {
		zooms[j] = math.Sqrt(m[0][j]*m[0][j] + m[1][j]*m[1][j] + m[2][j]*m[2][j])
		for i := range 3 {
			r[i][j] = m[i][j] / zooms[j]
		}
	}
	qfac := 1.0
	if det(r) < 0 {
		qfac = -1
		for i := range 3 {
			r[i][2] = -r[i][2]
		}
	}
	r, ok := nearestRotation(r)
	if !ok {
		return wrong("quatern_b", "the matrix %v has no rotation near it", m)
	}
	h.QFormCode = code
	h.PixDim[0] = qfac
	copy(h.PixDim[1:4], zooms[:])
	h.Quatern = quaternion(r)
	for i := range 3 {
		h.QOffset[i] = m[i][3]
	}
	return nil
}

// nearestRotation is the orthogonal factor of r's polar decomposition, by
// Newton's iteration X <- (X + X^-T)/2, which doubles the digits in each step.
// ok is false where r is singular or not finite.
//
// Source: Higham 1986, doi:10.1137/0907079.
func nearestRotation(r [3][3]float64) (x [3][3]float64, ok bool) {
	x = r
	for range 60 {
		d := det(x)
		if !finite(d) || math.Abs(d) < 1e-12 {
			return x, false
		}
		c := cofactors(x)
		change := 0.0
		for i := range 3 {
			for j := range 3 {
				v := (x[i][j] + c[i][j]/d) / 2
				change = max(change, math.Abs(v-x[i][j]))
				x[i][j] = v
			}
		}
		if change < 1e-15 {
			break
		}
	}
	return x, true
}

// cofactors of a, so that a's inverse, transposed, is cofactors(a)/det(a).
func cofactors(a [3][3]float64) (c [3][3]float64) {
	for i := range 3 {
		for j := range 3 {
			i1, i2, j1, j2 := (i+1)%3, (i+2)%3, (j+1)%3, (j+2)%3
			c[i][j] = a[i1][j1]*a[i2][j2] - a[i1][j2]*a[i2][j1]
		}
	}
	return c
}

func det(a [3][3]float64) float64 {
	c := cofactors(a)
	return a[0][0]*c[0][0] + a[0][1]*c[0][1] + a[0][2]*c[0][2]
}

// quaternion is (b, c, d) of a rotation matrix, with a >= 0. It divides by the
// largest of the four components, so that it never divides by almost nothing.
//
// Source: Shepperd 1978, doi:10.2514/3.55767b.
func quaternion(r [3][3]float64) [3]float64 {
	trace := r[0][0] + r[1][1] + r[2][2]
	// four times the squares of a, b, c, d
	squares := []float64{1 + trace, 1 - trace + 2*r[0][0], 1 - trace + 2*r[1][1], 1 - trace + 2*r[2][2]}
	// four times the products of each pair
	ab, ac, ad := r[2][1]-r[1][2], r[0][2]-r[2][0], r[1][0]-r[0][1]
	bc, bd, cd := r[0][1]+r[1][0], r[0][2]+r[2][0], r[1][2]+r[2][1]
	products := [4][4]float64{
		{squares[0], ab, ac, ad},
		{ab, squares[1], bc, bd},
		{ac, bc, squares[2], cd},
		{ad, bd, cd, squares[3]},
	}
	largest := slices.Index(squares, slices.Max(squares))
	q := products[largest]
	length := math.Sqrt(q[0]*q[0] + q[1]*q[1] + q[2]*q[2] + q[3]*q[3])
	if q[0] < 0 {
		length = -length
	}
	return [3]float64{q[1] / length, q[2] / length, q[3] / length}
}
