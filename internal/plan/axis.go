package plan

import "slices"

// An axis is a set of dimensions that depend on each other, closed under
// parents: a single plain dimension nearly always. Its elements are the
// combinations that exist, in lexicographic order.
type axis struct {
	dims []dimID // parents before children
	size int
	cols [][]uint32 // flat index of each dimension for each element; nil for a single plain dimension
}

// flat gives the flat index of dimension d at element i of the axis.
func (a *axis) flat(d dimID, i uint32) uint32 {
	if a.cols == nil {
		return i
	}
	return a.cols[slices.Index(a.dims, d)][i]
}

// newAxis spells out the combinations of dims.
func newAxis(all []dim, dims []dimID) axis {
	if len(dims) == 1 && all[dims[0]].parent < 0 {
		return axis{dims: dims, size: all[dims[0]].size()}
	}
	a := axis{dims: dims, cols: make([][]uint32, len(dims))}
	if a.size = combinations(all, dims); a.size > mostSpelled {
		a.size = tooMany
		return a
	}
	for c := range a.cols {
		a.cols[c] = make([]uint32, 0, a.size)
	}
	a.spell(all, make([]uint32, len(dims)), 0)
	return a
}

// mostSpelled bounds the combinations of dimensions that depend on each other:
// they alone are spelled out, at four bytes for each dimension.
const mostSpelled = 1 << 26

// spell writes out the combinations that begin with the first k of row.
func (a *axis) spell(all []dim, row []uint32, k int) {
	if k == len(a.dims) {
		for c := range a.cols {
			a.cols[c] = append(a.cols[c], row[c])
		}
		return
	}
	d := &all[a.dims[k]]
	parent := uint32(0)
	if d.parent >= 0 {
		parent = row[slices.Index(a.dims, d.parent)]
	}
	from, to := d.under(parent)
	for row[k] = from; row[k] < to; row[k]++ {
		a.spell(all, row, k+1)
	}
}

// combinations counts the combinations of dims, parents before children, by
// how many there are below each element.
func combinations(all []dim, dims []dimID) int {
	below := make([][]uint32, len(dims)) // by dimension and element; nil: one
	total := 1
	for k := len(dims) - 1; k >= 0; k-- {
		d := &all[dims[k]]
		sum := func(from, to uint32) int {
			if below[k] == nil {
				return int(to - from)
			}
			n := 0
			for _, c := range below[k][from:to] {
				n = min(n+int(c), tooMany)
			}
			return n
		}
		if d.parent < 0 {
			total = times(total, sum(0, uint32(d.size())))
			continue
		}
		up := slices.Index(dims, d.parent)
		if below[up] == nil {
			below[up] = slices.Repeat([]uint32{1}, all[d.parent].size())
		}
		for p := range below[up] {
			from, to := d.under(uint32(p))
			below[up][p] = uint32(times(int(below[up][p]), sum(from, to)))
		}
	}
	return total
}
