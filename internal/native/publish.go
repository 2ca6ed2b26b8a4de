package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/raphe-org/raphe/internal/filecopy"
)

// How a file is published. Each falls back to copying where the file system
// can't do it.
const (
	byReflink = "reflink" // a copy that shares its blocks until one of the two is changed
	byHard    = "hard"    // the same file under a second name
	bySymlink = "symlink" // a link to the file's real path
	byCopy    = "copy"
)

// partial is how a file is called beside its destination until it is complete.
// The name is always the same, so that what a killed run left is overwritten.
func partial(to string) string {
	return filepath.Join(filepath.Dir(to), "."+filepath.Base(to)+".raphe-partial")
}

// publish puts the file from under the path to, whose folder exists. A file
// that is there already and equal is left alone, any other is replaced in one
// step.
func publish(ctx context.Context, from, to, how string) error {
	src, err := os.Stat(from)
	if err != nil {
		return err
	}
	if !src.Mode().IsRegular() {
		return fmt.Errorf("%s is no ordinary file", from)
	}
	same, err := upToDate(ctx, from, to, src, how)
	if same || err != nil {
		return err
	}
	tmp := partial(to)
	if err := os.Remove(tmp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	err = makeFile(ctx, from, tmp, src, how)
	if err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("publish %s as %s: %w", from, to, err)
	}
	return nil
}

// makeFile makes the file tmp.
func makeFile(ctx context.Context, from, tmp string, src os.FileInfo, how string) error {
	switch how {
	case byHard, bySymlink:
		link := os.Link
		if how == bySymlink {
			link = os.Symlink
		}
		if path, err := realPath(from); err == nil && link(path, tmp) == nil {
			return nil
		}
	case byReflink:
		if filecopy.Clone(from, tmp, 0o666) == nil {
			return finish(tmp, src)
		}
	}
	_ = os.Remove(tmp)
	if err := filecopy.Copy(ctx, from, tmp, 0o666); err != nil {
		return err
	}
	return finish(tmp, src)
}

// realPath is absolute and without symbolic links, so that a hard link is one
// of the file and a symbolic one survives a change of what it went through.
func realPath(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// finish gives a copy the permissions and the time of its source. The time is
// what later tells cheaply that nothing changed.
func finish(tmp string, src os.FileInfo) error {
	if err := os.Chmod(tmp, src.Mode().Perm()|0o200); err != nil {
		return err
	}
	return os.Chtimes(tmp, src.ModTime(), src.ModTime())
}

// upToDate reports whether to is already what publish would make of it: the
// same link, the same file, or a file of equal content. Equal size and time
// count as equal content; otherwise files of one size are compared.
func upToDate(ctx context.Context, from, to string, src os.FileInfo, how string) (bool, error) {
	dst, err := os.Lstat(to)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if dst.IsDir() {
		return false, fmt.Errorf("publish %s: %s is a folder", from, to)
	}
	if dst.Mode()&os.ModeSymlink != 0 {
		path, err := realPath(from)
		link, linkErr := os.Readlink(to)
		return how == bySymlink && err == nil && linkErr == nil && link == path, nil
	}
	switch {
	case os.SameFile(src, dst):
		// A file must not be replaced by itself; nor may a name of the working
		// file stay where a copy is wanted.
		return how == byHard || samePath(from, to), nil
	case !dst.Mode().IsRegular() || src.Size() != dst.Size() || how == bySymlink:
		return false, nil
	case src.ModTime().Equal(dst.ModTime()):
		return true, nil
	}
	return equalFiles(ctx, from, to)
}

func samePath(a, b string) bool {
	a, errA := realPath(a)
	b, errB := realPath(b)
	return errA == nil && errB == nil && a == b
}

// equalFiles compares two files of one size.
func equalFiles(ctx context.Context, a, b string) (bool, error) {
	fa, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer fa.Close()
	fb, err := os.Open(b)
	if err != nil {
		return false, nil // not to be read: replace it
	}
	defer fb.Close()
	bufA, bufB := make([]byte, 128<<10), make([]byte, 128<<10)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		n, errA := io.ReadFull(fa, bufA)
		m, errB := io.ReadFull(fb, bufB)
		if !bytes.Equal(bufA[:n], bufB[:m]) {
			return false, nil
		}
		if errA != nil || errB != nil {
			if isEnd(errA) && isEnd(errB) {
				return true, nil
			}
			return false, errors.Join(errA, errB)
		}
	}
}

func isEnd(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// writeFile makes a file of the content in one step; a file that holds it
// already is left alone.
func writeFile(to string, content []byte) error {
	if old, err := os.ReadFile(to); err == nil && bytes.Equal(old, content) {
		return nil
	}
	tmp := partial(to)
	err := os.WriteFile(tmp, content, 0o666)
	if err == nil {
		err = os.Rename(tmp, to)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("write %s: %w", to, err)
	}
	return nil
}

// outPath gives the path of an output that the user named: relative ones lie in
// the working directory, which is then made; others are claimed.
func (c *Call) outPath(name string) (string, error) {
	if filepath.IsAbs(name) {
		name = filepath.Clean(name)
		if c.Claim != nil {
			if err := c.Claim(name, c.Dir); err != nil {
				return "", err
			}
		}
		return name, nil
	}
	if !filepath.IsLocal(name) || name == "." {
		return "", fmt.Errorf("out_file %q is not below the working directory; give a path below it or an absolute one", name)
	}
	path := filepath.Join(c.Dir, name)
	return path, os.MkdirAll(filepath.Dir(path), 0o777)
}
