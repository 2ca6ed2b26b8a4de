package store

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// file is what the store needs of an open file. Tests put a failing disk here.
type file interface {
	io.ReaderAt
	io.WriterAt
	Sync() error
	Truncate(size int64) error
	Stat() (fs.FileInfo, error)
	Close() error
}

// opener opens a file as os.OpenFile does.
type opener func(name string, flag int) (file, error)

func openOSFile(name string, flag int) (file, error) {
	f, err := os.OpenFile(name, flag, 0o666)
	if err != nil {
		return nil, err
	}
	return f, nil
}

// fileSet holds the open files of the segments. Files are opened when first
// needed and kept: a segment is 64 MiB, so they are few.
type fileSet struct {
	dir  string
	open opener

	mu    sync.Mutex
	files map[int]file
}

func newFileSet(dir string, open opener) *fileSet {
	return &fileSet{dir: dir, open: open, files: map[int]file{}}
}

func (set *fileSet) path(number int) string { return filepath.Join(set.dir, segmentName(number)) }

// get returns a segment's file, opened for reading at least.
func (set *fileSet) get(number int) (file, error) {
	return set.getFor(number, os.O_RDONLY)
}

func (set *fileSet) getFor(number, flag int) (file, error) {
	set.mu.Lock()
	defer set.mu.Unlock()
	if f := set.files[number]; f != nil && flag == os.O_RDONLY {
		return f, nil
	}
	f, err := set.open(set.path(number), flag)
	if err != nil {
		return nil, err
	}
	if old := set.files[number]; old != nil {
		old.Close() // it was open for reading only
	}
	set.files[number] = f
	return f, nil
}

// numbers lists the segments that exist, in ascending order.
func (set *fileSet) numbers() ([]int, error) {
	names, err := readNames(set.dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, name := range names {
		stem, ok := strings.CutSuffix(name, ".seg")
		n, err := strconv.Atoi(stem)
		if ok && err == nil && n > 0 && n <= maxSegment && segmentName(n) == name {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func (set *fileSet) close() error {
	set.mu.Lock()
	defer set.mu.Unlock()
	var errs []error
	for _, f := range set.files {
		errs = append(errs, f.Close())
	}
	clear(set.files)
	return errors.Join(errs...)
}

// readNames lists a directory afresh, without looking at its files.
func readNames(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", dir, err)
	}
	return names, nil
}

// syncDir forces a directory's entries to the disk. File systems that can not
// do that say so in various ways, and need it least; such errors are ignored.
func syncDir(dir string, open opener) {
	if d, err := open(dir, os.O_RDONLY); err == nil {
		d.Sync()
		d.Close()
	}
}
