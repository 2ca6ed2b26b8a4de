package proc

import (
	"time"

	"golang.org/x/sys/unix"
)

// measure sums up the tree of the command. strangers are the orphans at this
// moment: those that the command left while it still runs belong to its tree.
func (p *Process) measure(r *round) {
	p.mu.Lock()
	gone, before, spare := p.reaped, p.seen, p.spare
	p.spare = nil
	p.mu.Unlock()
	if gone {
		return
	}
	if spare == nil {
		spare = make(map[int]uint64)
	}
	clear(spare)
	t := tree{seen: spare, table: r.table}
	if p.isTemplate() {
		t.table = map[int][]int{} // what it forks is not its own
	}
	t.add(p.pid)
	for i := range r.strangers {
		if o := &r.strangers[i]; p.left(o) {
			t.add(o.pid)
		}
	}
	p.settle(&t, before)
	if p.samples == 2 && p.cgroup() != nil {
		p.growUp()
	}
	t.rss = max(t.rss-p.inherited, 0)
	divided := !p.isTemplate() && p.division.wanted(r.now, t.rss, r.now.Sub(p.started))
	if divided {
		p.division.divide(&t, p.forked())
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped || len(t.seen) == 0 { // what was read may be another process
		return
	}
	p.spare, p.seen = p.seen, t.seen
	p.take(&t)
	switch {
	case divided:
		p.divided()
	case r.now.Before(p.division.next): // too soon for a closer look
		p.held = min(p.division.held, p.last.RSS)
	default:
		p.held = p.last.RSS
	}
}

// take keeps the sums of a tree, and their largest. p.mu is held.
func (p *Process) take(t *tree) {
	s := &p.last
	s.RSS, s.VSize, s.Processes = t.rss, t.vsize, t.alive
	s.PSS = p.division.estimate(t.rss)
	if p.forked() {
		s.RSS = s.PSS
	}
	s.PeakRSS = max(s.PeakRSS, s.RSS)
	p.sum = t.rss
	s.CPU = max(s.CPU, time.Duration(t.cpu)*(time.Second/userHZ)) // an unawaited child takes its share along
	p.most.PeakVSize = max(p.most.PeakVSize, t.vsize)
	p.most.Processes = max(p.most.Processes, t.alive)
}

// divided keeps what a division found. p.mu is held.
func (p *Process) divided() {
	p.last.PSS = p.division.pss
	if p.forked() {
		p.last.RSS, p.last.PeakRSS = p.last.PSS, max(p.last.PeakRSS, p.last.PSS)
	}
	p.most.PeakPSS = max(p.most.PeakPSS, p.division.pss)
	p.held = min(p.division.held, p.last.RSS)
}

// exactly finds out what the tree holds, because whether something is ended
// depends on it. Pages of files do not count: the kernel takes them back by
// itself. One process shares no other pages, and is soon asked. Those of
// several are divided, but not so often that it takes much of a CPU; meanwhile
// what the last division found stands.
func (p *Process) exactly(now time.Time) int64 {
	p.mu.Lock()
	t := tree{rss: p.sum, seen: p.seen, alive: p.last.Processes}
	gone, held := p.reaped, p.held
	p.mu.Unlock()
	if gone {
		return 0
	}
	if t.alive == 1 && !p.forked() {
		if held = t.unshared(); held > 0 {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.held = min(held, t.rss)
			return p.held
		}
	}
	if !p.division.due(now) {
		return held
	}
	p.division.divide(&t, p.forked())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped {
		return 0
	}
	p.divided()
	return p.held
}

// A tree is the sum of a process and all its descendants.
type tree struct {
	seen  map[int]uint64
	table map[int][]int // parents and children, where the kernel does not list the children
	alive int
	rss   int64
	vsize int64
	cpu   uint64
}

func (t *tree) add(pid int) {
	if _, twice := t.seen[pid]; twice {
		return
	}
	s, ok := readStat(pid)
	if !ok {
		return
	}
	t.seen[pid] = s.start
	t.cpu += s.cpu
	if !s.alive() {
		return
	}
	t.alive++
	t.rss += s.rss
	t.vsize += s.vsize
	if t.table == nil {
		children(&s, t.add)
		return
	}
	for _, child := range t.table[pid] {
		t.add(child)
	}
}

// childTable reads the children of every process from the list of all of them,
// for kernels without CONFIG_PROC_CHILDREN; nil where each one's can be read.
func childTable() map[int][]int {
	if orphanList() >= 0 {
		return nil
	}
	table := make(map[int][]int)
	allProcesses(func(s procStat) { table[s.ppid] = append(table[s.ppid], s.pid) })
	return table
}

// threadTime is the CPU time of this thread.
func threadTime() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
