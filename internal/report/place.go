package report

// place gives each vertex its coordinate: again and again the mean of its
// neighbours', as near as the order in its row and the gaps allow.
func (a *arranger) place() {
	a.x = make([]float64, len(a.layer)) // centres
	for _, row := range a.rows {
		at := 0.0
		for _, v := range row {
			a.x[v] = at + a.width[v]/2
			at += a.width[v] + boxGap
		}
	}
	for k := range sweeps {
		for i := range a.rows {
			row, neighbours := a.rows[i], a.up
			if k%2 == 1 {
				row, neighbours = a.rows[len(a.rows)-1-i], a.down
			}
			if k >= sweeps-2 {
				neighbours = nil // both ways, last
			}
			a.placeRow(row, neighbours)
		}
	}
}

// placeRow moves the vertices of a row to where they want to be, or next to it.
func (a *arranger) placeRow(row []int, neighbours [][]int) {
	want, weight := make([]float64, len(row)), make([]float64, len(row))
	for i, v := range row {
		want[i], weight[i] = a.wish(v, neighbours)
	}
	gaps := make([]float64, len(row))
	for i := 1; i < len(row); i++ {
		gaps[i] = (a.width[row[i-1]]+a.width[row[i]])/2 + boxGap
	}
	for i, x := range keepApart(want, weight, gaps) {
		a.x[row[i]] = x
	}
}

// wish gives where a vertex wants to be, and how much. A bend of a long edge
// wants it more than a box, so that long edges are straight.
func (a *arranger) wish(v int, neighbours [][]int) (x, weight float64) {
	sum, n := 0.0, 0
	add := func(ws []int) {
		for _, w := range ws {
			sum += a.x[w]
			n++
		}
	}
	if neighbours == nil {
		add(a.up[v])
		add(a.down[v])
	} else {
		add(neighbours[v])
	}
	if n == 0 {
		return a.x[v], 0.1
	}
	weight = 1
	if v >= a.n {
		weight = 4
	}
	return sum / float64(n), weight
}

// keepApart gives places in the order of want, gaps[i] apart from the one
// before at least, that are as near to want as possible: the weighted sum of
// squares is the least. It is isotonic regression by pooling neighbours that
// are in each other's way (Barlow et al. 1972, "pool adjacent violators").
func keepApart(want, weight, gaps []float64) []float64 {
	type block struct {
		mean, weight float64
		n            int
	}
	var blocks []block
	offset := 0.0
	for i, w := range want {
		offset += gaps[i]
		b := block{w - offset, weight[i], 1}
		for len(blocks) > 0 && blocks[len(blocks)-1].mean >= b.mean {
			last := blocks[len(blocks)-1]
			blocks = blocks[:len(blocks)-1]
			sum := last.weight + b.weight
			b = block{(last.mean*last.weight + b.mean*b.weight) / sum, sum, last.n + b.n}
		}
		blocks = append(blocks, b)
	}
	out := make([]float64, 0, len(want))
	offset = 0
	for _, b := range blocks {
		for range b.n {
			offset += gaps[len(out)]
			out = append(out, b.mean+offset)
		}
	}
	return out
}

// finish turns centres into corners and chains into routes.
func (a *arranger) finish(boxes []size) {
	l := a.l
	tall := make([]float64, len(a.rows))
	for v, b := range boxes {
		tall[a.layer[v]] = max(tall[a.layer[v]], b.H)
	}
	top := make([]float64, len(a.rows))
	left := 0.0
	for i, row := range a.rows {
		if i > 0 {
			top[i] = top[i-1] + tall[i-1] + layerGap
		}
		for _, v := range row {
			left = min(left, a.x[v]-a.width[v]/2)
		}
	}
	for v := range a.x {
		a.x[v] -= left
		l.W = max(l.W, a.x[v]+a.width[v]/2)
	}
	for v, b := range boxes {
		row := a.layer[v]
		l.Boxes[v] = point{a.x[v] - b.W/2, top[row] + (tall[row]-b.H)/2}
		l.H = max(l.H, top[row]+tall[row])
	}
	for e, chain := range a.chains {
		for i, v := range chain {
			y := top[a.layer[v]]
			switch {
			case i == 0:
				l.Routes[e] = append(l.Routes[e], point{a.x[v], l.Boxes[v].Y + boxes[v].H})
			case i == len(chain)-1:
				l.Routes[e] = append(l.Routes[e], point{a.x[v], l.Boxes[v].Y})
			default:
				l.Routes[e] = append(l.Routes[e], point{a.x[v], y}, point{a.x[v], y + tall[a.layer[v]]})
			}
		}
	}
}
