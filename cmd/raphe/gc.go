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
// would spend a third of its time on collecting; and by no more than twice as
// many, or than what a collection has to go through, which is what it costs: the
// pages of columns hold no pointers.
//
// A run of 100,000 distinct nodes peaked at 58 MB instead of 81, for an eighth
// more processor time; looking at 10,000 that are up to date takes a fifth
// less time than with a third alone, for 2 MB. The upper bound takes 40 MB from
// the plan of 1,000,000 nodes.
const (
	gcPercent = 30
	gcSlack   = 3 << 20
	gcBound   = 2 * gcSlack
	leastRate = 3 // percent; a heap of gigabytes is not collected all the time
)

// paceCollector keeps to those two from now on. GOGC, Go's own setting, stands
// where it is set.
func paceCollector() {
	if os.Getenv("GOGC") == "" {
		new(pacer).collected()
	}
}

// A pacer is garbage on purpose: each collection finds it, and so says that the
// heap has another size. It is not one of the tiny objects without pointers, below
// 16 bytes, of which several are one to the collector: it would live as long as
// its neighbours.
type pacer struct {
	percent int
	_       [2]int
}

// collected sets the pace for the heap as it is, and waits for the next
// collection.
func (p *pacer) collected() {
	if percent := percentFor(heapSizes()); percent != p.percent {
		p.percent = percent
		debug.SetGCPercent(percent)
	}
	runtime.SetFinalizer(p, (*pacer).collected)
}

// percentFor gives the growth, in percent, that a live heap of so many bytes is
// allowed, of which the collector scans some.
func percentFor(live, scanned int64) int {
	growth := min(live*gcPercent/100, max(gcBound, scanned))
	return int(max(leastRate, 100*max(growth, gcSlack)/max(live, leastLive)))
}

// leastLive is the heap that Go's runtime takes for the smallest worth
// collecting: the percentage is of this where there is less (runtime/mgcpacer.go,
// defaultHeapMinimum).
const leastLive = 4 << 20

// heapSizes gives how many bytes the last collection left, and how many of them
// may hold pointers.
func heapSizes() (live, scanned int64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/heap:bytes"}}
	metrics.Read(samples)
	for i, to := range []*int64{&live, &scanned} {
		if samples[i].Value.Kind() == metrics.KindUint64 { // else a runtime that does not tell it
			*to = int64(samples[i].Value.Uint64())
		}
	}
	return live, scanned
}
