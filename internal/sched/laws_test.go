package sched

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/workflow"
)

// A fate is what becomes of one unit.
type fate struct {
	Looked
	time  time.Duration
	again []Claim // attempts that fail first, and the claim of the one after each
	fails int     // attempts that fail then
	fresh bool    // no record is there
}

// A drama is a random workflow and the fates of its units.
type drama struct {
	*fake
	t       *rapid.T
	fates   map[string]fate
	options Options
}

func drawDrama(rt *rapid.T, t testing.TB) *drama {
	b := newBench(t)
	var nodes []workflow.Node
	for i := range rapid.IntRange(1, 8).Draw(rt, "nodes") {
		var after []workflow.Node
		for range rapid.IntRange(0, min(2, len(nodes))).Draw(rt, "edges") {
			after = append(after, nodes[rapid.IntRange(0, len(nodes)-1).Draw(rt, "src")])
		}
		name := fmt.Sprintf("n%d", i)
		if rapid.IntRange(0, 2).Draw(rt, "swept") == 0 {
			nodes = append(nodes, b.sweep(name, rapid.IntRange(1, 4).Draw(rt, "values"), after...))
		} else {
			nodes = append(nodes, b.node(name, after...))
		}
	}
	d := &drama{t: rt, fates: map[string]fate{}, options: Options{
		Capacity: Claim{Procs: rapid.IntRange(1, 4).Draw(rt, "procs"), Mem: int64(rapid.IntRange(1, 10).Draw(rt, "mem"))},
		Lookers:  rapid.IntRange(2, 4).Draw(rt, "lookers"),
		enough:   rapid.IntRange(1, 3).Draw(rt, "enough"),
	}}
	d.fake = &fake{plan: b.plan(), run: d.run}
	d.fake.look, d.fake.fresh = d.lookAt, func(name string) bool { return d.fates[name].fresh }
	for i := range d.plan.NumInstances() {
		name, _ := d.Name(Whole(plan.Instance(i)))
		d.draw(name, true)
	}
	return d
}

// draw decides on the fate of a unit, and of its elements.
func (d *drama) draw(name string, mayExpand bool) {
	f := fate{time: time.Duration(rapid.IntRange(0, 5).Draw(d.t, "time")) * time.Second}
	f.Claim = Claim{Procs: rapid.IntRange(0, 6).Draw(d.t, "procs"), Mem: int64(rapid.IntRange(0, 12).Draw(d.t, "mem"))}
	f.Light = rapid.IntRange(0, 4).Draw(d.t, "light") == 0
	f.Retries = rapid.IntRange(0, 2).Draw(d.t, "retries")
	switch n := rapid.IntRange(0, 20).Draw(d.t, "verdict"); {
	case n < 4:
		f.Verdict = Hit
	case n == 4:
		f.Verdict, f.Failure = Fail, &event.Failure{Cause: "can't be"}
	case n < 9 && mayExpand:
		f.Verdict, f.Serial = Expand, rapid.Bool().Draw(d.t, "serial")
		f.Elements = rapid.IntRange(0, 5).Draw(d.t, "elements")
		for k := range f.Elements {
			d.draw(fmt.Sprintf("%s#%d", name, k), false)
		}
	case n < 13:
		f.fails = rapid.IntRange(1, 3).Draw(d.t, "fails")
	}
	if rapid.IntRange(0, 3).Draw(d.t, "again") == 0 {
		f.again = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Claim {
			return Claim{Procs: rapid.IntRange(0, 6).Draw(t, "procs"), Mem: int64(rapid.IntRange(0, 12).Draw(t, "mem"))}
		}), 1, 3).Draw(d.t, "claims")
	}
	f.fresh = (f.Verdict == Run && !f.Light || f.Verdict == Fail) && rapid.Bool().Draw(d.t, "fresh")
	d.fates[name] = f
}

func (d *drama) lookAt(name string) Looked { return d.fates[name].Looked }

func (d *drama) run(ctx context.Context, name string, attempt int) Ran {
	f := d.fates[name]
	r := wait(ctx, f.time)
	switch {
	case r.Failure != nil:
	case attempt <= len(f.again):
		r = failure("needed more")
		r.Again = &Again{Claim: f.again[attempt-1]}
	case attempt <= len(f.again)+f.fails:
		r = failure("exit status 1")
		r.Repeat = true
	}
	return r
}

// becomes gives what must become of every unit when the run is not stopped.
func (d *drama) becomes() map[string]event.Kind {
	out := map[string]event.Kind{}
	for i := range d.plan.NumInstances() {
		blocked := false
		d.plan.Predecessors(plan.Instance(i), func(p plan.Instance) { // these come before i
			was, _ := d.Name(Whole(p))
			blocked = blocked || out[was] == event.Failed || out[was] == event.Blocked
		})
		name, _ := d.Name(Whole(plan.Instance(i)))
		if blocked {
			out[name] = event.Blocked
			continue
		}
		out[name] = d.settles(name, out)
	}
	return out
}

func (d *drama) settles(name string, out map[string]event.Kind) event.Kind {
	f := d.fates[name]
	switch {
	case f.Verdict == Hit:
		return event.Cached
	case f.Verdict == Fail || f.fails > f.Retries:
		return event.Failed
	}
	kind := event.Finished
	if f.Verdict == Expand {
		for k := range f.Elements {
			el := fmt.Sprintf("%s#%d", name, k)
			if out[el] = d.settles(el, out); out[el] == event.Failed {
				kind = event.Failed
			}
		}
	}
	return kind
}

