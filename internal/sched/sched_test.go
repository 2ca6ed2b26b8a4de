package sched

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/workflow"
)

// Instances that come late are found first when much waits for them.
func TestUrgentRootsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.sweep("many", 5000)
		first := b.node("first")
		b.node("last", b.node("middle", first))
		f := &fake{plan: b.plan(), run: takes(time.Second)}
		l, _ := run(t, f, Options{Capacity: Claim{Procs: 2}})
		// It may miss a slot while it is looked at, but no more.
		if first, middle := l.at["first"], l.at["middle"]; first > 2*time.Second || middle > 4*time.Second {
			t.Errorf("the long chain gets on after %v and %v", first, middle)
		}
	})
}

// A run takes no longer than its work.
func TestMakespan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("join", b.sweep("a", 100))
		f := &fake{plan: b.plan(), run: takes(time.Second)}
		start := time.Now()
		run(t, f, Options{Capacity: Claim{Procs: 4}})
		if took := time.Since(start); took != 50*time.Second { // 100 of a, then 100 of join
			t.Errorf("took %v", took)
		}
		if f.most.Procs != 4 {
			t.Errorf("%d at once", f.most.Procs)
		}
	})
}

// A wide unit gets its turn although narrow ones could go on for ever.
func TestWideUnitIsNotStarved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.sweep("narrow", 2000)
		b.node("after", b.node("wide", b.node("before")))
		f := &fake{plan: b.plan(),
			look: func(name string) Looked {
				if name == "wide" {
					return Looked{Claim: Claim{Procs: 8}}
				}
				return Looked{Claim: Claim{Procs: 1}}
			},
			run: func(ctx context.Context, name string, _ int) Ran {
				if strings.HasSuffix(name, "narrow") && len(name)%2 == 0 {
					return wait(ctx, 700*time.Millisecond)
				}
				return wait(ctx, time.Second)
			}}
		l, _ := run(t, f, Options{Capacity: Claim{Procs: 8}})
		if at := l.at["wide"]; at > 8*time.Second {
			t.Errorf("the wide unit ends after %v", at)
		}
	})
}

// A claim beyond the capacity runs alone.
func TestClaimsBeyondCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("huge")
		b.sweep("small", 4)
		f := &fake{plan: b.plan(), run: takes(time.Second), look: func(name string) Looked {
			if name == "huge" {
				return Looked{Claim: Claim{Procs: 64, Mem: 1 << 40}}
			}
			return Looked{} // claims nothing: still one processor
		}}
		start := time.Now()
		_, s := run(t, f, Options{Capacity: Claim{Procs: 2, Mem: 100}})
		if took := time.Since(start); !s.OK() || took != 3*time.Second {
			t.Errorf("took %v, %+v", took, s)
		}
	})
}

// Instances with a record wait neither for slots nor behind those that run.
func TestCachedTakeNoTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.sweep("missing", 1500)
		b.sweep("there", 3000, b.node("root"))
		b.node("end", b.sweep("late", 10))
		f := &fake{plan: b.plan(), run: takes(time.Hour), look: func(name string) Looked {
			if strings.HasSuffix(name, "missing") {
				return Looked{Claim: Claim{Procs: 1}}
			}
			return Looked{Verdict: Hit}
		}}
		l, s := run(t, f, Options{Capacity: Claim{Procs: 2}})
		if s.Cached != 3021 || s.Done != 1500 {
			t.Errorf("%+v", s.Counts)
		}
		for name, at := range l.at {
			if l.settled[name] == event.Cached && at > 0 {
				t.Fatalf("%s, which is cached, was settled after %v", name, at)
			}
		}
	})
}

