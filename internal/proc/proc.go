// Package proc starts, limits, samples and ends the process tree of one command
// on this machine.
//
//	Spec     what to run: argument vector, environment, files, limits
//	Run      runs a Spec to its end; Start only starts it
//	Process  a command that runs; Wait returns its Result, Terminate and Kill end it
//	Template a command that forks others on request
//	Result   how it ended: a Failure or nil, exit status, Usage
//	Failure  why it did not succeed: a Kind, one clause for people, and the mend
//	Budget   the memory that several commands share
//	Record   how a later Raphe recognises the process group; EndStale ends those
//	Machine  the CPUs and the memory that this process may use
//
// Four choices carry the package:
//
//   - A command is forked by a thread that is sure to outlive it, because Linux
//     sends the parent-death signal when the thread that forked ends: by Run's
//     own, to which its goroutine is locked until the command has ended, or by
//     one that lives as long as Raphe.
//   - Nothing is copied: a tool's output goes straight to files, and one
//     goroutine a command (the caller of Wait) blocks in the kernel until the
//     command ends. Nothing polls for an exit.
//   - On Linux this process is a child subreaper: what a tool leaves behind,
//     even a daemon in a session of its own, becomes a child of Raphe, and so is
//     found, ended and reaped. Only processes that are known to come from a tool
//     are waited for, each by its own id; children of os/exec are not disturbed.
//   - One sampler looks at all trees, first after 50 ms: a short command costs
//     no sample.
//
// The package imports unit and nothing else of Raphe: it knows no task, no
// workflow and no store.
package proc

import (
	"os"
	"sync"
	"syscall"
	"time"
)

// DefaultLogLimit is how much a tool may write to its logs when the Spec says
// nothing: a quarter of a gibibyte is more than anybody reads.
const DefaultLogLimit int64 = 256 << 20

// DefaultGrace is how long a process has between SIGTERM and SIGKILL when the
// Spec says nothing.
const DefaultGrace = 5 * time.Second

// Spec is one command to run.
type Spec struct {
	Argv []string // the command and its arguments; never a shell
	Env  []string // the whole environment; the command is looked up on its PATH
	Dir  string   // working directory

	Stdin  string // file to read; "" is /dev/null
	Stdout string // file to write, from its beginning; "" is /dev/null
	Stderr string // likewise; may be the same file as Stdout

	StdoutIsData bool // Stdout is a result of the tool, so LogLimit does not apply to it

	// Input and Output, if not nil, are taken instead of Stdin and Stdout: the
	// command's ends of pipes. The caller closes them.
	Input, Output *os.File

	// Fork, if not nil, brings the command into being: it asks Template to fork,
	// and returns the id of a process that is a child of this one already. Argv
	// only names the command then, for messages; Env, Dir and Stdin are its own
	// business, and Stdout and Stderr are files that are there, to which it is to
	// append. Only where CanFork.
	Fork     func() (pid int, err error)
	Template *Template // which forks the command or, without Fork, which the command is

	MemLimit int64         // bytes the whole tree may hold; 0 is no limit of its own
	Claim    int64         // bytes set aside for it; who holds most beyond that goes first when Budget is exceeded
	Budget   *Budget       // shared with other commands; nil is none
	LogLimit int64         // bytes each log may have; 0 is DefaultLogLimit, below 0 no limit
	Timeout  time.Duration // 0 is no limit
	Grace    time.Duration // from SIGTERM to SIGKILL; 0 is DefaultGrace, below 0 none
}

// Usage is what a command used.
type Usage struct {
	Wall, User, System time.Duration

	// MaxRSS is the kernel's figure for the largest single process. Linux
	// counts the moment before exec, when the child still shares Raphe's
	// memory, so it is never below Raphe's own size.
	MaxRSS int64

	// PeakRSS is the best figure for the memory of the tree at its largest:
	// from samples, from MaxRSS where that is the command's own, and of a
	// command that was too short for both from its cgroup, if it had one of its
	// own; 0: not known. What a command shares with its Template is left out.
	PeakRSS int64

	// PeakPSS and PeakVSize are the tree's largest sums of memory with shared
	// pages divided, and of address space, as far as sampled; 0: not known.
	PeakPSS, PeakVSize int64

	ReadBytes, WriteBytes int64 // from and to disks, not caches
	Processes             int   // most at one time, as far as sampled; at least 1
}

// Result is how a command ended.
type Result struct {
	Failure  *Failure // nil if it succeeded
	ExitCode int      // -1 if a signal ended it
	Signal   syscall.Signal
	Usage    Usage
	Started  time.Time

	StdoutBytes, StderrBytes int64 // sizes of the logs (0 for data and /dev/null)
}