// checkSlots holds what ran at once against the capacity.
func (d *drama) checkSlots(t testing.TB) {
	if d.most.Procs > d.options.Capacity.Procs || d.most.Mem > d.options.Capacity.Mem {
		t.Errorf("%+v ran at once, the capacity is %+v", d.most, d.options.Capacity)
	}
}

// Whatever the units do, every one is settled once and rightly, nothing starts
// before what it waits for, and the ledger is kept.
func TestEveryRunEndsRightly(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDrama(rt, t)
		synctest.Test(t, func(t *testing.T) {
			l, s := run(t, d.fake, d.options)
			want := d.becomes()
			for name, kind := range want {
				if l.settled[name] != kind {
					t.Errorf("%s: %q, want %s", name, l.settled[name], kind)
				}
			}
			if len(l.settled) != len(want) || s.Drained {
				t.Errorf("%d settled, want %d; %+v", len(l.settled), len(want), s)
			}
			d.checkOrder(t, l)
			d.checkSlots(t)
		})
		if t.Failed() {
			rt.Fatalf("fates %+v", d.fates)
		}
	})
}

// The same when the run is interrupted, ended or stopped at a failure: what is
// settled is settled rightly, the rest is left.
func TestEveryStoppedRunEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDrama(rt, t)
		d.options.StopAtFirst = rapid.Bool().Draw(rt, "stop")
		after := time.Duration(rapid.IntRange(0, 12).Draw(rt, "after")) * time.Second
		cancel := rapid.Bool().Draw(rt, "cancel")
		synctest.Test(t, func(t *testing.T) {
			interrupt := make(chan struct{})
			ctx, end := context.WithCancel(t.Context())
			defer end()
			timer := time.AfterFunc(after, func() {
				if cancel {
					end()
				} else {
					close(interrupt)
				}
			})
			defer timer.Stop()
			l, _ := runUntil(ctx, t, d.fake, d.options, interrupt)
			want := d.becomes()
			for name, kind := range l.settled {
				if kind != want[name] && kind != event.Failed && kind != event.Blocked {
					t.Errorf("%s: %q, want %s", name, kind, want[name])
				}
			}
			d.checkOrder(t, l)
			d.checkSlots(t)
		})
		if t.Failed() {
			rt.Fatalf("fates %+v", d.fates)
		}
	})
}

// checkOrder holds the events against the plan: an instance begins when all
// that it needs is done.
func (d *drama) checkOrder(t testing.TB, l *log) {
	done := map[string]bool{}
	index := map[string]plan.Instance{}
	for i := range d.plan.NumInstances() {
		name, _ := d.Name(Whole(plan.Instance(i)))
		index[name] = plan.Instance(i)
	}
	for _, e := range l.events {
		switch e.Kind {
		case event.Cached, event.Finished:
			done[e.Instance] = true
			fallthrough
		case event.Started, event.Expanded:
			name, _, _ := strings.Cut(e.Instance, "#")
			d.plan.Predecessors(index[name], func(p plan.Instance) {
				if needs, _ := d.Name(Whole(p)); !done[needs] {
					t.Errorf("%s is %s before %s is done", e.Instance, e.Kind, needs)
				}
			})
		}
	}
}

// A run costs a few bytes for each instance, and time in proportion.
func TestBytesForEachInstance(t *testing.T) {
	const n = 100_000
	b := newBench(t)
	b.node("b", b.sweep("a", n/2))
	f := &fake{plan: b.plan()}
	q := &quiet{f}
	events, most := 0, uint64(0)
	start := heap()
	loop := New(f.plan, q, Options{Capacity: Claim{Procs: 4}, Lookers: 2, Sink: func(event.Event) {
		if events++; events%50_000 == 0 {
			now := heap()
			most = max(most, now-min(now, start))
		}
	}}, nil)
	s := loop.Run(t.Context())
	if !s.OK() || s.Done != n {
		t.Errorf("%+v", s.Counts)
	}
	// One byte of state, four of a count, twelve for those that could be looked
	// at; some hundred kilobytes for what is under way.
	if per := (most - min(most, 1<<20)) / n; per > 12 {
		t.Errorf("%d bytes for each instance", per)
	}
}

// A failure that blocks very many costs no more than to say so of each.
func TestManyBlocked(t *testing.T) {
	const n = 50_000
	b := newBench(t)
	b.node("c", b.node("b", b.sweep("a", n, b.node("root"))))
	f := &fake{plan: b.plan(), run: func(context.Context, string, int) Ran { return failure("exit status 1") }}
	blocked := 0
	s := New(f.plan, f, Options{Capacity: Claim{Procs: 1}, Sink: func(e event.Event) {
		if e.Kind == event.Blocked {
			blocked++
		}
	}}, nil).Run(t.Context())
	if s.Blocked != 3*n || blocked != 3*n || s.Failed != 1 {
		t.Errorf("%+v, %d events", s.Counts, blocked)
	}
}

func BenchmarkNullWork(b *testing.B) {
	bn := newBench(b)
	bn.node("b", bn.sweep("a", 50_000))
	f := &fake{plan: bn.plan()}
	b.ReportAllocs()
	for b.Loop() {
		New(f.plan, &quiet{f}, Options{Capacity: Claim{Procs: 4}}, nil).Run(b.Context())
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/instance")
}
