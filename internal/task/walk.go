package task

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/raphe-org/raphe/internal/filecopy"
)

// walk calls fn for root and for all that is below it, by name. A root that is
// a link is followed, and with links those below it as well. A link to nowhere,
// or to a folder that it lies in, has no info.
func walk(root string, links bool, fn func(rel string, info fs.FileInfo) error) error {
	return walkBelow(root, "", links, nil, fn)
}

// walkBelow is walk of one part; above are the folders that it lies in.
func walkBelow(root, rel string, links bool, above []fs.FileInfo, fn func(string, fs.FileInfo) error) error {
	path := filepath.Join(root, rel)
	info, err := os.Stat(path)
	switch {
	case namesNothing(err):
		return fn(rel, nil)
	case err != nil:
		return err
	case !info.IsDir():
		return fn(rel, info)
	case slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }):
		return fn(rel, nil)
	}
	if err := fn(rel, info); err != nil {
		return err
	}
	if rel != "" && !links && isLink(path) {
		return nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return err
	}
	above = append(slices.Clip(above), info)
	for _, e := range entries {
		if err := walkBelow(root, filepath.Join(rel, e.Name()), links, above, fn); err != nil {
			return err
		}
	}
	return nil
}

func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}

// copyTree copies a file, or a folder with all that is in it, so that the copy
// can be written to: what links lead to is copied, and links that lead nowhere
// are made again.
func copyTree(ctx context.Context, from, to string) error {
	return walk(from, true, func(rel string, info fs.FileInfo) error {
		src, dst := filepath.Join(from, rel), filepath.Join(to, rel)
		switch {
		case info == nil:
			target, err := os.Readlink(src)
			if err != nil {
				return err
			}
			return os.Symlink(target, dst)
		case info.IsDir():
			return os.MkdirAll(dst, 0o777)
		case !info.Mode().IsRegular():
			return fmt.Errorf("copy %s: it is no regular file", src)
		}
		return filecopy.Make(ctx, src, dst, info.Mode().Perm()|0o600)
	})
}
