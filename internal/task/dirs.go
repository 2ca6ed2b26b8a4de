package task

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/raphe-org/raphe/internal/value"
)

// dirs makes working directories, and takes away those that nothing was written
// to, with the folders above that are then empty: an instance that writes
// nothing leaves nothing. While a folder is being made, or interfaces in Go may
// be making some, none above is taken away.
type dirs struct {
	making sync.RWMutex
	makers atomic.Int32 // interfaces in Go that are at work; they begin under making
}

// fresh makes an empty working directory. What an earlier attempt left is
// removed first, so that nothing of it can be taken for this one's.
func (d *dirs) fresh(dir string) error {
	d.making.RLock()
	defer d.making.RUnlock()
	err := os.Mkdir(dir, 0o777)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, os.ErrNotExist):
		return os.MkdirAll(dir, 0o777)
	case errors.Is(err, os.ErrExist):
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
			return err
		}
		return os.Mkdir(dir, 0o777)
	}
	return err
}

// hold calls fn while no folder above others is taken away.
func (d *dirs) hold(fn func() (value.Record, error)) (value.Record, error) {
	d.making.RLock()
	d.makers.Add(1)
	d.making.RUnlock()
	defer d.makers.Add(-1)
	return fn()
}

// drop takes away a working directory below base if nothing is in it and none
// of the outputs names it; it tells whether it did. The folders above stay
// while interfaces in Go are at work.
func (d *dirs) drop(dir, base string, outputs value.Record) bool {
	if slices.ContainsFunc(outputs, func(f value.Field) bool { return names(f.Value, dir) }) || os.Remove(dir) != nil {
		return false
	}
	d.making.Lock()
	defer d.making.Unlock()
	for dir = filepath.Dir(dir); d.makers.Load() == 0 && len(dir) > len(base) && os.Remove(dir) == nil; {
		dir = filepath.Dir(dir)
	}
	return true
}

// names reports whether a path in v is dir or lies below it.
func names(v value.Value, dir string) bool {
	found := false
	value.Walk(v, func(s string) {
		rest, ok := strings.CutPrefix(s, dir)
		found = found || ok && (rest == "" || rest[0] == '/')
	})
	return found
}
