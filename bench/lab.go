package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A lab is what scenarios work with: the programs, a folder for scratch, and
// how much is asked for.
type lab struct {
	ctx     context.Context
	log     io.Writer
	scratch string
	raphe   string // the program under test
	hold    string // the tool that holds memory
	python  string
	only    []string // peers; empty: all
	present map[string]bool

	quick    bool
	runs     int     // repetitions where repeating is cheap
	scale    float64 // of the fMRIPrep-like shape; 0: as usual
	noSysctl bool
	picture  string // where the plot of memory goes; "": nowhere
}

// pick gives the usual number, or the one for a quick benchmark.
func (l *lab) pick(usual, quick int) int {
	if l.quick {
		return quick
	}
	return usual
}

func (l *lab) say(format string, args ...any) { fmt.Fprintf(l.log, format+"\n", args...) }

// folder makes a fresh folder below scratch, which stays until the whole
// benchmark ends: for up to six minutes after a tree is removed ext4 passes over
// its inodes one by one when it makes new ones (recently_deleted in its
// fs/ext4/ialloc.c), which multiplies the system time of whoever comes next.
func (l *lab) folder(name string) (string, error) {
	return os.MkdirTemp(l.scratch, name+"-")
}

// settle lets the machine write out what a run left, so that the next one does
// not pay for it.
func settle() { syscall.Sync() }

// run runs one command of a peer, in an environment that is the same for all.
func (l *lab) run(c Command) (Outcome, error) {
	c.Env = append(l.quietEnv(), c.Env...)
	return c.run(l.ctx)
}

// buildPrograms builds raphe, unless one was given, and the tool that holds
// memory, from the sources below the working directory.
func (l *lab) buildPrograms() error {
	l.hold = filepath.Join(l.scratch, "hold")
	if err := l.build(l.hold, "./bench/hold"); err != nil {
		return err
	}
	if l.raphe == "" {
		l.raphe = filepath.Join(l.scratch, "raphe")
		return l.build(l.raphe, "./cmd/raphe")
	}
	abs, err := filepath.Abs(l.raphe)
	l.raphe = abs
	return err
}

func (l *lab) build(to, pkg string) error {
	cmd := exec.CommandContext(l.ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", to, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
	}
	return nil
}

// A scenario is one letter of the benchmark.
type scenario struct {
	id, title string
	run       func(l *lab, s *Section) error
}

// scenarios is the table of them, in the order in which they run; the report is
// in that of the letters. For five minutes ext4 passes over the inodes of files
// that are gone, one by one, at each new file near them (its recently_deleted),
// and building the programs leaves many, as nipype's runs do: before those whose
// time goes by making files there are some that make and remove few.
var scenarios = []scenario{
	{"b", "An fMRIPrep-like workflow: wall time and memory", shapeAndMemory},
	{"d", "Building, checking and planning", planning},
	{"e", "The experiment of nipype issue 2776", commitCharge},
	{"g", "A tool that is killed from outside", killedTool},
	{"h", "Large values", largeValues},
	{"i", "nipype workflows of trivial commands", doorTrivial},
	{"j", "A nipype workflow like fMRIPrep's", doorMixed},
	{"k", "A Python worker that is killed", doorKilled},
	{"c", "Resuming when there is nothing to do", resuming},
	{"a", "Trivial commands", trivialCommands},
}

// measure runs one scenario; what it has when it fails is kept.
func (l *lab) measure(sc scenario) Section {
	began := time.Now()
	s := Section{ID: sc.id, Title: sc.title}
	l.say("== %s. %s", sc.id, sc.title)
	if err := sc.run(l, &s); err != nil {
		s.Failed = err.Error()
		l.say("   failed: %v", err)
	}
	s.Took = time.Since(began)
	return s
}
