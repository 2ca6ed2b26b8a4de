package sched

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/workflow"
)

// mapped makes a workflow of a MapNode "m" and a node after it.
func mapped(t testing.TB) *fake {
	b := newBench(t)
	b.node("after", b.add("m", workflow.Options{Kind: workflow.MapNode}))
	return &fake{plan: b.plan()}
}

// elements gives a look that expands m.
func elements(k Looked) func(string) Looked {
	k.Verdict = Expand
	return func(name string) Looked {
		if name == "m" {
			return k
		}
		return Looked{Claim: Claim{Procs: 1}}
	}
}

func TestMapElements(t *testing.T) {
	for _, n := range []int{0, 1, 5, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := mapped(t)
				f.look, f.run = elements(Looked{Elements: n}), takes(time.Second)
				collected := 0
				f.collect = func(name string) Ran {
					collected++
					if len(f.begun) != n {
						t.Errorf("%s is collected after %d elements", name, len(f.begun))
					}
					return Ran{}
				}
				l, s := run(t, f, Options{Capacity: Claim{Procs: 5}})
				if !s.OK() || s.Done != n+2 || s.Total != n+2 || collected != 1 || f.begun[n] != "after" {
					t.Errorf("%+v, %d collected", s.Counts, collected)
				}
				if want := time.Duration((n+4)/5+1) * time.Second; l.at["after"] != want {
					t.Errorf("took %v, want %v", l.at["after"], want)
				}
			})
		})
	}
}

// The elements of a serial map run one after another, while others run.
func TestSerialMaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		for _, name := range []string{"m1", "m2", "m3"} {
			b.add(name, workflow.Options{Kind: workflow.MapNode})
		}
		f := &fake{plan: b.plan(), run: takes(time.Second), look: func(name string) Looked {
			if !strings.Contains(name, "#") {
				return Looked{Verdict: Expand, Elements: 10, Serial: true}
			}
			if name == "m1#3" {
				return Looked{Verdict: Hit}
			}
			return Looked{Claim: Claim{Procs: 1}}
		}}
		l, s := run(t, f, Options{Capacity: Claim{Procs: 8}})
		if !s.OK() || f.most.Procs != 3 || s.Cached != 1 {
			t.Errorf("%+v, %d at once", s, f.most.Procs)
		}
		if l.at["m2"] != 10*time.Second || l.at["m1"] != 9*time.Second {
			t.Errorf("m1 took %v, m2 %v", l.at["m1"], l.at["m2"])
		}
		mine := slices.DeleteFunc(slices.Clone(f.begun), func(n string) bool { return !strings.HasPrefix(n, "m2") })
		if !slices.IsSorted(mine) {
			t.Errorf("order %v", mine)
		}
	})
}

// Elements that fail don't keep the others from running; the map fails with
// their numbers, and blocks what follows.
func TestMapFails(t *testing.T) {
	for _, serial := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := mapped(t)
			f.look = elements(Looked{Elements: 40, Serial: serial})
			f.run = func(ctx context.Context, name string, _ int) Ran {
				var k int
				fmt.Sscanf(name, "m#%d", &k)
				if k%3 == 0 {
					return failure("exit status 1")
				}
				return wait(ctx, time.Second)
			}
			f.collect = func(string) Ran { panic("collected in spite of failures") }
			l, s := run(t, f, Options{})
			if s.Failed != 15 || s.Done != 26 || s.Blocked != 1 || s.Drained {
				t.Errorf("%+v", s.Counts)
			}
			last := l.events[len(l.events)-3]
			if last.Instance != "m" || last.Failure == nil || !strings.HasPrefix(last.Failure.Cause, "14 of 40 elements failed: ") || !strings.HasSuffix(last.Failure.Cause, ", ...") {
				t.Errorf("the map: %+v", last.Failure)
			}
			if d := cmp.Diff([]string{"m"}, f.forgotten); d != "" || l.settled["after"] != event.Blocked {
				t.Errorf("forgotten (-want +got):\n%s", d)
			}
		})
	}
}

// A collection may fail, and may find that the store can't be written.
func TestCollectFails(t *testing.T) {
	full := fmt.Errorf("disk full")
	for _, fatal := range []error{nil, full} {
		synctest.Test(t, func(t *testing.T) {
			f := mapped(t)
			f.look = elements(Looked{Elements: 3})
			f.collect = func(string) Ran {
				r := failure("a record can't be read")
				r.Fatal = fatal
				return r
			}
			l, s := run(t, f, Options{})
			if s.Failed != 1 || s.Blocked != 1 || s.Done != 3 || s.Fatal != fatal || s.Drained != (fatal != nil) {
				t.Errorf("%+v", s)
			}
			if l.settled["m"] != event.Failed {
				t.Errorf("settled: %v", l.settled)
			}
		})
	}
}

