// Package local runs tasks as processes of this machine.
//
//	Executor  runs them
//	Options   what they may use together
//	Limit     for which memory a task is ended
//
// The package adds to proc what an executor has to know of several tasks: which
// run, that none starts after Close, and the memory that they share. How many
// may run at once is the caller's business.
//
// What happens to a task that takes more memory depends on the Limit:
//
//   - Hard: a task that holds more than its own MemBytes is ended. When all
//     together hold more than Options.Memory, the one that holds most beyond its
//     Claim is ended, and as many more as are needed.
//   - Soft: a task may exceed its own MemBytes. All together are kept below
//     Options.Memory as with Hard.
//   - None: nothing is ended for memory, it is only measured.
//
// Shared pages count once and pages of files not at all before a task is ended.
// Where the machine lets this process make memory cgroups, the kernel keeps
// the limits, else samples do: a tree near a limit is looked at every 50 ms, so
// that it may be above for about as long as that.
package local

import (
	"cmp"
	"context"
	"errors"
	"os"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
)

// Executor runs tasks as processes of this machine.
type Executor struct {
	host   string
	limit  Limit
	budget *proc.Budget // nil with None

	mu      sync.Mutex
	running map[*proc.Process]entry
	starts  uint64
	closed  bool
}

// An entry is a running task, with its place in the order of starts.
type entry struct {
	id    string
	start uint64
}

var _ executor.Executor = (*Executor)(nil)

// Options say what the tasks may use together.
type Options struct {
	Memory int64 // bytes that all trees of processes together may hold; 0 is no limit
	Limit  Limit
}

// New returns an executor for this machine.
func New(o Options) *Executor {
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	e := &Executor{host: host, limit: o.Limit, running: make(map[*proc.Process]entry)}
	if o.Limit != None {
		e.budget = proc.NewBudget(o.Memory)
	}
	return e
}

// Run implements executor.Executor. It needs no goroutine beside the caller's.
func (e *Executor) Run(ctx context.Context, t *executor.Task, started func(executor.Handle)) executor.Outcome {
	if ctx.Err() != nil || e.isClosed() {
		return e.notStarted(&proc.Failure{Kind: proc.Cancelled})
	}
	limit := t.MemBytes
	if e.limit != Hard {
		limit = 0
	}
	spec := &proc.Spec{
		Argv: t.Argv, Env: t.Env, Dir: t.Dir,
		Stdin: t.Stdin, Stdout: t.Stdout, Stderr: t.Stderr, StdoutIsData: t.StdoutIsData,
		Input: t.Input, Output: t.Output, Fork: t.Fork, Template: t.Template,
		MemLimit: limit, Claim: t.Claim, Budget: e.budget, LogLimit: t.LogBytes, Timeout: t.Timeout, Grace: t.Grace,
	}
	var process *proc.Process
	var stop func() bool
	r, err := proc.Run(spec, func(p *proc.Process) {
		process = p
		e.enter(p, t.ID)
		stop = context.AfterFunc(ctx, p.Terminate)
		if started != nil {
			started(executor.Handle{Host: e.host, PID: p.PID(), Group: p.Record()})
		}
	})
	if err != nil {
		var f *proc.Failure
		if !errors.As(err, &f) {
			f = &proc.Failure{Kind: proc.StartFailed, Err: err}
		}
		return e.notStarted(f)
	}
	stop()
	e.leave(process)

	o := executor.Outcome{
		Failure: r.Failure, ExitCode: r.ExitCode, Started: r.Started, Usage: r.Usage, Host: e.host,
		StdoutBytes: r.StdoutBytes, StderrBytes: r.StderrBytes,
	}
	if r.Signal != 0 {
		o.Signal = unix.SignalName(r.Signal)
	}
	return o
}

func (e *Executor) isClosed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.closed
}

func (e *Executor) notStarted(f *proc.Failure) executor.Outcome {
	return executor.Outcome{Failure: f, ExitCode: -1, Host: e.host}
}

// enter lists a process that was started. One that Close did not see, because
// it was just being started, is killed here.
func (e *Executor) enter(p *proc.Process, id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.starts++
	e.running[p] = entry{id, e.starts}
	if e.closed {
		p.Kill()
	}
}

func (e *Executor) leave(p *proc.Process) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.running, p)
}

// Running implements executor.Executor.
func (e *Executor) Running() []executor.Sample {
	type place struct {
		executor.Sample
		start uint64
	}
	e.mu.Lock()
	places := make([]place, 0, len(e.running))
	for p, entry := range e.running {
		places = append(places, place{executor.Sample{ID: entry.id, Sample: p.Sample()}, entry.start})
	}
	e.mu.Unlock()
	slices.SortFunc(places, func(a, b place) int { return cmp.Compare(a.start, b.start) })
	samples := make([]executor.Sample, len(places))
	for i, p := range places {
		samples[i] = p.Sample
	}
	return samples
}

// Close implements executor.Executor.
func (e *Executor) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = true
	for p := range e.running {
		p.Kill()
	}
	e.budget.Close()
	return nil
}
