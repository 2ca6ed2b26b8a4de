package proc

import (
	"errors"
	"path/filepath"
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
	left := p.endLeftovers()
	unwatch(p)
	p.mu.Lock()
	if p.killer != nil {
		p.killer.Stop()
	}
	last := p.last
	p.mu.Unlock()

	r := Result{ExitCode: status.ExitStatus(), Started: p.started, Usage: usageOf(&usage, last)}
	r.Usage.Wall = wall
	if status.Signaled() {
		r.Signal = status.Signal()
	}
	r.StdoutBytes, r.StderrBytes = p.closeLogs()
	if err != nil { // somebody else in this process waited for our child
		r.Failure = &Failure{Kind: StartFailed, Command: p.spec.Argv[0], Err: err}
		return r
	}
	r.Failure = p.judge(&r, status, ending)
	if len(left) > 0 && ending == nil {
		if r.Failure == nil {
			r.Failure = &Failure{Kind: BackgroundLeft}
		}
		r.Failure.Left = left
	}
	return r
}

// judge names the failure of a command that has ended, if it is one. What
// Raphe did comes first, then what the kernel says, then the tool's own word.
func (p *Process) judge(r *Result, status syscall.WaitStatus, ending *Failure) *Failure {
	var f *Failure
	switch {
	case ending != nil:
		return ending
	case status.Signaled():
		f = &Failure{Kind: Signalled, Signal: status.Signal(), Core: status.CoreDump()}
	case status.ExitStatus() != 0:
		f = &Failure{Kind: ExitStatus, Status: status.ExitStatus()}
	default:
		return p.overLog(r.StdoutBytes, r.StderrBytes)
	}
	killed := f.Signal == syscall.SIGKILL || f.Status == 128+int(syscall.SIGKILL)
	if killed && memoryRanOut() {
		return &Failure{Kind: KilledOOM, Peak: r.Usage.PeakRSS}
	}
	if dir, full := p.diskFull(r.StderrBytes); full {
		return &Failure{Kind: NoSpace, Where: dir, Status: f.Status, Signal: f.Signal, Err: f}
	}
	return f
}

// overLog returns the failure of a command that wrote too much to its logs.
func (p *Process) overLog(stdout, stderr int64) *Failure {
	limit := p.spec.logLimit()
	switch {
	case limit < 0:
	case stderr > limit:
		return &Failure{Kind: LogLimit, Limit: limit, Where: p.spec.Stderr}
	case stdout > limit:
		return &Failure{Kind: LogLimit, Limit: limit, Where: p.spec.Stdout}
	}
	return nil
}

// diskFull says whether a full disk explains the failure of the command: its
// last words say so, or the disk that it wrote to has no space now.
func (p *Process) diskFull(stderrBytes int64) (dir string, full bool) {
	dirs := []string{p.spec.Dir}
	for _, path := range []string{p.spec.Stdout, p.spec.Stderr} {
		if path != "" {
			dirs = append(dirs, filepath.Dir(path))
		}
	}
	for _, d := range dirs {
		if d != "" && DiskFull(d) {
			return d, true
		}
	}
	if stderrBytes == 0 {
		return "", false
	}
	lines, err := Tail(p.spec.Stderr, 40, 16<<10)
	if err != nil || !SaysDiskFull(lines) {
		return "", false
	}
	return p.spec.Dir, true
}

func usageOf(ru *syscall.Rusage, last Sample) Usage {
	u := Usage{
		User:       time.Duration(ru.Utime.Nano()),
		System:     time.Duration(ru.Stime.Nano()),
		MaxRSS:     int64(ru.Maxrss) * maxrssUnit,
		ReadBytes:  int64(ru.Inblock) * 512,
		WriteBytes: int64(ru.Oublock) * 512,
		Processes:  max(1, last.Processes),
	}
	// MaxRSS says nothing of a process that stayed smaller than Raphe itself.
	u.PeakRSS = last.PeakRSS
	if u.MaxRSS > ownPeak() || last.PeakRSS == 0 {
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
