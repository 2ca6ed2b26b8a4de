package task

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A unit that waited long is looked at again when it runs: its record tells of
// the file that it read, not of what the file was before. One that is run at once
// is not; should its file change in between, it runs again the next time.
func TestOldLooksAreRepeated(t *testing.T) {
	for name, old := range map[string]bool{"waited": true, "ran at once": false} {
		t.Run(name, func(t *testing.T) {
			in := filepath.Join(t.TempDir(), "in.txt")
			write := func(text string) {
				if err := os.WriteFile(in, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			write("one\n")
			base, u := t.TempDir(), sched.Whole(0)
			r, end := oneTool(t, base, in)
			l := r.Look(t.Context(), u)
			if l.Verdict != sched.Run {
				t.Fatalf("%+v", l)
			}
			write("another\n")
			if old {
				k := l.Prepared.(*look)
				k.at = k.at.Add(-2 * mostAge)
			}
			if ran := r.Run(t.Context(), u, 1, l, func(sched.Start) {}); ran.Failure != nil {
				t.Fatalf("%+v", ran.Failure)
			}
			end()
			r, end = oneTool(t, base, in)
			defer end()
			if again := r.Look(t.Context(), u); (again.Verdict == sched.Hit) != old {
				t.Errorf("the next run: %+v", again)
			}
		})
	}
}

// oneTool begins a run of a workflow of one node, which prints a file. end ends it.
func oneTool(t *testing.T, base, in string) (r *Runner, end func()) {
	t.Helper()
	cat := iface.New(iface.Interface{
		Ref:     iface.Ref{Name: "test.Cat", Source: "cat"},
		Inputs:  []iface.Input{{Name: "in_file", Type: iface.Type{Kind: iface.File, Exists: true}, Argstr: "%s", Mandatory: true}},
		Command: &iface.Command{Words: []string{"cat"}},
	})
	d := workflow.New()
	top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	top.Add(diag.Pos{}, d.AddNode(workflow.NodeSpec{Name: "cat", Interface: cat, Inputs: value.NewRecord(map[string]value.Value{"in_file": value.String(in)})}))
	p, problems := plan.Build(top)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	exec := local.New(local.Options{})
	r = New(p, Options{BaseDir: base, Executor: exec, Environ: os.Environ()})
	s, err := store.Open(context.Background(), base, store.Options{Visit: r.Visit})
	if err != nil {
		t.Fatal(err)
	}
	r.Begin(s)
	return r, func() { s.Close(); exec.Close() }
}
