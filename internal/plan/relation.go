package plan

import (
	"encoding/binary"
	"slices"
)

// A relation answers, for an index of one space, which indices of another
// agree with it on all the dimensions that the two have in common. That is the
// whole of dependency between instances: a plain successor has all dimensions
// of its predecessor, so each of its instances has one; a JoinNode lacks some,
// so it has as many as the dropped dimensions have elements.
type relation struct {
	from, to spaceID
	same     bool // the two spaces are one
	axes     []axisRelation
}

// An axisRelation gives the elements of one axis of the target space.
type axisRelation struct {
	size   int // of the target axis
	source int // the axis of the source space that shares dimensions; -1: none, all elements
	// For axes that share only some of their dimensions, or dependent ones:
	// class[i] is the common element of source element i, and the target elements
	// of class c are members[first[c]:first[c+1]]. nil: the same axis.
	class   []uint32
	first   []uint32
	members []uint32
}

// sameSpace relates every index of a space to itself.
var sameSpace = relation{same: true}

// relate gives the relation between two different spaces.
func (s *spaces) relate(from, to spaceID) *relation {
	r := &relation{from: from, to: to}
	for _, t := range s.spaces[to].axes {
		target := &s.axes[t]
		ar := axisRelation{size: target.size, source: -1}
		for k, f := range s.spaces[from].axes {
			source := &s.axes[f]
			if f == t {
				ar.source = k
				break
			}
			if common := intersect(source.dims, target.dims); len(common) > 0 {
				ar.source = k
				s.classify(&ar, source, target, common)
				break
			}
		}
		r.axes = append(r.axes, ar)
	}
	return r
}

func intersect(a, b []dimID) []dimID {
	var out []dimID
	for _, d := range a {
		if slices.Contains(b, d) {
			out = append(out, d)
		}
	}
	return out
}

// uniform gives how many indices are related to each index, and whether that is
// the same number for all.
func (r *relation) uniform() (n int, ok bool) {
	n = 1 // also for sameSpace, which has no axes
	for k := range r.axes {
		switch a := &r.axes[k]; {
		case a.class != nil:
			return 0, false
		case a.source < 0:
			n *= a.size
		}
	}
	return n, true
}

// classify fills the class tables of two axes that share some dimensions.
func (s *spaces) classify(ar *axisRelation, source, target *axis, common []dimID) {
	classes := map[string]uint32{}
	key := make([]byte, 0, 4*len(common))
	classOf := func(a *axis, i uint32) uint32 {
		key = key[:0]
		for _, d := range common {
			key = binary.LittleEndian.AppendUint32(key, a.flat(d, i))
		}
		c, ok := classes[string(key)]
		if !ok {
			c = uint32(len(classes))
			classes[string(key)] = c
		}
		return c
	}
	ar.class = make([]uint32, source.size)
	for i := range ar.class {
		ar.class[i] = classOf(source, uint32(i))
	}
	targetClass := make([]uint32, target.size)
	for i := range targetClass {
		targetClass[i] = classOf(target, uint32(i))
	}
	ar.first = make([]uint32, len(classes)+1)
	for _, c := range targetClass {
		ar.first[c+1]++
	}
	for c := 1; c < len(ar.first); c++ {
		ar.first[c] += ar.first[c-1]
	}
	next := slices.Clone(ar.first)
	ar.members = make([]uint32, target.size)
	for i, c := range targetClass {
		ar.members[next[c]] = uint32(i)
		next[c]++
	}
}

// choices gives how many elements of the target axis agree with the source
// parts, and the k-th of them.
func (ar *axisRelation) choices(parts []uint32) (n int, at func(k int) uint32) {
	switch {
	case ar.source < 0:
		return ar.size, func(k int) uint32 { return uint32(k) }
	case ar.class == nil:
		return 1, func(int) uint32 { return parts[ar.source] }
	}
	c := ar.class[parts[ar.source]]
	from := ar.first[c]
	return int(ar.first[c+1] - from), func(k int) uint32 { return ar.members[int(from)+k] }
}

// count is the number of related indices.
func (s *spaces) count(r *relation, index int) int {
	if r.same {
		return 1
	}
	var buf [8]uint32
	parts := s.split(r.from, index, buf[:])
	n := 1
	for k := range r.axes {
		c, _ := r.axes[k].choices(parts)
		n *= c
	}
	return n
}

// each calls fn with every related index, ascending, until it gives false.
func (s *spaces) each(r *relation, index int, fn func(int) bool) {
	if r.same {
		fn(index)
		return
	}
	var buf [8]uint32
	parts := s.split(r.from, index, buf[:])
	s.eachAxis(r, parts, 0, 0, fn)
}

// only gives the one related index, for a target whose dimensions the source
// has all.
func (s *spaces) only(r *relation, index int) int {
	k := -1
	s.each(r, index, func(i int) bool {
		k = i
		return false
	})
	if k < 0 {
		panic("BUG: an index has no related one")
	}
	return k
}

func (s *spaces) eachAxis(r *relation, parts []uint32, k, prefix int, fn func(int) bool) bool {
	if k == len(r.axes) {
		return fn(prefix)
	}
	n, at := r.axes[k].choices(parts)
	for c := range n {
		if !s.eachAxis(r, parts, k+1, prefix*r.axes[k].size+int(at(c)), fn) {
			return false
		}
	}
	return true
}
