package task

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// Run makes one attempt of a unit in a fresh directory and records it.
func (r *Runner) Run(ctx context.Context, u sched.Unit, attempt int, l sched.Looked, started func(sched.Start)) (ran sched.Ran) {
	defer func() {
		if f := caught(recover()); f != nil {
			ran = sched.Ran{Failure: f}
		}
	}()
	k, ok := l.Prepared.(*look)
	if !ok || time.Since(k.at) > mostAge {
		var err error
		if k, err = r.inspect(u); err == nil {
			_, err = r.lookup(ctx, k)
		}
		if err != nil {
			return sched.Ran{Failure: r.inputFailure(u, err)}
		}
		k.reason = l.Reason
	}
	a := &attemptRun{Runner: r, look: k, attempt: attempt, dir: k.dir, started: started, began: time.Now(), claim: l.Claim}
	if a.carried, ok = l.Carry.(*carried); !ok {
		_, a.carried = r.claim(k)
	}
	if err := ctx.Err(); err != nil {
		return sched.Ran{Failure: a.fail(proc.Cancelled.String(), "ended before it began", err)}
	}
	switch {
	case k.iface.Python != nil, k.foreign != nil && k.foreign.nipypes:
		return a.python(ctx)
	case k.iface.Function != nil:
		return a.function(ctx)
	case k.iface.Native != nil && k.iface.Native.Child:
		return a.child(ctx)
	case k.iface.Native != nil && k.foreign != nil:
		return a.dressedNative(ctx)
	case k.iface.Native != nil:
		return a.native(ctx)
	}
	return a.command(ctx)
}

// An attemptRun is one attempt under way.
type attemptRun struct {
	*Runner
	*look
	*carried
	claim   sched.Claim // what it was granted
	attempt int
	dir     string
	began   time.Time
	started func(sched.Start)
	staged  []iface.Staged
}

// function calls a Starlark function.
func (a *attemptRun) function(ctx context.Context) sched.Ran {
	a.started(sched.Start{})
	fn := a.iface.Function
	prog, err := starfn.Compile(fn.Fn)
	if err != nil {
		return sched.Ran{Failure: a.fail("function", "its function can't be compiled", err)}
	}
	if err := os.RemoveAll(a.dir); err != nil { // a command may have run under this name before
		return sched.Ran{Failure: a.fail("directory", "its directory can't be emptied", err)}
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	v, err := prog.Call(ctx, nil, a.inputs.With("function_str", nil)) // nipype's own input, not an argument
	if err != nil {
		return sched.Ran{Failure: a.stopped(ctx, "function", "its function failed", err)}
	}
	out, err := spread(v, fn.Outputs)
	if err != nil {
		return sched.Ran{Failure: a.fail("function", "its function gave something else than its outputs", err)}
	}
	return a.done(out, a.inside(), nil)
}

// inside is what an attempt used that ran inside Raphe.
func (a *attemptRun) inside() event.Usage {
	return event.Usage{Wall: time.Since(a.began), InputBytes: a.given}
}

// limited bounds what runs inside Raphe by the node's timeout.
func (a *attemptRun) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	if a.options.Timeout > 0 {
		return context.WithTimeout(ctx, a.options.Timeout)
	}
	return context.WithCancel(ctx)
}

// stopped is fail for what runs inside Raphe, which its context may have ended.
func (a *attemptRun) stopped(ctx context.Context, kind, cause string, err error) *event.Failure {
	switch ctx.Err() {
	case context.DeadlineExceeded:
		kind, cause = proc.TimedOut.String(), fmt.Sprintf("it took longer than its time limit of %v", a.options.Timeout)
	case context.Canceled:
		kind, cause = proc.Cancelled.String(), "it was ended because the run stopped"
	}
	return a.fail(kind, cause, err)
}

// spread gives the outputs of a function: the value itself for one, its
// elements for several.
func spread(v value.Value, names []string) (value.Record, error) {
	if len(names) == 1 {
		return value.NewRecord(map[string]value.Value{names[0]: v}), nil
	}
	items, ok := value.Items(v)
	if !ok || len(items) != len(names) {
		got := "a value of type " + value.KindOf(v).String()
		if ok {
			got = fmt.Sprintf("%d values", len(items))
		}
		return nil, fmt.Errorf("it has %d outputs (%v) and its function returned %s", len(names), names, got)
	}
	m := map[string]value.Value{}
	for i, name := range names {
		m[name] = items[i]
	}
	return value.NewRecord(m), nil
}

