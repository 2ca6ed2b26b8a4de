package task

import (
	"context"
	"fmt"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/sched"
)

// split runs a node whose class is a command line with Python of its own: one
// worker says which command, and ends; the command runs with no Python beside
// it; another worker collects what it left. Some classes run several.
func (a *attemptRun) split(ctx context.Context, s slot) sched.Ran {
	var used event.Usage
	var argv []string
	var results []pyworker.Result
	reply, out := a.ask(ctx, pyworker.OpPrepare, s, nil)
	for reply.Error == nil && out.Failure == nil && reply.Command != nil {
		own := slot{s.dir, s.n, fmt.Sprintf("tool%d.", len(results))}
		t := a.toolTask(reply.Command, own)
		tool := a.noting(func(started func(executor.Handle)) executor.Outcome { return a.opts.Executor.Run(ctx, t, started) })
		add(&used, a.usage(&tool))
		argv = append(argv, reply.Command.Cmdline)
		status, judged := statusOf(&tool)
		if !judged {
			return a.toolFailed(ctx, &tool, reply.Command, t, s)
		}
		results = append(results, pyworker.Result{ReturnCode: status, Stdout: t.Stdout, Stderr: t.Stderr, Duration: tool.Usage.Wall})
		reply, out = a.ask(ctx, pyworker.OpCollect, s, results)
	}
	if reply.Error != nil || out.Failure != nil {
		return a.pythonFailed(ctx, reply, &out, s, results)
	}
	if len(results) == 0 {
		used = a.usage(&out)
	}
	return a.doneByPython(reply, used, argv)
}

// toolTask is the command that a worker asked for.
func (a *attemptRun) toolTask(c *pyworker.Command, s slot) *executor.Task {
	path, _ := getenv("PATH", c.Env)
	t := &executor.Task{
		ID: a.name, Argv: commandWords(c.Cmdline, path), Dir: c.Dir, Env: environment(a.threads(), c.Env),
		Stdout: s.path("out"), Stderr: s.path("err"),
		Procs: a.claim.Procs, Timeout: a.options.Timeout, MemBytes: a.limit(), Claim: a.claim.Mem,
	}
	if t.Dir == "" {
		t.Dir = a.dir
	}
	return t
}

// statusOf gives the exit status that nipype is to judge; not judged is what
// Raphe knows better: a command that did not end by itself.
func statusOf(out *executor.Outcome) (status int, judged bool) {
	switch f := out.Failure; {
	case f == nil || f.Kind == proc.BackgroundLeft:
		return 0, true
	case f.Kind == proc.ExitStatus:
		return f.Status, true
	}
	return 0, false
}

func (a *attemptRun) toolFailed(ctx context.Context, out *executor.Outcome, c *pyworker.Command, t *executor.Task, s slot) sched.Ran {
	f := &event.Failure{Parameters: a.parameters(a.unit), Rerun: a.opts.Rerun, Command: c.Cmdline}
	a.befell(f, out, t.Stdout, t.Stderr)
	if a.isLast(out) {
		f.CrashFile = a.crash(ctx, f, s, t.Stdout, t.Stderr)
	}
	return a.repeatable(f, out)
}

// add sums up what several commands of one unit used, one after the other.
func add(sum *event.Usage, u event.Usage) {
	u.Wall += sum.Wall
	u.CPU += sum.CPU
	u.PeakRSS, u.PeakPSS, u.PeakVSize = max(u.PeakRSS, sum.PeakRSS), max(u.PeakPSS, sum.PeakPSS), max(u.PeakVSize, sum.PeakVSize)
	u.ReadBytes += sum.ReadBytes
	u.WriteBytes += sum.WriteBytes
	u.Processes += sum.Processes
	*sum = u
}
