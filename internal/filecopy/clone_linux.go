package filecopy

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Clone makes to, which must not exist, a copy of the file from that shares its
// blocks. Btrfs, XFS, bcachefs, ZFS and some network file systems can, within
// one file system. Where it fails nothing is left.
func Clone(from, to string, perm fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return err
	}
	err = unix.IoctlFileClone(int(out.Fd()), int(in.Fd()))
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(to)
		return &os.LinkError{Op: "clone", Old: from, New: to, Err: err}
	}
	return nil
}
