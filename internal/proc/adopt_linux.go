package proc

import (
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// An orphan is a child of this process that it did not start: the kernel gave
// it to Raphe when its own parent ended.
type orphan = procStat

// orphanList is the list of the main thread's children. The starter thread has
// the commands, so the orphans are here. Reading it again costs one system
// call while it is empty, which is nearly always.
var orphanList = sync.OnceValue(func() int {
	fd, err := open("/proc/self/task/"+strconv.Itoa(os.Getpid())+"/children", syscall.O_RDONLY)
	if err != nil {
		return -1 // a kernel without CONFIG_PROC_CHILDREN
	}
	return fd
})

// orphans returns the orphans, zombies among them. What is in Raphe's own
// process group was started by os/exec and is none; neither is what a template
// has forked, or may just have.
func orphans() []orphan {
	own := syscall.Getpgrp()
	var pids []int
	for {
		again := adoptedPIDs()
		if len(again) == 0 {
			return nil
		}
		list := make([]orphan, 0, len(again))
		passing := false // one has ended since the list was read
		for _, pid := range again {
			if isForked(pid) {
				continue
			}
			s, ok := readStat(pid)
			passing = passing || !ok || !s.alive()
			if ok && s.group != own {
				list = append(list, s)
			}
		}
		// The children of one that ended meanwhile may have come after the
		// list was read, so it has to be the same twice.
		if !passing || slices.Equal(pids, again) {
			return slices.DeleteFunc(list, func(o orphan) bool { return isExpected(&o) || isForked(o.pid) })
		}
		pids = again
	}
}

// adoptedPIDs returns the ids of the processes that the kernel gave to Raphe.
func adoptedPIDs() (pids []int) {
	if fd := orphanList(); fd >= 0 {
		reaping.Lock() // the kernel passes over some if others are reaped meanwhile
		defer reaping.Unlock()
		readPIDs(fd, func(pid int) { pids = append(pids, pid) })
		return pids
	}
	family.Lock()
	started := make(map[int]bool, len(family.running))
	for pid := range family.running {
		started[pid] = true
	}
	family.Unlock()
	allProcesses(func(s procStat) {
		if s.ppid == os.Getpid() && !started[s.pid] {
			pids = append(pids, s.pid)
		}
	})
	return pids
}

// mayHaveOrphans is false only if there are surely none that matter to p.
func (p *Process) mayHaveOrphans() bool {
	return orphanList() >= 0 || syscall.Kill(-p.pid, 0) == nil || time.Since(p.started) > fast
}

// reaping guards the step from "this id is that orphan's" to a signal: whoever
// reaps an orphan holds it.
var reaping sync.Mutex

// reapOrphan takes a zombie, and says whether it is gone: a zombie can't be
// taken while the last of its threads are still ending. used is set to what it
// and the children that it had waited for have used.
func reapOrphan(o *orphan, used *syscall.Rusage) (gone bool, status syscall.WaitStatus) {
	reaping.Lock()
	defer reaping.Unlock()
	now, ok := readStat(o.pid)
	if !ok || now.start != o.start || now.ppid != os.Getpid() {
		return true, 0
	}
	got, status, err := wait4(o.pid, syscall.WNOHANG, used)
	return err != nil || got == o.pid, status
}

// reapStrays takes the zombies among the orphans, so that a tool that makes
// many does not fill the process table while it runs. A tool of which one was
// killed for want of memory is ended: it may wait for its daemon for ever.
func reapStrays(list []orphan, running []*Process) {
	for i := range list {
		if o := &list[i]; !o.alive() {
			var used syscall.Rusage
			_, status := reapOrphan(o, &used)
			for _, p := range running {
				if p.left(o) {
					p.lost(status, &used)
					break
				}
			}
		}
	}
}

// lost is told how an orphan of a command that runs has ended.
func (p *Process) lost(status syscall.WaitStatus, used *syscall.Rusage) {
	p.mu.Lock()
	p.addOrphaned(used)
	peak := p.last.PeakRSS
	p.mu.Unlock()
	if status.Signaled() && status.Signal() == syscall.SIGKILL && !p.isEnding() {
		f := p.killedInside()
		if f == nil {
			f = p.killedLate(peak)
		}
		if f == nil && memoryRanOut() {
			f = p.killedForMemory(peak)
		}
		if f != nil {
			p.end(f, true)
		}
	}
}

// addOrphaned adds what an orphan has used to what its command has. p.mu is held.
func (p *Process) addOrphaned(used *syscall.Rusage) {
	sum := &p.orphaned
	sum.Utime = syscall.NsecToTimeval(sum.Utime.Nano() + used.Utime.Nano())
	sum.Stime = syscall.NsecToTimeval(sum.Stime.Nano() + used.Stime.Nano())
	sum.Maxrss = max(sum.Maxrss, used.Maxrss)
	sum.Inblock += used.Inblock
	sum.Oublock += used.Oublock
}

// signalOrphan sends a signal to an orphan if it is still there.
func signalOrphan(o *orphan, sig syscall.Signal) {
	reaping.Lock()
	defer reaping.Unlock()
	if now, ok := readStat(o.pid); ok && now.start == o.start {
		syscall.Kill(o.pid, sig)
	}
}

// adopt finds what the command, which has ended, left running, and makes it
// the target of p.signal. What of it has ended too is reaped.
func (p *Process) adopt() (alive []claim) {
	var mine []claim
	if list := orphans(); len(list) > 0 {
		mine = p.claim(list)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.adopted, p.holdsGroup = nil, false
	for _, c := range mine {
		if !c.alive() {
			var used syscall.Rusage
			if gone, _ := reapOrphan(&c.orphan, &used); gone {
				setDoubtful(&c.orphan, false)
				if c.blamed {
					p.addOrphaned(&used)
				}
				continue
			}
		}
		alive = append(alive, c)
		p.adopted = append(p.adopted, c.orphan)
		p.holdsGroup = p.holdsGroup || c.group == p.pid
	}
	return alive
}

// endLeftovers ends what the command left running, and returns what of it the
// command is to blame for: all that did not end by itself within settle.
func (p *Process) endLeftovers() []Left {
	if !p.mayHaveOrphans() {
		return nil
	}
	mine := p.adopt()
	if len(mine) == 0 {
		return nil
	}
	p.mu.Lock()
	hard := p.hard
	p.mu.Unlock()
	if !hard {
		awaitGone(mine, settle)
		mine = p.adopt()
	}
	var left []Left
	for _, c := range mine {
		if c.blamed {
			left = append(left, Left{PID: c.pid, Name: c.name})
		}
	}
	// Each round ends one generation: what those leave is adopted in turn.
	// Rounds are bounded because a process in a hanging network file system
	// can't be killed by anybody.
	for round := 0; len(mine) > 0 && round < 8; round++ {
		within := time.Second
		p.mu.Lock()
		if grace := p.spec.grace(); round == 0 && !p.hard && grace > 0 {
			p.signal(syscall.SIGTERM)
			p.signal(syscall.SIGCONT)
			within = grace
		} else {
			p.signal(syscall.SIGKILL)
		}
		p.mu.Unlock()
		awaitGone(mine, within)
		mine = p.adopt()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.adopted, p.holdsGroup = nil, false // from now on no signal goes anywhere
	return left
}

// awaitGone waits until all the processes have ended, no longer than within.
func awaitGone(list []claim, within time.Duration) {
	until := time.Now().Add(within)
	fds := make([]unix.PollFd, 0, len(list))
	defer func() {
		for _, f := range fds {
			unix.Close(int(f.Fd))
		}
	}()
	for i := range list {
		fd, err := unix.PidfdOpen(list[i].pid, 0)
		switch {
		case err == unix.ESRCH:
		case err != nil: // before Linux 5.3, or too many files
			awaitGoneSlowly(list, until)
			return
		default:
			fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
		}
	}
	for waiting := fds; len(waiting) > 0; {
		left := time.Until(until)
		if left <= 0 {
			return
		}
		unix.Poll(waiting[:1], int(left/time.Millisecond)+1)
		if waiting[0].Revents != 0 {
			waiting = waiting[1:]
		}
	}
}

// awaitGoneSlowly is awaitGone for kernels that don't tell.
func awaitGoneSlowly(list []claim, until time.Time) {
	for i := range list {
		for time.Now().Before(until) {
			if s, ok := readStat(list[i].pid); !ok || !s.alive() || s.start != list[i].start {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}
