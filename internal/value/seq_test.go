package value

import (
	"math"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawSeqItems gives values of which some make ranges.
func drawSeqItems(t *rapid.T) []Value {
	var out []Value
	for range rapid.IntRange(0, 4).Draw(t, "parts") {
		if rapid.Bool().Draw(t, "range") {
			first := rapid.SampledFrom([]int64{0, 1, -5, math.MaxInt64 - 3, math.MinInt64}).Draw(t, "first")
			step := rapid.SampledFrom([]int64{0, 1, -1, 1 << 40, math.MaxInt64, math.MinInt64}).Draw(t, "step")
			for range rapid.IntRange(0, 3*seqBlock).Draw(t, "n") {
				out = append(out, Int(first))
				first += step
			}
		} else {
			out = append(out, rapid.SliceOfN(anyValue(2), 0, 10).Draw(t, "values")...)
		}
	}
	return out
}

// A Seq holds what was put in, whatever way it is read.
func TestSeqIsAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		items := drawSeqItems(t)
		s := NewSeq(items)
		if s.Len() != len(items) || !equalItems(s.Values(), items) {
			t.Fatalf("%v, want %v", s.Values(), items)
		}
		for i, v := range s.All() {
			if !Equal(v, items[i]) || !Equal(s.At(i), items[i]) {
				t.Fatalf("value %d is %v and %v, want %v", i, v, s.At(i), items[i])
			}
		}
		seen := map[string]bool{}
		for _, v := range items {
			seen[string(Append(nil, v))] = true
		}
		if s.Steps() && len(seen) < len(items) {
			t.Fatalf("%v are different integers", items)
		}
		for range s.All() {
			break // ends early without harm
		}
	})
}

// Digests are equal where sequences are, however they were made.
func TestSeqDigest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := drawSeqItems(t)
		b := slices.Clone(a)
		if len(b) > 0 && rapid.Bool().Draw(t, "change") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = anyValue(1).Draw(t, "to")
		}
		same := len(a) == len(b)
		for i := 0; same && i < len(a); i++ {
			same = string(Append(nil, a[i])) == string(Append(nil, b[i])) // the digest tells the orders of dictionaries apart
		}
		if got := NewSeq(a).Digest() == NewSeq(b).Digest(); got != same {
			t.Fatalf("equal digests: %v, of %v and %v", got, a, b)
		}
		n := rapid.IntRange(0, 200).Draw(t, "n")
		r := Range(7, 3, n)
		if r.Digest() != NewSeq(r.Values()).Digest() {
			t.Fatalf("a range of %d has another digest than its values", n)
		}
	})
}

// What a Seq costs beside the bytes of its values.
func TestSeqSize(t *testing.T) {
	tests := []struct {
		name  string
		value func(i int) Value
		most  float64 // bytes kept for each value
		total float64 // and allocated in all
	}{
		{"range", func(i int) Value { return Int(5 + 2*i) }, 0.1, 20}, // the values themselves are boxed
		{"integers", func(i int) Value { return Int(i * i % 1000) }, 5, 20},
		{"texts of 10", func(i int) Value { return String("sub-000000"[:10]) }, 13, 35},
	}
	const n = 200_000
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var s Seq
			for i := range n {
				s.Append(tt.value(i))
			}
			runtime.ReadMemStats(&after)
			total := float64(after.TotalAlloc-before.TotalAlloc) / n
			runtime.GC()
			runtime.ReadMemStats(&after)
			kept := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / n
			if kept > tt.most || total > tt.total {
				t.Errorf("%.2f bytes kept and %.1f allocated for each value, want %v and %v at most", kept, total, tt.most, tt.total)
			}
			t.Logf("%.2f bytes kept, %.1f allocated for each value", kept, total)
			runtime.KeepAlive(s)
		})
	}
}

func BenchmarkSeqAt(b *testing.B) {
	var s Seq
	for range 1 << 16 {
		s.Append(String("sub-000000"))
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.At(i & (1<<16 - 1))
	}
}
