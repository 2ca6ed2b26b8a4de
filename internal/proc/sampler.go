package proc

import (
	"slices"
	"sync"
	"time"
)

// Between samples of one tree lie fast to slow: a tenth of the command's age,
// so that a short command is seen at all and a long one costs next to nothing.
const (
	fast = 50 * time.Millisecond
	slow = time.Second
)

// growth is how quickly a tool is assumed to fill memory, in bytes a second:
// one thread that touches fresh pages manages about that. A tree with a limit
// is looked at again before it could have reached it, so far as fast allows.
const growth = 2 << 30

// family is every command that this process runs, and the timer of the one
// sampler that looks at them. It is one for the process, because the parent of
// all commands, the inheritor of orphans and the thread that forks are.
var family struct {
	sync.Mutex
	running map[int]*Process
	timer   *time.Timer
	armed   bool
	lastOOM time.Time
}

// watch adds a command to the family. The sampler wakes after fast at the
// earliest, and not at all while nothing runs.
func watch(p *Process) {
	p.next = p.started.Add(fast)
	family.Lock()
	defer family.Unlock()
	if family.running == nil {
		family.running = make(map[int]*Process)
		family.timer = time.AfterFunc(fast, sampleAll)
		family.armed = true
	}
	family.running[p.pid] = p
	if !family.armed {
		family.armed = true
		family.timer.Reset(fast)
	}
}

func unwatch(p *Process) {
	family.Lock()
	defer family.Unlock()
	if family.running[p.pid] == p { // its id may be another's by now
		delete(family.running, p.pid)
	}
}

// sampleAll looks at the commands whose turn it is. It runs in one goroutine
// at a time: the timer is set again only at its end.
func sampleAll() {
	now := time.Now()
	family.Lock()
	due := make([]*Process, 0, len(family.running))
	for _, p := range family.running {
		due = append(due, p)
	}
	refresh := now.Sub(family.lastOOM) >= slow
	if refresh {
		family.lastOOM = now
	}
	family.Unlock()
	if refresh {
		refreshOOM()
	}

	due = slices.DeleteFunc(due, func(p *Process) bool { return p.nextSample().After(now) })
	if len(due) > 0 {
		strangers := orphans()
		for _, p := range due {
			p.sample(strangers)
		}
		reapStrays(strangers)
	}

	family.Lock()
	defer family.Unlock()
	if len(family.running) == 0 {
		family.armed = false
		return
	}
	wake := slow
	for _, p := range family.running {
		wake = min(wake, time.Until(p.nextSample()))
	}
	family.timer.Reset(max(wake, fast/2)) // gathers those that are nearly due
}

func (p *Process) nextSample() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// sample looks at one command: its tree, its logs, its limits.
func (p *Process) sample(strangers []orphan) {
	p.measure(strangers)
	p.mu.Lock()
	stdout, stderr := fileSize(p.out), fileSize(p.err)
	wait := min(max(time.Since(p.started)/10, fast), slow)
	if limit := p.spec.MemLimit; limit > 0 {
		room := float64(limit-p.last.RSS) / growth
		wait = max(min(wait, time.Duration(room*float64(time.Second))), fast)
	}
	if limit := p.spec.logLimit(); limit > 0 && max(stdout, stderr) > limit/16 {
		wait = fast // whoever writes so much can fill a disk in a second
	}
	p.next = time.Now().Add(wait)
	p.mu.Unlock()
	if f := p.overLog(stdout, stderr); f != nil {
		p.end(f, true)
	}
}
