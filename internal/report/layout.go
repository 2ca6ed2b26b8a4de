package report

import (
	"cmp"
	"slices"
)

// A size is that of a box to be laid out.
type size struct{ W, H float64 }

// A point is a place in a picture.
type point struct{ X, Y float64 }

// A layout is a layered drawing: boxes in rows, edges from upper to lower rows.
type layout struct {
	Boxes  []point   // upper left corners
	Layers []int     // of the boxes
	Routes [][]point // of the edges, from box to box
	Back   []bool    // edges of a circle that lead upwards, and have no route
	W, H   float64
}

const (
	boxGap    = 18.0 // between neighbours
	layerGap  = 46.0 // between rows
	dummySize = 10.0 // room of an edge that passes a row
	sweeps    = 12
	// Beyond so many places where edges pass rows, long edges go straight.
	mostDummies = 6000
)

// arrange lays out a graph after Sugiyama, Tagawa and Toda (1981,
// doi:10.1109/TSMC.1981.4308636): layers by longest path, long edges split at
// every layer, the order within layers by barycentres, places by averages that
// are kept apart. Edges to oneself have no route.
func arrange(boxes []size, edges [][2]int) *layout {
	a := &arranger{n: len(boxes), edges: edges, l: &layout{
		Boxes: make([]point, len(boxes)), Routes: make([][]point, len(edges)), Back: make([]bool, len(edges)),
	}}
	a.breakCircles()
	a.assignLayers()
	a.split(boxes)
	a.orderLayers()
	a.place()
	a.finish(boxes)
	return a.l
}

// An arranger is a layout being made. Its vertices are the boxes, then the
// places where long edges pass a layer.
type arranger struct {
	n      int
	edges  [][2]int
	l      *layout
	layer  []int
	width  []float64
	up     [][]int // neighbours one layer above
	down   [][]int
	chains [][]int // by edge: its vertices, from box to box
	rows   [][]int // by layer: its vertices in order
	x      []float64
}

// breakCircles marks the edges that close a circle.
func (a *arranger) breakCircles() {
	out := make([][]int, a.n) // edges by source
	for e, edge := range a.edges {
		out[edge[0]] = append(out[edge[0]], e)
	}
	state := make([]int8, a.n) // 1: on the path, 2: done
	next := make([]int, a.n)
	for root := range a.n {
		if state[root] != 0 {
			continue
		}
		state[root] = 1
		for path := []int{root}; len(path) > 0; {
			v := path[len(path)-1]
			if next[v] == len(out[v]) {
				state[v] = 2
				path = path[:len(path)-1]
				continue
			}
			e := out[v][next[v]]
			next[v]++
			switch w := a.edges[e][1]; state[w] {
			case 0:
				state[w] = 1
				path = append(path, w)
			case 1:
				a.l.Back[e] = true
			}
		}
	}
}

