package proc

import (
	"path/filepath"
	"strings"
	"syscall"
)

// judge names the failure of a command that has ended, if it is one. What
// Raphe did comes first, then what the kernel says, then the tool's own word.
func (p *Process) judge(r *Result, status syscall.WaitStatus, ending *Failure) *Failure {
	p.growUp()
	inside := p.killedInside()
	if inside != nil && inside.Limit != p.spec.MemLimit { // samples may have missed the peak
		inside.Peak = max(inside.Peak, r.Usage.PeakRSS)
	}
	switch {
	case ending == nil && inside != nil: // even if the tool took no notice
		return inside
	case inside != nil && ending.Kind == inside.Kind && ending.Together == inside.Together:
		return inside
	case ending != nil:
		return ending
	}
	var f *Failure
	switch {
	case status.Signaled():
		f = &Failure{Kind: Signalled, Signal: status.Signal(), Core: status.CoreDump()}
	case status.ExitStatus() != 0:
		f = &Failure{Kind: ExitStatus, Status: status.ExitStatus()}
	default:
		return p.overLog(r.StdoutBytes, r.StderrBytes)
	}
	if f.Signal == syscall.SIGKILL || f.passedOnKill() {
		if why := p.killedForMemory(r.Usage.PeakRSS); why != nil {
			why.Err = f
			return why
		}
		f.Peak = r.Usage.PeakRSS
	}
	return p.ownWord(f, r)
}

// killedForMemory returns the failure of a command that somebody killed with
// SIGKILL, if it was for memory: the kernel says that it has killed just now,
// or hardly any memory was left.
func (p *Process) killedForMemory(peak int64) *Failure {
	p.mu.Lock()
	grown := peak - p.last.RSS
	p.mu.Unlock()
	if f := p.killedYoung(peak); f != nil {
		return f
	}
	f := &Failure{Kind: KilledOOM, Peak: peak, Claim: p.spec.Claim}
	if !memoryRanOut() {
		f.Probably = true
		if !memoryWasScarce(grown) {
			return nil
		}
	}
	return f
}

// ownWord looks for what the tool itself says of the reason: the disk is full,
// or it got no memory.
func (p *Process) ownWord(f *Failure, r *Result) *Failure {
	lines := p.lastWords(r)
	if dir, full := p.diskFull(lines); full {
		return &Failure{Kind: NoSpace, Where: dir, Status: f.Status, Signal: f.Signal, Err: f}
	}
	if SaysNoMemory(lines) {
		return &Failure{
			Kind: OutOfMemory, Status: f.Status, Signal: f.Signal,
			Peak: r.Usage.PeakRSS, Limit: p.spec.MemLimit, Claim: p.spec.Claim, Err: f,
		}
	}
	return f
}

// lastWords returns the end of what the tool wrote to its standard error.
func (p *Process) lastWords(r *Result) []string {
	wrote := r.StderrBytes > 0 || r.StdoutBytes > 0 && p.spec.Stderr == p.spec.Stdout
	if !wrote || p.spec.Stderr == "" {
		return nil
	}
	lines, err := Tail(p.spec.Stderr, 40, 16<<10)
	if err != nil {
		return nil
	}
	return lines
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
func (p *Process) diskFull(lines []string) (dir string, full bool) {
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
	return p.spec.Dir, SaysDiskFull(lines)
}

// noMemory are the words with which programs say that they got no memory: the
// C library (strerror of ENOMEM, also as printed by glibc's and others' xmalloc),
// C++, Python and NumPy, Java, Go, Julia, MATLAB, and ITK.
var noMemory = []string{
	"cannot allocate memory", "can't allocate memory", "could not allocate memory", "unable to allocate memory",
	"memory allocation failed", "failed to allocate memory", "memory exhausted", "out of memory", "not enough memory",
	"enomem", "bad_alloc", "memoryerror", "outofmemoryerror", "unable to allocate", "failed to allocate",
}

// SaysNoMemory says whether a tool complains, in the last lines of its log,
// that it got no memory.
func SaysNoMemory(lines []string) bool {
	for _, line := range lines {
		low := strings.ToLower(line)
		for _, words := range noMemory {
			if strings.Contains(low, words) {
				return true
			}
		}
	}
	return false
}
