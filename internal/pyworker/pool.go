package pyworker

import (
	"context"
	"errors"
	"os"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
)

// A Pool runs requests. Its methods may be called by many goroutines at once;
// how many workers run at a time is their business.
type Pool struct {
	opts Options
}

// New returns a pool. It starts nothing yet.
func New(o Options) *Pool {
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	return &Pool{opts: o}
}

// Run has a worker do the request and returns when the worker has ended, with
// all that it left running. It calls started, if that is not nil, once the
// worker runs (see executor.Executor).
//
// The Outcome's Failure says what befell the process: it could not be started,
// it was killed, it took too much, it ended without a reply. An exception of the
// node is none of these: the Reply's Error tells it. Where both are nil the
// operation was done. The Reply is never nil.
//
// What a worker leaves running is ended, and no failure: nipype would not call
// it one.
func (p *Pool) Run(ctx context.Context, r *Request, started func(executor.Handle)) (*Reply, executor.Outcome) {
	f := filesOf(p.opts.Folder, r.Blob)
	if err := r.write(p.opts.Folder, f); err != nil {
		return &Reply{}, executor.Outcome{ExitCode: -1, Failure: &proc.Failure{Kind: proc.StartFailed, Command: p.opts.Executable, Err: err}}
	}
	t := r.Task
	if t.Dir == "" {
		t.Dir = p.opts.Folder
	}
	t.Stdin, t.StdoutIsData = "", false
	t.Env = p.opts.environ()
	t.Argv = []string{p.opts.Executable, p.opts.program("worker.py"), p.opts.Folder, f.request}
	out := p.opts.Executor.Run(ctx, &t, started)
	return p.answer(f, out)
}

// answer puts together what the process did and what it said.
func (p *Pool) answer(f files, out executor.Outcome) (*Reply, executor.Outcome) {
	reply := &Reply{}
	if out.Started.IsZero() {
		return reply, out
	}
	said, err := readReply(f.reply)
	if err == nil {
		reply = said
	}
	switch failure := out.Failure; {
	case failure == nil && err != nil:
		out.Failure = &proc.Failure{Kind: proc.NoReply, Err: err}
	case failure == nil || err != nil:
	case failure.Kind == proc.ExitStatus && failure.Status == 1 && said.Error != nil, failure.Kind == proc.BackgroundLeft:
		out.Failure = nil
	}
	if out.Failure == nil && reply.Error == nil {
		_, _ = os.Remove(f.request), os.Remove(f.reply)
	}
	return reply, out
}

// Close ends the template. The workers that run are the executor's.
func (p *Pool) Close() error { return errors.Join() }