// assignLayers puts each box one below the lowest box before it, and then as
// near to the boxes after it as there is room.
func (a *arranger) assignLayers() {
	a.layer = make([]int, a.n)
	before, out := make([]int, a.n), make([][]int, a.n)
	for e, edge := range a.edges {
		if !a.l.Back[e] {
			before[edge[1]]++
			out[edge[0]] = append(out[edge[0]], edge[1])
		}
	}
	order := make([]int, 0, a.n)
	for v, k := range before {
		if k == 0 {
			order = append(order, v)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, w := range out[order[i]] {
			a.layer[w] = max(a.layer[w], a.layer[order[i]]+1)
			if before[w]--; before[w] == 0 {
				order = append(order, w)
			}
		}
	}
	for _, v := range slices.Backward(order) {
		lowest := -1
		for _, w := range out[v] {
			if lowest < 0 || a.layer[w]-1 < lowest {
				lowest = a.layer[w] - 1
			}
		}
		a.layer[v] = max(a.layer[v], lowest)
	}
	a.l.Layers = a.layer[:a.n:a.n]
}

// split cuts the edges at the layers that they pass.
func (a *arranger) split(boxes []size) {
	for _, b := range boxes {
		a.width = append(a.width, b.W)
	}
	passes := 0
	for e, edge := range a.edges {
		if !a.l.Back[e] {
			passes += max(0, a.layer[edge[1]]-a.layer[edge[0]]-1)
		}
	}
	a.chains = make([][]int, len(a.edges))
	for e, edge := range a.edges {
		if a.l.Back[e] {
			continue
		}
		chain := []int{edge[0]}
		for l := a.layer[edge[0]] + 1; l < a.layer[edge[1]] && passes <= mostDummies; l++ {
			chain = append(chain, len(a.layer))
			a.layer = append(a.layer, l)
			a.width = append(a.width, dummySize)
		}
		a.chains[e] = append(chain, edge[1])
	}
	a.up, a.down = make([][]int, len(a.layer)), make([][]int, len(a.layer))
	for _, chain := range a.chains {
		for i := 1; i < len(chain); i++ {
			a.down[chain[i-1]] = append(a.down[chain[i-1]], chain[i])
			a.up[chain[i]] = append(a.up[chain[i]], chain[i-1])
		}
	}
	deepest := -1
	for _, l := range a.layer {
		deepest = max(deepest, l)
	}
	a.rows = make([][]int, deepest+1)
	for v, l := range a.layer {
		a.rows[l] = append(a.rows[l], v)
	}
}

// orderLayers sorts the vertices of each layer by the mean place of their
// neighbours, downwards and upwards in turn, and keeps the order in which the
// fewest edges cross.
func (a *arranger) orderLayers() {
	at := make([]int, len(a.layer))
	number := func() {
		for _, row := range a.rows {
			for i, v := range row {
				at[v] = i
			}
		}
	}
	number()
	best, fewest := cloneRows(a.rows), a.crossings(at)
	for k := range sweeps {
		neighbours := a.up
		if k%2 == 1 {
			neighbours = a.down
		}
		for i := range a.rows {
			row := a.rows[i]
			if k%2 == 1 {
				row = a.rows[len(a.rows)-1-i]
			}
			sortByMean(row, neighbours, at)
		}
		if n := a.crossings(at); n < fewest {
			best, fewest = cloneRows(a.rows), n
		}
	}
	a.rows = best
}

func cloneRows(rows [][]int) [][]int {
	out := make([][]int, len(rows))
	for i, r := range rows {
		out[i] = slices.Clone(r)
	}
	return out
}

// sortByMean sorts a row by the mean place of each vertex's neighbours; one
// without neighbours keeps its own.
func sortByMean(row []int, neighbours [][]int, at []int) {
	mean := make(map[int]float64, len(row))
	for _, v := range row {
		mean[v] = float64(at[v])
		if ns := neighbours[v]; len(ns) > 0 {
			sum := 0
			for _, w := range ns {
				sum += at[w]
			}
			mean[v] = float64(sum) / float64(len(ns))
		}
	}
	slices.SortStableFunc(row, func(v, w int) int { return cmp.Compare(mean[v], mean[w]) })
	for i, v := range row {
		at[v] = i
	}
}

// crossings counts how many edges cross between neighbouring layers: of the
// edges in the order of their upper ends, the pairs whose lower ends are not in order.
func (a *arranger) crossings(at []int) int {
	total := 0
	for l := 1; l < len(a.rows); l++ {
		tree := make([]int, len(a.rows[l])+1) // a binary indexed tree of the lower ends so far
		seen := 0
		for _, v := range a.rows[l-1] {
			ends := make([]int, 0, len(a.down[v]))
			for _, w := range a.down[v] {
				if a.layer[w] == l {
					ends = append(ends, at[w])
				}
			}
			for _, end := range ends {
				total += seen
				for i := end + 1; i > 0; i -= i & -i {
					total -= tree[i]
				}
			}
			for _, end := range ends {
				seen++
				for i := end + 1; i < len(tree); i += i & -i {
					tree[i]++
				}
			}
		}
	}
	return total
}
