package report

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/workflow"
)

// A lab is a base directory in which small workflows run for real.
type lab struct {
	t    *testing.T
	base string
}

func newLab(t *testing.T) *lab {
	base, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &lab{t, base}
}

// run runs the shell's scripts, a node for each. Nodes whose name ends in 2
// have two retries.
func (l *lab) run(graph *Graph, scripts map[string]string, sink func(event.Event)) {
	l.t.Helper()
	d := workflow.New()
	top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	for name, script := range scripts {
		tool := iface.New(iface.Interface{Ref: iface.Ref{Name: "test.Sh", Source: script}, Command: &iface.Command{Words: []string{"sh", "-c", script}}})
		spec := workflow.NodeSpec{Name: name, Interface: tool}
		if strings.HasSuffix(name, "2") {
			spec.Options.Retries = 2
		}
		top.Add(diag.Pos{}, d.AddNode(spec))
	}
	p, problems := plan.Build(top)
	if len(problems) > 0 {
		l.t.Fatal(problems)
	}
	exec := local.New(local.Options{})
	defer exec.Close()
	r := task.New(p, task.Options{BaseDir: l.base, Executor: exec, Environ: os.Environ()})
	s, err := store.Open(context.Background(), l.base, store.Options{Visit: r.Visit})
	if err != nil {
		l.t.Fatal(err)
	}
	defer s.Close()
	r.Begin(s)
	w := history.NewWriter(s, history.Run{Total: p.NumInstances(), Command: "raphe run wf.star"})
	if graph != nil {
		payload, err := graph.Encode()
		if err != nil {
			l.t.Fatal(err)
		}
		if _, err := s.Append(KindGraph, 0, payload); err != nil {
			l.t.Fatal(err)
		}
	}
	both := func(e event.Event) {
		w.Event(e)
		if sink != nil {
			sink(e)
		}
	}
	sched.New(p, r, sched.Options{Capacity: sched.Claim{Procs: 2, Mem: 1 << 30}, Sink: both}, nil).Run(context.Background())
	if err := w.Close(); err != nil {
		l.t.Fatal(err)
	}
}

// read reads the report as another process would.
func (l *lab) read() *Report {
	l.t.Helper()
	s, err := store.View(l.base)
	if err != nil {
		l.t.Fatal(err)
	}
	defer s.Close()
	r, err := Read(s, l.base)
	if err != nil {
		l.t.Fatal(err)
	}
	return r
}

// states gives the state of each instance, and how often it was tried before.
func states(r *Report) map[string]string {
	out := map[string]string{}
	for _, row := range r.Rows {
		out[row.Name] = row.State.String() + strings.Repeat(" again", len(row.Before))
	}
	return out
}

func TestReadRuns(t *testing.T) {
	l := newLab(t)
	graph := chains(2)
	l.run(graph, map[string]string{"old": "true", "bad2": "echo went wrong >&2; exit 3", "good": "exit 0"}, nil)
	r := l.read()
	want := map[string]string{"wf/old": "done", "wf/good": "done", "wf/bad2": "failed again again"}
	if diff := cmp.Diff(want, states(r)); diff != "" {
		t.Errorf("after the first run (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(graph, r.Graph); diff != "" {
		t.Errorf("the graph (-want +got):\n%s", diff)
	}
	checkFailed(t, r)
	checkPage(t, write(t, r))

	l.run(nil, map[string]string{"old": "true", "bad2": "exit 0", "more": "exit 4"}, nil)
	r = l.read()
	want = map[string]string{"wf/old": "from earlier run", "wf/good": "from earlier run", "wf/bad2": "done", "wf/more": "failed"}
	if diff := cmp.Diff(want, states(r)); diff != "" {
		t.Errorf("after the second run (-want +got):\n%s", diff)
	}
	if r.Graph != nil {
		t.Error("the second run has the graph of the first")
	}
	if r.Rows[0].Name != "wf/more" {
		t.Errorf("the first row is %s, want what failed", r.Rows[0].Name)
	}
}

// checkFailed looks at the row of bad2 and its details.
func checkFailed(t *testing.T, r *Report) {
	t.Helper()
	row := r.Rows[0]
	if row.Name != "wf/bad2" || row.Attempt != 3 || row.Before[0].Cause != "exit status 3" || row.Before[1].Number != 2 {
		t.Errorf("first row: %+v", row)
	}
	var d details
	if err := json.Unmarshal(row.Detail, &d); err != nil {
		t.Fatal(err)
	}
	if d.Failure == nil || !strings.Contains(d.Failure.Stderr, "went wrong") || !strings.HasPrefix(d.Command, "sh -c") || len(d.Before) != 2 {
		t.Errorf("details: %s", row.Detail)
	}
}

// TestReadWhileItRuns reads the report from within a run.
func TestReadWhileItRuns(t *testing.T) {
	l := newLab(t)
	seen := make(chan map[string]string, 1)
	gate := filepath.Join(l.base, "gate")
	l.run(nil, map[string]string{"waits": "while [ ! -e " + gate + " ]; do sleep 0.05; done"}, func(e event.Event) {
		if e.Kind != event.Started {
			return
		}
		go func() { // the history writes once a second
			defer os.WriteFile(gate, nil, 0o666)
			for range 600 {
				if s, err := store.View(l.base); err == nil {
					r, err := Read(s, l.base)
					s.Close()
					if err == nil && len(r.Rows) > 0 {
						seen <- states(r)
						return
					}
				}
				time.Sleep(50 * time.Millisecond)
			}
			seen <- nil
		}()
	})
	if diff := cmp.Diff(map[string]string{"wf/waits": "running"}, <-seen); diff != "" {
		t.Errorf("during the run (-want +got):\n%s", diff)
	}
}

func TestReadNothing(t *testing.T) {
	base := t.TempDir()
	s, err := store.Open(context.Background(), base, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := Read(s, base); !errors.Is(err, history.ErrNone) {
		t.Errorf("Read: %v", err)
	}
}
