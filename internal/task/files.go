package task

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/raphe-org/raphe/internal/store"
)

// files gives the identity of what paths name.
//
// A file that an instance of this run has promised is known by the key of that
// instance and its place there: gigabytes of intermediates are not read again.
// Every other file is known by the SHA-256 of its content, which is read once
// and remembered by size, times and inode; a folder by those of all that is in
// it.
type files struct {
	results *results
	byTime  bool // hash_method=timestamp: size and time instead of content

	// asNipype: nipype handed the nodes over. What it would do again for a file,
	// Raphe does: each is known by itself, whoever made it, and a folder by its
	// path alone.
	asNipype bool
}

// identity gives the identity of a path of which stat has said that.
func (f *files) identity(path string, info fs.FileInfo, err error) (id string, size int64, _ error) {
	switch {
	case namesNothing(err):
		return "", 0, nil
	case err != nil:
		return "", 0, err
	}
	if f.asNipype && info.IsDir() {
		return "folder", 0, nil
	}
	if id, size = f.made(path, info); id != "" {
		return id, size, nil
	}
	if info.IsDir() {
		return f.folder(path)
	}
	id, err = f.content(path, info)
	return id, info.Size(), err
}

// namesNothing tells the errors of a text that is no path of anything.
func namesNothing(err error) bool {
	for _, e := range []error{fs.ErrNotExist, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.EINVAL, syscall.ELOOP} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// made gives the identity and the size of a path below the directory of an
// instance of this run, "" if it lies below none or is not as the instance left
// it.
func (f *files) made(path string, info fs.FileInfo) (id string, size int64) {
	base := f.results.base
	if f.asNipype || !strings.HasPrefix(path, base+"/") {
		return "", 0
	}
	for dir := filepath.Dir(path); len(dir) > len(base); dir = filepath.Dir(dir) {
		f.results.mu.Lock()
		ref := f.results.dirs.Get(uint64(ID(dir)))
		f.results.mu.Unlock()
		if ref == 0 {
			continue
		}
		rec, err := f.results.read(ref)
		if err != nil || filepath.Join(base, rec.Name) != dir {
			continue
		}
		if rel := path[len(dir)+1:]; rec.stillHolds(dir, rel, info) {
			return "made:" + rec.Key.String() + "/" + rel, rec.sizeOf(rel)
		}
	}
	return "", 0
}

// content gives the digest of a file, from memory where its stamp is known.
func (f *files) content(path string, info fs.FileInfo) (string, error) {
	if !info.Mode().IsRegular() {
		return "special:" + info.Mode().Type().String(), nil
	}
	if f.byTime {
		return fmt.Sprintf("stamp:%d:%d", info.Size(), info.ModTime().UnixNano()), nil
	}
	digest, err := f.digest(path, info)
	return "sha256:" + hex.EncodeToString(digest[:]), err
}

// digest reads a file, unless one of that stamp is remembered.
func (f *files) digest(path string, info fs.FileInfo) (store.Digest, error) {
	if f.results.store == nil { // nothing ran here yet
		return hashFile(path)
	}
	stamp := stampOf(path, info)
	memo := f.results.store.Memo()
	if digest, known := memo.Get(stamp); known {
		return digest, nil
	}
	begun := time.Now()
	digest, err := hashFile(path)
	if after, statErr := os.Stat(path); err == nil && statErr == nil && stampOf(path, after) == stamp {
		err = memo.Put(stamp, digest, begun) // else it was written to while it was read
	}
	if errors.Is(err, store.ErrReadOnly) {
		err = nil
	}
	return digest, err
}

func stampOf(path string, info fs.FileInfo) store.Stamp {
	return store.Stamp{Path: path, Size: info.Size(), MtimeNS: lastChange(info), Inode: inode(info)}
}

// lastChange gives the later of the times at which a file's content and its
// inode changed: a program may set the first as it likes (cp -p, touch -r), so
// that it alone would let a changed file pass for the old one.
func lastChange(info fs.FileInfo) int64 {
	return max(info.ModTime().UnixNano(), changeTime(info))
}

func inode(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}

func hashFile(path string) (d store.Digest, err error) {
	file, err := os.Open(path)
	if err != nil {
		return d, err
	}
	defer file.Close()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return d, fmt.Errorf("read %s: %w", path, err)
	}
	h.Sum(d[:0])
	return d, nil
}

// folder gives the digest of the names and contents of all that is below path,
// behind links too: tools follow them; and their sizes together.
func (f *files) folder(path string) (id string, size int64, err error) {
	h := sha256.New()
	err = walk(path, true, func(rel string, info fs.FileInfo) error {
		id := "broken"
		switch {
		case rel == "":
			return nil
		case info != nil && info.IsDir():
			id = "folder"
		case info != nil:
			var err error
			if id, err = f.content(filepath.Join(path, rel), info); err != nil {
				return err
			}
			size += info.Size()
		}
		fmt.Fprintf(h, "%q %s\n", rel, id)
		return nil
	})
	if err != nil {
		return "", 0, err
	}
	return "tree:" + hex.EncodeToString(h.Sum(nil)), size, nil
}
