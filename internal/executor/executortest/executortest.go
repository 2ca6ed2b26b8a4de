// Package executortest holds what every executor has to keep, as tests.
//
// An executor's own tests call [Run] with a function that makes one, and have
//
//	func TestMain(m *testing.M) { proctest.Main(m) }
//
// because the tasks of the suite are the test binary, executed again. The
// suite waits for events with deadlines, so that it holds on a busy machine
// and, with the time that a scheduler takes, on a cluster.
package executortest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/proc/proctest"
)

// patience is how long the suite waits for what must happen.
const patience = 60 * time.Second

// Run tests the executors that open makes. Each test has a new one, which is
// closed at its end.
func Run(t *testing.T, open func(t *testing.T) executor.Executor) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, e executor.Executor)
	}{
		{"Success", success},
		{"ExitStatus", exitStatus},
		{"Arguments", arguments},
		{"Surroundings", surroundings},
		{"Stdin", stdin},
		{"OneFileForBothStreams", oneFile},
		{"Data", data},
		{"BigOutput", bigOutput},
		{"NotFound", notFound},
		{"NotExecutable", notExecutable},
		{"NoDirectory", noDirectory},
		{"Killed", killed},
		{"Timeout", timeout},
		{"Memory", memory},
		{"LeftBehind", leftBehind},
		{"Cancelled", cancelled},
		{"CancelledStubborn", cancelledStubborn},
		{"CancelledBefore", cancelledBefore},
		{"Concurrent", concurrent},
		{"Running", running},
		{"Close", closeKills},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := open(t)
			defer func() {
				if err := e.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			}()
			c.test(t, e)
		})
	}
}

