//go:build !linux && !darwin

package native

import "errors"

// reflink is not known here; files are copied.
func reflink(_, _ string) error { return errors.ErrUnsupported }
