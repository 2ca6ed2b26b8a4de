// Package nifti reads and writes NIfTI-1 and NIfTI-2 images, volume by volume.
//
// A BOLD series may be larger than memory; nothing here ever holds more of it
// than one volume, and that one belongs to the caller. gzip is read and written
// on the way, without a temporary copy.
//
//	[Header]    what the file says of itself, the same for both versions
//	[DataType]  how one voxel is stored
//	[Extension] what other programs keep between header and data
//	[Affine]    from voxel indices to millimetres
//	[Reader]    Open, then ReadVolume until io.EOF
//	[Writer]    Create, then WriteVolume, then Close, which makes the file appear
//
// A volume is the block of dimensions 1 to 3; all further dimensions count
// volumes. Voxels come in the order of the file, first dimension fastest.
//
// Damaged files lead to errors that name the file and the header field (a
// [FieldError]), never to a panic, and never to more memory than the file
// itself could fill.
//
// The package knows the format only: no orientation arithmetic beyond the
// affine, no resampling, no statistics.
//
// Source: the NIfTI-1 and NIfTI-2 header definitions of the NIfTI Data Format
// Working Group (nifti1.h, nifti2.h). Checked against nibabel in testdata.
package nifti

import "fmt"

// A FieldError says which field of a header is wrong, and why.
type FieldError struct {
	Field string // as nifti1.h spells it, e.g. "dim[4]"
	Why   string // one clause
}

func (e *FieldError) Error() string { return e.Field + ": " + e.Why }

// wrong is a FieldError with a formatted reason.
func wrong(field, format string, args ...any) error {
	return &FieldError{Field: field, Why: fmt.Sprintf(format, args...)}
}
