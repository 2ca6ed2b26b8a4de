package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A trial is the runs of one peer on one work, one of each round.
type trial struct {
	peer  Peer
	jobs  int
	each  []float64 // wall seconds for each command
	cpu   []float64 // processor seconds for each command
	rss   int64
	foot  Footprint
	error string
}

// trivialCommands is scenario a: how much time goes into everything but the
// tools.
func trivialCommands(l *lab, s *Section) error {
	n := l.pick(4000, 400)
	s.Work = fmt.Sprintf("%s times `cp` of a file of some bytes, 2 at once. Peers take turns; the ratio is that of raphe to the peer in the same round, so above 1 raphe is slower. "+
		"Peers that would need too long are given fewer commands; all times are for one command, with the peer's start in them.", showCount(n))
	for _, form := range []struct {
		name   string
		length int
	}{{"flat", 1}, {"chains of 10", 10}} {
		trials, err := l.compete(chains(n, form.length), "a-"+fmt.Sprint(form.length))
		if err != nil {
			return fmt.Errorf("%s: %w", form.name, err)
		}
		s.Tables = append(s.Tables, trivialTable(form.name, trials))
		s.Targets = append(s.Targets, trivialTargets(form.name, trials)...)
	}
	return nil
}

// compete runs a work under every peer that is there, in as many rounds as are
// asked for; every second round goes the other way round. The slow ones run once,
// after all others: nipype removes many files (see scenarios).
func (l *lab) compete(w *Work, name string) ([]*trial, error) {
	dir, err := l.folder(name)
	if err != nil {
		return nil, err
	}
	if err := w.writeSources(dir); err != nil {
		return nil, err
	}
	var trials, quick, slow []*trial
	for _, p := range l.peers() {
		if !l.has(p) {
			continue
		}
		t := &trial{peer: p}
		trials = append(trials, t)
		if p.Most() > 0 {
			slow = append(slow, t)
		} else {
			quick = append(quick, t)
		}
	}
	var order []*trial
	for range l.runs {
		order = append(order, quick...)
		slices.Reverse(quick)
	}
	for _, t := range append(order, slow...) {
		if err := l.once(t, w, dir); err != nil {
			if l.ctx.Err() != nil || t.peer.Debian() == "" {
				return nil, err
			}
			t.error = err.Error()
			l.say("   %s: %v", t.peer.Name(), err)
		}
	}
	return trials, nil
}

// once is one run of one peer, in a folder of its own; writing what describes
// the work is not counted.
func (l *lab) once(t *trial, w *Work, parent string) error {
	if m := t.peer.Most(); m > 0 {
		w = w.head(m)
	}
	dir, err := os.MkdirTemp(parent, "peer-")
	if err != nil {
		return err
	}
	if err := t.peer.Write(w, dir); err != nil {
		return err
	}
	settle()
	out, err := l.run(Command{Argv: t.peer.Argv(w, dir, 2), Dir: dir, Tool: "cp"})
	if err != nil {
		return err
	}
	made, err := filepath.Glob(filepath.Join(dir, t.peer.Outputs()))
	if err != nil {
		return err
	}
	if err := w.verify(made); err != nil {
		return fmt.Errorf("%s: %w", t.peer.Name(), err)
	}
	t.jobs = len(w.Jobs)
	t.each = append(t.each, out.Wall.Seconds()/float64(t.jobs))
	t.cpu = append(t.cpu, out.CPU.Seconds()/float64(t.jobs))
	f := out.Footprint()
	t.rss = max(t.rss, f.RSS)
	t.foot.PSS, t.foot.Size, t.foot.Commit = max(t.foot.PSS, f.PSS), max(t.foot.Size, f.Size), max(t.foot.Commit, f.Commit)
	l.say("   %s: %d commands in %s", t.peer.Name(), t.jobs, out.Wall.Round(time.Millisecond))
	return nil
}

func trivialTable(name string, trials []*trial) Table {
	table := Table{Caption: "**" + name + "**", Head: []string{"", "commands", "wall, each", "CPU, each", "raphe / it", "engine RSS", "PSS", "address space", "tree's commit charge"}}
	raphe := trials[0]
	for _, t := range trials {
		if t.error != "" {
			table.add(t.peer.Name(), "-", "failed: "+t.error)
			continue
		}
		ratio := "1"
		if t != raphe {
			ratio = showSpread(spreadOf(ratios(raphe.each, t.each)), showRatio)
		}
		table.add(t.peer.Name(), showCount(t.jobs), showSpread(spreadOf(t.each), showSeconds), showSpread(spreadOf(t.cpu), showSeconds),
			ratio, showMB(t.rss), showMB(t.foot.PSS), showMB(t.foot.Size), showMB(t.foot.Commit))
	}
	return table
}

// trivialTargets are the two of the design: not slower than ninja, and within
// half as much again of xargs.
func trivialTargets(name string, trials []*trial) []Target {
	var out []Target
	for _, t := range trials {
		most := 0.0
		switch t.peer.(type) {
		case ninja:
			most = 1
		case xargs:
			most = 1.5
		}
		if r := spreadOf(ratios(trials[0].each, t.each)); most > 0 && r.N > 0 {
			out = append(out, atMost(fmt.Sprintf("`cp`, %s, wall time against %s", name, t.peer.Name()), r.Median, most, showRatio))
		}
	}
	return out
}