// native runs an interface written in Go, in this process.
func (a *attemptRun) native(ctx context.Context) sched.Ran {
	a.started(sched.Start{})
	impl, ok := native.Lookup(a.iface.Native.Impl)
	if !ok {
		return sched.Ran{Failure: a.fail("native", fmt.Sprintf("BUG: no implementation %q", a.iface.Native.Impl), nil)}
	}
	if err := os.RemoveAll(a.dir); err != nil {
		return sched.Ran{Failure: a.fail("directory", "its directory can't be emptied", err)}
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	out, err := a.dirs.hold(func() (value.Record, error) { return impl.Run(ctx, a.call(a.look)) })
	if err != nil {
		return sched.Ran{Dir: a.existingDir(), Failure: a.stopped(ctx, "native", firstLine(err), err), Repeat: ctx.Err() == nil}
	}
	return a.done(out, a.inside(), nil)
}

// done records a success.
func (a *attemptRun) done(out value.Record, usage event.Usage, argv []string) sched.Ran {
	rec := a.success(out, usage, argv)
	var paths []string
	for _, f := range out {
		value.Walk(f.Value, func(s string) { paths = append(paths, s) })
	}
	var err error
	if rec.Files, err = mark(paths, a.dir, a.publishes()); err != nil {
		return sched.Ran{Failure: a.fail("outputs", "its outputs can't be examined", err)}
	}
	dir := a.existingDir()
	if dir != "" {
		if err := a.tidy(rec, a.staged); err != nil {
			return sched.Ran{Failure: a.fail("outputs", "what is not to be kept can't be removed", err)}
		}
		if a.dirs.drop(dir, a.opts.BaseDir, out) {
			dir = ""
		}
	}
	return a.record(a.unit, rec, sched.Ran{Usage: usage, Dir: dir})
}

// success gives the record of a success, its files aside.
func (a *attemptRun) success(out value.Record, usage event.Usage, argv []string) *Record {
	return &Record{
		Name: a.name, Node: a.node.Label(), Interface: a.iface.Name, Key: a.key, Began: a.began, Usage: usage,
		Attempt: a.attempt, Reason: a.reason, Argv: argv, Outputs: out, Items: a.items,
	}
}

// call gives the one use of a native interface that a look is about.
func (r *Runner) call(k *look) *native.Call {
	return &native.Call{
		Inputs: k.inputs, Params: k.iface.Params, Dir: k.dir, BaseDir: r.opts.BaseDir, Claim: r.claims.claim,
	}
}

// publishes reports whether the interface writes outside its directory.
func (k *look) publishes() bool {
	if k.iface.Native == nil {
		return false
	}
	impl, ok := native.Lookup(k.iface.Native.Impl)
	return ok && impl.Publishes
}

// existingDir gives the working directory if the attempt has one.
func (a *attemptRun) existingDir() string {
	if _, err := os.Stat(a.dir); err != nil {
		return ""
	}
	return a.dir
}

// record writes the record of a success; not being able to is the end of the
// run.
func (r *Runner) record(u sched.Unit, rec *Record, ran sched.Ran) sched.Ran {
	err := r.results.moveLarge(rec)
	if err == nil {
		ref, appendErr := r.results.append(KindResult, rec)
		if err = appendErr; err == nil {
			r.results.settle(u.Instance, u.Element >= 0, rec, ref, r.dir(rec.Name))
			r.elementSettled(u, ref, true)
			return ran
		}
	}
	ran.Fatal = err
	ran.Failure = &event.Failure{Kind: "store", Cause: "its record could not be written: " + err.Error(), Mend: storeMend(err)}
	return ran
}

func storeMend(err error) string {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return "free some space below base_dir, then start the same command again: nothing complete is redone"
	}
	return "see that base_dir can be written, then start the same command again: nothing complete is redone"
}

// fail makes the failure of an attempt and records it.
func (a *attemptRun) fail(kind, cause string, err error) *event.Failure {
	f := &event.Failure{Kind: kind, Cause: cause, Parameters: a.parameters(a.unit), Rerun: a.opts.Rerun}
	switch {
	case err == nil:
	case firstLine(err) == cause:
		f.Detail = otherLines(err)
	default:
		f.Detail = err.Error()
	}
	if errors.Is(err, syscall.ENOSPC) {
		f.Kind, f.Mend = proc.NoSpace.String(), "free some space below base_dir"
	}
	return a.recordFailure(f, a.inside())
}

// recordFailure keeps a failed attempt for `raphe show`; the run goes on whether
// or not that works, since the failure is reported anyway.
func (a *attemptRun) recordFailure(f *event.Failure, used event.Usage) *event.Failure {
	if f.CrashFile == "" {
		a.writeCrash(a.name, a.node.Label(), a.began, f)
	}
	rec := &Record{
		Name: a.name, Node: a.node.Label(), Interface: a.iface.Name, Key: a.key, Began: a.began,
		Usage: used, Attempt: a.attempt, Reason: a.reason, Items: a.items, Failure: f,
	}
	if _, err := a.results.append(KindFailure, rec); err != nil {
		f.Detail += "\nthis failure could not be recorded: " + err.Error()
	}
	return f
}

func firstLine(err error) string {
	s := err.Error()
	for i, c := range s {
		if c == '\n' {
			return s[:i]
		}
	}
	return s
}

// otherLines gives what firstLine leaves out.
func otherLines(err error) string {
	_, rest, _ := strings.Cut(err.Error(), "\n")
	return rest
}
