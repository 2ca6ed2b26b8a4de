package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"github.com/raphe-org/raphe/internal/learn"
	"github.com/raphe-org/raphe/internal/store"
)

// noLearn is the variable that, set to anything, keeps Raphe from remembering
// what tools needed.
const noLearn = "RAPHE_NO_LEARN"

// A learning is what a run learns, and what there is to say of it at the end:
// while the run is shown nobody else writes to the screen.
type learning struct {
	*learn.Learned // nil: nothing is learned

	mu       sync.Mutex
	warnings []string
}

// learning opens what is known of the needs of interfaces.
func (f *runFlags) learning(base string) *learning {
	l := &learning{}
	if f.noLearn || os.Getenv(noLearn) != "" {
		return l
	}
	l.Learned = learn.Open(learn.Options{
		Project: filepath.Join(base, store.Folder, learn.FileName), User: userFile(learn.FileName), Warn: l.warn,
	})
	return l
}

func (l *learning) warn(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.warnings = append(l.warnings, text)
}

// end writes down what was learned, and gives the warnings. That it can't be
// written (a home that is read-only, a full disk) hurts nobody.
func (l *learning) end() []string {
	_ = l.Save()
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.warnings
}

// userFile gives a file of the user's cache; "" where he has none.
func userFile(name string) string {
	dir := os.Getenv("XDG_CACHE_HOME")
	if !filepath.IsAbs(dir) { // so the XDG base directory specification says
		home, err := os.UserHomeDir()
		if err != nil || !filepath.IsAbs(home) {
			return ""
		}
		dir = filepath.Join(home, ".cache")
	}
	return filepath.Join(dir, "raphe", name)
}

// lastWords says what there is to say of memory, below the summary.
func (s *session) lastWords() {
	for _, text := range s.learned.end() {
		fmt.Fprintln(os.Stderr, "warning:", text)
	}
	if text := s.savings.line(); text != "" && !s.flags.json {
		fmt.Fprintln(os.Stderr, text)
	}
}
