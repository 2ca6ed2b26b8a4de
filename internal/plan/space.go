package plan

import (
	"slices"
)

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
