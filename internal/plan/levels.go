package plan

import (
	"encoding/binary"
	"slices"
	"strings"
)

// orderLevels finds the order of each vertex's parameter directories: by the
// longest path from the node with the iterables, farthest outermost, as in
// nipype. Distances are kept in one row of numbers, beside the dimensions of
// each vertex.
func (b *builder) orderLevels() {
	p := b.plan
	l := levels{plan: p, index: map[string]uint32{}}
	for k := range p.dims {
		l.texts = append(l.texts, "_"+strings.Join(p.dims[k].fields, "_")+"_") // a value follows
	}
	if len(p.dims) > 1 {
		l.start = make([]uint64, len(p.vertices))
	}
	for v := range vertexID(len(p.vertices)) {
		dims := p.spaces.spaces[p.form(v).space].dims
		var dist []int32
		if l.start != nil {
			dist = l.measure(v, dims)
		}
		f := *p.form(v)
		f.order = l.order(dims, dist)
		p.vertices[v].form = p.forms.Put(f)
	}
}

type levels struct {
	plan  *Plan
	texts []string // by dimension: what its directories look like
	start []uint64 // by vertex: where its distances begin
	dists []int32
	index map[string]uint32 // of Plan.orders
	key   []byte
	at    []int
}

// measure gives the longest path to v from the owner of each of its dimensions.
// What v joins is no dimension of v, so paths through it do not count.
func (l *levels) measure(v vertexID, dims []dimID) []int32 {
	p := l.plan
	from := len(l.dists)
	l.start[v] = uint64(from)
	l.dists = append(l.dists, make([]int32, len(dims))...)
	mine := l.dists[from:]
	last := vertexID(-1)
	for _, bd := range p.inBindings(v) {
		under := bd.under()
		if under < 0 || under == last || (bd.again && bd.via < 0) {
			continue
		}
		last = under
		theirs := l.dists[l.start[under]:]
		k := 0
		for i, d := range p.spaces.spaces[p.form(under).space].dims {
			for k < len(dims) && dims[k] < d {
				k++
			}
			if k < len(dims) && dims[k] == d {
				mine[k] = max(mine[k], theirs[i]+1)
			}
		}
	}
	return mine
}

// order interns the dimensions as nipype orders parameter directories: the
// farthest first, ties by the text of their fields.
func (l *levels) order(dims []dimID, dist []int32) uint32 {
	l.at = l.at[:0]
	for i := range dims {
		l.at = append(l.at, i)
	}
	if len(dims) > 1 {
		slices.SortStableFunc(l.at, func(x, y int) int {
			if dist[x] != dist[y] {
				return int(dist[y] - dist[x])
			}
			return strings.Compare(l.texts[dims[x]], l.texts[dims[y]])
		})
	}
	l.key = l.key[:0]
	for _, i := range l.at {
		l.key = binary.LittleEndian.AppendUint32(l.key, uint32(dims[i]))
	}
	k, ok := l.index[string(l.key)]
	if !ok {
		k = uint32(len(l.plan.orders))
		sorted := make([]dimID, len(dims))
		for n, i := range l.at {
			sorted[n] = dims[i]
		}
		l.plan.orders = append(l.plan.orders, sorted)
		l.index[string(l.key)] = k
	}
	return k
}
