package proc

import (
	"errors"
	"syscall"
	"time"
)

// settle is how long what a command leaves running may take to end by itself
// before it counts as left behind. Bash does not wait for the commands of
// `> >(tee log)`, which end a moment after it.
const settle = 250 * time.Millisecond

// Wait returns when the command and all that it left behind have ended. It
// must be called once, and blocks in the kernel meanwhile.
func (p *Process) Wait() Result {
	status, usage, err := p.reap()
	wall := time.Since(p.started)
	if p.timeout != nil {
		p.timeout.Stop()
	}
	p.mu.Lock()
	ending := p.ending // what is asked for from now on concerns the leftovers only
	p.mu.Unlock()
	if p.isTemplate() {
		p.spec.Template.close()
	}
	left := p.endLeftovers()
	unwatch(p)
	if anyDoubtful() { // two that ended at once left it to each other
		left = append(left, p.endLeftovers()...)
	}
	p.mu.Lock()
	if p.killer != nil {
		p.killer.Stop()
	}
	last, most, orphaned := p.last, p.most, p.orphaned
	p.mu.Unlock()

	r := Result{ExitCode: status.ExitStatus(), Started: p.started, Usage: usageOf(&usage, &orphaned, last, most, p.parent)}
	r.Usage.Wall = wall
	if p.inherited > 0 {
		// What it wrote to of the template's is missing, and what it read again of
		// files is there too many.
		r.Usage.PeakRSS = max(r.Usage.PeakRSS, r.Usage.MaxRSS-p.inherited)
	}
	if r.Usage.PeakRSS == 0 {
		r.Usage.PeakRSS = p.cgroup().counted()
	}
	if status.Signaled() {
		r.Signal = status.Signal()
	}
	r.StdoutBytes, r.StderrBytes = p.closeLogs()
	if err != nil { // somebody else in this process waited for our child
		r.Failure = &Failure{Kind: StartFailed, Command: p.spec.Argv[0], Err: err}
	} else {
		r.Failure = p.judge(&r, status, ending)
	}
	if p.forked() {
		p.spec.Template.leave()
	}
	p.cgroup().remove()
	p.spec.Budget.leave(p)
	if len(left) > 0 && ending == nil {
		if r.Failure == nil {
			r.Failure = &Failure{Kind: BackgroundLeft}
		}
		r.Failure.Left = left
	}
	return r
}

// usageOf puts together what the kernel's accounting says of the command and
// the descendants that were waited for, the same of those that Raphe had to
// reap, and the samples. parent is the most that Raphe had had at the start.
func usageOf(ru, orphaned *syscall.Rusage, last Sample, most Usage, parent int64) Usage {
	u := Usage{
		User:       time.Duration(ru.Utime.Nano() + orphaned.Utime.Nano()),
		System:     time.Duration(ru.Stime.Nano() + orphaned.Stime.Nano()),
		MaxRSS:     int64(max(ru.Maxrss, orphaned.Maxrss)) * maxrssUnit,
		ReadBytes:  int64(ru.Inblock+orphaned.Inblock) * 512,
		WriteBytes: int64(ru.Oublock+orphaned.Oublock) * 512,
		PeakPSS:    most.PeakPSS,
		PeakVSize:  most.PeakVSize,
		Processes:  max(1, most.Processes),
	}
	// Children that nobody waited for, because their parent ignored SIGCHLD or
	// was killed before them, are only in the samples.
	u.User += max(0, last.CPU-u.User-u.System)
	// MaxRSS says nothing of a process that stayed smaller than Raphe itself
	// was. If none was seen either, nothing is known.
	u.PeakRSS = last.PeakRSS
	if u.MaxRSS > parent {
		u.PeakRSS = max(u.PeakRSS, u.MaxRSS)
	}
	return u
}

// ownPeak returns the most memory that this process has had.
func ownPeak() int64 {
	var ru syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &ru) != nil {
		return 0
	}
	return int64(ru.Maxrss) * maxrssUnit
}

// fileSize returns the size of an open log, 0 if there is none.
func fileSize(fd int) int64 {
	var st syscall.Stat_t
	if fd < 0 || syscall.Fstat(fd, &st) != nil {
		return 0
	}
	return st.Size
}

// wait4 is wait4(2), repeated when a signal interrupts it.
func wait4(pid, options int, ru *syscall.Rusage) (got int, status syscall.WaitStatus, err error) {
	for {
		got, err = syscall.Wait4(pid, &status, options, ru)
		if !errors.Is(err, syscall.EINTR) {
			return got, status, err
		}
	}
}
