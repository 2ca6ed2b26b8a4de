package task_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

func at(n float64) *float64 { return &n }

// tool is `sh -c SCRIPT sh in_file... out_file`: what the tests make tools of.
func tool(script string) *iface.Interface {
	return iface.New(iface.Interface{
		Ref: iface.Ref{Name: "test.Tool", Source: script},
		Inputs: []iface.Input{
			{Name: "in_file", Type: iface.Type{Kind: iface.File, Exists: true}, Argstr: "%s", Position: at(0), Mandatory: true},
			{Name: "out_file", Type: iface.Type{Kind: iface.File}, Argstr: "%s", Position: at(1), Default: value.String("out.txt")},
			{Name: "text", Type: iface.Type{Kind: iface.Str}, Argstr: "%s", Position: at(2)},
			{Name: "threads", Type: iface.Type{Kind: iface.Int}, Threads: true},
		},
		Outputs: []iface.Output{{Name: "out_file", Type: iface.Type{Kind: iface.File, Exists: true}, Value: &iface.At{Input: "out_file"}}},
		Command: &iface.Command{Words: []string{"sh", "-c", script, "sh"}},
	})
}

// A lab runs workflows of small tools in a temporary base directory.
type lab struct {
	t    *testing.T
	base string
	in   string
	env  []string // more of the environment
	// started is called when a unit starts.
	started func(instance string, stop func())
	exec    executor.Executor // nil: a local one
	memory  task.Memory       // Total 0: 1 GiB
	python  task.Pool         // of workflows that nipype hands over
}

func newLab(t *testing.T) *lab {
	l := &lab{t: t, base: t.TempDir()}
	real, err := filepath.EvalSymlinks(l.base)
	if err != nil {
		t.Fatal(err)
	}
	l.base = real
	l.in = filepath.Join(t.TempDir(), "in.txt")
	l.write(l.in, "one\n")
	return l
}

func (l *lab) write(path, text string) {
	l.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		l.t.Fatal(err)
	}
}

// A node of a chain: each takes its in_file from the one before.
type step struct {
	name, script string
	inputs       map[string]value.Value
	options      workflow.Options
}

// run runs a chain and gives the events by kind and instance.
func (l *lab) run(steps ...step) (map[string]event.Event, sched.Summary) {
	l.t.Helper()
	d := workflow.New()
	top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	var before workflow.Node
	for k, s := range steps {
		in := value.NewRecord(s.inputs)
		if k == 0 && !in.Has("in_file") {
			in.Set("in_file", value.String(l.in))
		}
		n := d.AddNode(workflow.NodeSpec{Name: s.name, Interface: tool(s.script), Inputs: in, Options: s.options})
		top.Add(diag.Pos{}, n)
		if k > 0 {
			top.Connect(workflow.Edge{Src: before, SrcPort: "out_file", Dst: n, DstPort: "in_file"})
		}
		before = n
	}
	return l.execute(top)
}

func (l *lab) execute(top workflow.Workflow) (map[string]event.Event, sched.Summary) {
	l.t.Helper()
	p, problems := plan.Build(top)
	if len(problems) > 0 {
		l.t.Fatal(problems)
	}
	exec := l.exec
	if exec == nil {
		exec = local.New(local.Options{})
		defer exec.Close()
	}
	self, err := os.Executable()
	if err != nil {
		l.t.Fatal(err)
	}
	r := task.New(p, task.Options{BaseDir: l.base, Executor: exec, Self: self, Environ: append(os.Environ(), l.env...), Rerun: "raphe run it", Memory: l.memory, Python: l.python})
	st, err := store.Open(context.Background(), l.base, store.Options{Visit: r.Visit})
	if err != nil {
		l.t.Fatal(err)
	}
	defer st.Close()
	r.Begin(st)
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	events := map[string]event.Event{}
	loop := sched.New(p, r, sched.Options{Capacity: sched.Claim{Procs: 2, Mem: l.capacity()}, Sink: func(e event.Event) {
		if e.Kind == event.Started && l.started != nil {
			l.started(e.Instance, stop)
		}
		if e.Instance != "" && e.Kind != event.Expanded {
			if e.Kind != event.Started {
				if was, ok := events[e.Instance]; ok && was.Kind == event.Started && e.Kind == event.Finished {
					e.Reason = was.Reason
				}
			}
			events[e.Instance] = e
		}
	}}, nil)
	return events, loop.Run(ctx)
}

