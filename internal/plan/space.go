package plan

import (
	"slices"

	"github.com/raphe-org/raphe/internal/value"
)

// dimID numbers the dimensions of a plan.
type dimID int32

// A dim is one dimension of iteration: the parameter sets of one node with
// iterables. Its *flat* index runs over all of its elements; for a dimension
// that depends on another one (itersource) these are the elements under the
// first element of its parent, then under the second, and so on.
type dim struct {
	owner  vertexID
	fields []string // sorted, as they stand in directory names
	params paramSets
	parent dimID    // the dimension that chooses the elements (itersource); -1: none
	start  []uint32 // with a parent: start[p] is the flat index of the first element under p; one longer than the parent
	marked marks    // the values that need a hash in their directory names
}

func (d *dim) size() int { return d.params.size }

// under gives the flat indices that lie under element p of the parent.
func (d *dim) under(p uint32) (from, to uint32) {
	if d.parent < 0 {
		return 0, uint32(d.size())
	}
	return d.start[p], d.start[p+1]
}

// paramSets is the list of parameter sets of a dimension, never spelled out:
// a set is computed from its index.
type paramSets struct {
	size   int
	runs   []paramRun // one; several for a dimension with a parent: one for each of its elements
	starts []uint32   // flat index where each run begins, for several
}

// A paramRun is one iterables declaration: all combinations of its fields'
// values, the first varying slowest, or lock step.
type paramRun struct {
	fields []string
	values []value.Seq
	lock   bool
	size   int
}

func newParamRun(fields []string, values []value.Seq, lock bool) paramRun {
	r := paramRun{fields: fields, values: values, lock: lock}
	if lock {
		for _, v := range values {
			r.size = max(r.size, v.Len())
		}
		return r
	}
	r.size = 1
	for _, v := range values {
		r.size = times(r.size, v.Len())
	}
	return r
}

// times multiplies sizes; what is beyond any plan becomes tooMany.
func times(a, b int) int { return min(a*b, tooMany) } // both are below 1<<32, so that a*b fits

const tooMany = maxInstances + 1

// value gives the value of field f (its position in fields) in parameter set i,
// and its place among the field's values; nil when the set lacks the field.
func (r *paramRun) value(i, f int) (which int, v value.Value) {
	if !r.lock {
		for k := len(r.fields) - 1; k > f; k-- {
			i /= r.values[k].Len()
		}
		i %= r.values[f].Len()
	}
	if i >= r.values[f].Len() {
		return i, nil
	}
	return i, r.values[f].At(i)
}

// run finds the declaration that holds flat index i, and i's index within it.
func (p *paramSets) run(i int) (which, at int) {
	if len(p.runs) == 1 {
		return 0, i
	}
	k, found := slices.BinarySearch(p.starts, uint32(i))
	if !found {
		k--
	}
	for p.runs[k].size == 0 { // empty runs share their start with the next
		k++
	}
	return k, i - int(p.starts[k])
}

// value gives the value of field in parameter set i, nil when it is unset.
func (p *paramSets) value(i int, field string) value.Value {
	k, i := p.run(i)
	f := slices.Index(p.runs[k].fields, field)
	if f < 0 {
		return nil
	}
	_, v := p.runs[k].value(i, f)
	return v
}

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

// spaceID numbers the distinct iteration spaces of a plan; 0 is the space of
// one element.
type spaceID int32

// A space is the product of independent axes; an index into it counts the last
// axis fastest.
type space struct {
	dims  []dimID // all dimensions, sorted
	where []int32 // by dims: its place in axes
	axes  []int32 // into spaces.axes
	size  int
}

// root follows the parents of d to the dimension that depends on none.
func root(all []dim, d dimID) dimID {
	for all[d].parent >= 0 {
		d = all[d].parent
	}
	return d
}

// spaces keeps each space and axis once.
type spaces struct {
	dims   []dim
	spaces []space
	axes   []axis
	byDims map[string]spaceID
	byAxis map[string]int32
}

func dimsKey(dims []dimID) string {
	b := make([]byte, 0, 4*len(dims))
	for _, d := range dims {
		b = append(b, byte(d), byte(d>>8), byte(d>>16), byte(d>>24))
	}
	return string(b)
}

// intern gives the space of the sorted dims.
func (s *spaces) intern(dims []dimID) spaceID {
	key := dimsKey(dims)
	if id, ok := s.byDims[key]; ok {
		return id
	}
	if s.byDims == nil {
		s.byDims, s.byAxis = map[string]spaceID{}, map[string]int32{}
	}
	sp := space{dims: slices.Clone(dims), where: make([]int32, len(dims)), size: 1}
	for _, group := range groupByRoot(s.dims, dims) {
		k, ok := s.byAxis[dimsKey(group)]
		if !ok {
			k = int32(len(s.axes))
			s.axes = append(s.axes, newAxis(s.dims, group))
			s.byAxis[dimsKey(group)] = k
		}
		for _, d := range group {
			i, _ := slices.BinarySearch(dims, d)
			sp.where[i] = int32(len(sp.axes))
		}
		sp.axes = append(sp.axes, k)
		sp.size = times(sp.size, s.axes[k].size)
	}
	s.spaces = append(s.spaces, sp)
	s.byDims[key] = spaceID(len(s.spaces) - 1)
	return s.byDims[key]
}

// groupByRoot splits sorted dims into the groups that depend on each other, in
// order of their roots.
func groupByRoot(all []dim, dims []dimID) [][]dimID {
	var groups [][]dimID
	at := map[dimID]int{}
	for _, d := range dims {
		r := root(all, d)
		k, ok := at[r]
		if !ok {
			k = len(groups)
			at[r] = k
			groups = append(groups, nil)
		}
		groups[k] = append(groups[k], d)
	}
	return groups
}

// split gives the element of each axis of space s at an index.
func (s *spaces) split(id spaceID, index int, out []uint32) []uint32 {
	sp := &s.spaces[id]
	out = slices.Grow(out[:0], len(sp.axes))[:len(sp.axes)]
	for k := len(sp.axes) - 1; k >= 0; k-- {
		n := s.axes[sp.axes[k]].size
		out[k] = uint32(index % n)
		index /= n
	}
	return out
}

// flat gives the flat index of dimension d at an index of a space.
func (s *spaces) flat(id spaceID, index int, d dimID) int {
	var buf [8]uint32
	return s.flatOf(id, s.split(id, index, buf[:]), d)
}

// flatOf is flat for an index that was split.
func (s *spaces) flatOf(id spaceID, parts []uint32, d dimID) int {
	sp := &s.spaces[id]
	i, ok := slices.BinarySearch(sp.dims, d)
	if !ok {
		panic("BUG: dimension is not part of the space")
	}
	k := sp.where[i]
	return int(s.axes[sp.axes[k]].flat(d, parts[k]))
}
