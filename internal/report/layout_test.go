package report

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// checkLayout demands what every layout keeps: boxes of one layer don't
// overlap, layers lie below each other, and edges lead downwards from box to box.
func checkLayout(t interface{ Fatalf(string, ...any) }, boxes []size, edges [][2]int, l *layout) {
	const eps = 1e-6
	for i := range boxes {
		for j := range i {
			a, b := l.Boxes[i], l.Boxes[j]
			apartX := a.X+boxes[i].W <= b.X+eps || b.X+boxes[j].W <= a.X+eps
			apartY := a.Y+boxes[i].H <= b.Y+eps || b.Y+boxes[j].H <= a.Y+eps
			if !apartX && !apartY {
				t.Fatalf("boxes %d and %d overlap: %v %v", i, j, a, b)
			}
		}
		if p := l.Boxes[i]; p.X < -eps || p.Y < -eps || p.X+boxes[i].W > l.W+eps || p.Y+boxes[i].H > l.H+eps {
			t.Fatalf("box %d at %v is outside %v x %v", i, p, l.W, l.H)
		}
	}
	for e, edge := range edges {
		if l.Back[e] {
			continue
		}
		from, to, route := edge[0], edge[1], l.Routes[e]
		if l.Layers[to] <= l.Layers[from] || len(route) < 2 {
			t.Fatalf("edge %v leads from layer %d to %d by %v", edge, l.Layers[from], l.Layers[to], route)
		}
		for i := 1; i < len(route); i++ {
			if route[i].Y < route[i-1].Y-eps {
				t.Fatalf("edge %v goes upwards: %v", edge, route)
			}
		}
		end := route[len(route)-1]
		if box := l.Boxes[to]; math.Abs(end.Y-box.Y) > eps || end.X < box.X-eps || end.X > box.X+boxes[to].W+eps {
			t.Fatalf("edge %v ends at %v, its box is at %v", edge, end, box)
		}
	}
}

func TestLayoutOfAnyGraph(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		boxes := make([]size, n)
		for i := range boxes {
			boxes[i] = size{rapid.Float64Range(10, 200).Draw(t, "w"), rapid.Float64Range(10, 60).Draw(t, "h")}
		}
		circles := rapid.Bool().Draw(t, "circles")
		var edges [][2]int
		for range rapid.IntRange(0, 80).Draw(t, "edges") {
			a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
			if !circles && a >= b {
				continue
			}
			edges = append(edges, [2]int{a, b})
		}
		l := arrange(boxes, edges)
		checkLayout(t, boxes, edges, l)
		for e := range edges {
			if l.Back[e] && !circles {
				t.Fatalf("edge %v of a graph without circles is said to lead back", edges[e])
			}
		}
	})
}

func TestLayoutOfLargeGraphs(t *testing.T) {
	boxes := make([]size, 500)
	var chain, dense [][2]int
	for i := range boxes {
		boxes[i] = size{120, boxHeight}
		if i > 0 {
			chain = append(chain, [2]int{i - 1, i}, [2]int{0, i}) // long edges beyond mostDummies
		}
		for k := 1; k <= 4 && i >= 25; k++ {
			dense = append(dense, [2]int{i/25*25 - 25, i}, [2]int{i - 25, i})
		}
	}
	checkLayout(t, boxes, chain, arrange(boxes, chain))
	checkLayout(t, boxes, dense, arrange(boxes, dense))
}

func TestFewCrossings(t *testing.T) {
	// Two columns whose boxes come in opposite orders can be drawn without any.
	boxes := make([]size, 8)
	for i := range boxes {
		boxes[i] = size{50, 20}
	}
	edges := [][2]int{{0, 7}, {1, 6}, {2, 5}, {3, 4}}
	l := arrange(boxes, edges)
	for i, a := range edges {
		for _, b := range edges[:i] {
			if (l.Boxes[a[0]].X-l.Boxes[b[0]].X)*(l.Boxes[a[1]].X-l.Boxes[b[1]].X) < 0 {
				t.Errorf("edges %v and %v cross", a, b)
			}
		}
	}
}

func TestKeepApart(t *testing.T) {
	got := keepApart([]float64{5, 5, 5, 100}, []float64{1, 1, 1, 1}, []float64{0, 10, 10, 10})
	if diff := cmp.Diff([]float64{-5, 5, 15, 100}, got); diff != "" {
		t.Error(diff)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 20).Draw(t, "n")
		want, weight, gaps := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range want {
			want[i] = rapid.Float64Range(-100, 100).Draw(t, "want")
			weight[i] = rapid.Float64Range(0.1, 4).Draw(t, "weight")
			gaps[i] = rapid.Float64Range(0, 50).Draw(t, "gap")
		}
		x := keepApart(want, weight, gaps)
		for i := 1; i < n; i++ {
			if x[i]-x[i-1] < gaps[i]-1e-9 {
				t.Fatalf("%v and %v are less than %v apart", x[i-1], x[i], gaps[i])
			}
		}
	})
}
