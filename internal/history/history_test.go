package history

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/workflow"
)

func open(t testing.TB, base string, visit store.Visitor) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), base, store.Options{Visit: visit})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// view reads the history as another process would.
func view(t testing.TB, base string) *History {
	t.Helper()
	v, err := store.View(base)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	h, err := Read(v, base)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// say sends an event of now.
func say(w *Writer, e event.Event) {
	e.Time = time.Now()
	w.Event(e)
}

func started(name string) event.Event {
	return event.Event{Kind: event.Started, Node: "wf.n", Instance: name, Attempt: 1}
}

func finished(name string) event.Event {
	return event.Event{Kind: event.Finished, Node: "wf.n", Instance: name}
}

// names gives "name for 3s" for each that runs.
func names(h *History) []string {
	var out []string
	for _, r := range h.Running {
		out = append(out, fmt.Sprintf("%s for %v", r.Name, h.Read.Sub(r.Began)))
	}
	return out
}

// TestWhileItRuns reads the history at moments of a run.
func TestWhileItRuns(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		w := NewWriter(s, Run{Command: "raphe run wf.star", Total: 8, Version: "1.0"})
		w.Event(event.Event{Kind: event.RunStarted, Time: time.Now(), Total: 8})
		h := view(t, base)
		if h.Phase != Goes || h.Counts.Total != 8 || h.Command != "raphe run wf.star" || h.PID != os.Getpid() || len(h.Running) > 0 {
			t.Errorf("at the beginning: %+v", h)
		}
		say(w, event.Event{Kind: event.Cached, Instance: "old"})
		say(w, started("short"))
		say(w, finished("short"))
		say(w, started("a"))
		time.Sleep(500 * time.Millisecond)
		say(w, started("b"))
		time.Sleep(700 * time.Millisecond)
		synctest.Wait()
		h = view(t, base)
		if diff := cmp.Diff([]string{"a for 1.2s", "b for 700ms"}, names(h)); diff != "" {
			t.Errorf("running (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(event.Counts{Total: 8, Cached: 1, Done: 1, Running: 2}, h.Counts); diff != "" {
			t.Errorf("counts (-want +got):\n%s", diff)
		}
		say(w, finished("a"))
		say(w, event.Event{Kind: event.Failed, Node: "wf.n", Instance: "b", Failure: &event.Failure{Kind: "exit-status", Cause: strings.Repeat("é", 400)}})
		say(w, event.Event{Kind: event.Blocked, Node: "wf.m", Instance: "c", Cause: "b"})
		time.Sleep(time.Second)
		synctest.Wait()
		say(w, event.Event{Kind: event.Blocked, Node: "wf.m", Instance: "d", Cause: "b"})
		time.Sleep(time.Second)
		synctest.Wait()
		h = view(t, base)
		if len(h.Running) > 0 || len(h.Failed) != 1 || h.Failed[0].Blocked != 2 || len(h.Failed[0].Cause) > longestText+3 {
			t.Errorf("after a failure: running %v, failed %+v", h.Running, h.Failed)
		}
		counts := h.Counts
		say(w, event.Event{Kind: event.Draining, Reason: "interrupted"})
		say(w, event.Event{Kind: event.RunFinished, Counts: &counts})
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		s.Close()
		h = view(t, base)
		if h.Phase != Ended || h.Draining != "interrupted" || h.Complete() || h.Counts.Left() != 2 {
			t.Errorf("at the end: %+v", h)
		}
	})
}

// TestFewRecords counts what a run writes.
func TestFewRecords(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		w := NewWriter(s, Run{})
		say(w, event.Event{Kind: event.RunStarted, Total: 30000})
		for i := range 10000 {
			say(w, event.Event{Kind: event.Cached, Instance: fmt.Sprint("old", i)})
			say(w, started(fmt.Sprint("n", i)))
			say(w, finished(fmt.Sprint("n", i)))
			if i%100 == 0 {
				time.Sleep(50 * time.Millisecond)
			}
		}
		time.Sleep(time.Hour) // nothing happens
		w.Close()
		records, bytes := 0, 0
		s.Scan(0, func(r store.Record) error {
			records++
			bytes += len(r.Payload)
			return nil
		})
		if records > 7 || bytes > 2000 { // the beginning, and one for each of 5 or 6 seconds
			t.Errorf("%d records, %d bytes", records, bytes)
		}
	})
}

// TestTimeLeft sees that the estimate of the running process is passed on.
func TestTimeLeft(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		w := NewWriter(s, Run{})
		say(w, event.Event{Kind: event.RunStarted, Total: 10})
		for i := range 5 {
			say(w, started(fmt.Sprint(i)))
			time.Sleep(10 * time.Second)
			say(w, finished(fmt.Sprint(i)))
		}
		say(w, started("5"))
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if h := view(t, base); h.Left < 40*time.Second || h.Left > 50*time.Second {
			t.Errorf("%v left; want 45s", h.Left)
		}
		w.Close()
	})
}

