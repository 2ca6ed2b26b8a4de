package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTicks(t *testing.T) {
	if diff := cmp.Diff([]int64{0, 256 << 20, 512 << 20, 768 << 20}, byteTicks(800<<20, 5)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]time.Duration{0, 10 * time.Second, 20 * time.Second, 30 * time.Second}, timeTicks(38*time.Second, 4)); diff != "" {
		t.Error(diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := byteTicks(rapid.Int64Range(0, 1<<60).Draw(t, "bytes"), 5)
		d := timeTicks(time.Duration(rapid.Int64Range(0, 1<<60).Draw(t, "time")), 8)
		if len(b) < 1 || len(b) > 7 || len(d) < 1 || len(d) > 10 {
			t.Fatalf("%d and %d ticks", len(b), len(d))
		}
	})
}

func TestNum(t *testing.T) {
	for x, want := range map[float64]string{0: "0", 1: "1", 1.25: "1.2", 10: "10", -0.5: "-0.5", 100.04: "100"} {
		if got := num(x); got != want {
			t.Errorf("num(%v) = %s, want %s", x, got, want)
		}
	}
}
