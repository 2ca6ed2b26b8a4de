package sched

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A bench builds workflows of nodes that only have names.
type bench struct {
	t    testing.TB
	def  *workflow.Definition
	top  workflow.Workflow
	tool *iface.Interface
}

func newBench(t testing.TB) *bench {
	d := workflow.New()
	return &bench{t, d, d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{}),
		iface.New(iface.Interface{Ref: iface.Ref{Name: "test.Tool"}, Native: &iface.Native{Impl: "test.Tool"}, DynamicInputs: true})}
}

// node adds a node that waits for others.
func (b *bench) node(name string, after ...workflow.Node) workflow.Node {
	return b.add(name, workflow.Options{}, after...)
}

// sweep adds a node with n values of an iterable.
func (b *bench) sweep(name string, n int, after ...workflow.Node) workflow.Node {
	it := workflow.Iterable{Field: "i_" + name}
	for i := range n {
		it.Values.Append(value.Int(i))
	}
	return b.add(name, workflow.Options{Iterables: []workflow.Iterable{it}}, after...)
}

func (b *bench) add(name string, o workflow.Options, after ...workflow.Node) workflow.Node {
	n := b.def.AddNode(workflow.NodeSpec{Name: name, Interface: b.tool, Options: o})
	b.top.Add(diag.Pos{}, n)
	for k, src := range after {
		b.top.Connect(workflow.Edge{Src: src, SrcPort: "out", Dst: n, DstPort: fmt.Sprintf("in%d", k)})
	}
	return n
}

func (b *bench) plan() *plan.Plan {
	b.t.Helper()
	p, problems := plan.Build(b.top)
	if len(problems) > 0 {
		b.t.Fatal(problems)
	}
	return p
}

// A fake is a Work whose units do what a test says; each takes its time on the
// test's clock.
type fake struct {
	plan    *plan.Plan
	look    func(name string) Looked                                // nil: must run, one processor
	fresh   func(name string) bool                                  // nil: none is
	run     func(ctx context.Context, name string, attempt int) Ran // nil: nothing
	collect func(name string) Ran                                   // nil: nothing

	mu        sync.Mutex
	begun     []string // names in the order in which they ran
	now, most Claim    // what runs at this moment, and ran at most
	forgotten []string
	running   int
	mostRun   int
}

func (f *fake) Name(u Unit) (unit, node string) {
	unit, node = f.plan.Dir(u.Instance)[len("wf/"):], f.plan.Node(u.Instance).Name()
	if u.Element >= 0 {
		unit = fmt.Sprintf("%s#%d", unit, u.Element)
	}
	return unit, node
}

func (f *fake) Look(_ context.Context, u Unit) Looked {
	name, _ := f.Name(u)
	k := Looked{Claim: Claim{Procs: 1}, Reason: "it never ran here"}
	if f.look != nil {
		k = f.look(name)
	}
	k.Prepared = u
	return k
}

func (f *fake) IsFresh(u Unit) bool {
	if f.fresh == nil {
		return false
	}
	name, _ := f.Name(u)
	return f.fresh(name)
}