// What is ready stays few, whatever waits.
func TestFewAreReady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("c", b.node("b", b.sweep("a", 4000)))
		b.sweep("light", 3000)
		f := &fake{plan: b.plan(), run: takes(time.Second), look: func(name string) Looked {
			return Looked{Claim: Claim{Procs: 1}, Light: strings.HasSuffix(name, "light")}
		}}
		l := newLog(t)
		loop := New(f.plan, f, Options{Capacity: Claim{Procs: 4}, Lookers: 2, Sink: l.sink}, nil)
		most, prepared := 0, 0
		sink := loop.opts.Sink
		loop.opts.Sink = func(e event.Event) {
			sink(e)
			most = max(most, loop.ready.len(), loop.light.len())
			if len(l.events)%1000 == 0 {
				n := 0
				for _, r := range loop.ready.items {
					if r.looked.Prepared != nil {
						n++
					}
				}
				prepared = max(prepared, n)
			}
		}
		s := loop.Run(t.Context())
		l.check(s)
		if most > mostWaiting+8 || s.Done != 15_000 {
			t.Errorf("%d were ready at once; %+v", most, s.Counts)
		}
		if prepared > keepPrepared {
			t.Errorf("%d kept what was prepared for them", prepared)
		}
		if loop.parked.len() > 0 || loop.looks.len() > 0 || len(loop.repeats) > 0 || len(loop.maps) > 0 {
			t.Error("something is left in the queues")
		}
	})
}

// What never ran is looked at once, when its turn comes, however much waits; what
// is cached is found behind it, and what is more urgent goes before it.
func TestFreshUnitsAreLookedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.sweep("fresh", 1900)
		b.sweep("old", 300)
		b.node("end", b.node("urgent", b.node("start")))
		looks, ran, last := map[string]int{}, 0, 0
		var mu sync.Mutex
		f := &fake{plan: b.plan(), fresh: func(name string) bool { return !strings.HasSuffix(name, "old") }}
		f.look = func(name string) Looked {
			mu.Lock()
			defer mu.Unlock()
			looks[name]++
			if strings.HasSuffix(name, "old") {
				return Looked{Verdict: Hit}
			}
			return Looked{Claim: Claim{Procs: 1}}
		}
		f.run = func(ctx context.Context, name string, _ int) Ran {
			mu.Lock()
			if ran++; name == "urgent" {
				last = ran
			}
			mu.Unlock()
			return wait(ctx, time.Second)
		}
		l, s := run(t, f, Options{Capacity: Claim{Procs: 2}})
		for name, n := range looks {
			if n != 1 {
				t.Fatalf("%s was looked at %d times", name, n)
			}
			if strings.HasSuffix(name, "old") && l.at[name] > 0 {
				t.Fatalf("%s, which is cached, was settled after %v", name, l.at[name])
			}
		}
		if s.Done != 1903 || s.Cached != 300 || last > 10 {
			t.Errorf("%+v; what is urgent ended after %d others", s.Counts, last)
		}
	})
}

func TestLightUnitsNeedNoSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("heavy")
		b.node("after", b.sweep("light", 100))
		f := &fake{plan: b.plan(),
			look: func(name string) Looked { return Looked{Claim: Claim{Procs: 1}, Light: name != "heavy"} },
			run: func(ctx context.Context, name string, _ int) Ran {
				if name == "heavy" {
					return wait(ctx, time.Hour)
				}
				return wait(ctx, time.Second)
			}}
		l, _ := run(t, f, Options{Capacity: Claim{Procs: 1}, Lookers: 10})
		if l.at["_i_light_99/after"] != 20*time.Second {
			t.Errorf("the last light unit is done after %v", l.at["_i_light_99/after"])
		}
		if f.mostRun != 11 {
			t.Errorf("%d ran at once", f.mostRun)
		}
	})
}

