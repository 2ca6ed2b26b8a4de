package monitor

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
)

// A world is what a Monitor looks at in a test.
type world struct {
	mu      sync.Mutex
	self    event.Memory
	peak    int64
	running []executor.Sample
}

func (w *world) set(self event.Memory, peak int64, running ...executor.Sample) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.self, w.peak, w.running = self, peak, running
}

func (w *world) options() Options {
	locked := func() func() { w.mu.Lock(); return w.mu.Unlock }
	return Options{
		Limit:     16000,
		Running:   func() []executor.Sample { defer locked()(); return w.running },
		Self:      func() event.Memory { defer locked()(); return w.self },
		Peak:      func() int64 { defer locked()(); return w.peak },
		Committed: func() int64 { return 7 },
	}
}

func tool(id string, rss, pss, vsize int64) executor.Sample {
	s := executor.Sample{ID: id}
	s.RSS, s.PSS, s.VSize, s.Processes = rss, pss, vsize, 2
	return s
}

func started(node, instance string) event.Event {
	return event.Event{Kind: event.Started, Time: time.Now(), Node: node, Instance: instance}
}

// TestLargestOfAStretch sees that a sample has the largest figures of its
// stretch, and the nodes' share at the moment of the largest sum.
func TestLargestOfAStretch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		w.set(event.Memory{RSS: 20, PSS: 15, VSize: 100}, 50) // it held 50 before the run
		m := Start(w.options())
		m.Event(started("wf.a", "a0"))
		m.Event(started("wf.a", "a1"))
		m.Event(started("wf.b", "b0"))
		time.Sleep(300 * time.Millisecond)
		w.set(event.Memory{RSS: 25, PSS: 16, VSize: 90}, 50, tool("a0", 100, 90, 1000), tool("a1", 200, 0, 1000), tool("b0", 400, 0, 1), tool("?", 1, 0, 0))
		time.Sleep(300 * time.Millisecond)
		w.set(event.Memory{RSS: 21, PSS: 16, VSize: 90}, 50, tool("b0", 600, 500, 5000))
		got := (<-m.Samples()).Sample
		want := &event.Sample{
			Raphe: event.Memory{RSS: 50, PSS: 16, VSize: 100}, Tools: event.Memory{RSS: 701, PSS: 500, VSize: 5000},
			Processes: 8, Commit: 7, Limit: 16000, Nodes: map[string]int64{"wf.a": 300, "wf.b": 400},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("first stretch (-want +got):\n%s", diff)
		}
		w.set(event.Memory{RSS: 22}, 70) // the peak was between two looks
		got = (<-m.Samples()).Sample
		if got.Raphe.RSS != 70 {
			t.Errorf("second stretch: %+v", got)
		}
		w.set(event.Memory{RSS: 23}, 70)
		got = (<-m.Samples()).Sample
		if diff := cmp.Diff(&event.Sample{Raphe: event.Memory{RSS: 23}, Commit: 7, Limit: 16000}, got); diff != "" {
			t.Errorf("third stretch (-want +got):\n%s", diff)
		}
		m.Stop()
	})
}

// TestShortRun sees that a run that is over at once has a sample, and that it
// tells of attempts that no look has seen.
func TestShortRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		w.set(event.Memory{RSS: 20}, 21)
		m := Start(w.options())
		m.Event(started("wf.a", "a0"))
		time.Sleep(100 * time.Millisecond)
		m.Event(event.Event{
			Kind: event.Finished, Time: time.Now(), Node: "wf.a", Instance: "a0",
			Usage: &event.Usage{Wall: 100 * time.Millisecond, PeakRSS: 300, PeakVSize: 900, Processes: 3},
		})
		want := event.Event{Kind: event.Sampled, Sample: &event.Sample{
			Raphe: event.Memory{RSS: 21}, Tools: event.Memory{RSS: 300, VSize: 900}, Processes: 3,
			Commit: 7, Limit: 16000, Nodes: map[string]int64{"wf.a": 300},
		}}
		if diff := cmp.Diff(want, m.Stop()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// TestOldPeaksAreNotNew sees that the peak of a long attempt, which may lie in
// any stretch, is not put into the last.
func TestOldPeaksAreNotNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		m := Start(w.options())
		m.Event(started("wf.a", "a0"))
		<-m.Samples()
		time.Sleep(100 * time.Millisecond)
		m.Event(event.Event{Kind: event.Failed, Time: time.Now(), Node: "wf.a", Instance: "a0", Usage: &event.Usage{Wall: time.Second, PeakRSS: 300}})
		m.Event(event.Event{Kind: event.Failed, Time: time.Now(), Node: "wf.b", Instance: "b0"})
		if last := m.Stop(); last.Sample.Tools.RSS != 0 {
			t.Errorf("%+v", last.Sample)
		}
	})
}

// TestDay follows a run of a day: samples come once a second at first, and
// there are not more than 4,000.
func TestDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := Start((&world{}).options())
		began := time.Now()
		n, last := 0, began
		end := time.After(24 * time.Hour)
		for going := true; going; {
			select {
			case <-m.Samples():
				n++
				now := time.Now()
				span, age := now.Sub(last), now.Sub(began)
				if want := max(firstStretch, age/stretchPerAge); span < want-lookEvery || span > want+lookEvery {
					t.Fatalf("a stretch of %v at the age of %v", span, age)
				}
				last = now
			case <-end:
				going = false
			}
		}
		m.Stop()
		if n < 3000 || n > 4000 {
			t.Errorf("%d samples", n)
		}
	})
}

// TestNobodyTakes sees that looks go on where samples are not taken, and that
// the stretch holds them all.
func TestNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{}
		m := Start(w.options())
		for i := range 10 {
			w.set(event.Memory{RSS: int64(100 - i)}, 0)
			time.Sleep(3 * time.Second)
		}
		if s := <-m.Samples(); s.Sample.Raphe.RSS != 100 {
			t.Errorf("%+v", s.Sample)
		}
		m.Stop()
	})
}

// TestThisProcess looks at what is really there.
func TestThisProcess(t *testing.T) {
	m := Start(Options{Running: func() []executor.Sample { return nil }})
	if s := m.Stop().Sample; s.Raphe.RSS < 1<<20 || s.Raphe.RSS < proc.Self().RSS/2 {
		t.Errorf("%+v", s)
	}
}

// BenchmarkLook is what a look costs, of which there are four a second, while
// 16 tools run.
func BenchmarkLook(b *testing.B) {
	var running []executor.Sample
	for i := range 16 {
		running = append(running, tool(fmt.Sprintf("wf/_subject_%d/n", i), 1<<30, 1<<30, 1<<31))
	}
	m := Start(Options{Running: func() []executor.Sample { return running }})
	for i := range 16 {
		m.Event(started(fmt.Sprintf("wf.n%d", i%4), running[i].ID))
	}
	b.ReportAllocs()
	for b.Loop() {
		m.look(false)
	}
	m.Stop()
}
