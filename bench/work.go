package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Work is what every peer is given to run: commands, each of which makes one
// file out of one file and waits for nothing else. A peer gets a folder of its
// own and there the names
//
//	../src/NAME    a file that is there before the run
//	out/NAME       what the job of that name makes
//
// so that nothing needs to be quoted in anybody's language.
type Work struct {
	Jobs []Job
	// Levels are the jobs in an order in which each level needs only earlier
	// ones: for peers that know no dependencies.
	Levels [][]int
}

// A Job copies one file: that of another job, or one of the sources.
type Job struct {
	Name   string
	From   int    // number of the job whose file it copies, -1: Source
	Source string // name of the file in ../src
}

// Input gives the path of the file that a job copies, from the peer's folder.
func (w *Work) Input(j Job) string {
	if j.From < 0 {
		return "../src/" + j.Source
	}
	return w.Output(w.Jobs[j.From])
}

// Output gives the path of the file that a job makes.
func (w *Work) Output(j Job) string { return "out/" + j.Name }

// chains gives n jobs in chains of the given length; the first of each copies a
// source of its own. Chains of 1 are a flat list.
func chains(n, length int) *Work {
	w := &Work{Levels: make([][]int, length)}
	for i := range n {
		chain, level := i/length, i%length
		j := Job{Name: fmt.Sprintf("c%d_%d", chain, level), From: i - 1}
		if level == 0 {
			j.From, j.Source = -1, fmt.Sprint(chain)
		}
		w.Jobs = append(w.Jobs, j)
		w.Levels[level] = append(w.Levels[level], i)
	}
	return w
}

// writeSources makes the files that jobs begin with, in dir/src.
func (w *Work) writeSources(dir string) error {
	src := filepath.Join(dir, "src")
	if err := os.MkdirAll(src, 0o777); err != nil {
		return err
	}
	for _, j := range w.Jobs {
		if j.From >= 0 {
			continue
		}
		if err := os.WriteFile(filepath.Join(src, j.Source), []byte("source "+j.Source+"\n"), 0o666); err != nil {
			return err
		}
	}
	return nil
}

// head gives the first jobs of a work, whole chains: for peers that would need
// hours for all of them.
func (w *Work) head(n int) *Work {
	length := len(w.Levels)
	return chains(min(len(w.Jobs), max(length, n/length*length)), length)
}

// verify checks that the files which a peer should have made are there, so that
// no peer is quick because it did nothing.
func (w *Work) verify(outputs []string) error {
	if len(outputs) != len(w.Jobs) {
		return fmt.Errorf("%d files were made, of %d", len(outputs), len(w.Jobs))
	}
	for _, o := range outputs {
		text, err := os.ReadFile(o)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(text), "source ") {
			return fmt.Errorf("%s does not hold what was copied", o)
		}
	}
	return nil
}
