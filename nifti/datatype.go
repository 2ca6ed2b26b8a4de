package nifti

import "fmt"

// A DataType is how one voxel is stored; the numbers are the format's own.
type DataType int16

// All data types of the standard. Those below the line have no single real
// value for a voxel: only raw bytes can be read and written.
const (
	Uint8   DataType = 2
	Int8    DataType = 256
	Int16   DataType = 4
	Uint16  DataType = 512
	Int32   DataType = 8
	Uint32  DataType = 768
	Int64   DataType = 1024
	Uint64  DataType = 1280
	Float32 DataType = 16
	Float64 DataType = 64

	Complex64  DataType = 32
	Complex128 DataType = 1792
	Complex256 DataType = 2048
	Float128   DataType = 1536
	RGB24      DataType = 128
	RGBA32     DataType = 2304
)

// dataTypes holds what the format says of each type: its name, the bytes of a
// voxel, and the bytes of the numbers in it (what byte order turns round).
var dataTypes = map[DataType]struct {
	name       string
	size, unit int
}{
	Uint8:      {"uint8", 1, 1},
	Int8:       {"int8", 1, 1},
	Int16:      {"int16", 2, 2},
	Uint16:     {"uint16", 2, 2},
	Int32:      {"int32", 4, 4},
	Uint32:     {"uint32", 4, 4},
	Int64:      {"int64", 8, 8},
	Uint64:     {"uint64", 8, 8},
	Float32:    {"float32", 4, 4},
	Float64:    {"float64", 8, 8},
	Complex64:  {"complex64", 8, 4},
	Complex128: {"complex128", 16, 8},
	Complex256: {"complex256", 32, 16},
	Float128:   {"float128", 16, 16},
	RGB24:      {"rgb24", 3, 1},
	RGBA32:     {"rgba32", 4, 1},
}

// String is the type's name as nibabel and numpy spell it ("int16").
func (t DataType) String() string {
	if d, ok := dataTypes[t]; ok {
		return d.name
	}
	return fmt.Sprintf("datatype %d", int16(t))
}

// Size is how many bytes a voxel takes, 0 for an unknown type.
func (t DataType) Size() int { return dataTypes[t].size }

// Known says whether the standard has this type.
func (t DataType) Known() bool { return dataTypes[t].size > 0 }

// Scalar says whether a voxel of this type is one real number, so that
// [Reader.ReadVolume] and [Writer.WriteVolume] can be used.
func (t DataType) Scalar() bool { return t.Integer() || t == Float32 || t == Float64 }

// Integer says whether a voxel of this type is one whole number.
func (t DataType) Integer() bool {
	switch t {
	case Uint8, Int8, Int16, Uint16, Int32, Uint32, Int64, Uint64:
		return true
	}
	return false
}
