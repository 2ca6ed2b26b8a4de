package column

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A column holds what a slice would.
func TestOfAgainstSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Of[int]
		var want []int
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "cut") {
				n := rapid.IntRange(0, len(want)).Draw(t, "to")
				c.Cut(n)
				want = want[:n]
			}
			for range rapid.IntRange(0, 3*pageRows/2).Draw(t, "add") {
				if k := c.Add(len(want)); k != len(want) {
					t.Fatalf("row %d is number %d", len(want), k)
				}
				want = append(want, len(want))
			}
			if len(want) > 0 {
				i := rapid.IntRange(0, len(want)-1).Draw(t, "change")
				*c.At(i)++
				want[i]++
			}
		}
		got := make([]int, 0, len(want))
		for i := range c.Len() {
			got = append(got, *c.At(i))
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%d rows, want %d", len(got), len(want))
		}
	})
}

func TestBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c Bytes
		type piece struct {
			at   uint32
			text []byte
		}
		var want []piece
		sizes := rapid.SampledFrom([]int{1, 2, 100, blockSize/2 - 1, blockSize / 2, blockSize - 1, blockSize, blockSize + 1})
		for i := range rapid.IntRange(0, 30).Draw(t, "pieces") {
			text := slices.Repeat([]byte{byte(i + 1)}, sizes.Draw(t, "size"))
			want = append(want, piece{c.Put(text), text})
			if rapid.IntRange(0, 3).Draw(t, "drop") == 0 {
				last := want[len(want)-1]
				want = want[:len(want)-1]
				c.Drop(last.at, len(last.text))
				if again := c.Put([]byte{99}); again != last.at && len(last.text) < blockSize {
					t.Fatalf("what was dropped keeps its room: %x, then %x", last.at, again)
				}
			}
			if len(want) > 1 {
				c.Drop(want[0].at, len(want[0].text)) // is not the last: stays
			}
		}
		for _, p := range want {
			if got := c.From(p.at); len(got) < len(p.text) || !slices.Equal(got[:len(p.text)], p.text) {
				t.Fatalf("the piece at %x is not what was put there", p.at)
			}
		}
	})
}

func TestTexts(t *testing.T) {
	texts := NewTexts()
	want := []string{"", "a", "b", strings.Repeat("x", 200), strings.Repeat("y", blockSize), strings.Repeat("z", 3*blockSize), "é", "\x00"}
	for i := range 20_000 {
		want = append(want, fmt.Sprint("name", i))
	}
	for range 2 { // the second time nothing is added
		for i, s := range want {
			if id := texts.Put(s); id != uint32(i) {
				t.Fatalf("text %.20q is number %d, want %d", s, id, i)
			}
		}
		texts.Settle()
	}
	for i, s := range want {
		if id, ok := texts.Find(s); !ok || id != uint32(i) || texts.Get(id) != s {
			t.Fatalf("text %.20q: number %d, %v, %.20q", s, id, ok, texts.Get(id))
		}
	}
	if _, ok := texts.Find("another"); ok || texts.Len() != len(want) {
		t.Errorf("%d texts, and one that was never put", texts.Len())
	}
}

func TestSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Set
		keys := rapid.SliceOfNDistinct(rapid.IntRange(0, 1000), 0, 200, rapid.ID[int]).Draw(t, "keys")
		hash := func(key int) uint64 { return uint64(key % 7) } // many meet
		for i, k := range keys {
			s.Add(hash(k), uint32(i), func(id uint32) uint64 { return hash(keys[id]) })
		}
		found := map[int]int{}
		for k := range 1001 {
			if id, ok := s.Find(hash(k), func(id uint32) bool { return keys[id] == k }); ok {
				found[k] = int(id)
			}
		}
		want := map[int]int{}
		for i, k := range keys {
			want[k] = i
		}
		if d := cmp.Diff(want, found); d != "" || s.Len() != len(keys) {
			t.Fatalf("%d numbers:\n%s", s.Len(), d)
		}
	})
}

// Growing by a row never takes the room of two copies, and what is allocated in
// all is little more than what is kept.
func TestNothingIsCopied(t *testing.T) {
	const rows = 1 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var c Of[uint64]
	for i := range uint64(rows) {
		c.Add(i)
	}
	runtime.ReadMemStats(&after)
	if got := after.TotalAlloc - before.TotalAlloc; got > rows*8*5/4 {
		t.Errorf("%d bytes allocated for %d of rows", got, rows*8)
	}
	runtime.KeepAlive(&c)
}