func (f *fake) Run(ctx context.Context, u Unit, attempt int, l Looked, started func(Start)) Ran {
	name, _ := f.Name(u)
	if l.Prepared != nil && l.Prepared != u {
		panic("prepared for another unit")
	}
	f.mu.Lock()
	f.begun = append(f.begun, name)
	f.running++
	f.mostRun = max(f.mostRun, f.running)
	if !l.Light {
		f.now = Claim{Procs: f.now.Procs + l.Claim.Procs, Mem: f.now.Mem + l.Claim.Mem}
		f.most = Claim{Procs: max(f.most.Procs, f.now.Procs), Mem: max(f.most.Mem, f.now.Mem)}
	}
	f.mu.Unlock()
	started(Start{})
	var ran Ran
	if f.run != nil {
		ran = f.run(ctx, name, attempt)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running--
	if !l.Light {
		f.now = Claim{Procs: f.now.Procs - l.Claim.Procs, Mem: f.now.Mem - l.Claim.Mem}
	}
	return ran
}

func (f *fake) Collect(_ context.Context, i plan.Instance) Ran {
	if f.collect == nil {
		return Ran{}
	}
	name, _ := f.Name(Whole(i))
	return f.collect(name)
}

func (f *fake) Forget(i plan.Instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, _ := f.Name(Whole(i))
	f.forgotten = append(f.forgotten, name)
}

// takes gives a run that lasts so long for every unit, or until it is ended.
func takes(d time.Duration) func(context.Context, string, int) Ran {
	return func(ctx context.Context, _ string, _ int) Ran { return wait(ctx, d) }
}

func wait(ctx context.Context, d time.Duration) Ran {
	select {
	case <-time.After(d):
		return Ran{}
	case <-ctx.Done():
		return failure("cancelled")
	}
}

func failure(cause string) Ran { return Ran{Failure: &event.Failure{Kind: "test", Cause: cause}} }

// A log holds the events of a run and checks their laws as they come.
type log struct {
	t       testing.TB
	start   time.Time
	events  []event.Event
	at      map[string]time.Duration // when each instance was settled
	settled map[string]event.Kind
	running map[string]bool
	total   int
	counts  event.Counts
}

func newLog(t testing.TB) *log {
	return &log{t: t, start: time.Now(), at: map[string]time.Duration{}, settled: map[string]event.Kind{}, running: map[string]bool{}}
}

func (l *log) sink(e event.Event) {
	l.events = append(l.events, e)
	switch e.Kind {
	case event.RunStarted, event.Expanded:
		l.total += e.Total
	case event.Started:
		if l.running[e.Instance] || l.settled[e.Instance] != "" {
			l.t.Errorf("%s started twice", e.Instance)
		}
		l.running[e.Instance] = true
	case event.Retrying:
		delete(l.running, e.Instance)
	case event.Cached, event.Finished, event.Failed, event.Blocked:
		if was := l.settled[e.Instance]; was != "" {
			l.t.Errorf("%s is %s, was %s", e.Instance, e.Kind, was)
		}
		delete(l.running, e.Instance)
		l.settled[e.Instance], l.at[e.Instance] = e.Kind, e.Time.Sub(l.start)
	case event.RunFinished:
		l.counts = *e.Counts
	}
	if len(l.events) > 1 && l.events[len(l.events)-2].Kind == event.RunFinished {
		l.t.Errorf("%s after the end", e.Kind)
	}
}

// count gives how many instances were settled so.
func (l *log) count(kind event.Kind) int {
	n := 0
	for _, k := range l.settled {
		if k == kind {
			n++
		}
	}
	return n
}

// check holds the counts of the summary against the events; a run that was not
// drained must have settled everything.
func (l *log) check(s Summary) {
	l.t.Helper()
	want := event.Counts{
		Total: l.total, Cached: l.count(event.Cached), Done: l.count(event.Finished),
		Failed: l.count(event.Failed), Blocked: l.count(event.Blocked),
	}
	if s.Counts != want || l.counts != want {
		l.t.Errorf("counts %+v, in the last event %+v, want %+v", s.Counts, l.counts, want)
	}
	if !s.Drained && s.Left() != 0 {
		l.t.Errorf("%d are left at the end of a full run", s.Left())
	}
	if len(l.running) > 0 {
		l.t.Errorf("still running at the end: %v", l.running)
	}
}

// run runs the plan with the fake to its end.
func run(t testing.TB, f *fake, o Options) (*log, Summary) {
	t.Helper()
	return runUntil(context.Background(), t, f, o, nil)
}

func runUntil(ctx context.Context, t testing.TB, f *fake, o Options, interrupt <-chan struct{}) (*log, Summary) {
	t.Helper()
	l := newLog(t)
	o.Sink = l.sink
	if o.Capacity == (Claim{}) {
		o.Capacity = Claim{Procs: 2, Mem: 1 << 30}
	}
	o.Lookers = max(2, o.Lookers)
	s := New(f.plan, f, o, interrupt).Run(ctx)
	l.check(s)
	return l, s
}
