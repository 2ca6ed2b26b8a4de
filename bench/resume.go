package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// A resumption is one peer with one number of instances, all of them done.
type resumption struct {
	peer  Peer
	jobs  int
	dir   string
	first Outcome
	again []float64 // wall seconds of runs in which nothing had to be done
	rss   int64
	error string
}

// resuming is scenario c: the same command again, when everything is there.
func resuming(l *lab, s *Section) error {
	sizes := []int{1000, 10_000, 100_000}
	if l.quick {
		sizes = sizes[:2]
	}
	s.Work = "`cp` as in scenario a, flat, every node distinct; the first run makes everything, and then the same command is run again, in turns. " +
		"The peak RSS of Raphe's first run is that of a run of so many distinct nodes."
	table := Table{Head: []string{"", "instances", "first run", "its engine RSS", "no-op resume", "each", "raphe / it", "engine RSS"}}
	for _, n := range sizes {
		all, err := l.resume(n)
		if err != nil {
			return fmt.Errorf("%s instances: %w", showCount(n), err)
		}
		for _, r := range all {
			if r.error != "" {
				table.add(r.peer.Name(), showCount(r.jobs), "failed: "+r.error)
				continue
			}
			again, ratio := spreadOf(r.again), "-"
			switch {
			case r == all[0]:
				ratio = "1"
			case r.jobs == n:
				ratio = showSpread(spreadOf(ratios(all[0].again, r.again)), showRatio)
			}
			table.add(r.peer.Name(), showCount(r.jobs), showSeconds(r.first.Wall.Seconds()), showMB(r.first.Footprint().RSS), showSpread(again, showSeconds),
				showMicroseconds(again.Median/float64(r.jobs)), ratio, showMB(r.rss))
		}
		s.Targets = append(s.Targets, resumeTargets(n, all[0])...)
	}
	s.Tables = append(s.Tables, table)
	s.Notes = append(s.Notes, "nipype's numbers are smaller than the others' since it would need too long: its ratio is not formed. make and ninja compare times of files only.")
	return nil
}

// resume runs a number of instances under each peer, and then again in turns.
func (l *lab) resume(n int) ([]*resumption, error) {
	w := chains(n, 1)
	top, err := l.folder(fmt.Sprint("c-", n))
	if err != nil {
		return nil, err
	}
	if err := w.writeSources(top); err != nil {
		return nil, err
	}
	var all []*resumption
	peers := []Peer{rapheJSON{l.raphe}, ninja{}}
	if n <= 1000 {
		peers = append(peers, gnuMake{}, nipype{l, "MultiProc", 10 * time.Millisecond, l.pick(200, 60)}, nipype{l, "MultiProc", 2 * time.Second, l.pick(20, 6)})
	}
	for i, p := range peers {
		if !l.has(p) {
			continue
		}
		r := &resumption{peer: p, dir: filepath.Join(top, fmt.Sprint("peer", i))}
		all = append(all, r)
		if err := l.firstRun(r, w); err != nil {
			if l.ctx.Err() != nil || p.Debian() == "" {
				return nil, err
			}
			r.error = err.Error()
		}
	}
	settle()
	for round := range l.runs {
		for _, r := range all {
			if r.error != "" || (round > 0 && r.peer.Most() > 0) {
				continue
			}
			out, err := l.run(Command{Argv: r.peer.Argv(w, r.dir, 2), Dir: r.dir, Tool: "cp"})
			if err != nil {
				return nil, err
			}
			r.again = append(r.again, out.Wall.Seconds())
			r.rss = max(r.rss, out.MaxRSS)
			l.say("   %s: %d instances again in %s", r.peer.Name(), r.jobs, out.Wall.Round(time.Millisecond))
		}
	}
	return all, nil
}

func (l *lab) firstRun(r *resumption, w *Work) error {
	if m := r.peer.Most(); m > 0 {
		w = w.head(m)
	}
	r.jobs = len(w.Jobs)
	if err := r.peer.Write(w, r.dir); err != nil {
		return err
	}
	var err error
	r.first, err = l.run(Command{Argv: r.peer.Argv(w, r.dir, 2), Dir: r.dir, Tool: "cp"})
	l.say("   %s: %d instances first in %s", r.peer.Name(), r.jobs, r.first.Wall.Round(time.Millisecond))
	return err
}

// resumeTargets are the design's for resuming, and for the coordinator's memory
// in the run before.
func resumeTargets(n int, raphe *resumption) []Target {
	var out []Target
	if most := map[int]float64{10_000: 0.5, 100_000: 3}[n]; most > 0 {
		out = append(out, atMost(fmt.Sprintf("no-op resume of %s instances", showCount(n)), spreadOf(raphe.again).Median, most, showSeconds))
	}
	if most := distinctRSS[n]; most > 0 {
		out = append(out, atMost(fmt.Sprintf("peak RSS, %s distinct nodes run", showCount(n)), float64(raphe.first.Footprint().RSS), most, showMBFloat))
	}
	return out
}
