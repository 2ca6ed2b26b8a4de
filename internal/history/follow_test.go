package history

import (
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/store"
)

// follow begins to follow a base directory as another process would.
func follow(t testing.TB, base string) *Follower {
	t.Helper()
	v, err := store.View(base)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return Follow(v, base)
}

// look reads, and demands that something has changed, or that nothing has.
func look(t *testing.T, f *Follower, want bool) *History {
	t.Helper()
	h, changed, err := f.Read(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if changed != want {
		t.Errorf("changed: %v, want %v: %+v", changed, want, h)
	}
	return h
}

// TestFollow follows a run from its first second to its end, and the next.
func TestFollow(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		f := follow(t, base)
		if _, _, err := f.Read(time.Now()); err != ErrNone {
			t.Errorf("before any run: %v", err)
		}
		w := NewWriter(s, Run{Total: 9})
		look(t, f, true)
		look(t, f, false)
		say(w, started("a"))
		say(w, started("b"))
		time.Sleep(1100 * time.Millisecond)
		h := look(t, f, true)
		if got := names(h); len(got) != 2 || h.Phase != Goes {
			t.Errorf("running %v, %s", got, h.Phase)
		}
		say(w, finished("a"))
		say(w, event.Event{Kind: event.Failed, Instance: "b"})
		time.Sleep(time.Second)
		if h = look(t, f, true); len(h.Running) > 0 || len(h.Failed) != 1 {
			t.Errorf("running %v, failed %v", h.Running, h.Failed)
		}
		say(w, event.Event{Kind: event.RunFinished, Counts: &event.Counts{Total: 9}})
		w.Close()
		if h = look(t, f, true); h.Phase != Ended {
			t.Errorf("at the end: %+v", h)
		}
		time.Sleep(time.Second)
		w = NewWriter(s, Run{Total: 5})
		if h = look(t, f, true); h.Total != 5 || len(h.Failed) > 0 || h.Phase != Goes {
			t.Errorf("the next run: %+v", h)
		}
		w.Close()
		s.Close()
		if h = look(t, f, true); h.Phase != Died {
			t.Errorf("without an end: %s", h.Phase)
		}
		look(t, f, false)
	})
}

// TestFollowAgreesWithRead feeds any events and looks at any moments: what is
// read bit by bit is what is read at once.
func TestFollowAgreesWithRead(t *testing.T) {
	kinds := []event.Kind{event.Started, event.Started, event.Finished, event.Failed, event.Blocked, event.Sampled, event.Draining}
	rapid.Check(t, func(rt *rapid.T) {
		base := t.TempDir()
		s := open(t, base, nil)
		defer s.Close()
		f := follow(t, base)
		w := newWriter(s, Run{Began: time.Now(), Measure: func() []progress.Sample {
			return []progress.Sample{{Name: "a", RSS: rapid.Int64Range(0, 1<<30).Draw(rt, "rss")}}
		}})
		now := time.Now()
		for range rapid.IntRange(0, 30).Draw(rt, "events") {
			now = now.Add(time.Second)
			e := event.Event{
				Kind: rapid.SampledFrom(kinds).Draw(rt, "kind"), Time: now, Cause: "a",
				Instance: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "instance"),
			}
			if e.Kind == event.Sampled {
				e.Sample = &event.Sample{Tools: event.Memory{RSS: rapid.Int64Range(0, 1<<30).Draw(rt, "tools")}}
			}
			w.Event(e)
			if rapid.Bool().Draw(rt, "flush") {
				w.flush(now)
			}
			if rapid.Bool().Draw(rt, "look") {
				if _, _, err := f.Read(now); err != nil {
					rt.Fatal(err)
				}
			}
		}
		w.flush(now)
		got, _, err := f.Read(now)
		if err != nil {
			rt.Fatal(err)
		}
		want, _, err := Follow(s, base).Read(now)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.FilterPath(func(p cmp.Path) bool {
			return slices.Contains([]string{"Run.Estimate", "Run.Measure"}, p.String())
		}, cmp.Ignore())); diff != "" {
			rt.Fatalf("(-at once +bit by bit):\n%s", diff)
		}
	})
}

