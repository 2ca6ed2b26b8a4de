package task

import (
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// slots hands out small numbers, the lowest free one first. The streams of a
// running tool go to files that belong to its number and are used again by the
// next, so that a trivial tool costs no file of its own.
type slots struct {
	dir string

	mu   sync.Mutex
	used []bool
}

func (s *slots) take() (slot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, used := range s.used {
		if !used {
			s.used[n] = true
			return slot{dir: s.dir, n: n}, nil
		}
	}
	if len(s.used) == 0 {
		if err := os.MkdirAll(s.dir, 0o777); err != nil {
			return slot{}, err
		}
	}
	s.used = append(s.used, true)
	return slot{dir: s.dir, n: len(s.used) - 1}, nil
}

func (s *slots) free(t slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[t.n] = false
}

// A slot is the files of one number.
type slot struct {
	dir  string
	n    int
	part string // tells the streams of several processes of one unit apart
}

func (t slot) path(name string) string {
	return filepath.Join(t.dir, strconv.Itoa(t.n)+"."+t.part+name)
}

// keep gives a stream a file of its own. Where that fails the stream is lost, and
// nothing else.
func (t slot) keep(name, to string) { _ = os.Rename(t.path(name), to) }
