package task

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/sched"
)

// command runs a tool: prepares its directory, starts it, judges how it ended
// (its exit status first), collects and records its outputs.
func (a *attemptRun) command(ctx context.Context) sched.Ran {
	own, err := a.undress()
	if err != nil {
		return sched.Ran{Failure: a.fail("inputs", "nipype's hash of its inputs can't be made", err)}
	}
	line, err := a.prepare(ctx)
	if err != nil {
		return sched.Ran{Dir: a.existingDir(), Failure: a.stopped(ctx, "prepare", firstLine(err), err)}
	}
	s, err := a.slots.take()
	if err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its log files can't be made", err)}
	}
	defer a.slots.free(s)
	t := a.task(line, s)
	out := a.execute(ctx, t, line.String())
	if f := a.judge(line, &out, t); f != nil {
		return a.failed(ctx, f, &out, line, t, s)
	}
	if err := copyHeaders(line.Headers); err != nil {
		return a.failed(ctx, &event.Failure{Kind: "outputs", Cause: firstLine(err), Detail: err.Error(),
			Mend: "set copy_header to False, or see what the tool wrote"}, &out, line, t, s)
	}
	stdout, stderr := streams(t, &out)
	outputs, err := a.iface.Collect(a.inputs, line, a.dir, stdout, stderr)
	if err = a.pardon(err); err != nil {
		return a.failed(ctx, &event.Failure{Kind: "outputs", Cause: firstLine(err), Detail: otherLines(err),
			Mend: "see what the tool printed; it ended with exit status 0"}, &out, line, t, s)
	}
	if own != nil {
		return a.dress(own, outputs, line, t, &out)
	}
	a.keepLogs(line, s, &out)
	used := a.usage(&out)
	a.learn(&used, false)
	return a.done(outputs, used, line.Argv)
}

// usage is what a command used, what it was given to work on, and what was set
// aside for it.
func (a *attemptRun) usage(out *executor.Outcome) event.Usage {
	u := out.Usage
	if f := out.Failure; f.ForMemory() {
		u.PeakRSS = max(u.PeakRSS, f.Peak)
	}
	return event.Usage{
		Wall: u.Wall, CPU: u.User + u.System, PeakRSS: u.PeakRSS, PeakPSS: u.PeakPSS, PeakVSize: u.PeakVSize,
		ReadBytes: u.ReadBytes, WriteBytes: u.WriteBytes, Processes: u.Processes,
		InputBytes: a.given, Asked: a.asked(),
	}
}

// printed reports in which of its streams a command may have written something;
// they may be one file. Most tools are silent.
func printed(t *executor.Task, out *executor.Outcome) (stdout, stderr bool) {
	stdout = out.StdoutBytes > 0 || t.StdoutIsData
	return stdout, out.StderrBytes > 0 || stdout && t.Stderr == t.Stdout
}

// streams gives the contents of a command's streams when they are asked for.
func streams(t *executor.Task, out *executor.Outcome) (stdout, stderr func() ([]byte, error)) {
	content := func(path string, printed bool) func() ([]byte, error) {
		if !printed {
			return func() ([]byte, error) { return nil, nil }
		}
		return func() ([]byte, error) { return os.ReadFile(path) }
	}
	toStdout, toStderr := printed(t, out)
	return content(t.Stdout, toStdout), content(t.Stderr, toStderr)
}

// prepare makes the directory and everything in it that the tool needs.
func (a *attemptRun) prepare(ctx context.Context) (*iface.Line, error) {
	if err := a.dirs.fresh(a.dir); err != nil {
		return nil, err
	}
	line, err := a.iface.CommandLine(a.grantedInputs(), iface.Context{
		Dir: a.dir, NProcs: a.grantedProcs(), Stage: true, Version: a.tools.version(a.iface, a.opts.Environ, a.env),
		Getenv: func(name string) (string, bool) { return a.getenv(name, a.env) },
	})
	if err != nil {
		return nil, err
	}
	a.staged = line.Stage
	for _, st := range line.Stage {
		if err := stage(ctx, st); err != nil {
			return nil, err
		}
	}
	for _, h := range line.Files {
		if err := writeHelper(h); err != nil {
			return nil, err
		}
	}
	return line, nil
}