func (l *lab) capacity() int64 {
	if l.memory.Total > 0 {
		return l.memory.Total
	}
	return 1 << 30
}

// attempts gives the records of an instance in the last run, as it was tried.
func (l *lab) attempts(name string) []*task.Record {
	l.t.Helper()
	s, err := store.View(l.base)
	if err != nil {
		l.t.Fatal(err)
	}
	defer s.Close()
	last, err := task.Last(s, l.base, func(r *task.Record) bool { return r.Name == name })
	if err != nil || len(last) != 1 {
		l.t.Fatalf("%d records of %s, %v", len(last), name, err)
	}
	before, err := task.Before(s, l.base, last)
	if err != nil {
		l.t.Fatal(err)
	}
	return append(before[name], last[0])
}

// verdicts gives how each instance ended, and why it ran.
func verdicts(events map[string]event.Event) map[string]string {
	out := map[string]string{}
	for name, e := range events {
		s := string(e.Kind)
		if e.Kind == event.Finished {
			s += ": " + e.Reason
		}
		if e.Failure != nil {
			s += ": " + e.Failure.Cause
		}
		out[name] = s
	}
	return out
}

const upper = `tr a-z A-Z < "$1" > "$2"`

func twoSteps(inputs map[string]value.Value) []step {
	return []step{{name: "a", script: `cat "$1" > "$2"; printf %s "$3" >> "$2"`, inputs: inputs}, {name: "b", script: upper}}
}

func TestRunThenNothingToDo(t *testing.T) {
	l := newLab(t)
	events, sum := l.run(twoSteps(nil)...)
	want := map[string]string{"wf/a": "finished: it never ran here", "wf/b": "finished: it never ran here"}
	if d := cmp.Diff(want, verdicts(events)); d != "" || !sum.OK() {
		t.Fatalf("first run (-want +got):\n%s%+v", d, sum)
	}
	got, err := os.ReadFile(filepath.Join(l.base, "wf/b/out.txt"))
	if err != nil || string(got) != "ONE\n" {
		t.Fatalf("output %q, %v", got, err)
	}
	entries, _ := os.ReadDir(filepath.Join(l.base, "wf/b"))
	if len(entries) != 1 {
		t.Errorf("the directory of a quiet tool holds %v, want its output alone", entries)
	}
	events, _ = l.run(twoSteps(nil)...)
	if d := cmp.Diff(map[string]string{"wf/a": "cached", "wf/b": "cached"}, verdicts(events)); d != "" {
		t.Errorf("second run (-want +got):\n%s", d)
	}
}

