package history

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/unit"
)

// A day is a run of 24 hours in which eight tools of an hour each grow and
// shrink all the time.
type day struct {
	w      *Writer
	now    time.Time
	second int
	next   int // second of the next sample
}

func (d *day) measure() (out []progress.Sample) {
	for i := range 8 {
		out = append(out, progress.Sample{
			Name: fmt.Sprintf("wf/_subject_%d/recon", (d.second/3600)*8+i), RSS: int64(d.second*7919%2000+i) * unit.MiB,
		})
	}
	return out
}

func (d *day) say(e event.Event) {
	e.Time = d.now
	d.w.Event(e)
}

// pass lets a second pass.
func (d *day) pass() {
	if d.second%3600 == 0 {
		for _, r := range d.w.state.Running() {
			d.say(finished(r.Name))
		}
		for _, m := range d.measure() {
			d.say(started(m.Name))
		}
	}
	if d.second >= d.next { // as the monitor does
		held := int64(d.second) * unit.MiB
		d.say(sampled(event.Sample{
			Raphe: event.Memory{RSS: 31 * unit.MiB, PSS: 30 * unit.MiB, VSize: 5 * unit.GiB}, Tools: event.Memory{RSS: held},
			Processes: 16, Commit: 70 * unit.GiB, Nodes: map[string]int64{"wf.recon": held},
		}))
		d.next = d.second + max(1, d.second/600)
	}
	d.w.flush(d.now)
	d.now = d.now.Add(time.Second)
	d.second++
}

// TestDay writes and follows the history of a day: what it costs on disk, and
// that neither side keeps what is written.
func TestDay(t *testing.T) {
	base := t.TempDir()
	s := open(t, base, nil)
	d := &day{now: time.Now()}
	d.w = newWriter(s, Run{Began: d.now, Total: 500, Memory: 64 * unit.GiB, Measure: d.measure})
	d.say(event.Event{Kind: event.RunStarted, Total: 500})
	f := follow(t, base)
	var heap uint64
	for d.second < 24*3600 {
		d.pass()
		if d.second%300 > 0 {
			continue
		}
		if _, _, err := f.Read(d.now); err != nil {
			t.Fatal(err)
		}
		if d.second == 3600 {
			heap = liveHeap()
		}
	}
	if err := d.w.Close(); err != nil {
		t.Error(err)
	}
	if grown := int64(liveHeap()) - int64(heap); grown > 1<<20 {
		t.Errorf("%d bytes of heap more after a day than after an hour", grown)
	}
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
}

func liveHeap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
