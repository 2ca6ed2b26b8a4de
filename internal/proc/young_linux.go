package proc

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
)

// openYoung makes the group of the young, whose gate stays open.
func (g *groups) openYoung() error {
	dir := filepath.Join(g.tools, "young")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	gate, err := g.gate(dir)
	if err != nil {
		return err
	}
	g.young = &leaf{groups: g, dir: dir, gate: gate}
	g.tally, _ = open(filepath.Join(dir, g.events()), syscall.O_RDONLY) // -1 if it is not there
	return nil
}

// cradle returns the group in which a command without one of its own is to be
// born, nil if there is no limit for all together, or no group.
func (b *Budget) cradle() *leaf {
	if !b.limited() {
		return nil
	}
	if g := b.cgroups(); g != nil && !g.young.shut.Load() {
		return g.young
	}
	return nil
}

// isYoung says whether the group is that of the young.
func (l *leaf) isYoung() bool { return l == l.groups.young }

// giveUp is told that the kernel starts nothing in the group.
func (l *leaf) giveUp() {
	if l.isYoung() {
		l.shut.Store(true)
		return
	}
	l.remove()
}

// A census counts the commands that were born in the group of the young, those
// that are not there any more, and the processes that the kernel has ended there
// for want of memory, as far as known.
type census struct{ births, grown, kills atomic.Int64 }

// An infancy is the time that a command spends in the group of the young. The
// kernel counts whom it ends there for all of them together.
type infancy struct {
	group  *leaf // nil if it was born elsewhere, or its infancy is over
	number int64 // among the births
	kills  int64 // that were known before
	alone  bool  // no other was in the group meanwhile
	lost   bool  // the kernel has ended something in the group meanwhile
}

// beBorn begins the infancy of a command that is about to be started.
func (p *Process) beBorn() {
	if p.cradle == nil || p.isTemplate() { // which stays where it is
		return
	}
	c := &p.cradle.groups.born
	kills, number := c.kills.Load(), c.births.Add(1)
	p.infancy = infancy{group: p.cradle, number: number, kills: kills, alone: c.grown.Load() == number-1}
}

// growUp ends the infancy of a command that has ended, or has moved to a group
// of its own with all that it had started.
func (p *Process) growUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := &p.infancy
	if i.group == nil {
		return
	}
	g := i.group.groups
	c := &g.born
	kills := g.killsOfYoung()
	c.kills.Store(max(kills, c.kills.Load()))
	i.lost = kills > i.kills
	i.alone = i.alone && c.births.Load() == i.number
	c.grown.Add(1)
	i.group = nil
}

// bringAlong moves what comes from the command and is still among the young, to
// the group that the command has got: what was forked between a look at the tree
// and the move of its parent. The list of the young leaves out nobody, and who
// has moved has its children where it is, so the search ends with a list on which
// there is nothing of the command's.
func (p *Process) bringAlong(l *leaf, t *tree) {
	for range 8 { // a tool that forks without end stays below the limit of all
		more := false
		for _, pid := range pidsOf(l.groups.young.dir) {
			if p.descends(pid, t) {
				more = true
				raiseAdj(pid)
				l.join(pid)
			}
		}
		if !more {
			return
		}
	}
}

// descends says whether a process comes from one of the tree, or is an orphan
// of the command's.
func (p *Process) descends(pid int, t *tree) bool {
	for range 64 {
		s, ok := readStat(pid)
		if !ok {
			return false
		}
		if start, seen := t.seen[pid]; seen {
			return start == s.start
		}
		if s.ppid == os.Getpid() {
			return p.owns(&s)
		}
		pid = s.ppid
	}
	return false
}

// killsOfYoung counts the processes that the kernel ended among the young. It is
// asked at the end of every command, so the file stays open.
func (g *groups) killsOfYoung() int64 {
	var text [512]byte
	n, err := syscall.Pread(g.tally, text[:], 0)
	if err != nil {
		return 0
	}
	return figureIn(string(text[:n]), []string{"oom_kill"})
}

// killedLate returns the failure of a command of which something was killed that
// stayed among the young, nil if the kernel has ended nobody there of whom
// nothing is known yet.
func (p *Process) killedLate(peak int64) *Failure {
	if p.cradle == nil {
		return nil
	}
	g := p.cradle.groups
	kills := g.killsOfYoung()
	if known := g.born.kills.Swap(kills); kills <= known {
		return nil
	}
	return g.killed(peak, p.spec.Claim)
}

// killedYoung returns the failure of a command that somebody killed, or of which
// something was, if that was the kernel, for want of memory, in its infancy.
func (p *Process) killedYoung(peak int64) *Failure {
	p.mu.Lock()
	lost := p.infancy.lost
	p.mu.Unlock()
	if !lost || p.cradle == nil {
		return nil
	}
	return p.cradle.groups.killed(peak, p.spec.Claim)
}
