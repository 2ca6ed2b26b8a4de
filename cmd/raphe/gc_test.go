package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

func TestPercentFor(t *testing.T) {
	tests := []struct {
		live, scanned int64
		want          int
	}{
		{0, 0, 75}, // of the 4 MiB that Go's runtime takes for the least
		{1 << 20, 1 << 20, 75},
		{5 << 20, 0, 60},
		{10 << 20, 0, 30},
		{20 << 20, 1 << 20, 30},
		{100 << 20, 1 << 20, 6},
		{100 << 20, 20 << 20, 20},
		{100 << 20, 90 << 20, 30},
		{1 << 40, 0, 3},
	}
	for _, tt := range tests {
		if got := percentFor(tt.live, tt.scanned); got != tt.want {
			t.Errorf("percentFor(%d, %d) = %d, want %d", tt.live, tt.scanned, got, tt.want)
		}
	}
}

// The pace follows the heap to the end, whatever lies beside what keeps it.
func TestPaceFollowsTheHeap(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	t.Setenv("GOGC", "")
	var neighbours [2][100]*int64
	for k := range neighbours[0] {
		neighbours[0][k] = new(int64)
	}
	paceCollector()
	for k := range neighbours[1] {
		neighbours[1][k] = new(int64)
	}
	percent := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	for _, size := range []int{1, 100, 1, 200} {
		live := make([]byte, size<<20)
		want := func() bool {
			runtime.GC()
			metrics.Read(percent)
			return (percent[0].Value.Uint64() < 20) == (size > 1)
		}
		for until := time.Now().Add(20 * time.Second); !want(); {
			if time.Now().After(until) {
				t.Fatalf("beside %d MiB the heap grows by %d percent", size, percent[0].Value.Uint64())
			}
		}
		runtime.KeepAlive(live)
	}
	runtime.KeepAlive(neighbours)
}
