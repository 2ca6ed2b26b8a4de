package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How far the heap may grow between two collections: by a third, not to the
// double, since a coordinator has more to lose in memory than in time; but by a
// few megabytes in any case, since a third of little is nothing, and a small run
// would spend a third of its time on collecting.
//
// A run of 100,000 distinct nodes peaks at 58 MB instead of 81, for an eighth
// more processor time; looking at 10,000 that are up to date takes a fifth
// less time than with a third alone, for 2 MB.
const (
	gcPercent = 30
	gcSlack   = 3 << 20
)

// paceCollector keeps to those two from now on. GOGC, Go's own setting, stands
// where it is set.
func paceCollector() {
	if os.Getenv("GOGC") == "" {
		new(pacer).collected()
	}
}

// A pacer is garbage on purpose: each collection finds it, and so says that the
// heap has another size.
type pacer struct{ percent int }

// collected sets the pace for the heap as it is, and waits for the next
// collection.
func (p *pacer) collected() {
	if percent := percentFor(liveHeap()); percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.SetFinalizer(p, (*pacer).collected)
}

// percentFor gives the growth, in percent, that a live heap of so many bytes is
// allowed.
func percentFor(live int64) int {
	return int(max(gcPercent, 100*gcSlack/max(live, leastLive)))
}

// leastLive is the heap that Go's runtime takes for the smallest worth
// collecting: the percentage is of this where there is less (runtime/mgcpacer.go,
// defaultHeapMinimum).
const leastLive = 4 << 20

// liveHeap gives how many bytes the last collection left.
func liveHeap() int64 {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0 // a runtime that does not tell it
	}
	return int64(sample[0].Value.Uint64())
}
