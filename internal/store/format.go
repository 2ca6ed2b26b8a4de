package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// The one line of FORMAT is formatName and formatVersion. A change of any
// file's layout raises the number.
const (
	formatVersion = 1
	formatName    = "raphe store "
)

// prepare makes the store's folders where they are missing and checks the
// version.
func (s *Store) prepare() error {
	for _, d := range []string{"segments", "owner"} {
		if err := os.MkdirAll(filepath.Join(s.dir, d), 0o777); err != nil {
			return err
		}
	}
	err := checkFormat(s.dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	// Several runs may do this at once: they write the same.
	tmp := filepath.Join(s.dir, "FORMAT."+newToken())
	f, err := s.files.open(tmp, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(fmt.Appendf(nil, "%s%d\n", formatName, formatVersion), 0)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(tmp, filepath.Join(s.dir, "FORMAT"))
	}
	if err != nil {
		os.Remove(tmp)
	}
	return err
}

// checkFormat reads FORMAT and refuses what this program can not read.
func checkFormat(dir string) error {
	name := filepath.Join(dir, "FORMAT")
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	var version int
	if n, err := fmt.Sscanf(string(b), formatName+"%d\n", &version); n != 1 || err != nil || version < 1 {
		return &DamagedError{Holes: []Hole{{File: name, Length: int64(len(b)), Lost: "the store's version line"}}}
	}
	if version > formatVersion {
		return &VersionError{File: name, Found: version, Known: formatVersion}
	}
	return nil
}
