// Package filecopy makes copies of files that share the blocks of the original
// where the file system can, until one of the two is changed: a staged image of
// a gigabyte then costs neither time nor room.
//
//	Clone  shares blocks, or fails
//	Copy   copies the bytes
//	Make   the first of these that works
//
// A copy has the permissions that it is given and a time of its own. The
// package knows files only, no folders and no links.
package filecopy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// chunk is how much is copied between looks at the context.
const chunk = 32 << 20

// Make makes to, which must not exist, a copy of the file from. Of a copy that
// failed nothing is left.
func Make(ctx context.Context, from, to string, perm fs.FileMode) error {
	err := Clone(from, to, perm)
	if err == nil || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return Copy(ctx, from, to, perm)
}

// Copy is Make that shares no blocks on purpose.
func Copy(ctx context.Context, from, to string, perm fs.FileMode) error {
	in, out, err := begin(from, to, perm)
	if err != nil {
		return err
	}
	defer in.Close()
	for err == nil {
		if err = ctx.Err(); err == nil {
			_, err = io.CopyN(out, in, chunk)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	if err = end(out, err); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}

// begin opens the original, and makes the copy, which must not exist.
func begin(from, to string, perm fs.FileMode) (in, out *os.File, err error) {
	if in, err = os.Open(from); err != nil {
		return nil, nil, err
	}
	if out, err = os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm); err != nil {
		_ = in.Close()
		return nil, nil, err
	}
	return in, out, nil
}

// end closes a copy that was made with that error; of a failed one nothing is
// left.
func end(out *os.File, err error) error {
	if err = errors.Join(err, out.Close()); err != nil {
		_ = os.Remove(out.Name())
	}
	return err
}
