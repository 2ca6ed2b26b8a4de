package store

import (
	"fmt"
	"hash/fnv"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

func TestIndexIsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.OneOf(rapid.Uint64(), rapid.Uint64Range(0, 40), rapid.Map(rapid.Uint64Range(0, 300), func(n uint64) uint64 { return n << 56 }))
		var x Index
		model := map[uint64]Ref{}
		put := func(k uint64, ref Ref) {
			x.Put(k, ref)
			model[k] = ref
		}
		for n := range rapid.IntRange(0, 5*mostInBucket).Draw(t, "filled") {
			put(uint64(n)*rapid.Uint64Range(1, 3).Draw(t, "stride"), Ref(n+1))
		}
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			k := keys.Draw(t, "key")
			if got, want := x.Get(k), model[k]; got != want {
				t.Fatalf("Get(%d) = %d, want %d", k, got, want)
			}
			put(k, Ref(rapid.Uint64Range(1, 1<<40).Draw(t, "ref")))
		}
		for k, want := range model {
			if got := x.Get(k); got != want {
				t.Fatalf("Get(%d) = %d, want %d", k, got, want)
			}
		}
		if x.Len() != len(model) {
			t.Errorf("%d entries, want %d", x.Len(), len(model))
		}
	})
}

// An entry costs some 18 bytes, and what is allocated on the way there is a
// few times that, however many there are: nothing grows by being copied as a
// whole.
func TestIndexBytes(t *testing.T) {
	for _, n := range []int{100_000, 400_000} {
		names := make([]uint64, n)
		for i := range names {
			h := fnv.New64a()
			fmt.Fprintf(h, "wf/_subject_%d/bet", i)
			names[i] = h.Sum64()
		}
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		var x Index
		for i, h := range names {
			x.Put(h, Ref(i+1))
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		held := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / float64(n)
		made := float64(after.TotalAlloc-before.TotalAlloc) / float64(n)
		if held > 21 || made > 250 {
			t.Errorf("%d entries: %.1f bytes an entry are held and %.1f were allocated; want at most 21 and 250", n, held, made)
		}
		for i, h := range names {
			if x.Get(h) != Ref(i+1) {
				t.Fatalf("%d entries: entry %d is not found", n, i)
			}
		}
	}
}
