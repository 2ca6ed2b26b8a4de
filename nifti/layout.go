package nifti

import (
	"encoding/binary"
	"math"
	"strings"
)

// Sizes of the two fixed headers, which are also what their first field says.
const (
	size1 = 348
	size2 = 540
)

// wire walks over the bytes of a fixed header, either taking the fields out or
// putting them in. One list of fields (layout1, layout2) serves both ways, so
// that reading and writing can't disagree.
type wire struct {
	buf   []byte
	order binary.ByteOrder
	write bool
	at    int
}

func (w *wire) take(n int) []byte {
	b := w.buf[w.at : w.at+n]
	w.at += n
	return b
}

func (w *wire) skip(n int) { w.at += n }

func (w *wire) u8(p *uint8) {
	b := w.take(1)
	if w.write {
		b[0] = *p
	} else {
		*p = b[0]
	}
}

// i16, i32 and i64 move a whole number of that width; the Go side is wide.
func i16[T ~int16 | ~int32 | ~int64](w *wire, p *T) {
	b := w.take(2)
	if w.write {
		w.order.PutUint16(b, uint16(*p))
	} else {
		*p = T(int16(w.order.Uint16(b)))
	}
}

func i32[T ~int16 | ~int32 | ~int64](w *wire, p *T) {
	b := w.take(4)
	if w.write {
		w.order.PutUint32(b, uint32(*p))
	} else {
		*p = T(int32(w.order.Uint32(b)))
	}
}

func (w *wire) i64(p *int64) {
	b := w.take(8)
	if w.write {
		w.order.PutUint64(b, uint64(*p))
	} else {
		*p = int64(w.order.Uint64(b))
	}
}

func (w *wire) f32(list ...*float64) {
	for _, p := range list {
		b := w.take(4)
		if w.write {
			w.order.PutUint32(b, math.Float32bits(float32(*p)))
		} else {
			*p = float64(math.Float32frombits(w.order.Uint32(b)))
		}
	}
}

func (w *wire) f64(list ...*float64) {
	for _, p := range list {
		b := w.take(8)
		if w.write {
			w.order.PutUint64(b, math.Float64bits(*p))
		} else {
			*p = math.Float64frombits(w.order.Uint64(b))
		}
	}
}

// text is a string in a field of fixed length; what comes after the first zero
// byte is not part of it.
func (w *wire) text(n int, p *string) {
	b := w.take(n)
	if w.write {
		copy(b, *p)
		return
	}
	s, _, _ := strings.Cut(string(b), "\x00")
	*p = s
}

// layout1 lists the fields of a NIfTI-1 header in the order of the file.
func layout1(w *wire, h *Header, magic *string, bitpix *int32, voxOffset *float64) {
	sizeof := int32(size1)
	i32(w, &sizeof)
	w.skip(35) // data_type, db_name, extents, session_error, regular: unused
	w.u8(&h.DimInfo)
	for i := range h.Dim {
		i16(w, &h.Dim[i])
	}
	w.f32(&h.IntentP[0], &h.IntentP[1], &h.IntentP[2])
	i16(w, &h.IntentCode)
	i16(w, &h.DataType)
	i16(w, bitpix)
	i16(w, &h.SliceStart)
	for i := range h.PixDim {
		w.f32(&h.PixDim[i])
	}
	w.f32(voxOffset, &h.SclSlope, &h.SclInter)
	i16(w, &h.SliceEnd)
	w.i8code(&h.SliceCode)
	w.i8code(&h.XYZTUnits)
	w.f32(&h.CalMax, &h.CalMin, &h.SliceTime, &h.TOffset)
	w.skip(8) // glmax, glmin: unused
	w.text(80, &h.Descrip)
	w.text(24, &h.AuxFile)
	i16(w, &h.QFormCode)
	i16(w, &h.SFormCode)
	w.f32(&h.Quatern[0], &h.Quatern[1], &h.Quatern[2])
	w.f32(&h.QOffset[0], &h.QOffset[1], &h.QOffset[2])
	for i := range h.SRow {
		w.f32(&h.SRow[i][0], &h.SRow[i][1], &h.SRow[i][2], &h.SRow[i][3])
	}
	w.text(16, &h.IntentName)
	w.text(4, magic)
}

// i8code is a small code that takes one byte in version 1 and four in version 2.
func (w *wire) i8code(p *int32) {
	b := uint8(*p)
	w.u8(&b)
	*p = int32(b)
}

// layout2 lists the fields of a NIfTI-2 header in the order of the file.
func layout2(w *wire, h *Header, magic, eol *string, bitpix *int32) {
	sizeof := int32(size2)
	i32(w, &sizeof)
	w.text(4, magic)
	w.text(4, eol)
	i16(w, &h.DataType)
	i16(w, bitpix)
	for i := range h.Dim {
		w.i64(&h.Dim[i])
	}
	w.f64(&h.IntentP[0], &h.IntentP[1], &h.IntentP[2])
	for i := range h.PixDim {
		w.f64(&h.PixDim[i])
	}
	w.i64(&h.VoxOffset)
	w.f64(&h.SclSlope, &h.SclInter, &h.CalMax, &h.CalMin, &h.SliceTime, &h.TOffset)
	w.i64(&h.SliceStart)
	w.i64(&h.SliceEnd)
	w.text(80, &h.Descrip)
	w.text(24, &h.AuxFile)
	i32(w, &h.QFormCode)
	i32(w, &h.SFormCode)
	w.f64(&h.Quatern[0], &h.Quatern[1], &h.Quatern[2])
	w.f64(&h.QOffset[0], &h.QOffset[1], &h.QOffset[2])
	for i := range h.SRow {
		w.f64(&h.SRow[i][0], &h.SRow[i][1], &h.SRow[i][2], &h.SRow[i][3])
	}
	i32(w, &h.SliceCode)
	i32(w, &h.XYZTUnits)
	i32(w, &h.IntentCode)
	w.text(16, &h.IntentName)
	w.u8(&h.DimInfo)
	w.skip(15) // unused_str
}
