package learn

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const mib = 1 << 20

func learned(seen ...Seen) sizes {
	var s sizes
	for _, x := range seen {
		s.add(x)
	}
	return s
}

func TestEstimate(t *testing.T) {
	one := []Seen{{Input: 100 * mib, Peak: 1000 * mib, Wall: 10 * time.Second}}
	two := append(one, Seen{Input: 1600 * mib, Peak: 11000 * mib, Wall: 20 * time.Second})
	flat := []Seen{{Input: 1 * mib, Peak: 50 * mib}, {Input: 1000 * mib, Peak: 50 * mib}}
	for _, tt := range []struct {
		name  string
		seen  []Seen
		input int64
		want  int64 // MiB
	}{
		{"the same size", one, 100 * mib, 1200},
		{"the same bucket", one, 65 * mib, 1200},
		{"smaller", one, 5, 1200},
		{"larger: in proportion to the bucket's end", []Seen{{Input: 100 * mib, Peak: 500 * mib}}, 256 * mib, 1200},
		{"larger, at most so steeply", []Seen{{Input: 2, Peak: 10 * mib}}, 4 * mib, 12 + 32},
		{"no input seen", []Seen{{Peak: 10 * mib}}, 4 * mib, 12 + 32},
		{"between", two, 576 * mib, 1200 + (13200-1200)/2},
		{"at the upper end of between", two, 1024*mib - 1, 13200},
		{"beyond both: on the line", two, 2*2048*mib - 128*mib, 13200 + 12000},
		{"flat tools stay so", flat, 1 << 40, 60},
		{"a failure counts as what it had at least", append(one, Seen{Input: 100 * mib, Peak: 3000 * mib, Short: true}), 100 * mib, 3600},
		{"a small input that needed more", []Seen{{Input: 1, Peak: 500 * mib}, {Input: 1000 * mib, Peak: 100 * mib}}, 1000 * mib, 600},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := learned(tt.seen...).estimate(tt.input).Mem; got != tt.want*mib {
				t.Errorf("%d MiB, want %d", got/mib, tt.want)
			}
		})
	}
}

func TestWall(t *testing.T) {
	s := learned(Seen{Input: 9, Peak: 1, Wall: 2 * time.Second}, Seen{Input: 9, Peak: 1, Wall: 4 * time.Second},
		Seen{Input: 9, Peak: 5, Wall: time.Hour, Short: true})
	if got := s.estimate(9).Wall; got != 3*time.Second {
		t.Errorf("%v, want the mean of those that succeeded", got)
	}
}

// After one that was out of the common, the margin comes down again, but never
// below what was seen.
func TestUsualPeak(t *testing.T) {
	s := learned(Seen{Peak: 1000 * mib})
	for range 200 {
		s.add(Seen{Peak: 100 * mib})
	}
	if got := s.estimate(0).Mem; got != 1000*mib {
		t.Errorf("%d MiB", got/mib)
	}
}

func drawSeen(t *rapid.T) []Seen {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Seen {
		return Seen{
			Input: rapid.OneOf(rapid.Int64Range(0, 1<<62), rapid.Int64Range(0, 1<<10)).Draw(t, "input"),
			Peak:  rapid.OneOf(rapid.Int64Range(1, 1<<62), rapid.Int64Range(1, 1<<36)).Draw(t, "peak"),
			Wall:  time.Duration(rapid.Int64Range(0, 1<<50).Draw(t, "wall")),
			Short: rapid.Bool().Draw(t, "short"),
		}
	}), 1, 12).Draw(t, "seen")
}

// An estimate never falls with the size, is never below a peak that was seen in
// the bucket of that size, and is bounded.
func TestEstimateLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := drawSeen(t)
		s := learned(seen...)
		a := rapid.Int64Min(0).Draw(t, "a")
		b := rapid.Int64Range(a, max(a, 2*(a/2)+1000)).Draw(t, "b")
		if rapid.Bool().Draw(t, "far") {
			b = rapid.Int64Min(a).Draw(t, "b far")
		}
		low, high := s.estimate(a), s.estimate(b)
		if low.Mem > high.Mem {
			t.Errorf("%d needs %d, and %d needs %d", a, low.Mem, b, high.Mem)
		}
		if low.Mem <= 0 || high.Mem > mostMem || low.Wall < 0 {
			t.Errorf("out of bounds: %+v, %+v", low, high)
		}
		for _, x := range seen {
			if got := s.estimate(x.Input).Mem; got < min(x.Peak, mostMem) {
				t.Errorf("%d for %d, where %d was seen", got, x.Input, x.Peak)
			}
		}
		if len(s) > 64 {
			t.Errorf("%d buckets", len(s))
		}
	})
}

// What two runs learned side by side is, merged, no less than what each alone
// would say.
func TestMergeLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := drawSeen(t), drawSeen(t)
		both := learned(x...)
		for _, b := range learned(y...) {
			both.merge(b)
		}
		var n int64
		for k, b := range both {
			n += b.n
			if k > 0 && both[k-1].log2 >= b.log2 {
				t.Fatalf("not in order: %+v", both)
			}
			if b.high > b.top || b.wall < 0 {
				t.Errorf("%+v", b)
			}
		}
		want := int64(0)
		for _, s := range append(x, y...) {
			if !s.Short {
				want++
			}
			if got := both.estimate(s.Input).Mem; got < min(s.Peak, mostMem) {
				t.Errorf("%d for %d, where %d was seen", got, s.Input, s.Peak)
			}
		}
		if n != want {
			t.Errorf("%d attempts, want %d", n, want)
		}
	})
}
