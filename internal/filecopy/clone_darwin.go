package filecopy

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Clone makes to, which must not exist, a copy of the file from that shares its
// blocks. APFS can.
func Clone(from, to string, perm fs.FileMode) error {
	if err := unix.Clonefile(from, to, 0); err != nil {
		return &os.LinkError{Op: "clone", Old: from, New: to, Err: err}
	}
	return os.Chmod(to, perm) // Clonefile brings along those of from
}
