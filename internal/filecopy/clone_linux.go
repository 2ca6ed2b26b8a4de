package filecopy

import (
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Clone makes to, which must not exist, a copy of the file from that shares its
// blocks. Btrfs, XFS, bcachefs, ZFS and some network file systems can, within
// one file system. Where it fails nothing is left.
func Clone(from, to string, perm fs.FileMode) error {
	in, out, err := begin(from, to, perm)
	if err != nil {
		return err
	}
	defer in.Close()
	if err = end(out, unix.IoctlFileClone(int(out.Fd()), int(in.Fd()))); err != nil {
		return &os.LinkError{Op: "clone", Old: from, New: to, Err: err}
	}
	return nil
}
