package task

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A FileMark is how an output file was left: what a later run compares before
// it believes the record.
type FileMark struct {
	Path    string // relative to the instance's directory, or absolute
	Size    int64  // or folderSize, removedSize
	MtimeNS int64
}

const (
	folderSize  = -1 // marks a folder: what is in it has marks of its own
	removedSize = -2 // marks an output that was removed on purpose
)

// matches reports whether a file still is as it was marked.
func (m *FileMark) matches(info fs.FileInfo) bool {
	if info.IsDir() {
		return m.Size == folderSize
	}
	return m.Size == info.Size() && m.MtimeNS == info.ModTime().UnixNano()
}

// place gives the path that a mark of a record of dir is about.
func (m *FileMark) place(dir string) string {
	if filepath.IsAbs(m.Path) {
		return m.Path
	}
	return filepath.Join(dir, m.Path)
}

// differs says how what a mark is about is not as it was left, "" if it is.
func (m *FileMark) differs(dir string) string {
	if m.Size == removedSize {
		return ""
	}
	info, err := os.Stat(m.place(dir))
	switch {
	case err != nil:
		return "is missing"
	case !m.matches(info):
		return "was changed since"
	}
	return ""
}

// changed gives the first of a record's files that is missing or was changed
// since, and what is wrong with it.
func changed(rec *Record, dir string) string {
	for k := range rec.Files {
		if how := rec.Files[k].differs(dir); how != "" {
			return fmt.Sprintf("its output %s %s", rec.Files[k].Path, how)
		}
	}
	return ""
}

// stillHolds reports whether the path rel below the record's directory, which
// info is of, was promised by the record and is as it was left; a folder with
// all in it that was promised.
func (r *Record) stillHolds(dir, rel string, info fs.FileInfo) bool {
	k, found := r.findMark(rel)
	if !found || !r.Files[k].matches(info) {
		return false
	}
	if !info.IsDir() {
		return true
	}
	k, _ = r.findMark(rel + "/")
	for ; k < len(r.Files) && strings.HasPrefix(r.Files[k].Path, rel+"/"); k++ {
		if r.Files[k].Size == removedSize || r.Files[k].differs(dir) != "" {
			return false
		}
	}
	return true
}

// sizeOf gives how many bytes a promised path has; a folder with all in it that
// was promised.
func (r *Record) sizeOf(rel string) int64 {
	k, found := r.findMark(rel)
	if found && r.Files[k].Size >= 0 {
		return r.Files[k].Size
	}
	var size int64
	k, _ = r.findMark(rel + "/")
	for ; k < len(r.Files) && strings.HasPrefix(r.Files[k].Path, rel+"/"); k++ {
		size += max(0, r.Files[k].Size)
	}
	return size
}

// findMark gives where the mark of a path is, or would be: they are sorted.
func (r *Record) findMark(path string) (int, bool) {
	return slices.BinarySearchFunc(r.Files, path, func(m FileMark, p string) int { return cmp.Compare(m.Path, p) })
}

// mostMarks is how many files of one output folder are marked. Of a larger one
// only the folder itself is: that it is still there must do, since a record has
// to fit the store, and a resume should not ask for each of a million files.
const mostMarks = 50_000

var errManyFiles = errors.New("more files than are marked")

// mark gives the marks of all files that the outputs name below dir, and with
// outside of those elsewhere too, sorted; a folder is marked with everything in
// it.
func mark(paths []string, dir string, outside bool) ([]FileMark, error) {
	var marks []FileMark
	seen := map[string]bool{}
	for _, path := range paths {
		rel, inside := strings.CutPrefix(path, dir+"/")
		if (!inside && (!outside || !filepath.IsAbs(path))) || seen[rel] {
			continue
		}
		seen[rel] = true
		if _, err := os.Stat(path); namesNothing(err) {
			continue
		}
		first := len(marks)
		err := walk(path, false, func(below string, info fs.FileInfo) error {
			switch {
			case len(marks)-first > mostMarks:
				return errManyFiles
			case info == nil: // a link to nowhere promises nothing
			case info.IsDir():
				marks = append(marks, FileMark{join(rel, below), folderSize, 0})
			default:
				marks = append(marks, FileMark{join(rel, below), info.Size(), info.ModTime().UnixNano()})
			}
			return nil
		})
		if errors.Is(err, errManyFiles) {
			marks, err = append(marks[:first], FileMark{rel, folderSize, 0}), nil
		}
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(marks, func(a, b FileMark) int { return cmp.Compare(a.Path, b.Path) })
	// An output may be a folder, and another one lie in it.
	return slices.CompactFunc(marks, func(a, b FileMark) bool { return a.Path == b.Path }), nil
}

// join adds what lies below a path, which is left as the output names it.
func join(path, below string) string {
	if below == "" {
		return path
	}
	return path + "/" + below
}
