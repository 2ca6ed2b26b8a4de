package report

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func drawSpans(t *rapid.T) []span {
	spans := make([]span, rapid.IntRange(0, 200).Draw(t, "n"))
	for i := range spans {
		from := time.Duration(rapid.IntRange(0, 1000).Draw(t, "from")) * time.Millisecond
		spans[i] = span{From: from, To: from + time.Duration(rapid.IntRange(0, 100).Draw(t, "wall"))*time.Millisecond, Node: int32(i % 3), State: Done, Inside: i%5 == 0}
	}
	return spans
}

// most gives how many spans there are at once; one that ends where another
// begins is not with it.
func most(spans []span, inside bool) int {
	top := 0
	for i, s := range spans {
		n := 0
		for k, o := range spans {
			if s.Inside != inside || o.Inside != inside {
				continue
			}
			if k == i || o.From <= s.From && o.To > s.From {
				n++
			}
		}
		top = max(top, n)
	}
	return top
}

func TestLanesNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := drawSpans(t)
		slots, inside, without := assignLanes(spans)
		if without > 0 {
			t.Fatalf("%d of %d have no lane", without, len(spans))
		}
		last := map[int]time.Duration{}
		for _, s := range spans {
			if s.Lane < 0 || s.Lane >= slots+inside || s.Inside != (s.Lane >= slots) {
				t.Fatalf("lane %d of %d slots and %d within Raphe", s.Lane, slots, inside)
			}
			if s.From < last[s.Lane] {
				t.Fatalf("%v in lane %d overlaps the one before", s, s.Lane)
			}
			last[s.Lane] = s.To
		}
		if n := most(spans, false); slots > n {
			t.Fatalf("%d slots for %d at once", slots, n)
		}
		if n := most(spans, true); inside > n {
			t.Fatalf("%d lanes for %d at once within Raphe", inside, n)
		}
	})
}

func TestMergedBars(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spans := drawSpans(t)
		slots, inside, _ := assignLanes(spans)
		lanes := slots + inside
		least := time.Duration(rapid.IntRange(1, 50).Draw(t, "least")) * time.Millisecond
		n := 0
		ends := map[int]time.Duration{}
		for _, b := range mergeSpans(spans, lanes, least) {
			n += b.N
			if end, any := ends[b.Lane]; any && b.From < end {
				t.Fatalf("bars of lane %d overlap", b.Lane)
			}
			ends[b.Lane] = b.To
		}
		if n != len(spans) {
			t.Fatalf("%d of %d spans are in a bar", n, len(spans))
		}
	})
}

// TestBarsAreBounded draws very many short spans in many lanes.
func TestBarsAreBounded(t *testing.T) {
	spans := make([]span, 0, 100_000)
	for i := range cap(spans) {
		from := time.Duration(i/64) * 20 * time.Millisecond
		spans = append(spans, span{From: from, To: from + 15*time.Millisecond, Node: int32(i % 30), State: Done, Name: "n"})
	}
	nodes := make([]Node, 30)
	for i := range nodes {
		nodes[i].Name = fmt.Sprint("wf.n", i)
	}
	c, legend := timeline(spans, nodes, time.Minute, 0)
	if len(c.SVG) > 3<<20 || len(legend) != kinds+1 {
		t.Errorf("%d bytes, %d in the legend", len(c.SVG), len(legend))
	}
}

func TestLanesBeyondTheMost(t *testing.T) {
	spans := make([]span, mostLanes+10)
	for i := range spans {
		spans[i].To = time.Second
	}
	if slots, _, without := assignLanes(spans); slots != mostLanes || without != 10 {
		t.Errorf("%d slots, %d without", slots, without)
	}
}
