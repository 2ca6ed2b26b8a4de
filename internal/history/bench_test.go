package history

import (
	"fmt"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/event"
)

// BenchmarkEvents is what the history costs the loop for an instance that runs.
func BenchmarkEvents(b *testing.B) {
	w := NewWriter(open(b, b.TempDir(), nil), Run{})
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("w/_subject_%d/n", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := names[i%len(names)]
		now := time.Now()
		w.Event(event.Event{Kind: event.Started, Time: now, Node: "w.n", Instance: name})
		w.Event(event.Event{Kind: event.Finished, Time: now, Node: "w.n", Instance: name})
	}
	if err := w.Close(); err != nil {
		b.Error(err)
	}
}

// BenchmarkRead is the history of a run of ten hours in which an instance
// begins and ends every second.
func BenchmarkRead(b *testing.B) {
	base := b.TempDir()
	s := open(b, base, nil)
	w := NewWriter(s, Run{})
	now := time.Now()
	for i := range 36000 {
		now = now.Add(time.Second)
		w.Event(event.Event{Kind: event.Started, Time: now, Node: "w.n", Instance: fmt.Sprintf("w/_subject_%d/n", i)})
		if i > 8 {
			w.Event(event.Event{Kind: event.Finished, Time: now, Node: "w.n", Instance: fmt.Sprintf("w/_subject_%d/n", i-8)})
		}
		w.flush(now)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Read(s, base); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Error(err)
	}
}
