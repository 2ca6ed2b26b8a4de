package progress

import (
	"fmt"
	"testing"

	"github.com/raphe-org/raphe/internal/event"
)

// BenchmarkInstance is what the state costs for an instance that runs.
func BenchmarkInstance(b *testing.B) {
	s := New(Options{Nodes: nodes(stage{"w.n", 1 << 30, 0})})
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("w/_subject_%d/n", i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := names[i%len(names)]
		s.Apply(event.Event{Kind: event.Started, Time: at(float64(i)), Node: "w.n", Instance: name})
		s.Apply(event.Event{Kind: event.Finished, Time: at(float64(i) + 0.5), Node: "w.n", Instance: name})
	}
}
