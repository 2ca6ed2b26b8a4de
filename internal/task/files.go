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

// files gives the identity of what paths name (key.Files).
//
// A file that an instance of this run has promised is known by the key of that
// instance and its place there: gigabytes of intermediates are not read again.
// Every other file is known by the SHA-256 of its content, which is read once
// and remembered by size, times and inode; a folder by those of all that is in
// it.
type files struct {
	results *results
	byTime  bool // hash_method=timestamp: size and time instead of content
}

// Identity gives "" for a path that names nothing.
func (f *files) Identity(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENAMETOOLONG):
		return "", nil
	case err != nil:
		return "", err
	}
	if id := f.made(path, info); id != "" {
		return id, nil
	}
	if info.IsDir() {
		return f.folder(path)
	}
	return f.content(path, info)
}

// made gives the identity of a path below the directory of an instance of this
// run, "" if it lies below none or is not as the instance left it.
func (f *files) made(path string, info fs.FileInfo) string {
	base := f.results.base
	if !strings.HasPrefix(path, base+"/") {
		return ""
	}
	for dir := filepath.Dir(path); len(dir) > len(base); dir = filepath.Dir(dir) {
		f.results.mu.Lock()
		ref := f.results.dirs.get(uint64(ID(dir)))
		f.results.mu.Unlock()
		if ref == 0 {
			continue
		}
		rec, err := f.results.read(ref)
		if err != nil || filepath.Join(base, rec.Name) != dir {
			continue
		}
		rel := path[len(dir)+1:]
		for _, m := range rec.Files {
			if m.Path == rel && m.matches(info) {
				return "made:" + rec.Key.String() + "/" + rel
			}
		}
	}
	return ""
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
	stamp := store.Stamp{Path: path, Size: info.Size(), MtimeNS: lastChange(info), Inode: inode(info)}
	memo := f.results.store.Memo()
	if digest, known := memo.Get(stamp); known {
		return digest, nil
	}
	begun := time.Now()
	digest, err := hashFile(path)
	if err == nil {
		err = memo.Put(stamp, digest, begun)
	}
	if errors.Is(err, store.ErrReadOnly) {
		err = nil
	}
	return digest, err
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

// folder gives the digest of the names and contents of all that is below path.
func (f *files) folder(path string) (string, error) {
	h := sha256.New()
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(path, p) // p lies below path
		info, err := os.Stat(p)
		if err != nil {
			fmt.Fprintf(h, "%q broken\n", rel)
			return nil
		}
		id := "folder"
		if !info.IsDir() {
			if id, err = f.content(p, info); err != nil {
				return err
			}
		}
		fmt.Fprintf(h, "%q %s\n", rel, id)
		return nil
	})
	if err != nil {
		return "", err
	}
	return "tree:" + hex.EncodeToString(h.Sum(nil)), nil
}

// matches reports whether a file still is as it was marked.
func (m *FileMark) matches(info fs.FileInfo) bool {
	if info.IsDir() {
		return m.Size < 0
	}
	return m.Size == info.Size() && m.MtimeNS == info.ModTime().UnixNano()
}

// changed gives the first of a record's files that is missing or was changed
// since, and what is wrong with it.
func changed(rec *Record, dir string) (what string) {
	for _, m := range rec.Files {
		if m.Size == removedSize {
			continue
		}
		path := m.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		info, err := os.Stat(path)
		if err != nil {
			return fmt.Sprintf("its output %s is missing", m.Path)
		}
		if !m.matches(info) {
			return fmt.Sprintf("its output %s was changed since", m.Path)
		}
	}
	return ""
}

// mark gives the marks of all files that the outputs name below dir, and with
// outside of those elsewhere too; a folder is marked with everything in it.
func mark(paths []string, dir string, outside bool) ([]FileMark, error) {
	var marks []FileMark
	seen := map[string]bool{}
	for _, path := range paths {
		rel, inside := strings.CutPrefix(path, dir+"/")
		if (!inside && (!outside || !filepath.IsAbs(path))) || seen[rel] {
			continue
		}
		seen[rel] = true
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			marks = append(marks, FileMark{rel, info.Size(), info.ModTime().UnixNano()})
			continue
		}
		err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Stat(p)
			if err != nil {
				return nil // a link to nowhere promises nothing
			}
			m := FileMark{rel + p[len(path):], info.Size(), info.ModTime().UnixNano()}
			if info.IsDir() {
				m.Size, m.MtimeNS = -1, 0
			}
			marks = append(marks, m)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return marks, nil
}