// Sample is what is known of a running command.
type Sample struct {
	PID       int
	Elapsed   time.Duration
	RSS       int64 // of the tree at the last look; 0 before the first
	PSS       int64 // likewise, shared pages divided: looked at less often, and between looks as RSS changed
	VSize     int64 // likewise, address space
	PeakRSS   int64
	CPU       time.Duration // used so far by the tree
	Processes int           // at the last look; at least 1
}

// Process is a command that was started. Wait must be called once; the other
// methods may be called at any time, by anyone.
type Process struct {
	pid       int
	spec      Spec
	started   time.Time
	born      uint64 // clock ticks since boot just before the start
	parent    int64  // the most memory that Raphe itself had had just after it
	cradle    *leaf  // the cgroup in which it was born with others; nil if there is none
	inherited int64  // what it had when it came from its template; 0 is not known
	out, err  int    // the log files, kept open to watch their size; -1 if none
	timeout   *time.Timer

	mu         sync.Mutex // guards all that follows, and the closing of the logs
	reaped     bool       // the id no longer belongs to the command
	ending     *Failure   // why Raphe is ending it; the first reason stays
	hard       bool       // SIGKILL was asked for
	killer     *time.Timer
	adopted    []orphan       // left behind by the command, now children of Raphe
	leaf       *leaf          // its own cgroup; nil if it has none
	infancy    infancy        // before it had that
	holdsGroup bool           // one of adopted is in the command's process group
	orphaned   syscall.Rusage // what reaped orphans of the command had used
	seen       map[int]uint64 // the tree at the last sample: process id to start ticks
	known      map[int]uint64 // orphans that were found to be its, likewise
	spare      map[int]uint64 // an older one, to be used again
	sum        int64          // RSS of the tree at the last sample, as division takes it
	last       Sample         // the sums at the last sample, and the peaks
	most       Usage          // the peaks that Sample has no room for
	held       int64          // what counts against limits, as exactly as it is known
	next       time.Time      // when to sample next
	wait       time.Duration  // and how long after the last sample that is
	cost       time.Duration  // CPU time of the last sample
	logged     int64          // size of the longer log at the last sample

	// Only the sampler's:
	division division
	samples  int
}

// PID returns the process id of the command, which is its process group too.
func (p *Process) PID() int { return p.pid }

// Sample returns what is known of the command; it costs no system call.
func (p *Process) Sample() Sample {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := p.last
	s.PID = p.pid
	s.Elapsed = time.Since(p.started)
	s.Processes = max(s.Processes, 1)
	return s
}

// Terminate ends the command because it is no longer wanted: SIGTERM to its
// process group now, SIGKILL after the grace.
func (p *Process) Terminate() { p.end(&Failure{Kind: Cancelled}, false) }

// Kill ends the command because it is no longer wanted, with SIGKILL, even if
// it is being terminated already.
func (p *Process) Kill() { p.end(&Failure{Kind: Cancelled}, true) }

// end begins to end the command. The first reason is the one that is reported;
// a later call can only make it quicker.
func (p *Process) end(why *Failure, hard bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ending == nil {
		p.ending = why
	} else if p.hard || !hard {
		return
	}
	grace := p.spec.grace()
	p.hard = hard || grace == 0
	if p.hard {
		p.signal(syscall.SIGKILL)
		return
	}
	p.signal(syscall.SIGTERM)
	p.signal(syscall.SIGCONT) // a stopped process can't heed SIGTERM
	p.killer = time.AfterFunc(grace, func() { p.end(why, true) })
}

// signal sends a signal to the command's process group, or, once the command
// is gone, to what it left. p.mu is held, and whoever reaps the command holds it
// too, so the group is nobody else's: its number is not given out again while a
// member is there, be it a zombie.
func (p *Process) signal(sig syscall.Signal) {
	if !p.reaped || p.holdsGroup {
		syscall.Kill(-p.pid, sig)
	}
	for i := range p.adopted {
		signalOrphan(&p.adopted[i], sig)
	}
}

// isEnding says whether Raphe is ending the command.
func (p *Process) isEnding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ending != nil || p.reaped
}

func (s *Spec) grace() time.Duration {
	if s.Grace == 0 {
		return DefaultGrace
	}
	return max(s.Grace, 0)
}

func (s *Spec) logLimit() int64 {
	if s.LogLimit == 0 {
		return DefaultLogLimit
	}
	return s.LogLimit
}
