//go:build !linux && !darwin

package filecopy

import (
	"errors"
	"io/fs"
)

// Clone is not known here.
func Clone(_, _ string, _ fs.FileMode) error { return errors.ErrUnsupported }
