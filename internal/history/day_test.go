package history

import (
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/unit"
)

// TestDay writes and follows the history of a run of a day, in which eight
// tools of an hour each grow and shrink all the time: what it costs on disk, and that
// neither side keeps what is written.
func TestDay(t *testing.T) {
	base := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		// Without the store's heartbeats, which would force 17,000 times to the disk.
		s, err := store.Open(t.Context(), base, store.Options{Heartbeat: 25 * time.Hour, StaleAfter: 50 * time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		second := 0
		measure := func() (out []progress.Sample) {
			for i := range 8 {
				out = append(out, progress.Sample{Name: fmt.Sprintf("wf/_subject_%d/recon", (second/3600)*8+i), RSS: int64(second*7919%2000+i) * unit.MiB})
			}
			return out
		}
		w := NewWriter(s, Run{Total: 500, Memory: 64 * unit.GiB, Measure: measure})
		say(w, event.Event{Kind: event.RunStarted, Total: 500})
		f := follow(t, base)
		var heap uint64
		next := 0
		for ; second < 24*3600; second++ {
			if second%3600 == 0 {
				for _, r := range w.state.Running() {
					say(w, finished(r.Name))
				}
				for _, m := range measure() {
					say(w, started(m.Name))
				}
			}
			if second >= next { // as the monitor does
				say(w, sampled(event.Sample{
					Raphe: event.Memory{RSS: 31 * unit.MiB, PSS: 30 * unit.MiB, VSize: 5 * unit.GiB}, Tools: event.Memory{RSS: int64(second) * unit.MiB},
					Processes: 16, Commit: 70 * unit.GiB, Nodes: map[string]int64{"wf.recon": int64(second) * unit.MiB},
				}))
				next = second + max(1, second/600)
			}
			time.Sleep(time.Second)
			if second%60 > 0 {
				continue
			}
			if _, _, err := f.Read(time.Now()); err != nil {
				t.Fatal(err)
			}
			if second == 3600 {
				heap = liveHeap()
			}
		}
		if grown := int64(liveHeap()) - int64(heap); grown > 1<<20 {
			t.Errorf("%d bytes of heap more after a day than after an hour", grown)
		}
		w.Close()
		records, size, memory := 0, 0, 0
		s.Scan(0, func(r store.Record) error {
			records++
			size += 24 + len(r.Payload)
			if r.Kind == KindMemory {
				memory += 24 + len(r.Payload)
			}
			return nil
		})
		t.Logf("%d records, %d bytes, of these %d of memory", records, size, memory)
		if memory > 1<<20 || size > 5<<20 {
			t.Errorf("%d bytes in a day, of these %d of memory", size, memory)
		}
	})
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
