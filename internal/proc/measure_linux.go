package proc

import (
	"time"
)

// measure sums up the tree of the command, and ends it if it holds more memory
// than it may. strangers are the orphans at this moment: those that the command
// left while it still runs belong to its tree.
func (p *Process) measure(strangers []orphan) {
	p.mu.Lock()
	gone := p.reaped
	p.mu.Unlock()
	if gone {
		return
	}
	t := tree{seen: make(map[int]uint64)}
	t.add(p.pid)
	for i := range strangers {
		if p.owns(&strangers[i]) {
			t.add(strangers[i].pid)
		}
	}
	over := t.overMemory(p.spec.MemLimit)

	p.mu.Lock()
	if p.reaped || len(t.seen) == 0 { // what was read may be another process
		p.mu.Unlock()
		return
	}
	p.seen = t.seen
	p.last.RSS = t.rss
	p.last.PeakRSS = max(p.last.PeakRSS, t.rss)
	p.last.CPU = max(p.last.CPU, time.Duration(t.cpu)*(time.Second/userHZ)) // an unawaited child takes its share along
	p.last.Processes = max(p.last.Processes, t.alive)
	p.mu.Unlock()
	if over {
		p.end(&Failure{Kind: MemoryExceeded, Peak: t.rss, Limit: p.spec.MemLimit}, true)
	}
}

// A tree is the sum of a process and all its descendants.
type tree struct {
	seen  map[int]uint64
	alive int
	rss   int64
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
	children(&s, t.add)
}

// overMemory says whether the tree holds more than limit. Processes that
// forked share pages, which the sum counts for each of them; before a tool is
// ended for that, its memory is counted exactly, which takes the kernel longer.
func (t *tree) overMemory(limit int64) bool {
	if limit <= 0 || t.rss <= limit {
		return false
	}
	if t.alive > 1 {
		var exact int64
		for pid := range t.seen {
			exact += proportional(pid)
		}
		if exact > 0 {
			t.rss = exact
		}
	}
	return t.rss > limit
}