func TestRetries(t *testing.T) {
	tests := []struct {
		name    string
		retries int
		fails   int // the first so many attempts
		repeat  bool
		light   bool
		want    string // the events of the unit
	}{
		{"none allowed", 0, 9, true, false, "started:1 failed:1"},
		{"succeeds in the end", 2, 2, true, false, "started:1 retrying:1 started:2 retrying:2 started:3 finished:3"},
		{"never succeeds", 2, 9, true, true, "started:1 retrying:1 started:2 retrying:2 started:3 failed:3"},
		{"would fail again", 2, 9, false, false, "started:1 failed:1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.node("after", b.node("a"))
				reasons := map[int]string{}
				f := &fake{plan: b.plan(), look: func(string) Looked {
					return Looked{Claim: Claim{Procs: 1}, Retries: tt.retries, Light: tt.light, Reason: "it never ran here"}
				}, run: func(_ context.Context, name string, attempt int) Ran {
					if name == "a" && attempt <= tt.fails {
						r := failure("exit status 3")
						r.Repeat = tt.repeat
						return r
					}
					return Ran{}
				}}
				l, _ := run(t, f, Options{})
				var got []string
				for _, e := range l.events {
					if e.Instance == "a" {
						got = append(got, fmt.Sprintf("%s:%d", e.Kind, e.Attempt))
					}
					if e.Instance == "a" && e.Kind == event.Started {
						reasons[e.Attempt] = e.Reason
					}
				}
				if d := cmp.Diff(tt.want, strings.Join(got, " ")); d != "" {
					t.Errorf("events (-want +got):\n%s", d)
				}
				if r := reasons[2]; r != "" && r != "attempt 1 failed: exit status 3" {
					t.Errorf("the second attempt runs because %q", r)
				}
			})
		})
	}
}

// Everything below a failure is blocked by it, once, and nothing else is.
func TestBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		bad, good := b.node("bad"), b.node("good")
		x, y := b.node("x", bad), b.node("y", bad, good)
		b.node("z", x, y)
		b.node("fine", good)
		f := &fake{plan: b.plan(), run: func(ctx context.Context, name string, _ int) Ran {
			if name == "bad" {
				return failure("exit status 1")
			}
			return wait(ctx, time.Second)
		}}
		l, s := run(t, f, Options{})
		want := map[string]event.Kind{"bad": event.Failed, "good": event.Finished, "x": event.Blocked, "y": event.Blocked, "z": event.Blocked, "fine": event.Finished}
		if d := cmp.Diff(want, l.settled); d != "" || s.OK() || s.Drained {
			t.Errorf("(-want +got):\n%s", d)
		}
		for k, e := range l.events {
			if e.Kind == event.Blocked && (e.Cause != "bad" || (l.events[k-1].Kind != event.Blocked && l.events[k-1].Instance != "bad")) {
				t.Errorf("%s is blocked by %q, after %s", e.Instance, e.Cause, l.events[k-1].Kind)
			}
		}
	})
}

// A unit that can't even be looked at fails like any other.
func TestLookFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("after", b.node("a"))
		f := &fake{plan: b.plan(), look: func(string) Looked {
			return Looked{Verdict: Fail, Failure: &event.Failure{Cause: "input \"x\" is not there"}}
		}}
		l, s := run(t, f, Options{})
		if s.Failed != 1 || s.Blocked != 1 || len(f.begun) > 0 || l.settled["after"] != event.Blocked {
			t.Errorf("%+v", s.Counts)
		}
	})
}

func TestStopAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("after", b.sweep("a", 100))
		f := &fake{plan: b.plan(), run: func(ctx context.Context, name string, _ int) Ran {
			if name == "_i_a_4/a" {
				return failure("exit status 1")
			}
			return wait(ctx, time.Second)
		}}
		l, s := run(t, f, Options{StopAtFirst: true, Capacity: Claim{Procs: 2}})
		if !s.Drained || s.OK() || s.Failed != 1 || s.Blocked != 1 || len(f.begun) > 7 || s.Done != len(f.begun)-1 {
			t.Errorf("%+v, %d begun", s, len(f.begun))
		}
		if n := countKind(l, event.Draining); n != 1 {
			t.Errorf("%d times draining", n)
		}
	})
}

