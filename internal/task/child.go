package task

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
)

// child runs an interface written in Go in a process of its own, so that its
// memory is measured, bounded and returned, and a crash is one failure.
func (a *attemptRun) child(ctx context.Context) sched.Ran {
	if err := a.dirs.fresh(a.dir); err != nil {
		return sched.Ran{Failure: a.fail("directory", "its directory can't be made", err)}
	}
	s, err := a.slots.take()
	if err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its log files can't be made", err)}
	}
	defer a.slots.free(s)
	if err := a.writeRequest(s.path("in")); err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its request can't be written", err)}
	}
	t := &executor.Task{
		ID: a.name, Argv: []string{a.opts.Self, "native"}, Dir: a.dir,
		Env:   a.environment(a.env, []string{"GOMAXPROCS=" + fmt.Sprint(a.claim.Procs)}),
		Stdin: s.path("in"), Stdout: s.path("out"), Stderr: s.path("err"), StdoutIsData: true,
		Procs: a.claim.Procs, Timeout: a.look.options.Timeout, MemBytes: a.limit(), Claim: a.claim.Mem,
	}
	out := a.execute(ctx, t, "raphe native "+a.iface.Native.Impl)
	outputs, err := value.Record(nil), native.ErrNoReply
	if !out.Started.IsZero() { // else the file is still the one of the tool before
		outputs, err = answer(t.Stdout)
	}
	if out.Failure == nil && err == nil {
		used := a.usage(&out)
		a.learn(&used, false)
		return a.done(outputs, used, nil)
	}
	return a.repeatable(a.childFailure(&out, t, err), &out)
}

func (a *attemptRun) childFailure(out *executor.Outcome, t *executor.Task, err error) *event.Failure {
	f := &event.Failure{Kind: "native", Parameters: a.parameters(a.unit), Rerun: a.opts.Rerun}
	if !out.Started.IsZero() {
		f.Stderr = tail(t.Stderr)
	}
	switch {
	case err != nil && !errors.Is(err, native.ErrNoReply): // the implementation's own words
		f.Cause, f.Detail, f.Stderr = firstLine(err), otherLines(err), ""
	case out.Failure != nil:
		f.Kind, f.Cause, f.Mend = out.Failure.Kind.String(), out.Failure.Error(), out.Failure.Mend()
	default:
		f.Cause = firstLine(err)
	}
	return f
}

func (a *attemptRun) writeRequest(path string) error {
	b, err := native.ChildRequest(a.iface.Native.Impl, a.call(a.look))
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o666)
}

func answer(path string) (value.Record, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return native.ParseChildReply(bytes.TrimSpace(b))
}
