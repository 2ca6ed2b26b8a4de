package task

import (
	"context"
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
)

// python runs a unit by nipype itself.
func (a *attemptRun) python(ctx context.Context) sched.Ran {
	s, err := a.slots.take()
	if err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its log files can't be made", err)}
	}
	defer a.slots.free(s)
	a.started(sched.Start{Command: "nipype: " + a.foreign.Class.Name, Dir: a.dir, Asked: a.asked()})
	// What nipype ran is nipype's to find; of a whole MapNode the elements run.
	if a.iface.Python != nil && a.iface.Python.Split && !a.foreign.nipypes && !a.isWholeMap() {
		return a.split(ctx, s)
	}
	return a.worker(ctx, s)
}

// worker has one Python process do the whole node: node.run().
func (a *attemptRun) worker(ctx context.Context, s slot) sched.Ran {
	reply, out := a.ask(ctx, pyworker.OpRun, s, nil)
	if reply.Error != nil || out.Failure != nil {
		return a.pythonFailed(ctx, reply, &out, s, nil)
	}
	return a.doneByPython(reply, a.usage(&out), nil)
}

// doneByPython records what nipype says of a node that it ran, or found done.
func (a *attemptRun) doneByPython(reply *pyworker.Reply, used event.Usage, argv []string) sched.Ran {
	if !reply.Cached {
		a.learn(&used, false)
	}
	believed, err := nipypeFiles(a.dir, a.result())
	if err != nil {
		return sched.Ran{Failure: a.fail("outputs", "nipype's own files can't be listed", err)}
	}
	return a.doneForeign(believed, reply.Outputs, used, argv)
}

// doneForeign records a success; the files by which nipype believes it are marked
// like outputs: where they are gone, nipype would do it again, too.
func (a *attemptRun) doneForeign(believed []string, outputs value.Record, used event.Usage, argv []string) sched.Ran {
	rec, paths := a.success(outputs, used, argv), believed
	for _, f := range outputs {
		value.Walk(f.Value, func(s string) { paths = append(paths, s) })
	}
	var err error
	if rec.Files, err = mark(paths, a.dir, false); err != nil {
		return sched.Ran{Failure: a.fail("outputs", "its outputs can't be examined", err)}
	}
	return a.record(a.unit, rec, sched.Ran{Usage: used, Dir: a.dir})
}

// ask has a worker do one operation on the unit's blob.
func (a *attemptRun) ask(ctx context.Context, op pyworker.Op, s slot, results []pyworker.Result) (*pyworker.Reply, executor.Outcome) {
	req := &pyworker.Request{
		Op: op, Blob: a.foreign.blob, Label: a.node.Label(), UpdateHash: a.door.UpdateHash, Force: a.foreign.force, Results: results,
		Task: executor.Task{
			ID: a.name, Stdout: s.path("out"), Stderr: s.path("err"),
			Procs: a.claim.Procs, Timeout: a.options.Timeout, MemBytes: a.limit(), Claim: a.claim.Mem,
		},
	}
	var reply *pyworker.Reply
	out := a.noting(func(started func(executor.Handle)) (out executor.Outcome) {
		reply, out = a.door.pool.Run(ctx, req, started)
		return out
	})
	return reply, out
}

// pythonFailed records a failure: the exception of the node, or what befell the
// worker. results are how its commands ended: the exit status of the last says
// more than the exception that nipype makes of it.
func (a *attemptRun) pythonFailed(ctx context.Context, reply *pyworker.Reply, out *executor.Outcome, s slot, results []pyworker.Result) sched.Ran {
	f := &event.Failure{Parameters: a.parameters(a.unit), Rerun: a.opts.Rerun}
	if e := reply.Error; e != nil {
		f.Kind, f.Cause, f.Detail = "python", firstLine(e), strings.TrimRight(e.Traceback, "\n")
		f.Command, f.Stderr = e.Cmdline, lastLines(e.Stderr)
		f.CrashFile = reply.Crashfile
		if n := len(results); n > 0 && results[n-1].ReturnCode != 0 {
			last := results[n-1]
			f.Kind, f.Cause, f.Detail = proc.ExitStatus.String(), fmt.Sprintf("exit status %d", last.ReturnCode), ""
			if f.Stderr = tail(last.Stderr); f.Stderr == "" {
				f.Stdout = tail(last.Stdout)
			}
		}
		failed := *out
		failed.Failure = nil // an exception, which is told, and not its exit status
		return a.repeatable(f, &failed)
	}
	a.befell(f, out, s.path("out"), s.path("err"))
	if a.isLast(out) {
		f.CrashFile = a.crash(ctx, f, s, s.path("out"), s.path("err"))
	}
	return a.repeatable(f, out)
}

// befell words what happened to a process of the unit.
func (a *attemptRun) befell(f *event.Failure, out *executor.Outcome, stdout, stderr string) {
	said := a.ended(*out.Failure, &executor.Task{Stdout: stdout, Stderr: stderr})
	f.Kind, f.Cause, f.Detail, f.Mend = said.Kind, said.Cause, said.Detail, said.Mend
	if out.Started.IsZero() {
		return
	}
	if f.Stderr = tail(stderr); f.Stderr == "" {
		f.Stdout = tail(stdout)
	}
}

// isLast tells whether no other attempt will follow by itself.
func (a *attemptRun) isLast(out *executor.Outcome) bool {
	return !out.Failure.ForMemory() || a.again(out.Failure) == nil
}

// crash has nipype write its crash file for a failure that Raphe saw. It gives
// the name of the file, "" if there is none.
func (a *attemptRun) crash(ctx context.Context, f *event.Failure, s slot, stdout, stderr string) string {
	if ctx.Err() != nil || f.Kind == proc.Cancelled.String() || a.door.pool == nil {
		return ""
	}
	message := f.Cause
	if f.Command != "" {
		message += "\nCommand: " + f.Command
	}
	if f.Stderr != "" {
		message += "\nStandard error:\n" + f.Stderr
	}
	a.door.crashes.Lock()
	defer a.door.crashes.Unlock()
	result := pyworker.Result{Message: message, Stdout: stdout, Stderr: stderr}
	reply, _ := a.ask(ctx, pyworker.OpCrash, slot{s.dir, s.n, "crash."}, []pyworker.Result{result})
	return reply.Crashfile
}

// lastLines cuts what a tool printed to what a failure shows.
func lastLines(s string) string {
	lines := strings.Split(strings.TrimRight(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// isWholeMap tells a MapNode's instance from its elements.
func (k *look) isWholeMap() bool { return isMap(k.options) && k.unit.Element < 0 }