// Each case changes something between two runs of the same chain.
func TestReasons(t *testing.T) {
	str := func(s string) map[string]value.Value { return map[string]value.Value{"text": value.String(s)} }
	tests := []struct {
		name   string
		change func(l *lab)
		second []step
		want   map[string]string
	}{
		{"an input is changed", func(*lab) {}, twoSteps(str("y")), map[string]string{
			"wf/a": `finished: input "text" changed: 'x' -> 'y'`, "wf/b": `finished: the content behind input "in_file" changed: 'BASE/wf/a/out.txt'`}},
		{"an input is unset", func(*lab) {}, twoSteps(nil), map[string]string{
			"wf/a": `finished: input "text" is no longer set (was 'x')`, "wf/b": `finished: the content behind input "in_file" changed: 'BASE/wf/a/out.txt'`}},
		{"a file changes its content, not its size", func(l *lab) { l.write(l.in, "two\n") }, twoSteps(str("x")), map[string]string{
			"wf/a": `finished: the content behind input "in_file" changed: 'IN'`, "wf/b": `finished: the content behind input "in_file" changed: 'BASE/wf/a/out.txt'`}},
		{"a file is written again as it was", func(l *lab) { l.write(l.in, "one\n") }, twoSteps(str("x")), map[string]string{"wf/a": "cached", "wf/b": "cached"}},
		{"an output is removed", func(l *lab) { os.Remove(filepath.Join(l.base, "wf/a/out.txt")) }, twoSteps(str("x")), map[string]string{
			"wf/a": "finished: its output out.txt is missing", "wf/b": "cached"}},
		{"an output is edited", func(l *lab) { l.write(filepath.Join(l.base, "wf/b/out.txt"), "edited") }, twoSteps(str("x")), map[string]string{
			"wf/a": "cached", "wf/b": "finished: its output out.txt was changed since"}},
		{"the tool is another one", func(*lab) {}, []step{{name: "a", script: `cp "$1" "$2"`, inputs: str("x")}, {name: "b", script: upper}}, map[string]string{
			"wf/a": "finished: the definition of interface test.Tool changed", "wf/b": `finished: the content behind input "in_file" changed: 'BASE/wf/a/out.txt'`}},
		{"threads do not count", func(*lab) {}, twoSteps(map[string]value.Value{"text": value.String("x"), "threads": value.Int(4)}), map[string]string{"wf/a": "cached", "wf/b": "cached"}},
		{"a variable is set", func(*lab) {}, []step{
			{name: "a", script: twoSteps(nil)[0].script, inputs: str("x"), options: workflow.Options{Environ: []workflow.EnvVar{{Name: "LC_ALL", Value: "C"}}}},
			{name: "b", script: upper}}, map[string]string{
			"wf/a": "finished: environment variable LC_ALL is now set to C", "wf/b": `finished: the content behind input "in_file" changed: 'BASE/wf/a/out.txt'`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.run(twoSteps(str("x"))...)
			tt.change(l)
			events, _ := l.run(tt.second...)
			got := verdicts(events)
			for k, v := range got {
				got[k] = strings.NewReplacer(l.base, "BASE", l.in, "IN").Replace(v)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("second run (-want +got):\n%s", d)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	l := newLab(t)
	events, sum := l.run(step{name: "a", script: `echo "bad voxel in $1" >&2; exit 3`}, step{name: "b", script: upper})
	f := events["wf/a"].Failure
	if f == nil || f.Cause != "exit status 3" || !strings.Contains(f.Stderr, "bad voxel") || events["wf/b"].Kind != event.Blocked {
		t.Fatalf("events %+v", events)
	}
	if sum.Failed != 1 || sum.Blocked != 1 || sum.OK() {
		t.Errorf("summary %+v", sum)
	}
	if !strings.HasPrefix(f.Rerun, "sh ") {
		t.Errorf("rerun command %q", f.Rerun)
	}
	script, err := os.ReadFile(filepath.Join(l.base, "wf/a/replay.sh"))
	if err != nil || !strings.Contains(string(script), "exec sh -c") {
		t.Errorf("replay script %q, %v", script, err)
	}
	events, _ = l.run(step{name: "a", script: `true`}, step{name: "b", script: upper})
	if f := events["wf/a"].Failure; f == nil || !strings.Contains(f.Cause, `did not make its output "out_file"`) {
		t.Errorf("missing output: %+v", events["wf/a"])
	}
}

func TestMapNode(t *testing.T) {
	l := newLab(t)
	files := make(value.List, 3)
	for k := range files {
		path := filepath.Join(filepath.Dir(l.in), string(rune('a'+k)))
		l.write(path, path[len(path)-1:])
		files[k] = value.String(path)
	}
	build := func(list value.Value) workflow.Workflow {
		d := workflow.New()
		top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
		m := d.AddNode(workflow.NodeSpec{Name: "m", Interface: tool(upper), Inputs: value.NewRecord(map[string]value.Value{"in_file": list}),
			Options: workflow.Options{Kind: workflow.MapNode, IterField: []string{"in_file"}}})
		top.Add(diag.Pos{}, m)
		return top
	}
	events, sum := l.execute(build(files))
	if !sum.OK() || sum.Done != 4 {
		t.Fatalf("summary %+v, events %v", sum, verdicts(events))
	}
	got, err := os.ReadFile(filepath.Join(l.base, "wf/m/mapflow/_m2/out.txt"))
	if err != nil || string(got) != "C" {
		t.Errorf("element 2: %q, %v", got, err)
	}
	_, sum = l.execute(build(files[:2]))
	if sum.Cached != 2 || sum.Done != 1 {
		t.Errorf("shorter list: %+v", sum)
	}
	if _, err := os.Stat(filepath.Join(l.base, "wf/m/mapflow/_m2")); err == nil {
		t.Error("the directory of a surplus element is still there")
	}
	_, sum = l.execute(build(value.List{}))
	if !sum.OK() {
		t.Errorf("empty list: %+v", sum)
	}
}
