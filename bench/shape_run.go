package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// shapeTool is what each instance of the shape does.
const (
	shapeMegabytes = 50
	shapeSeconds   = 1.0
	shapeSlots     = 8
)

// A shapeRun is one peer's run of the shape.
type shapeRun struct {
	name      string
	instances int
	out       Outcome
	error     string
}

// shapeAndMemory is scenarios b and f: the same runs give the wall time and,
// sampled, the memory over time.
func shapeAndMemory(l *lab, s *Section) error {
	scale := l.scale
	if scale == 0 {
		scale = float64(l.pick(100, 15)) / 100
	}
	subjects := max(1, int(math.Round(shapeSubjects*scale)))
	jobs := shapeJobs(subjects)
	s.Work = fmt.Sprintf("%s instances (%d subjects, %d sessions, %d runs; nested, joined three times; the shape is in shape.go), each a tool that holds %d MB for %g s; %d at once.",
		showCount(len(jobs)), subjects, shapeSessions, shapeRuns, shapeMegabytes, shapeSeconds, shapeSlots)
	runs, err := l.runShape(subjects, jobs)
	if err != nil {
		return err
	}
	ideal := max(math.Ceil(float64(len(jobs))/shapeSlots), float64(longestChain(jobs))) * shapeSeconds
	s.Tables = append(s.Tables, shapeTable(runs, ideal), memoryTable(runs))
	s.Targets = append(s.Targets, memoryTargets(runs)...)
	s.Notes = append(s.Notes, memoryNote)
	if l.picture == "" {
		return nil
	}
	s.Notes = append(s.Notes, "![memory over time](memory.svg)")
	return os.WriteFile(l.picture, []byte(memorySVG(runs)), 0o666)
}

// runShape runs the shape under Raphe and the peers that are there.
func (l *lab) runShape(subjects int, jobs []shapeJob) ([]shapeRun, error) {
	fast, slow := nipype{l, "MultiProc", 10 * time.Millisecond, 0}, nipype{l, "MultiProc", 2 * time.Second, 0}
	// The default poll waits longer than it works, and make is the same at any length.
	few, half := 1, max(1, subjects/2)
	halfJobs := shapeJobs(half)
	command := func(j shapeJob) string { return j.command("../../hold", shapeMegabytes, shapeSeconds) }
	plans := []struct {
		peer     Peer
		subjects int
		argv     []string
		write    func(dir string) error
	}{
		{rapheJSON{l.raphe}, subjects, rapheJSON{l.raphe}.run("shape.star", shapeSlots, "--hold", l.hold, "--subjects", fmt.Sprint(subjects)), func(dir string) error {
			return star(dir, "shape.star", shapeStar)
		}},
		{ninja{}, subjects, ninja{}.Argv(nil, "", shapeSlots), func(dir string) error {
			return writeText(dir, "build.ninja", func(b *strings.Builder) { shapeNinja(b, jobs, command) })
		}},
		{gnuMake{}, half, gnuMake{}.Argv(nil, "", shapeSlots), func(dir string) error {
			return writeText(dir, "Makefile", func(b *strings.Builder) { shapeMake(b, halfJobs, command) })
		}},
		{fast, subjects, fast.flow(shapeSlots, "shape", fmt.Sprint(subjects), "--hold", l.hold), mkdir},
		{slow, few, slow.flow(shapeSlots, "shape", fmt.Sprint(few), "--hold", l.hold), mkdir},
	}
	var runs []shapeRun
	for _, p := range plans {
		if !l.has(p.peer) || (l.quick && p.peer == Peer(slow)) {
			continue
		}
		r := shapeRun{name: p.peer.Name(), instances: len(shapeJobs(p.subjects))}
		top, err := l.folder("b")
		if err != nil {
			return runs, err
		}
		dir := filepath.Join(top, "peer")
		err = p.write(dir)
		if err == nil {
			settle()
			r.out, err = l.run(Command{Argv: p.argv, Dir: dir, Tool: "hold", Limit: 20 * time.Minute})
		}
		if err == nil {
			err = checkShape(dir, p.peer, r.instances)
		}
		if err != nil {
			if l.ctx.Err() != nil || p.peer.Debian() == "" {
				return runs, err
			}
			r.error = err.Error()
		}
		l.say("   %s: %d instances in %s %s", r.name, r.instances, r.out.Wall.Round(time.Millisecond), r.error)
		runs = append(runs, r)
	}
	return runs, nil
}

func mkdir(dir string) error { return os.MkdirAll(dir, 0o777) }

// checkShape counts the files that a peer has made, wherever its layout puts
// them.
func checkShape(dir string, p Peer, want int) error {
	root, byName := filepath.Join(dir, "out"), false
	if strings.HasPrefix(p.Outputs(), "base/") {
		root, byName = filepath.Join(dir, "base"), true
	}
	found := 0
	err := filepath.WalkDir(root, func(_ string, e os.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() && (!byName || e.Name() == "out.txt") {
			found++
		}
		return err
	})
	if err == nil && found != want {
		err = fmt.Errorf("%s: %d files were made, of %d", p.Name(), found, want)
	}
	return err
}

func shapeTable(runs []shapeRun, ideal float64) Table {
	t := Table{
		Caption: fmt.Sprintf("**b. Wall time.** The tools alone take %s at least, by their number and by the longest chain of them. Where a peer was given fewer instances, its wall time is scaled by their number.", showSeconds(ideal)),
		Head:    []string{"", "instances", "wall", "scaled to all", "raphe / it", "CPU, with the tools'"},
	}
	all := 0
	for _, r := range runs {
		all = max(all, r.instances)
	}
	for _, r := range runs {
		if r.error != "" {
			t.add(r.name, showCount(r.instances), "failed: "+r.error)
			continue
		}
		scaled := r.out.Wall.Seconds() * float64(all) / float64(r.instances)
		t.add(r.name, showCount(r.instances), showSeconds(r.out.Wall.Seconds()), showSeconds(scaled), showRatio(runs[0].out.Wall.Seconds()/scaled), showSeconds(r.out.CPU.Seconds()))
	}
	return t
}