func countKind(l *log, kind event.Kind) int {
	n := 0
	for _, e := range l.events {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

// After an interrupt what runs may end, and nothing else begins.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("after", b.sweep("a", 100))
		interrupt := make(chan struct{})
		var failed atomic.Bool // one of those that begin
		f := &fake{plan: b.plan(), look: func(string) Looked { return Looked{Claim: Claim{Procs: 1}, Retries: 3} },
			run: func(ctx context.Context, _ string, _ int) Ran {
				r := wait(ctx, 2*time.Second)
				if failed.CompareAndSwap(false, true) {
					r = failure("exit status 1")
					r.Repeat = true
				}
				return r
			}}
		go func() {
			time.Sleep(time.Second)
			close(interrupt)
		}()
		start := time.Now()
		_, s := runUntil(t.Context(), t, f, Options{Capacity: Claim{Procs: 3}}, interrupt)
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("took %v", took)
		}
		if !s.Drained || s.Done != 2 || s.Failed != 1 || s.Blocked != 1 || s.Left() != 196 || len(f.begun) != 3 {
			t.Errorf("%+v, begun %v", s, f.begun)
		}
	})
}

// What becomes ready, or is found out, while the run drains is left alone.
func TestInterruptWhileLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("run", b.node("a"))
		b.node("hit", b.node("b"))
		b.add("map", workflow.Options{Kind: workflow.MapNode}, b.node("c"))
		interrupt := make(chan struct{})
		verdict := map[string]Looked{"b": {Verdict: Hit}, "hit": {Verdict: Hit}, "c": {Verdict: Expand, Elements: 5}}
		f := &fake{plan: b.plan(), look: func(name string) Looked {
			time.Sleep(time.Minute)
			return verdict[name]
		}}
		go func() {
			time.Sleep(time.Second)
			close(interrupt)
		}()
		l, s := runUntil(t.Context(), t, f, Options{Lookers: 6}, interrupt)
		if d := cmp.Diff(map[string]event.Kind{"b": event.Cached}, l.settled); d != "" || !s.Drained || s.Left() != 5 {
			t.Errorf("%+v (-want +got):\n%s", s, d)
		}
		if d := cmp.Diff([]string{"c"}, f.forgotten); d != "" {
			t.Errorf("forgotten (-want +got):\n%s", d)
		}
	})
}

// The end of the context ends what runs; what would have followed is left.
func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("after", b.sweep("a", 100))
		f := &fake{plan: b.plan(), run: takes(time.Hour)}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, s := runUntil(ctx, t, f, Options{Capacity: Claim{Procs: 3}}, nil)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v", took)
		}
		if !s.Drained || s.Failed != 3 || s.Blocked != 0 || s.Left() != 197 {
			t.Errorf("%+v", s)
		}
	})
}

// A store that can't be written ends the run.
func TestFatal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := fmt.Errorf("disk full")
		b := newBench(t)
		b.sweep("a", 100)
		f := &fake{plan: b.plan(), look: func(string) Looked { return Looked{Claim: Claim{Procs: 1}, Retries: 5} },
			run: func(ctx context.Context, name string, _ int) Ran {
				wait(ctx, time.Second)
				return Ran{Failure: &event.Failure{Cause: "disk full"}, Fatal: full, Repeat: true}
			}}
		l, s := run(t, f, Options{Capacity: Claim{Procs: 2}})
		if s.Fatal != full || s.OK() || !s.Drained || s.Failed != 2 || len(f.begun) != 2 {
			t.Errorf("%+v", s)
		}
		if countKind(l, event.Draining) != 1 || countKind(l, event.Retrying) != 0 {
			t.Errorf("events %v", l.events)
		}
	})
}

func TestNothingToDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, problems := plan.Build(newBench(t).top)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		l, s := run(t, &fake{plan: p}, Options{})
		if !s.OK() || s.Total != 0 || len(l.events) != 2 {
			t.Errorf("%+v, %v", s, l.events)
		}
	})
}

// Defaults: as many lookers as processors, and nobody listens.
func TestDefaults(t *testing.T) {
	b := newBench(t)
	b.node("after", b.sweep("a", 50))
	f := &fake{plan: b.plan()}
	if s := New(f.plan, f, Options{Capacity: Claim{Procs: 2}}, nil).Run(t.Context()); !s.OK() || s.Done != 100 {
		t.Errorf("%+v", s)
	}
}