// task is a task that runs a test tool in a directory of its own.
func task(t *testing.T, args ...string) *executor.Task {
	t.Helper()
	dir := filepath.Join(t.TempDir(), `a dir; with "odd" name's`)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	argv, env := proctest.Command(args...)
	return &executor.Task{
		ID: t.Name(), Argv: argv, Env: env, Dir: dir, Procs: 1, Grace: patience,
		Stdout: filepath.Join(dir, "out put"), Stderr: filepath.Join(dir, "err put"),
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// run runs a task to its end.
func run(t *testing.T, e executor.Executor, task *executor.Task) executor.Outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return e.Run(ctx, task, nil)
}

// background starts a task that says "ready", and returns when it has.
func background(t *testing.T, ctx context.Context, e executor.Executor, task *executor.Task) <-chan executor.Outcome {
	t.Helper()
	done := make(chan executor.Outcome, 1)
	go func() { done <- e.Run(ctx, task, nil) }()
	eventually(t, "task ready", func() bool {
		text, _ := os.ReadFile(task.Stdout)
		return strings.Contains(string(text), "ready")
	})
	return done
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func await(t *testing.T, done <-chan executor.Outcome) executor.Outcome {
	t.Helper()
	select {
	case o := <-done:
		return o
	case <-time.After(patience):
		t.Fatal("the task does not return")
		panic("unreachable")
	}
}

// want checks the kind of the failure, and that it can be printed.
func want(t *testing.T, o executor.Outcome, kind proc.Kind) {
	t.Helper()
	if o.Failure == nil || o.Failure.Kind != kind {
		t.Fatalf("failure %v; want one of kind %v", o.Failure, kind)
	}
	if o.Failure.Error() == "" || o.Failure.Mend() == "" {
		t.Errorf("failure says %q, mend %q", o.Failure.Error(), o.Failure.Mend())
	}
}

func wantSuccess(t *testing.T, o executor.Outcome) {
	t.Helper()
	if o.Failure != nil || o.ExitCode != 0 || o.Signal != "" {
		t.Fatalf("failure %v, exit status %d, signal %q", o.Failure, o.ExitCode, o.Signal)
	}
}

func success(t *testing.T, e executor.Executor) {
	before := time.Now()
	var handles []executor.Handle
	task := task(t, "args")
	o := e.Run(t.Context(), task, func(h executor.Handle) { handles = append(handles, h) })
	wantSuccess(t, o)
	if len(handles) != 1 || handles[0].Host == "" || o.Host != handles[0].Host {
		t.Errorf("handles %+v, host %q; want one", handles, o.Host)
	}
	if o.Started.Before(before.Add(-time.Second)) || o.Usage.Wall <= 0 || o.Usage.MaxRSS <= 0 {
		t.Errorf("started %v, usage %+v", o.Started, o.Usage)
	}
	if got := read(t, task.Stdout); got != "[]\n" || o.StdoutBytes != 3 || o.StderrBytes != 0 {
		t.Errorf("stdout %q, sizes %d and %d", got, o.StdoutBytes, o.StderrBytes)
	}
}

func exitStatus(t *testing.T, e executor.Executor) {
	task := task(t, "complain", "oh no", "3")
	o := run(t, e, task)
	want(t, o, proc.ExitStatus)
	if o.ExitCode != 3 || o.Failure.Error() != "exit status 3" || read(t, task.Stderr) != "oh no\n" {
		t.Errorf("exit status %d, %v, stderr %q", o.ExitCode, o.Failure, read(t, task.Stderr))
	}
}

func arguments(t *testing.T, e executor.Executor) {
	odd := []string{
		"a b", " ", "", `"double"`, "it's", "semi;colon", "$HOME", "`id`", "$(id)", "new\nline", "\ttab", "*", "?[a]",
		"~", "-n", "--", "#no", "a&b", "a|b", ">file", `back\slash`, `\n`, "ünïcode 脳", "not\xffutf8", "%s", "!!",
	}
	task := task(t, append([]string{"args"}, odd...)...)
	wantSuccess(t, run(t, e, task))
	if diff := cmp.Diff(fmt.Sprintf("%q\n", odd), read(t, task.Stdout)); diff != "" {
		t.Error(diff)
	}
}

func surroundings(t *testing.T, e executor.Executor) {
	here := task(t, "cwd")
	wantSuccess(t, run(t, e, here))
	dir, err := filepath.EvalSymlinks(here.Dir)
	if got := read(t, here.Stdout); err != nil || got != dir+"\n" {
		t.Errorf("directory %q; want %q", got, dir)
	}

	given := task(t, "env", "RAPHE_ODD")
	given.Env = append(given.Env, "RAPHE_ODD=a 'b' \"c\"; $d\ne")
	wantSuccess(t, run(t, e, given))
	if got := read(t, given.Stdout); got != "a 'b' \"c\"; $d\ne\n" {
		t.Errorf("variable %q", got)
	}

	t.Setenv("RAPHE_OURS", "leaked")
	ours := task(t, "env", "RAPHE_OURS")
	for i, v := range ours.Env {
		if strings.HasPrefix(v, "RAPHE_OURS=") {
			ours.Env = append(ours.Env[:i:i], ours.Env[i+1:]...)
			break
		}
	}
	wantSuccess(t, run(t, e, ours))
	if got := read(t, ours.Stdout); got != "\n" {
		t.Errorf("a variable of the caller's own environment arrived: %q", got)
	}
}

func stdin(t *testing.T, e executor.Executor) {
	none := task(t, "cat")
	wantSuccess(t, run(t, e, none))
	if got := read(t, none.Stdout); got != "" {
		t.Errorf("no standard input gave %q", got)
	}

	some := task(t, "cat")
	some.Stdin = filepath.Join(some.Dir, "in put")
	if err := os.WriteFile(some.Stdin, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantSuccess(t, run(t, e, some))
	if got := read(t, some.Stdout); got != "one\ntwo\n" {
		t.Errorf("standard input arrived as %q", got)
	}
}

func oneFile(t *testing.T, e executor.Executor) {
	task := task(t, "complain", "to stdout's file", "0")
	task.Stderr = task.Stdout
	wantSuccess(t, run(t, e, task))
	if got := read(t, task.Stdout); got != "to stdout's file\n" {
		t.Errorf("file has %q", got)
	}
}

func data(t *testing.T, e executor.Executor) {
	task := task(t, "write", "stdout", "100000")
	task.StdoutIsData, task.LogBytes = true, 1000
	if err := os.WriteFile(task.Stdout, []byte("of an earlier attempt"), 0o600); err != nil {
		t.Fatal(err)
	}
	wantSuccess(t, run(t, e, task))
	if got := len(read(t, task.Stdout)); got != 100000 {
		t.Errorf("%d bytes; want 100000", got)
	}
}

func bigOutput(t *testing.T, e executor.Executor) {
	task := task(t, "write", "stderr", fmt.Sprint(1<<40)) // would fill any disk
	task.LogBytes = 1 << 20
	o := run(t, e, task)
	want(t, o, proc.LogLimit)
	if o.StderrBytes <= task.LogBytes {
		t.Errorf("ended at %d bytes", o.StderrBytes)
	}
}

func notFound(t *testing.T, e executor.Executor) {
	nowhere := task(t, "args")
	nowhere.Argv = []string{"raphe-no-such-tool", "x"}
	nowhere.Env = []string{"PATH=/nonexistent/bin"}
	started := false
	o := e.Run(t.Context(), nowhere, func(executor.Handle) { started = true })
	want(t, o, proc.NotFound)
	if text := o.Failure.Error(); !strings.Contains(text, "raphe-no-such-tool") || !strings.Contains(text, "/nonexistent/bin") {
		t.Errorf("does not say what and where: %s", text)
	}
	if started || o.ExitCode != -1 {
		t.Errorf("started %v, exit status %d", started, o.ExitCode)
	}

	file := task(t, "args")
	file.Argv = []string{filepath.Join(file.Dir, "gone")}
	want(t, run(t, e, file), proc.NotFound)
}

func notExecutable(t *testing.T, e executor.Executor) {
	task := task(t, "args")
	task.Argv = []string{filepath.Join(task.Dir, "plain")}
	if err := os.WriteFile(task.Argv[0], []byte("#!/bin/sh\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	want(t, run(t, e, task), proc.NotExecutable)
}

func noDirectory(t *testing.T, e executor.Executor) {
	task := task(t, "args")
	task.Dir += "/gone"
	o := run(t, e, task)
	want(t, o, proc.StartFailed)
	if !strings.Contains(o.Failure.Error(), task.Dir) {
		t.Errorf("does not name the directory: %v", o.Failure)
	}
}

func killed(t *testing.T, e executor.Executor) {
	for sig, name := range map[string]string{"9": "SIGKILL", "15": "SIGTERM"} {
		o := run(t, e, task(t, "raise", sig))
		want(t, o, proc.Signalled)
		if o.Signal != name || o.ExitCode != -1 || !strings.Contains(o.Failure.Error(), name) {
			t.Errorf("signal %q, exit status %d, %v; want %s", o.Signal, o.ExitCode, o.Failure, name)
		}
	}
}

func timeout(t *testing.T, e executor.Executor) {
	task := task(t, "stubborn")
	task.Timeout, task.Grace = 50*time.Millisecond, 50*time.Millisecond
	want(t, run(t, e, task), proc.TimedOut)
}

func memory(t *testing.T, e executor.Executor) {
	task := task(t, "grow", fmt.Sprint(200<<20))
	task.MemBytes = 100 << 20
	o := run(t, e, task)
	if o.Failure == nil || o.Failure.Kind != proc.KilledOOM { // where the kernel enforces it
		want(t, o, proc.MemoryExceeded)
	}
}

func leftBehind(t *testing.T, e executor.Executor) {
	o := run(t, e, task(t, "leave", "sleep"))
	want(t, o, proc.BackgroundLeft)
	if o.ExitCode != 0 || len(o.Failure.Left) != 1 {
		t.Errorf("exit status %d, left %v", o.ExitCode, o.Failure.Left)
	}
}

func cancelled(t *testing.T, e executor.Executor) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := background(t, ctx, e, task(t, "family", "sleep"))
	cancel()
	o := await(t, done)
	want(t, o, proc.Cancelled)
	if o.Usage.Wall <= 0 {
		t.Errorf("usage %+v", o.Usage)
	}
}

func cancelledStubborn(t *testing.T, e executor.Executor) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	task := task(t, "stubborn")
	task.Grace = 50 * time.Millisecond
	done := background(t, ctx, e, task)
	cancel()
	o := await(t, done)
	want(t, o, proc.Cancelled)
	if o.Signal != "SIGKILL" {
		t.Errorf("ended by %q", o.Signal)
	}
}

func cancelledBefore(t *testing.T, e executor.Executor) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	task := task(t, "args")
	want(t, e.Run(ctx, task, func(executor.Handle) { t.Error("started") }), proc.Cancelled)
	if _, err := os.Stat(task.Stdout); err == nil {
		t.Error("the output was touched")
	}
}

func concurrent(t *testing.T, e executor.Executor) {
	var all sync.WaitGroup
	for i := range 16 {
		task := task(t, "complain", fmt.Sprint("task ", i), fmt.Sprint(i))
		all.Go(func() {
			o := run(t, e, task)
			if o.ExitCode != i || (o.Failure == nil) != (i == 0) {
				t.Errorf("task %d: exit status %d, %v", i, o.ExitCode, o.Failure)
			}
			if text, err := os.ReadFile(task.Stderr); err != nil || string(text) != fmt.Sprintf("task %d\n", i) {
				t.Errorf("task %d wrote %q, %v", i, text, err)
			}
		})
	}
	all.Wait()
}

func running(t *testing.T, e executor.Executor) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if got := e.Running(); len(got) != 0 {
		t.Fatalf("before any task: %v", got)
	}
	first, second := task(t, "sleep"), task(t, "sleep")
	first.ID, second.ID = "z first", "a second"
	ends := []<-chan executor.Outcome{background(t, ctx, e, first)}
	eventually(t, "the first listed", func() bool { return len(e.Running()) == 1 })
	ends = append(ends, background(t, ctx, e, second))
	eventually(t, "both listed", func() bool { return len(e.Running()) == 2 })
	var ids []string
	for _, s := range e.Running() {
		ids = append(ids, s.ID)
		if s.Elapsed <= 0 || s.Processes < 1 {
			t.Errorf("sample %+v", s)
		}
	}
	if diff := cmp.Diff([]string{"z first", "a second"}, ids); diff != "" {
		t.Error(diff)
	}
	cancel()
	for _, done := range ends {
		await(t, done)
	}
	if got := e.Running(); len(got) != 0 {
		t.Errorf("after the end: %v", got)
	}
}

func closeKills(t *testing.T, e executor.Executor) {
	done := background(t, t.Context(), e, task(t, "stubborn")) // its grace is long
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	want(t, await(t, done), proc.Cancelled)
	want(t, run(t, e, task(t, "args")), proc.Cancelled)
}