// A map whose last element ends while the run drains is collected; one that
// has elements left is not.
func TestInterruptedMaps(t *testing.T) {
	for n, want := range map[int]int{2: 1, 3: 0} {
		synctest.Test(t, func(t *testing.T) {
			f := mapped(t)
			f.look, f.run = elements(Looked{Elements: n}), takes(2*time.Second)
			collected := 0
			f.collect = func(string) Ran { collected++; return Ran{} }
			interrupt := make(chan struct{})
			time.AfterFunc(time.Second, func() { close(interrupt) })
			_, s := runUntil(t.Context(), t, f, Options{}, interrupt)
			if !s.Drained || s.Done != 2+want || collected != want {
				t.Errorf("%d elements: %+v, %d collected", n, s, collected)
			}
		})
	}
}

// Many maps that end at once are collected a few at a time.
func TestCollectionsAreFew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("after", b.sweep("m", 500))
		var now, most atomic.Int32
		f := &fake{plan: b.plan(), look: func(name string) Looked {
			if strings.HasSuffix(name, "/m") {
				return Looked{Verdict: Expand}
			}
			return Looked{Verdict: Hit}
		}, collect: func(string) Ran {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(time.Second)
			now.Add(-1)
			return Ran{}
		}}
		_, s := run(t, f, Options{Lookers: 4})
		if s.Done != 500 || s.Cached != 500 || most.Load() != 4 {
			t.Errorf("%+v, %d at once", s.Counts, most.Load())
		}
	})
}

// A hundred thousand elements are handed out one by one: few goroutines, and no
// memory for those that are not under way.
func TestManyElements(t *testing.T) {
	const n = 100_000
	f := mapped(t)
	f.look = elements(Looked{Elements: n})
	most, before := 0, runtime.NumGoroutine()
	events, start := 0, heap()
	grown := uint64(0)
	s := New(f.plan, &quiet{f}, Options{Capacity: Claim{Procs: 4}, Lookers: 2, Sink: func(e event.Event) {
		if events++; events%25_000 == 0 {
			most, grown = max(most, runtime.NumGoroutine()-before), max(grown, heap()-min(heap(), start))
		}
	}}, nil).Run(t.Context())
	if !s.OK() || s.Done != n+2 {
		t.Errorf("%+v", s.Counts)
	}
	if most > 4+2+4 {
		t.Errorf("%d goroutines", most)
	}
	if grown > 2<<20 {
		t.Errorf("%d bytes in use", grown)
	}
}

// heap gives the bytes in use.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// quiet is a fake that remembers nothing and spells no names.
type quiet struct{ *fake }

func (q *quiet) Name(Unit) (unit, node string) { return "unit", "node" }

func (q *quiet) Look(_ context.Context, u Unit) Looked {
	if q.look != nil && u.Element < 0 {
		name, _ := q.fake.Name(u)
		return q.look(name)
	}
	return Looked{Claim: Claim{Procs: 1}}
}

func (q *quiet) Run(_ context.Context, _ Unit, _ int, _ Looked, started func(Start)) Ran {
	started(Start{})
	return Ran{}
}

// Of thousands of maps that wait few are open at a time: an open one holds its
// lists.
func TestFewMapsAreOpen(t *testing.T) {
	const maps, each = 8000, 3
	for name, element := range map[string]Looked{
		"elements that run":     {Claim: Claim{Procs: 1}},
		"light elements":        {Light: true},
		"elements with records": {Verdict: Hit},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.sweep("m", maps, b.node("first"))
			f := &fake{plan: b.plan(), look: func(name string) Looked {
				if strings.HasSuffix(name, "/m") {
					return Looked{Verdict: Expand, Elements: each}
				}
				return element
			}}
			open, most := 0, 0
			s := New(f.plan, f, Options{Capacity: Claim{Procs: 2}, Lookers: 2, Sink: func(e event.Event) {
				switch {
				case e.Kind == event.Expanded:
					open++
					most = max(most, open)
				case strings.HasSuffix(e.Instance, "/m") && e.Kind == event.Finished:
					open--
				}
			}}, nil).Run(t.Context())
			if !s.OK() || s.Total != 1+maps*(1+each) || open != 0 {
				t.Errorf("%+v, %d open at the end", s.Counts, open)
			}
			if bound := (mostWaiting+mostMisses)/each + mostWaiting + 16; most > bound {
				t.Errorf("%d maps were open at once, at most %d should be", most, bound)
			}
			t.Logf("%d maps were open at once", most)
		})
	}
}