// TestDeadOwner sees that a run is known to be dead when its claim is gone, or
// another run holds the store.
func TestDeadOwner(t *testing.T) {
	base := t.TempDir()
	s := open(t, base, nil)
	w := newWriter(s, Run{})
	say(w, event.Event{Kind: event.RunStarted, Total: 3})
	say(w, started("a"))
	w.flush(time.Now())
	s.Close() // and no end
	if h := view(t, base); h.Phase != Died || len(h.Running) != 1 || h.Left != 0 {
		t.Errorf("claim given back: %+v", h)
	}
	open(t, base, nil) // a new run that has written nothing yet
	if h := view(t, base); h.Phase != Died {
		t.Errorf("another owner: %+v", h)
	}
}

func TestLastRunCounts(t *testing.T) {
	base := t.TempDir()
	s := open(t, base, nil)
	for i := range 3 {
		w := NewWriter(s, Run{Command: fmt.Sprint("run ", i), Began: time.Now().Add(time.Duration(i) * time.Second)})
		say(w, event.Event{Kind: event.RunStarted, Total: 1})
		say(w, event.Event{Kind: event.Failed, Instance: fmt.Sprint("f", i)})
		say(w, event.Event{Kind: event.RunFinished, Counts: &event.Counts{Total: 1, Failed: 1}})
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What a newer Raphe writes is passed over.
	s.Append(KindBegun, 9, []byte(`{"format": 99}`))
	s.Append(KindProgress, 9, []byte(`{"counts": {"total": 77}}`))
	h := view(t, base)
	if h.Command != "run 2" || len(h.Failed) != 1 || h.Failed[0].Name != "f2" || h.Counts.Total != 1 {
		t.Errorf("%+v", h)
	}
}

func TestNoRun(t *testing.T) {
	base := t.TempDir()
	s := open(t, base, nil)
	if _, err := Read(s, base); !errors.Is(err, ErrNone) {
		t.Errorf("Read: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	base := t.TempDir()
	s := open(t, base, nil)
	w := newWriter(s, Run{})
	say(w, event.Event{Kind: event.RunStarted, Total: 9000})
	const n = 2*mostEntries + 500
	for i := range n {
		say(w, started(fmt.Sprint("r", i)))
		say(w, event.Event{Kind: event.Failed, Instance: fmt.Sprint("f", i)})
		say(w, event.Event{Kind: event.Blocked, Instance: fmt.Sprint("b", i), Cause: fmt.Sprint("f", i)})
	}
	w.flush(time.Now())
	if h := view(t, base); len(h.Running) != n || len(h.Failed) != n || h.Failed[n-1].Blocked != 1 {
		t.Errorf("%d running, %d failed", len(h.Running), len(h.Failed))
	}
	for i := range n {
		say(w, finished(fmt.Sprint("r", i)))
	}
	w.Close()
	if h := view(t, base); len(h.Running) != 0 {
		t.Errorf("%d still running", len(h.Running))
	}
}

// TestAgreesWithTheRun feeds any events and flushes at any moments: what is
// read is what the writer knows.
func TestAgreesWithTheRun(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		base := t.TempDir()
		s := open(t, base, nil)
		defer s.Close()
		w, t := newWriter(s, Run{Began: time.Now()}), rt
		now := time.Now()
		kinds := []event.Kind{event.Started, event.Started, event.Finished, event.Failed, event.Retrying, event.Cached}
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			now = now.Add(time.Second)
			w.Event(event.Event{
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Time: now,
				Instance: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "instance"),
			})
			if rapid.Bool().Draw(t, "flush") {
				w.flush(now)
			}
		}
		w.flush(now)
		h, err := Read(s, base)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, r := range w.state.Running() {
			want = append(want, r.Name)
		}
		for _, r := range h.Running {
			got = append(got, r.Name)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("running (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(w.state.Counts, h.Counts); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
	})
}

// TestRealFailure runs a tool that fails, and finds its failure record.
func TestRealFailure(t *testing.T) {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	tool := iface.New(iface.Interface{
		Ref:     iface.Ref{Name: "test.Fails", Source: "it"},
		Command: &iface.Command{Words: []string{"sh", "-c", "echo went wrong >&2; exit 3"}},
	})
	d := workflow.New()
	top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	top.Add(diag.Pos{}, d.AddNode(workflow.NodeSpec{Name: "bad", Interface: tool}))
	p, problems := plan.Build(top)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	exec := local.New(local.Options{})
	defer exec.Close()
	r := task.New(p, task.Options{BaseDir: base, Executor: exec, Environ: os.Environ()})
	s := open(t, base, r.Visit)
	r.Begin(s)
	w := NewWriter(s, Run{Total: p.NumInstances()})
	sched.New(p, r, sched.Options{Capacity: sched.Claim{Procs: 1, Mem: 1 << 30}, Sink: w.Event}, nil).Run(context.Background())
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	h := view(t, base)
	if h.Phase != Ended || h.Complete() || len(h.Failed) != 1 {
		t.Fatalf("%+v", h)
	}
	f := h.Failed[0]
	if f.Name != "wf/bad" || f.Failure == nil || f.Failure.Cause != f.Cause || !strings.Contains(f.Failure.Stderr, "went wrong") {
		t.Errorf("failed: %+v, failure %+v", f, f.Failure)
	}
	text, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var back History
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h.Failed, back.Failed); diff != "" || back.Phase != Ended || back.Token != h.Token {
		t.Errorf("read back from JSON: %s", text)
	}
}
