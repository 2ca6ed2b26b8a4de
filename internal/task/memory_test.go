package task_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/learn"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/workflow"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

// A hungry executor runs commands that need some memory; below that they fail,
// for the reason that a test gives.
type hungry struct {
	executor.Executor
	needs int64
	fails func(t *executor.Task, attempt int) *proc.Failure // nil: as a limit that is enforced does

	mu    sync.Mutex
	tasks []executor.Task
}

func newHungry(t *testing.T, needs int64) *hungry {
	h := &hungry{Executor: local.New(local.Options{}), needs: needs}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func (h *hungry) Run(ctx context.Context, t *executor.Task, started func(executor.Handle)) executor.Outcome {
	h.mu.Lock()
	h.tasks = append(h.tasks, *t)
	attempt := len(h.tasks)
	h.mu.Unlock()
	out := h.Executor.Run(ctx, t, started)
	switch {
	case out.Failure != nil:
	case h.fails != nil:
		out.Failure = h.fails(t, attempt)
	case t.MemBytes > 0 && t.MemBytes < h.needs:
		out.Failure = &proc.Failure{Kind: proc.MemoryExceeded, Peak: t.MemBytes, Limit: t.MemBytes}
	}
	out.Usage.PeakRSS = h.needs
	return out
}

func (h *hungry) claims() []int64 {
	var out []int64
	for _, t := range h.tasks {
		out = append(out, t.Claim/mib)
	}
	return out
}

const touch = `echo x > "$2"`

func TestAttemptsWithMoreMemory(t *testing.T) {
	exceeded := func(peak int64) func(*executor.Task, int) *proc.Failure {
		return func(t *executor.Task, _ int) *proc.Failure {
			return &proc.Failure{Kind: proc.KilledOOM, Peak: peak}
		}
	}
	together := func(until int) func(*executor.Task, int) *proc.Failure {
		return func(t *executor.Task, attempt int) *proc.Failure {
			if attempt > until {
				return nil
			}
			return &proc.Failure{Kind: proc.MemoryExceeded, Together: true, Peak: t.Claim + mib, Claim: t.Claim, Limit: 4 * gib}
		}
	}
	for _, tt := range []struct {
		name    string
		memory  task.Memory
		options workflow.Options
		needs   int64
		fails   func(*executor.Task, int) *proc.Failure
		want    []int64 // the claims, in MiB
		cause   string  // "": it succeeds
		mend    string
	}{
		{"double, then all", task.Memory{Retries: 2}, workflow.Options{MemGB: 0.5}, 3 * gib, nil, []int64{512, 1024, 4096}, "", ""},
		{"not even all", task.Memory{Retries: 2}, workflow.Options{MemGB: 0.5}, 9 * gib, nil, []int64{512, 1024, 4096},
			"needed more than 4 GiB; its limit was 4 GiB (3 attempts: 512 MiB, 1 GiB, 4 GiB)", "all of --memory (4 GiB) was not enough"},
		{"all at once is all", task.Memory{Retries: 2}, workflow.Options{MemGB: 4}, 9 * gib, nil, []int64{4096},
			"needed more than 4 GiB; its limit was 4 GiB", "all of --memory (4 GiB) was not enough"},
		{"none wanted", task.Memory{}, workflow.Options{MemGB: 0.5}, 9 * gib, nil, []int64{512}, "needed more than 512 MiB; its limit was 512 MiB", "mem_gb=1"},
		{"by the node's own retries", task.Memory{}, workflow.Options{MemGB: 0.5, Retries: 1}, 9 * gib, nil, []int64{512, 4096}, "(2 attempts: 512 MiB, 4 GiB)", "--memory"},
		{"both", task.Memory{Retries: 2}, workflow.Options{MemGB: 0.1, Retries: 1}, 9 * gib, nil, []int64{102, 256, 512, 4096}, "(4 attempts: 102 MiB, 256 MiB, 512 MiB, 4 GiB)", "--memory"},
		{"half more than it was seen to need", task.Memory{Retries: 2}, workflow.Options{}, 0, exceeded(1000 * mib), []int64{204, 1536, 4096},
			"the kernel ended it because memory ran out; it held 1000 MiB (3 attempts: 205 MiB, 1.5 GiB, 4 GiB)", "--memory"},
		{"nothing is known of what it needed", task.Memory{Retries: 3}, workflow.Options{}, 0, exceeded(0), []int64{204, 448, 896, 4096}, "because memory ran out", "--memory"},
		{"together", task.Memory{Retries: 1}, workflow.Options{MemGB: 1}, 0, together(2), []int64{1024, 1344, 1728}, "", ""},
		{"together, alone at last", task.Memory{Retries: 1}, workflow.Options{MemGB: 0.5}, 0, together(99), []int64{512, 704, 896, 1152, 1472, 4096},
			"needed more than 4 GiB, which is all of --memory (6 attempts: 512 MiB, 704 MiB, 896 MiB, 1.1 GiB, 1.4 GiB, 4 GiB)", "--memory"},
		{"together, beside a template", task.Memory{Retries: 1, Aside: gib}, workflow.Options{MemGB: 2}, 0, together(99), []int64{2048, 2624, 3072},
			"needed more than 3 GiB, which is all of --memory (4 GiB) beside the template of Python's workers (3 attempts: 2 GiB, 2.6 GiB, 3 GiB)", "--memory"},
		{"together, and none wanted", task.Memory{}, workflow.Options{MemGB: 0.5}, 0, together(99), []int64{512}, "all commands together", "mem_gb="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l, h := newLab(t), newHungry(t, tt.needs)
			h.fails = tt.fails
			l.exec, l.memory = h, tt.memory
			l.memory.Total, l.memory.Enforce = 4*gib, true
			events, _ := l.run(step{name: "n", script: touch, options: tt.options})
			if d := cmp.Diff(tt.want, h.claims()); d != "" {
				t.Errorf("claims in MiB (-want +got):\n%s", d)
			}
			f := events["wf/n"].Failure
			switch {
			case tt.cause == "" && f != nil, tt.cause != "" && f == nil:
				t.Errorf("got %+v", f)
			case f != nil && (!strings.Contains(f.Cause, tt.cause) || !strings.Contains(f.Mend, tt.mend)):
				t.Errorf("got %q, %q; want %q, %q", f.Cause, f.Mend, tt.cause, tt.mend)
			}
			for _, x := range h.tasks {
				if own := tt.options.MemGB > 0; own != (x.MemBytes == x.Claim) || !own && x.MemBytes != 0 {
					t.Errorf("limit %d where %d is claimed", x.MemBytes, x.Claim)
				}
			}
		})
	}
}