func writeHelper(h iface.HelperFile) error {
	if err := os.MkdirAll(filepath.Dir(h.Name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(h.Name, []byte(h.Content), 0o666)
}

// stage brings one file or folder into place.
func stage(ctx context.Context, s iface.Staged) error {
	if _, err := os.Stat(s.From); err != nil {
		if s.Optional && errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.To), 0o777); err != nil {
		return err
	}
	if !s.Copy {
		return os.Symlink(s.From, s.To)
	}
	return copyTree(ctx, s.From, s.To)
}

func (a *attemptRun) task(line *iface.Line, s slot) *executor.Task {
	t := &executor.Task{
		ID: a.name, Argv: line.Argv, Dir: a.dir,
		Env:    a.environment(a.threads(), line.Env, a.env),
		Stdout: s.path("out"), Stderr: s.path("err"),
		Procs: a.claim.Procs, Timeout: a.look.options.Timeout, MemBytes: a.limit(), Claim: a.claim.Mem,
	}
	if line.Stdout != "" {
		t.Stdout, t.StdoutIsData = line.Stdout, true
	}
	if line.Stderr != "" {
		t.Stderr = line.Stderr
	}
	return t
}

// execute runs the task.
func (a *attemptRun) execute(ctx context.Context, t *executor.Task, command string) executor.Outcome {
	a.started(sched.Start{Command: command, Dir: a.dir, Asked: a.asked()})
	return a.noting(func(started func(executor.Handle)) executor.Outcome { return a.opts.Executor.Run(ctx, t, started) })
}

// noting runs what gives its process group away once it runs. That is noted in
// the store, so that a later run can end what this one leaves behind when it is
// killed.
func (a *attemptRun) noting(run func(started func(executor.Handle)) executor.Outcome) executor.Outcome {
	group := 0
	out := run(func(h executor.Handle) {
		group = h.Group.Group
		if group != 0 {
			// A mark that can't be written only means that nothing is ended later.
			_ = a.results.store.NoteProcess(group, h.Group.Start)
		}
	})
	if group != 0 {
		_ = a.results.store.ForgetProcess(group)
	}
	return out
}

// judge says why the command failed, nil if it did not.
func (a *attemptRun) judge(line *iface.Line, out *executor.Outcome, t *executor.Task) *event.Failure {
	f := out.Failure
	if f != nil && f.Kind != proc.ExitStatus && f.Kind != proc.OutOfMemory {
		return a.ended(*f, t)
	}
	stdout, stderr := streams(t, out)
	cause, err := a.iface.Judge(out.ExitCode, stdout, stderr)
	switch {
	case err != nil:
		return &event.Failure{Kind: "exit-status", Cause: err.Error()}
	case cause == "":
		return nil
	case f != nil:
		return a.ended(*f, t)
	}
	return &event.Failure{Kind: "said-so", Cause: cause, Mend: "see what the tool printed"}
}

// ended words how a command ended: a log is named where it will be found, and
// a PATH, which is long, is a detail.
func (a *attemptRun) ended(f proc.Failure, t *executor.Task) *event.Failure {
	out := &event.Failure{Kind: f.Kind.String(), Mend: f.Mend()}
	switch {
	case f.Kind == proc.NotFound && f.Where != "" && !strings.Contains(f.Command, "/"):
		out.Cause, out.Detail = fmt.Sprintf("command %q not found on the PATH", f.Command), "PATH="+f.Where
		return out
	case f.Kind == proc.LogLimit && f.Where == t.Stdout:
		f.Where = filepath.Join(a.dir, stdoutLog)
	case f.Kind == proc.LogLimit && f.Where == t.Stderr:
		f.Where = filepath.Join(a.dir, stderrLog)
	}
	out.Cause = f.Error()
	return out
}

// failed reports a failure with all that helps to understand it, and leaves
// logs and a replay script in the directory.
func (a *attemptRun) failed(ctx context.Context, f *event.Failure, out *executor.Outcome, line *iface.Line, t *executor.Task, s slot) sched.Ran {
	f.Parameters = a.parameters(a.unit)
	f.Command = line.String()
	if !out.Started.IsZero() { // else the streams are still those of the tool before
		f.Stderr = tail(t.Stderr)
		if f.Stderr == "" && !t.StdoutIsData {
			f.Stdout = tail(t.Stdout)
		}
		if a.foreign == nil {
			a.keepLogs(line, s, out)
		}
	}
	lines := strings.Split(f.Stderr, "\n")
	if proc.DiskFull(a.dir) || proc.SaysDiskFull(lines) {
		f.Kind, f.Detail = proc.NoSpace.String(), f.Cause
		f.Cause, f.Mend = "the disk is full", "free some space below base_dir, then start the same command again"
	}
	if path, err := a.writeReplay(line); err == nil {
		f.Rerun = "sh " + Quote(path)
	}
	if a.foreign != nil && (out.Failure == nil || a.isLast(out)) {
		f.CrashFile = a.toolCrash(ctx, f, t)
	}
	return a.repeatable(f, out)
}

// tailLines is how many last lines of a log a failure shows.
const tailLines, tailBytes = 20, 8 << 10

func tail(path string) string {
	lines, err := proc.Tail(path, tailLines, tailBytes)
	if err != nil {
		return ""
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// The names of the logs in a working directory.
const (
	stdoutLog = "stdout.txt"
	stderrLog = "stderr.txt"
)

// keepLogs moves what the tool printed into its directory; a silent tool
// leaves no file.
func (a *attemptRun) keepLogs(line *iface.Line, s slot, out *executor.Outcome) {
	if line.Stdout == "" && out.StdoutBytes > 0 {
		s.keep("out", filepath.Join(a.dir, stdoutLog))
	}
	if line.Stderr == "" && out.StderrBytes > 0 {
		s.keep("err", filepath.Join(a.dir, stderrLog))
	}
}
