// Package executor is the small interface behind which a machine or a cluster
// runs commands.
//
//	Task      one command: argument vector, environment, files, limits
//	Executor  runs tasks, many at once
//	Handle    where a task runs, and how a later Raphe finds what is left of it
//	Outcome   how a task ended: a failure or nil, exit status, usage
//	Sample    what is known of a task that runs
//
// Package local runs them on this machine; executortest holds what every
// executor has to keep. The package knows of commands only: no workflow, no
// node, no store. Failures and usage are those of proc, so that a task that a
// cluster ended for its memory reads like one that was ended here.
package executor

import (
	"context"
	"os"
	"time"

	"github.com/raphe-org/raphe/internal/proc"
)

// Task is one command to run: everything that an executor on any machine needs.
// Paths are absolute.
type Task struct {
	ID   string   // names the task in samples and in the names of cluster jobs
	Argv []string // never given to a shell
	Env  []string // the whole environment, "NAME=value"
	Dir  string   // working directory; it exists

	Stdin, Stdout, Stderr string // files; "" is none
	StdoutIsData          bool   // Stdout is a result of the tool and not a log

	// Input and Output, if not nil, are taken instead of Stdin and Stdout: the
	// command's ends of pipes. The caller closes them. This machine only.
	Input, Output *os.File

	// Fork, if not nil, brings the command into being; Argv only names it. See
	// proc.Spec. This machine only.
	Fork     func() (pid int, err error)
	Template *proc.Template // which forks it or, without Fork, which it is

	Procs    int           // CPUs to ask a cluster for; 0 counts as 1
	MemBytes int64         // memory that the task may use, enforced; 0 is no limit of its own
	Claim    int64         // memory set aside for it; who holds most beyond that goes first when all together hold too much
	LogBytes int64         // what each log may grow to; 0 is proc.DefaultLogLimit, below 0 no limit
	Timeout  time.Duration // 0 is no limit
	Grace    time.Duration // from the request to end to the kill; 0 is proc.DefaultGrace
}

// TemplateID is the ID of a task that is no node's: the process from which others
// are forked.
const TemplateID = "python template"

// Handle says where a task runs.
type Handle struct {
	Host  string
	PID   int         // 0 where it is not a process of this machine
	Group proc.Record // for proc.EndStale; zero where PID is
}

// Outcome is how a task ended.
type Outcome struct {
	Failure  *proc.Failure // nil if it succeeded
	ExitCode int           // -1 if it did not start, or a signal ended it
	Signal   string        // "SIGKILL"; "" if none ended it
	Started  time.Time     // zero if it did not start
	Usage    proc.Usage
	Host     string

	StdoutBytes, StderrBytes int64 // sizes of the logs; 0 for data
}

// Sample is what is known of a running task.
type Sample struct {
	ID string
	proc.Sample
}

// Executor runs tasks. All methods may be called from many goroutines at once.
type Executor interface {
	// Run runs the task and returns when it has ended, with all that it left
	// running, and its output files are complete. It calls started, if that is
	// not nil, once the command runs, and not at all if it can't be started.
	// Every failure, also of the executor itself, is in the Outcome.
	//
	// When ctx is cancelled the task is asked to end, and killed after its
	// grace; the failure is then of kind proc.Cancelled.
	Run(ctx context.Context, t *Task, started func(Handle)) Outcome

	// Running returns what is known of the tasks that run, in the order of
	// their starts. It is cheap enough for every redraw of a screen.
	Running() []Sample

	// Close kills what runs, at once, and lets no other task start. The Runs
	// in progress return with failures of kind proc.Cancelled; Close does not
	// wait for them.
	Close() error
}
