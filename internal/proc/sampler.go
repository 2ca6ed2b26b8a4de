package proc

import (
	"maps"
	"runtime"
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

// A tree is not looked at so often that all looks take more than one part in
// thrift of a CPU, or in haste of one while a limit is near.
const (
	thrift = 200
	haste  = 20
)

// family is every command that this process runs, and the timer of the one
// sampler that looks at them. It is one for the process, because the parent of
// all commands, the inheritor of orphans and the thread that forks are.
var family struct {
	sync.Mutex
	running map[int]*Process
	timer   *time.Timer
	armed   bool
	looked  time.Time // at the machine
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

// crowd is how many commands run.
func crowd() int {
	family.Lock()
	defer family.Unlock()
	return len(family.running)
}

// A round is what one wake of the sampler knows of the whole machine.
type round struct {
	now       time.Time
	strangers []orphan
	table     map[int][]int // see tree
}

// sampleAll looks at the commands whose turn it is. It runs in one goroutine
// at a time: the timer is set again only at its end.
func sampleAll() {
	runtime.LockOSThread() // its CPU time is that of the samples
	defer runtime.UnlockOSThread()
	now := time.Now()
	family.Lock()
	running := slices.Collect(maps.Values(family.running))
	refresh := now.Sub(family.looked) >= slow
	if refresh {
		family.looked = now
	}
	family.Unlock()
	if refresh {
		refreshOOM()
	}
	sampleDue(running, now)

	family.Lock()
	defer family.Unlock()
	if len(family.running) == 0 {
		family.armed = false
		return
	}
	wake := slow
	for _, p := range family.running {
		next, _ := p.turn()
		wake = min(wake, time.Until(next))
	}
	family.timer.Reset(max(wake, fast/2)) // gathers those that are nearly due
}

// sampleDue looks at those whose turn it is at now, or nearly: in time they
// all come to be looked at together, which spares wakes.
func sampleDue(running []*Process, now time.Time) {
	due := make([]*Process, 0, len(running))
	budgets := make(map[*Budget]bool)
	for _, p := range running {
		if next, wait := p.turn(); !next.Add(-wait / 4).After(now) {
			due = append(due, p)
			budgets[p.spec.Budget] = true
		}
	}
	if len(due) == 0 {
		return
	}
	r := round{now: now, strangers: orphans(), table: childTable()}
	for _, p := range due {
		p.sample(&r)
	}
	reapStrays(r.strangers, running)
	for b := range budgets {
		b.enforce(now)
	}
	for _, p := range due {
		p.schedule(now, len(running))
	}
}

// turn gives the time of the next sample, and how long the wait for it is.
func (p *Process) turn() (next time.Time, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next, p.wait
}

// sample looks at one command: its tree, its logs, its own limits.
func (p *Process) sample(r *round) {
	began, divided := threadTime(), p.division.spent
	p.measure(r)
	p.mu.Lock()
	stdout, stderr := fileSize(p.out), fileSize(p.err)
	p.cost = threadTime() - began - (p.division.spent - divided) // divisions have a share of their own
	p.logged = max(stdout, stderr)
	p.mu.Unlock()
	if f := p.overMemory(r.now); f != nil {
		p.end(f, true)
	}
	if f := p.overLog(stdout, stderr); f != nil {
		p.end(f, true)
	}
}

// overMemory returns the failure of a command whose tree holds more than its
// own limit. Where the command has a cgroup, the kernel has done so already, and
// may have ended only one process of the tree.
func (p *Process) overMemory(now time.Time) *Failure {
	if f := p.killedInside(); f != nil {
		return f
	}
	limit := p.spec.MemLimit
	if limit <= 0 || p.cgroup().limits() {
		return nil
	}
	held := p.holds()
	if held > limit {
		held = p.exactly(now)
	}
	if held <= limit {
		return nil
	}
	return &Failure{Kind: MemoryExceeded, Peak: held, Limit: limit, Claim: p.spec.Claim}
}

// holds is what counts against limits: the tree's memory as exactly as it is
// known.
func (p *Process) holds() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held
}

// schedule sets the time of the next sample.
func (p *Process) schedule(now time.Time, running int) {
	near := p.spec.Budget.reach(running)
	p.mu.Lock()
	defer p.mu.Unlock()
	if limit := p.spec.MemLimit; limit > 0 {
		near = min(near, reach(limit-p.held, 1))
	}
	if limit := p.spec.logLimit(); limit > 0 && p.logged > limit/16 {
		near = fast // whoever writes so much can fill a disk in a second
	}
	wait, share := min(max(now.Sub(p.started)/10, fast), slow), time.Duration(thrift)
	if near < wait {
		wait, share = max(near, fast), haste
	}
	p.wait = min(max(wait, p.cost*share*time.Duration(running)), slow)
	p.next = now.Add(p.wait)
}

// reach is how soon so much memory could be filled by several at once.
func reach(room int64, fillers int) time.Duration {
	if room <= 0 {
		return 0
	}
	return time.Duration(float64(room) / growth / float64(max(1, min(fillers, runtime.NumCPU()))) * float64(time.Second))
}