func TestClaims(t *testing.T) {
	l, h := newLab(t), newHungry(t, 300*mib)
	l.exec = h
	l.memory = task.Memory{Total: 4 * gib, Enforce: true, Learned: learn.Open(learn.Options{Project: filepath.Join(t.TempDir(), "x")})}
	asked := func(o workflow.Options) event.Asked {
		t.Helper()
		events, _ := l.run(step{name: "n", script: touch, options: o})
		if events["wf/n"].Usage == nil {
			t.Fatalf("%+v", events["wf/n"])
		}
		if got := events["wf/n"].Usage.InputBytes; got != 4 {
			t.Errorf("%d bytes of input, want 4", got)
		}
		return events["wf/n"].Usage.Asked
	}
	anew := workflow.Options{Overwrite: workflow.Yes}
	said := anew
	said.MemGB, said.NProcs = 1, 2
	for k, tt := range []struct {
		options workflow.Options
		want    event.Asked
	}{
		{anew, event.Asked{Procs: 1, Mem: gib / 5, From: event.FromDefault}},
		{anew, event.Asked{Procs: 1, Mem: 360 * mib, From: event.FromLearned}},
		{said, event.Asked{Procs: 2, Mem: gib, Limit: gib, From: event.FromUser}},
	} {
		if d := cmp.Diff(tt.want, asked(tt.options)); d != "" {
			t.Errorf("run %d (-want +got):\n%s", k, d)
		}
	}
	l.memory.Enforce = false
	if got := asked(said); got.Limit != 0 || got.Mem != gib {
		t.Errorf("nothing is enforced: %+v", got)
	}
}

// An attempt that failed for memory teaches at once what is needed at least;
// any other failure teaches nothing.
func TestFailuresTeach(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind proc.Kind
		want event.Asked
	}{
		{"for memory", proc.KilledOOM, event.Asked{Procs: 1, Mem: 960 * mib, From: event.FromLearned}},
		{"another", proc.TimedOut, event.Asked{Procs: 1, Mem: gib / 5, From: event.FromDefault}},
	} {
		l, h := newLab(t), newHungry(t, 300*mib)
		l.memory = task.Memory{Total: 4 * gib, Learned: learn.Open(learn.Options{Project: filepath.Join(t.TempDir(), "x")})}
		l.exec = h
		h.fails = func(*executor.Task, int) *proc.Failure {
			return &proc.Failure{Kind: tt.kind, Peak: 800 * mib, After: time.Second}
		}
		events, _ := l.run(step{name: "n", script: touch})
		if e := events["wf/n"]; e.Failure == nil || e.Usage == nil || e.Usage.Wall == 0 {
			t.Fatalf("%s: %+v", tt.name, e)
		}
		h.fails = nil
		events, _ = l.run(step{name: "n", script: touch})
		if d := cmp.Diff(tt.want, events["wf/n"].Usage.Asked); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}

// Each attempt is a record of its own, with what it used and had.
func TestEveryAttemptIsRecorded(t *testing.T) {
	l, h := newLab(t), newHungry(t, 700*mib)
	l.exec, l.memory = h, task.Memory{Total: 4 * gib, Enforce: true, Retries: 2}
	l.run(step{name: "n", script: touch, options: workflow.Options{MemGB: 0.25}})
	var got []string
	for _, r := range l.attempts("wf/n") {
		cause := ""
		if r.Failure != nil {
			cause = r.Failure.Cause
		}
		got = append(got, fmt.Sprintf("%d: %d of %d MiB (%s) %s", r.Attempt, r.Usage.PeakRSS/mib, r.Usage.Asked.Limit/mib, r.Usage.Asked.From, cause))
	}
	want := []string{
		"1: 700 of 256 MiB (mem_gb) needed more than 256 MiB; its limit was 256 MiB; to be repeated with 512 MiB",
		"2: 700 of 512 MiB (retry) needed more than 512 MiB; its limit was 512 MiB; to be repeated with 4 GiB",
		"3: 700 of 4096 MiB (retry) ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}
