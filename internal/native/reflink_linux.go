package native

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// reflink makes to a copy of from that shares its blocks; to must not exist.
// Btrfs, XFS, bcachefs, ZFS and some network file systems can, within one file
// system.
func reflink(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	err = unix.IoctlFileClone(int(out.Fd()), int(in.Fd()))
	return errors.Join(err, out.Close())
}
