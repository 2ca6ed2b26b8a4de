package sched

import (
	"context"
	"runtime"
	"testing"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
)

// A mill is a Work that does nothing, and keeps nothing, for units of one kind.
type mill struct {
	looked Looked
	whole  Looked // of the instances themselves, where these are maps
	fresh  bool
}

func (m *mill) Look(_ context.Context, u Unit) Looked {
	if u.Element < 0 && m.whole.Verdict == Expand {
		return m.whole
	}
	return m.looked
}

func (m *mill) Run(_ context.Context, _ Unit, _ int, _ Looked, started func(Start)) Ran {
	started(Start{})
	return Ran{}
}

func (m *mill) Collect(context.Context, plan.Instance) Ran { return Ran{} }
func (m *mill) Name(Unit) (unit, node string)              { return "unit", "node" }
func (m *mill) IsFresh(Unit) bool                          { return m.fresh }
func (m *mill) Forget(plan.Instance)                       {}

// grind runs a plan to its end. It gives the bytes that the loop holds when half
// of the units are settled, and all that was allocated.
func grind(t *testing.T, p *plan.Plan, m *mill, units int) (held, made float64) {
	t.Helper()
	var before, half, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	settled := 0
	sink := func(e event.Event) {
		if e.Kind == event.Finished || e.Kind == event.Cached {
			if settled++; settled == units/2 {
				runtime.GC()
				runtime.ReadMemStats(&half)
			}
		}
	}
	s := New(p, m, Options{Capacity: Claim{Procs: 2, Mem: 1}, Sink: sink, Lookers: 2}, nil).Run(context.Background())
	runtime.ReadMemStats(&after)
	if !s.OK() || settled < units {
		t.Fatalf("%d of %d units are settled: %+v", settled, units, s)
	}
	return float64(int64(half.HeapAlloc) - int64(before.HeapAlloc)), float64(after.TotalAlloc - before.TotalAlloc)
}

// What the loop holds of an instance is what doc/memory.md says: one byte of
// state, four of a count, and twelve while it waits to be looked at, with up to
// as much again for room to grow. What is allocated on the way grows as the
// instances do.
func TestBytesOfAnInstance(t *testing.T) {
	run := &mill{looked: Looked{Verdict: Run, Claim: Claim{Procs: 1}}}
	light := &mill{looked: Looked{Verdict: Run, Light: true}}
	hit := &mill{looked: Looked{Verdict: Hit}}
	expand := func(n int) *mill { return &mill{looked: hit.looked, whole: Looked{Verdict: Expand, Elements: n}} }
	for _, tt := range []struct {
		name  string
		bytes float64 // held of each unit
		plan  func(b *bench, n int)
		mill  func(n int) *mill
	}{
		{"instances that run", 5, func(b *bench, n int) { b.sweep("a", n) }, func(int) *mill { return run }},
		{"light ones", 5, func(b *bench, n int) { b.sweep("a", n) }, func(int) *mill { return light }},
		{"cached ones", 5, func(b *bench, n int) { b.sweep("a", n) }, func(int) *mill { return hit }},
		{"those that wait for one and are then all waiting", 5 + 12*2, func(b *bench, n int) { b.sweep("a", n, b.node("first")) },
			func(int) *mill { return hit }},
		{"elements of a map", 0, func(b *bench, n int) { b.node("m") }, expand},
	} {
		t.Run(tt.name, func(t *testing.T) {
			type cost struct{ units, held, made float64 }
			measure := func(n int) cost {
				b := newBench(t)
				tt.plan(b, n)
				held, made := grind(t, b.plan(), tt.mill(n), n)
				return cost{float64(n), held, made}
			}
			few, many := measure(20_000), measure(80_000)
			each := func() float64 { return (many.held - few.held) / (many.units - few.units) }
			for try := 0; try < 4 && each() > tt.bytes+1; try++ { // how many units were ready at that moment differs
				few, many = measure(20_000), measure(80_000)
			}
			if each() > tt.bytes+1 {
				t.Errorf("%.1f bytes are held of each, want %.1f", each(), tt.bytes)
			}
			if made := many.made / many.units; made > 1.3*few.made/few.units {
				t.Errorf("%.0f bytes are allocated for each, %.0f where there are fewer", made, few.made/few.units)
			}
		})
	}
}
