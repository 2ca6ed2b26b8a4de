package main

import (
	"fmt"
	"path/filepath"
	"time"
)

// doorSlots is how many nodes run at once through a plugin.
const doorSlots = 2

// doorTrivial is scenario i: nipype workflows of command lines of the catalogue.
func doorTrivial(l *lab, s *Section) error {
	n := l.pick(1000, 100)
	s.Work = fmt.Sprintf("nipype workflows of `fsl.BET` (flat) and `fsl.ImageMaths` (chains of 10), with scripts that copy a file in place of the tools, given to the plugin by `wf.run()`; %d at once. "+
		"Time is that of `wf.run()`, for one node, with Raphe the median of three runs; the slow poll is given fewer nodes. PSS is that of the whole tree, tools included, while the workflow runs: with Raphe from the hand-over on; it is read in a run of its own.", doorSlots)
	peers := []struct {
		peer doorPeer
		n    int
	}{
		{doorPeer{lab: l, plugin: "Raphe"}, n},
		{doorPeer{lab: l, plugin: "Raphe", exec: true}, n},
		{doorPeer{lab: l, plugin: "MultiProc", poll: 10 * time.Millisecond}, n},
		{doorPeer{lab: l, plugin: "MultiProc", poll: 2 * time.Second}, l.pick(20, 4)},
	}
	if !l.has(nipype{l, "MultiProc", 10 * time.Millisecond, 0}) {
		return nil // said where the peers are listed
	}
	for _, mode := range []string{"flat", "chains"} {
		t := Table{Caption: "**" + mode + "**", Head: []string{"", "nodes", "each", "it / raphe", "tree PSS at most", "raphe / it", "with building"}}
		var runs []doorRun
		each := func(i int) float64 { return runs[i].wall.Seconds() / float64(peers[i].n) }
		for i, p := range peers {
			r, err := l.timeAndSee(p.peer, filepath.Join(l.scratch, "i-"+mode, fmt.Sprint("peer", i)), mode, p.n, doorSlots)
			if err != nil {
				return fmt.Errorf("%s: %w", p.peer.name(), err)
			}
			runs = append(runs, r)
			l.say("   %s, %s: %d nodes in %s, %s", mode, p.peer.name(), p.n, r.wall.Round(time.Millisecond), showMB(r.peak))
		}
		for i, p := range peers {
			t.add(p.peer.name(), showCount(p.n), showSeconds(each(i)), showRatio(each(i)/each(0)), showMB(runs[i].peak), showRatio(float64(runs[1].peak)/float64(runs[i].peak)), showMB(runs[i].whole))
		}
		s.Tables = append(s.Tables, t)
		s.Targets = append(s.Targets,
			atMost(mode+": time of a node, raphe / MultiProc with 0.01 s", each(0)/each(2), 1.0/30, showRatio),
			atMost(mode+": PSS of the tree, raphe with exec / MultiProc", float64(runs[1].peak)/float64(runs[2].peak), 0.1, showRatio))
	}
	return nil
}

// doorBlock is how many nodes a block of the mixed workflow has (python/door.py).
const doorBlock = 41

// doorMixed is scenario j: a workflow like fMRIPrep's, once and once again.
func doorMixed(l *lab, s *Section) error {
	if !l.has(nipype{l, "MultiProc", 10 * time.Millisecond, 0}) {
		return nil
	}
	blocks := l.pick(10, 2)
	s.Work = fmt.Sprintf("A nipype workflow of %d nodes in the proportions of fMRIPrep's: a quarter command lines, half of them with Python of their own; a sixth of nipype's utilities; a tenth functions; half Python interfaces that work on small images with numpy and nibabel. "+
		"%d at once; then the same again, with nothing to do. Times are for one node, of Raphe's first runs the median of three; the slow poll is given fewer. The PSS is read in a run of its own.", doorBlock*blocks, doorSlots)
	t := Table{Head: []string{"", "nodes", "each", "raphe / it", "tree PSS at most", "raphe / it", "again, each", "it / raphe"}}
	type entry struct {
		peer   doorPeer
		blocks int
	}
	peers := []entry{
		{doorPeer{lab: l, plugin: "Raphe"}, blocks},
		{doorPeer{lab: l, plugin: "Raphe", exec: true}, blocks},
		{doorPeer{lab: l, plugin: "MultiProc", poll: 10 * time.Millisecond}, blocks},
	}
	if !l.quick {
		peers = append(peers, entry{doorPeer{lab: l, plugin: "MultiProc", poll: 2 * time.Second}, 1})
	}
	var first, again []doorRun
	for i, p := range peers {
		dir := filepath.Join(l.scratch, "j", fmt.Sprint("peer", i))
		a, err := l.timeAndSee(p.peer, dir, "mixed", p.blocks, doorSlots)
		if err != nil {
			return fmt.Errorf("%s: %w", p.peer.name(), err)
		}
		b, err := l.runDoor(p.peer, timedIn(dir, 0), "mixed", p.blocks, doorSlots, true)
		if err != nil {
			return fmt.Errorf("%s again: %w", p.peer.name(), err)
		}
		first, again = append(first, a), append(again, b)
		l.say("   %s: %d nodes in %s, %s; again %s", p.peer.name(), doorBlock*p.blocks, a.wall.Round(time.Millisecond), showMB(a.peak), b.wall.Round(time.Millisecond))
	}
	each := func(runs []doorRun, i int) float64 {
		return runs[i].wall.Seconds() / float64(doorBlock*peers[i].blocks)
	}
	for i, p := range peers {
		t.add(p.peer.name(), showCount(doorBlock*p.blocks), showSeconds(each(first, i)), showRatio(each(first, 0)/each(first, i)),
			showMB(first[i].peak), showRatio(float64(first[1].peak)/float64(first[i].peak)),
			showSeconds(each(again, i)), showRatio(each(again, i)/each(again, 0)))
	}
	s.Tables = append(s.Tables, t)
	s.Targets = append(s.Targets,
		atMost("mixed: wall, raphe / MultiProc with 0.01 s", first[0].wall.Seconds()/first[2].wall.Seconds(), 1, showRatio),
		atMost("mixed: PSS of the tree, raphe with exec / MultiProc", float64(first[1].peak)/float64(first[2].peak), 0.4, showRatio),
		atMost("mixed, again: raphe / MultiProc with 0.01 s", again[0].wall.Seconds()/again[2].wall.Seconds(), 1.0/20, showRatio))
	return nil
}
