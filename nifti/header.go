package nifti

import (
	"math"
	"slices"
)

// A Header is what a file says of itself. It is the same for both versions of
// the format and both byte orders; the fields are those of nifti2.h, in wide
// types, with nifti1.h's names in Go form. A field that a method interprets
// (dimensions, scaling, affine) is best used through the method.
type Header struct {
	Version   int  // 1 or 2
	BigEndian bool // how the numbers are stored
	Pair      bool // header and data in two files, .hdr and .img

	DataType  DataType
	Dim       [8]int64 // Dim[0] is how many of the others count
	PixDim    [8]float64
	VoxOffset int64 // where the data begin; set by Create

	SclSlope, SclInter float64
	CalMin, CalMax     float64

	XYZTUnits  int32
	TOffset    float64
	DimInfo    uint8
	SliceStart int64
	SliceEnd   int64
	SliceCode  int32
	SliceTime  float64 // slice_duration

	IntentCode int32
	IntentP    [3]float64
	IntentName string
	Descrip    string
	AuxFile    string

	QFormCode int32
	SFormCode int32
	Quatern   [3]float64 // b, c, d
	QOffset   [3]float64
	SRow      [3][4]float64

	Extensions []Extension
}

// An Extension is a block that another program keeps in the header, for
// example AFNI's (code 4) or a comment (code 6). Data are the bytes as stored,
// zeros at the end included.
type Extension struct {
	Code int32
	Data []byte
}

// NewHeader is a header for a new image: version 1 where the shape fits into
// it, voxels of 1 mm, no scaling, no orientation, little endian.
func NewHeader(t DataType, shape ...int) *Header {
	h := &Header{Version: 1, DataType: t, SclSlope: 1}
	for i := range h.PixDim {
		h.PixDim[i] = 1
	}
	h.SetShape(shape...)
	for _, n := range shape {
		if n > math.MaxInt16 {
			h.Version = 2
		}
	}
	return h
}

// Clone is a copy that shares nothing with h.
func (h *Header) Clone() *Header {
	c := *h
	c.Extensions = slices.Clone(h.Extensions)
	for i := range c.Extensions {
		c.Extensions[i].Data = slices.Clone(c.Extensions[i].Data)
	}
	return &c
}

// Shape is the length of each dimension.
func (h *Header) Shape() []int {
	shape := make([]int, h.rank())
	for i := range shape {
		shape[i] = int(h.Dim[i+1])
	}
	return shape
}

// SetShape sets the dimensions. The spacing of dimensions that the image no
// longer has becomes 1, as nibabel does. More than seven dimensions are an
// error when the header is written.
func (h *Header) SetShape(shape ...int) {
	h.Dim = [8]int64{0, 1, 1, 1, 1, 1, 1, 1}
	h.Dim[0] = int64(len(shape))
	for i, n := range shape {
		if i < 7 {
			h.Dim[i+1] = int64(n)
		}
	}
	for i := len(shape) + 1; i < len(h.PixDim); i++ {
		h.PixDim[i] = 1
	}
}

// rank is Dim[0] brought into the range of the array.
func (h *Header) rank() int { return int(min(max(h.Dim[0], 0), 7)) }

// VolumeVoxels is how many voxels a volume has.
func (h *Header) VolumeVoxels() int { return h.product(1, 3) }

// Volumes is how many volumes the image has: 1 for an image of three
// dimensions or fewer.
func (h *Header) Volumes() int { return h.product(4, 7) }

func (h *Header) product(from, to int) int {
	n := 1
	for i := from; i <= min(to, h.rank()); i++ {
		n *= int(h.Dim[i])
	}
	return n
}

// VolumeBytes is how many bytes a volume takes in the file.
func (h *Header) VolumeBytes() int64 { return int64(h.VolumeVoxels()) * int64(h.DataType.Size()) }

// Zooms is the spacing of the voxels in each dimension, in the units of
// [Header.Units]. A spatial spacing of 0 reads as 1 and a negative one loses
// its sign, as in nibabel.
func (h *Header) Zooms() []float64 {
	zooms := make([]float64, h.rank())
	for i := range zooms {
		zooms[i] = h.PixDim[i+1]
		if i < 3 {
			zooms[i] = spacing(zooms[i])
		}
	}
	return zooms
}

func spacing(v float64) float64 {
	if v == 0 {
		return 1
	}
	return math.Abs(v)
}

// Scaling is how stored numbers become values: value = stored*slope + inter.
// ok is false, and slope 1 and inter 0, where the header asks for none: a slope
// that is 0, NaN or infinite. A slope without a finite intercept is refused
// when the header is read.
func (h *Header) Scaling() (slope, inter float64, ok bool) {
	if !scales(h.SclSlope) {
		return 1, 0, false
	}
	return h.SclSlope, h.SclInter, true
}

func scales(slope float64) bool { return slope != 0 && finite(slope) }

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// Units are the names of the units of space and of time, "unknown" where the
// header has none or an unknown one. The names are nibabel's.
func (h *Header) Units() (space, time string) {
	space, time = "unknown", "unknown"
	if name, ok := units[h.XYZTUnits&7]; ok {
		space = name
	}
	if name, ok := units[h.XYZTUnits&0x38]; ok {
		time = name
	}
	return space, time
}

var units = map[int32]string{
	1: "meter", 2: "mm", 3: "micron",
	8: "sec", 16: "msec", 24: "usec", 32: "hz", 40: "ppm", 48: "rads",
}

// Units of the field XYZTUnits, to be added: one of space, one of time.
const (
	UnitMM  = 2
	UnitSec = 8
)