// TestMeasured sees what those who watch learn of the memory of what runs, and
// that memory that stays costs no records.
func TestMeasured(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		var now atomic.Pointer[[]progress.Sample]
		hold := func(a, b int64) { now.Store(&[]progress.Sample{{Name: "a", RSS: a}, {Name: "b", RSS: b}}) }
		hold(100<<20, 1<<30)
		w := NewWriter(s, Run{Measure: func() []progress.Sample { return *now.Load() }})
		say(w, started("a"))
		say(w, started("b"))
		say(w, started("native"))
		wait := func(d time.Duration) *History {
			time.Sleep(d)
			synctest.Wait()
			return view(t, base)
		}
		held := func(h *History) string {
			text := fmt.Sprintf("%d tools %d MiB:", h.Tools, h.ToolsRSS>>20)
			for _, r := range h.Running {
				text += fmt.Sprintf(" %s %d", r.Name, r.RSS>>20)
			}
			return text
		}
		if got, want := held(wait(1100*time.Millisecond)), "2 tools 1124 MiB: a 100 b 1024 native 0"; got != want {
			t.Errorf("got %q; want %q", got, want)
		}
		count := func() int {
			n := 0
			s.Scan(0, func(store.Record) error { n++; return nil })
			return n
		}
		before := count()
		for i := range 3600 { // by less than a sixteenth
			hold(100<<20, 1<<30-int64(i%60)<<20)
			time.Sleep(time.Second)
		}
		if n := count() - before; n > 1 {
			t.Errorf("%d records", n)
		}
		hold(200<<20, 2<<30)
		if got, want := held(wait(11*time.Second)), "2 tools 2248 MiB: a 200 b 2048 native 0"; got != want {
			t.Errorf("later: got %q; want %q", got, want)
		}
		w.Close()
	})
}

// TestHeld sees the memory of the whole run while it goes on, and its peaks
// at the end.
func TestHeld(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		s := open(t, base, nil)
		w := NewWriter(s, Run{Memory: 1 << 30})
		for i := range 4 {
			time.Sleep(time.Second)
			say(w, sampled(event.Sample{
				Raphe: event.Memory{RSS: int64(24-i) << 20, PSS: 1 << 20}, Tools: event.Memory{RSS: int64(5+i%3) << 20}, Limit: 1 << 30,
			}))
		}
		time.Sleep(1100 * time.Millisecond)
		peak := progress.Held{
			PeakRaphe: event.Memory{RSS: 24 << 20, PSS: 1 << 20}, PeakTools: event.Memory{RSS: 7 << 20}, Limit: 1 << 30,
		}
		going := peak
		going.Raphe, going.Tools = event.Memory{RSS: 21 << 20, PSS: 1 << 20}, event.Memory{RSS: 5 << 20}
		going.Recent = []int64{5 << 20, 6 << 20, 7 << 20, 5 << 20}
		if diff := cmp.Diff(&going, view(t, base).Held); diff != "" {
			t.Errorf("while it runs (-want +got):\n%s", diff)
		}
		say(w, event.Event{Kind: event.RunFinished})
		w.Close()
		if diff := cmp.Diff(&peak, view(t, base).Held); diff != "" {
			t.Errorf("at the end (-want +got):\n%s", diff)
		}
	})
}

// FuzzFold feeds any payloads: nothing that stands in a store breaks a reader.
func FuzzFold(f *testing.F) {
	f.Add(uint8(KindBegun), `{"format":1,"total":3}`)
	f.Add(uint8(KindProgress), `{"began":[{"n":-1,"name":"a"}],"ended":[7],"rss":[[-1,-5],[9,9]],"tools":[1,2]}`)
	f.Add(uint8(KindMemory), `{"names":["a"],"points":[[0,0,0,0,0,0,0,0,0,0,0,1],[1],[0,0,0,0,0,0,0,0,0,0,-1,1]]}`)
	f.Add(uint8(KindEnded), `{"held":{"recent":[1]},"failed":[{"name":"x"}]}`)
	f.Fuzz(func(t *testing.T, kind uint8, payload string) {
		fold := &fold{}
		for _, rec := range []store.Record{
			{Kind: KindBegun, Payload: []byte(`{"format":1}`)},
			{Kind: store.Kind(kind), Payload: []byte(payload)},
			{Kind: KindMemory, Payload: []byte(payload)},
			{Kind: KindProgress, Payload: []byte(`{"rss":[[1,1]]}`)},
		} {
			if err := fold.visit(rec); err != nil {
				t.Fatal(err)
			}
		}
		for range fold.running() {
		}
	})
}
