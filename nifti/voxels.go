package nifti

import (
	"encoding/binary"
	"math"
)

// real is what voxels are read into and written from.
type real interface{ float32 | float64 }

// decode turns stored voxels (little endian) into values: stored*slope + inter,
// computed in float64 and rounded once. src holds len(dst) voxels of the scalar
// type t.
func decode[T real](dst []T, src []byte, t DataType, slope, inter float64, scaled bool) {
	le := binary.LittleEndian
	switch t {
	case Uint8:
		for i := range dst {
			dst[i] = T(src[i])
		}
	case Int8:
		for i := range dst {
			dst[i] = T(int8(src[i]))
		}
	case Uint16:
		for i := range dst {
			dst[i] = T(le.Uint16(src[2*i:]))
		}
	case Int16:
		for i := range dst {
			dst[i] = T(int16(le.Uint16(src[2*i:])))
		}
	default:
		decodeWide(dst, src, t, slope, inter, scaled)
		return
	}
	if scaled { // the types above are exact even in float32
		for i, v := range dst {
			dst[i] = T(float64(float64(v)*slope) + inter)
		}
	}
}

// decodeWide does the types that float32 can't hold exactly: they are scaled
// before they are rounded.
func decodeWide[T real](dst []T, src []byte, t DataType, slope, inter float64, scaled bool) {
	le := binary.LittleEndian
	for i := range dst {
		var v float64
		switch t {
		case Int32:
			v = float64(int32(le.Uint32(src[4*i:])))
		case Uint32:
			v = float64(le.Uint32(src[4*i:]))
		case Int64:
			v = float64(int64(le.Uint64(src[8*i:])))
		case Uint64:
			v = float64(le.Uint64(src[8*i:]))
		case Float32:
			v = float64(math.Float32frombits(le.Uint32(src[4*i:])))
		case Float64:
			v = math.Float64frombits(le.Uint64(src[8*i:]))
		}
		if scaled {
			v = float64(v*slope) + inter
		}
		dst[i] = T(v)
	}
}

// encode is the other way round: (value-inter)/slope, for integer types rounded
// half to even and clipped to the type's range. dst gets len(src) voxels.
func encode[T real](dst []byte, src []T, t DataType, slope, inter float64, scaled bool) {
	le := binary.LittleEndian
	lo, hi := t.bounds()
	nan := storedNaN(t, slope, inter)
	for i, s := range src {
		v := float64(s)
		if scaled {
			v = (v - inter) / slope
		}
		if t.Integer() {
			v = min(max(math.RoundToEven(v), lo), hi)
			if math.IsNaN(v) {
				v = nan
			}
		}
		switch t {
		case Uint8:
			dst[i] = uint8(v)
		case Int8:
			dst[i] = uint8(int8(v))
		case Int16:
			le.PutUint16(dst[2*i:], uint16(int16(v)))
		case Uint16:
			le.PutUint16(dst[2*i:], uint16(v))
		case Int32:
			le.PutUint32(dst[4*i:], uint32(int32(v)))
		case Uint32:
			le.PutUint32(dst[4*i:], uint32(v))
		case Int64:
			le.PutUint64(dst[8*i:], uint64(int64(v)))
		case Uint64:
			le.PutUint64(dst[8*i:], uint64(v))
		case Float32:
			le.PutUint32(dst[4*i:], math.Float32bits(float32(v)))
		case Float64:
			le.PutUint64(dst[8*i:], math.Float64bits(v))
		}
	}
}

// storedNaN is what an integer type stores for NaN: the number that reads back
// nearest to 0, as nibabel does.
func storedNaN(t DataType, slope, inter float64) float64 {
	lo, hi := t.bounds()
	return min(max(math.RoundToEven(-inter/slope), lo), hi)
}

// bounds are the least and the greatest float64 that fit into an integer type.
func (t DataType) bounds() (lo, hi float64) {
	bits := 8 * t.Size()
	switch t {
	case Uint8, Uint16, Uint32:
		return 0, math.Ldexp(1, bits) - 1
	case Int8, Int16, Int32:
		return -math.Ldexp(1, bits-1), math.Ldexp(1, bits-1) - 1
	case Uint64:
		return 0, math.Nextafter(math.Ldexp(1, 64), 0)
	case Int64:
		return -math.Ldexp(1, 63), math.Nextafter(math.Ldexp(1, 63), 0)
	}
	return math.Inf(-1), math.Inf(1)
}

// swap turns the bytes of every number of unit bytes round, in place.
func swap(b []byte, unit int) {
	if unit == 1 {
		return
	}
	for ; len(b) >= unit; b = b[unit:] {
		for i, j := 0, unit-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
	}
}

// FitScaling sets the scaling so that the values from lo to hi use the whole
// range of an integer type; a floating-point type gets none. Slope and
// intercept are rounded to float32, which is all that NIfTI-1 can hold. For
// lo > hi (no values at all) there is no scaling either.
//
// The rules are nibabel's for writing floating-point arrays
// (SlopeInterArrayWriter): a single value becomes the intercept; an unsigned
// type whose data lean to the negative side gets a negative slope.
func (h *Header) FitScaling(lo, hi float64) {
	h.SclSlope, h.SclInter = 1, 0
	if !h.DataType.Integer() || !(lo <= hi) {
		return
	}
	if lo == hi {
		h.SclInter = float64(float32(lo))
		return
	}
	least, greatest := h.DataType.bounds()
	if greatest > 1<<24 { // the greatest float32 in range, not the greatest number
		greatest = float64(math.Nextafter32(float32(greatest+1), 0))
	}
	slope := (hi/2 - lo/2) / (greatest/2 - least/2) // halves can't overflow
	inter := lo - least*slope
	if least == 0 && math.Abs(hi) < math.Abs(lo) {
		inter, slope = hi, -slope
	}
	if float32(slope) == 0 || !finite(float64(float32(slope))) || !finite(float64(float32(inter))) {
		return // beyond float32: such values can only be clipped
	}
	h.SclSlope, h.SclInter = float64(float32(slope)), float64(float32(inter))
}
