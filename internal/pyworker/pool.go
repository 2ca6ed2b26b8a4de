package pyworker

import (
	"cmp"
	"context"
	"errors"
	"os"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
)

// A Pool runs requests. Its methods may be called by many goroutines at once;
// how many workers run at a time is their business.
type Pool struct {
	opts  Options
	spawn bool

	mu       sync.Mutex
	template *template // the latest; nil before the first
	active   int       // requests in progress
	idle     *time.Timer
	misses   int   // templates in a row that never were ready, by their own fault
	broken   error // what the last of too many of them said
	closed   bool
}

// mostMisses is how many templates in a row may fail by themselves before they
// are ready: then no other is tried, since each costs seconds and every node
// would. mostKills is how many that somebody killed meanwhile a request outlasts.
const (
	mostMisses = 2
	mostKills  = 4
)

// New returns a pool. It starts nothing yet.
func New(o Options) *Pool {
	if o.Idle == 0 {
		o.Idle = DefaultIdle
	}
	return &Pool{opts: o, spawn: o.Spawn || !proc.CanFork}
}

// Run has a worker do the request and returns when the worker has ended, with
// all that it left running. It calls started, if that is not nil, once the
// worker runs (see executor.Executor).
//
// The Outcome's Failure says what befell the process: it could not be started,
// it was killed, it took too much, it ended without a reply. An exception of the
// node is told by the Reply's Error, and is a Failure besides only if it says
// that memory or disk space was missing. Where both are nil the operation was
// done. The Reply is never nil.
//
// What a worker leaves running is ended, and no failure: nipype would not call
// it one.
func (p *Pool) Run(ctx context.Context, r *Request, started func(executor.Handle)) (*Reply, executor.Outcome) {
	f := r.files(p.opts.Folder)
	if err := r.write(p.opts.Folder, f); err != nil {
		return &Reply{}, p.notStarted(err)
	}
	t := r.Task
	if t.Dir == "" {
		t.Dir = p.opts.Folder
	}
	t.Stdin, t.StdoutIsData = "", false
	t.Env = p.opts.environ()
	t.Argv = []string{p.opts.Executable, p.opts.program("worker.py"), p.opts.Folder, f.request}
	if p.spawn {
		return p.answer(f, p.opts.Executor.Run(ctx, &t, started))
	}
	p.enter()
	defer p.leave()
	return p.answer(f, p.runForked(ctx, &t, f, started))
}

// runForked runs the task in a process that the template forks. If the template
// ends without an answer, another one is asked once.
func (p *Pool) runForked(ctx context.Context, t *executor.Task, f files, started func(executor.Handle)) executor.Outcome {
	for repeated := false; ; repeated = true {
		from, err := p.get(ctx)
		if err != nil {
			return p.notStarted(err)
		}
		t.Template = from.forks
		t.Fork = func() (int, error) {
			return from.fork(order{Request: f.request, Stdout: logOf(t.Stdout), Stderr: logOf(t.Stderr), Dir: t.Dir})
		}
		out := p.opts.Executor.Run(ctx, t, started)
		if out.Failure == nil || !errors.Is(out.Failure, errGone) {
			return out
		}
		// What it may have forked in vain has been ended when it is gone.
		problem := from.problem()
		if repeated || ctx.Err() != nil {
			return p.notStarted(problem)
		}
	}
}

func logOf(path string) string {
	if path == "" {
		return os.DevNull
	}
	return path
}

// notStarted is the outcome of a request that no process took.
func (p *Pool) notStarted(err error) executor.Outcome {
	var f *proc.Failure
	if !errors.As(err, &f) || f.Kind != proc.Cancelled {
		f = &proc.Failure{Kind: proc.StartFailed, Command: p.opts.Executable, Err: err}
	}
	return executor.Outcome{ExitCode: -1, Failure: f}
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
	case failure.Kind == proc.BackgroundLeft,
		failure.Kind == proc.ExitStatus && failure.Status == 1 && said.Error != nil:
		out.Failure = nil
	}
	if out.Failure == nil && reply.Error == nil {
		_, _ = os.Remove(f.request), os.Remove(f.reply)
	}
	return reply, out
}

// errClosed is a request to a pool that is closed.
var errClosed = &proc.Failure{Kind: proc.Cancelled}

// get returns a template that is ready, and starts one if there is none.
func (p *Pool) get(ctx context.Context) (*template, error) {
	for tries := 1; ; tries++ {
		t, err := p.current()
		if err != nil {
			return nil, err
		}
		select {
		case <-t.ready:
		case <-ctx.Done():
			return nil, &proc.Failure{Kind: proc.Cancelled}
		}
		if t.started {
			p.mu.Lock()
			p.misses = 0
			p.mu.Unlock()
			return t, nil
		}
		if err := p.missed(t); err != nil || tries == mostKills {
			return nil, cmp.Or(err, error(t.problem()))
		}
	}
}

// current returns the template that takes requests, which may not be ready yet.
// An earlier one is gone then: there never are two.
func (p *Pool) current() (*template, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch t := p.template; {
		case p.closed:
			return nil, errClosed
		case p.broken != nil:
			return nil, p.broken
		case t == nil || t.isGone():
			p.template = openTemplate(&p.opts)
			return p.template, nil
		case t.takes():
			return t, nil
		default:
			p.mu.Unlock()
			<-t.gone
			p.mu.Lock()
		}
	}
}

// missed is told of a template that ended before it was ready. Another may fare
// better, unless the error says that there can't be one.
func (p *Pool) missed(t *template) error {
	err := t.problem()
	p.mu.Lock()
	defer p.mu.Unlock()
	f, died := err.Err.(*proc.Failure)
	if died && f.Kind == proc.Cancelled { // the executor is closed
		return f
	}
	killed := died && (f.Kind == proc.Signalled || f.ForMemory())
	if !t.counted && !killed {
		t.counted = true
		if p.misses++; p.misses >= mostMisses {
			p.broken = err
		}
	}
	return nil
}

func (p *Pool) enter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.active++
	if p.idle != nil {
		p.idle.Stop()
	}
}

func (p *Pool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active--; p.active == 0 {
		p.idle = time.AfterFunc(p.opts.Idle, p.Rest)
	}
}

// templateSize is about what a template with nipype holds, and some of what its
// nodes import.
const templateSize = 64 << 20

// Aside is what of a total of memory is to be set aside for the template, so that
// those who share the rest have room beside it: never more than a quarter. A nil
// Pool needs nothing.
func (p *Pool) Aside(total int64) int64 {
	if p == nil || p.spawn {
		return 0
	}
	return min(templateSize, total/4)
}

// Rest ends the template now if no request needs it, so that its memory is
// free. Another request starts it again.
func (p *Pool) Rest() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.active == 0 && p.template != nil {
		p.template.quit()
	}
}

// Close ends the template, and returns when it has ended. Requests that wait
// for it fail as cancelled; workers that run are the executor's.
func (p *Pool) Close() {
	p.mu.Lock()
	t := p.template
	p.closed = true
	if p.idle != nil {
		p.idle.Stop()
	}
	p.mu.Unlock()
	if t != nil {
		t.quit()
		<-t.gone
	}
}
