package sched

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
)

// A grower is a fake whose unit "big" fails until it was granted enough: each
// time it asks for double.
type grower struct {
	*fake
	needs  int64
	grants []string // of big: its claim and what it carried
	beside []int    // how many others ran when big began
}

func (g *grower) Run(ctx context.Context, u Unit, attempt int, l Looked, started func(Start)) Ran {
	name, _ := g.Name(u)
	if name != "big" {
		return g.fake.Run(ctx, u, attempt, l, started)
	}
	g.mu.Lock()
	g.grants = append(g.grants, fmt.Sprintf("%d %v", l.Claim.Mem, l.Carry))
	g.beside = append(g.beside, g.running)
	g.mu.Unlock()
	r := g.fake.Run(ctx, u, attempt, l, func(s Start) { started(Start{Asked: event.Asked{Mem: l.Claim.Mem}}) })
	if l.Claim.Mem < g.needs {
		r = failure("needed more")
		r.Again = &Again{Claim: Claim{Procs: 1, Mem: 2 * l.Claim.Mem}, Carry: attempt}
		r.Usage = event.Usage{PeakRSS: l.Claim.Mem + 1}
	}
	return r
}

// An attempt that the work wants again comes with its new claim, is not one of
// the retries, and, once it needs all that there is, runs alone: neither at once
// nor so late that all others go before it.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const small = 200
		b := newBench(t)
		b.node("big")
		b.sweep("small", small)
		g := &grower{fake: &fake{plan: b.plan(), run: takes(time.Second)}, needs: 8}
		g.look = func(name string) Looked {
			if name == "big" {
				return Looked{Claim: Claim{Procs: 1, Mem: 2}, Carry: "first"}
			}
			return Looked{Claim: Claim{Procs: 1, Mem: 1}}
		}
		l := newLog(t)
		o := Options{Capacity: Claim{Procs: 4, Mem: 8}, Lookers: 2, Sink: l.sink}
		s := New(g.plan, g, o, nil).Run(t.Context())
		l.check(s)
		if d := cmp.Diff([]string{"2 first", "4 1", "8 2"}, g.grants); d != "" || !s.OK() {
			t.Errorf("%+v; granted (-want +got):\n%s", s, d)
		}
		if g.beside[2] != 0 || g.most.Mem > o.Capacity.Mem {
			t.Errorf("beside its last attempt ran %d others; %+v at most", g.beside[2], g.most)
		}
		if at := l.at["big"]; at > small/4*time.Second/2 {
			t.Errorf("it ended after %v, when most others had gone before it", at)
		}
		var got []string
		for _, e := range l.events {
			switch {
			case e.Instance != "big":
			case e.Kind == event.Started:
				got = append(got, fmt.Sprintf("asked %d", e.Asked.Mem))
			case e.Kind == event.Retrying:
				got = append(got, fmt.Sprintf("%s %d used %d", e.Kind, e.Attempt, e.Usage.PeakRSS))
			default:
				got = append(got, fmt.Sprintf("%s %d", e.Kind, e.Attempt))
			}
		}
		want := "asked 2, retrying 1 used 3, asked 4, retrying 2 used 5, asked 8, finished 3"
		if d := cmp.Diff(want, strings.Join(got, ", ")); d != "" {
			t.Errorf("events (-want +got):\n%s", d)
		}
	})
}

// What is wanted again while the run comes to its end is a failure.
func TestNotAgainAtTheEnd(t *testing.T) {
	for _, how := range []string{"interrupted", "cancelled"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.node("big")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				interrupt := make(chan struct{})
				f := &fake{plan: b.plan(), run: func(context.Context, string, int) Ran {
					time.Sleep(time.Second)
					r := failure("needed more")
					r.Again = &Again{Claim: Claim{Procs: 1}}
					return r
				}}
				time.AfterFunc(time.Second/2, func() {
					if how == "cancelled" {
						cancel()
					} else {
						close(interrupt)
					}
				})
				l, s := runUntil(ctx, t, f, Options{}, interrupt)
				if len(f.begun) != 1 || l.settled["big"] != event.Failed || !s.Drained {
					t.Errorf("%d attempts, %v, %+v", len(f.begun), l.settled, s)
				}
			})
		})
	}
}

// Retries and what is wanted again do not use each other up.
func TestAgainIsNoRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.node("n")
		f := &fake{plan: b.plan(), look: func(string) Looked { return Looked{Claim: Claim{Procs: 1}, Retries: 1} }}
		f.run = func(_ context.Context, _ string, attempt int) Ran {
			r := failure("needed more")
			switch attempt {
			case 1, 3:
				r.Again = &Again{Claim: Claim{Procs: 1}}
			default:
				r.Repeat = true
			}
			return r
		}
		l, _ := run(t, f, Options{})
		if len(f.begun) != 4 || l.settled["n"] != event.Failed {
			t.Errorf("%d attempts, %v", len(f.begun), l.settled)
		}
	})
}
