package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// makeSpaces finds the dimensions, in topological order, and the space of
// every vertex: what its sources lie under, less what it joins, and its own.
func (b *builder) makeSpaces() {
	p := b.plan
	b.dropped = map[vertexID][]dimID{}
	p.intern(nil)
	for v := range p.vertices {
		vx := &p.vertices[v]
		var dims []dimID
		for _, src := range b.underlies(vertexID(v)) {
			for _, d := range p.spaces.spaces[p.vertices[src].space].dims {
				if !slices.Contains(dims, d) {
					dims = append(dims, d)
				}
			}
		}
		o := b.node(vertexID(v)).Options()
		if o.Kind == workflow.JoinNode {
			dims = b.join(vertexID(v), dims)
		}
		if len(o.Iterables) > 0 {
			if d, ok := b.makeDim(vertexID(v), o, dims); ok {
				vx.own = d
				dims = append(dims, d)
			}
		}
		slices.Sort(dims)
		vx.space = p.intern(dims)
	}
}

// join takes the dimensions of the joinsource out, and marks the bindings that
// are collected over them.
func (b *builder) join(v vertexID, dims []dimID) []dimID {
	node := b.node(v)
	o := node.Options()
	var drop, keep []dimID
	for _, d := range dims {
		if isJoinSource(b.node(b.plan.dims[d].owner), o.JoinSource) {
			drop = append(drop, d)
		} else {
			keep = append(keep, d)
		}
	}
	if len(drop) == 0 {
		b.noJoinSource(node, dims)
		return keep
	}
	for _, d := range keep {
		if up := b.plan.dims[d].parent; slices.Contains(drop, up) {
			inner := b.node(b.plan.dims[d].owner)
			b.problems.add(node.Pos(), fmt.Sprintf("JoinNode %q joins over %q while %q still iterates within it", node.FullName(), o.JoinSource, inner.Name()),
				fmt.Sprintf("how often %q runs depends on each value of %q (itersource), so there is no common list", inner.Name(), o.JoinSource),
				fmt.Sprintf("join over %q first, then join the result over %q", inner.Name(), o.JoinSource),
				diag.Note{Pos: inner.Pos(), Text: "the inner iterables"})
		}
	}
	b.dropped[v] = drop
	b.markJoined(v, node, o, drop)
	return keep
}

func isJoinSource(n workflow.Node, source string) bool {
	return n.Name() == source || n.FullName() == source || strings.HasSuffix(n.FullName(), "."+source)
}

func (b *builder) noJoinSource(node workflow.Node, dims []dimID) {
	source := node.Options().JoinSource
	var upstream []string
	for _, d := range dims {
		upstream = append(upstream, b.node(b.plan.dims[d].owner).Name())
	}
	why := "no node of that name with iterables lies upstream of it"
	mend := "name a node with iterables that lies upstream"
	if len(upstream) > 0 {
		mend = diag.DidYouMean(source, upstream)
	}
	b.problems.add(node.Pos(), fmt.Sprintf("joinsource %q of JoinNode %q is not upstream", source, node.FullName()), why, mend)
}

// markJoined decides which inputs of a JoinNode become lists.
func (b *builder) markJoined(v vertexID, node workflow.Node, o *workflow.Options, drop []dimID) {
	for k := range b.plan.inBindings(v) {
		bd := &b.plan.inBindings(v)[k]
		if bd.kind == fromNowhere {
			continue
		}
		port := b.plan.ports[bd.dstPort]
		isField := len(o.JoinField) == 0 || slices.Contains(o.JoinField, port)
		under := bd.kind != fromConst && len(intersect(b.plan.spaces.spaces[b.plan.vertices[bd.src].space].dims, drop)) > 0
		switch {
		case isField && under:
			bd.joined = true
		case isField && len(o.JoinField) > 0:
			b.problems.add(node.Pos(), fmt.Sprintf("joinfield %q of JoinNode %q does not come from under %q", port, node.FullName(), o.JoinSource),
				"its source runs once for all branches, so there is nothing to join", fmt.Sprintf("leave %q out of joinfield, or connect it from below %q", port, o.JoinSource))
		case !isField && under:
			b.problems.add(node.Pos(), fmt.Sprintf("input %q of JoinNode %q has a value for each branch of %q", port, node.FullName(), o.JoinSource),
				"only joinfields collect the branches; another input takes one value", fmt.Sprintf("add %q to joinfield", port))
		}
	}
}

// makeDim makes the dimension of a vertex with iterables.
func (b *builder) makeDim(v vertexID, o *workflow.Options, dims []dimID) (dimID, bool) {
	d := dim{owner: v, parent: -1}
	for _, it := range o.Iterables {
		d.fields = append(d.fields, it.Field)
	}
	slices.Sort(d.fields)
	ok := true
	if o.IterSource == nil {
		ok = b.plainRuns(&d, o)
	} else {
		ok = b.sourceRuns(&d, o, dims)
	}
	if !ok {
		return 0, false
	}
	b.plan.dims = append(b.plan.dims, d)
	return dimID(len(b.plan.dims) - 1), true
}

func (b *builder) plainRuns(d *dim, o *workflow.Options) bool {
	var fields []string
	var values []value.Seq
	for _, it := range o.Iterables {
		if it.Values.Len() == 0 {
			node := b.node(d.owner)
			b.problems.add(node.Pos(), fmt.Sprintf("iterable %q of node %q is empty", it.Field, node.FullName()),
				"the node, and everything that depends on it, would never run", "give it at least one value")
			return false
		}
		fields, values = append(fields, it.Field), append(values, it.Values)
	}
	run := newParamRun(fields, values, o.Synchronize)
	d.params = paramSets{size: run.size, runs: []paramRun{run}}
	return true
}

// sourceRuns makes one declaration for each element of the dimension that the
// itersource names, looked up by the values it has there.
func (b *builder) sourceRuns(d *dim, o *workflow.Options, dims []dimID) bool {
	src, ok := b.iterSource(d, o.IterSource, dims)
	if !ok {
		return false
	}
	parent := b.plan.vertices[src].own
	n := 1
	if parent >= 0 {
		d.parent, n = parent, b.plan.dims[parent].size()
	}
	if n > 1<<31 {
		return false
	}
	d.start = make([]uint32, 0, n+1)
	for i := range n {
		key, ok := b.sourceKey(d, src, parent, i, o.IterSource)
		if !ok {
			return false
		}
		run, ok := b.runFor(d, o, key)
		if !ok {
			return false
		}
		d.start = append(d.start, uint32(d.params.size))
		d.params.runs = append(d.params.runs, run)
		d.params.starts = append(d.params.starts, uint32(d.params.size))
		d.params.size += run.size
	}
	d.start = append(d.start, uint32(d.params.size))
	return true
}

// iterSource finds the upstream node that an itersource names.
func (b *builder) iterSource(d *dim, s *workflow.IterSource, dims []dimID) (vertexID, bool) {
	var names []string
	for _, up := range dims {
		owner := b.plan.dims[up].owner
		if isJoinSource(b.node(owner), s.Node) {
			return owner, true
		}
		names = append(names, b.node(owner).Name())
	}
	node := b.node(d.owner)
	b.problems.add(node.Pos(), fmt.Sprintf("itersource %q of node %q was not found", s.Node, node.FullName()),
		"no node of that name with iterables lies upstream of it", orElse(diag.DidYouMean(s.Node, names), "connect the node with iterables to this one"))
	return 0, false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// sourceKey gives the value, or tuple of values, of the itersource's fields at
// element i of its dimension.
func (b *builder) sourceKey(d *dim, src vertexID, parent dimID, i int, s *workflow.IterSource) (value.Value, bool) {
	var key value.Tuple
	for _, f := range s.Fields {
		v := b.plan.dims[parent].params.value(i, f)
		if v == nil {
			v = b.node(src).Inputs().Get(f)
		}
		if v == nil {
			node := b.node(d.owner)
			b.problems.add(node.Pos(), fmt.Sprintf("itersource field %q of node %q has no value", f, b.node(src).Name()),
				fmt.Sprintf("the iterables of %q are chosen by it before anything runs", node.FullName()),
				"name a field that is an iterable of the source, or is set to a constant")
			return nil, false
		}
		key = append(key, v)
	}
	if len(key) == 1 {
		return key[0], true
	}
	return key, true
}

// runFor looks the iterables of an itersource up under one key.
func (b *builder) runFor(d *dim, o *workflow.Options, key value.Value) (paramRun, bool) {
	var fields []string
	var values []value.Seq
	for _, it := range o.Iterables {
		list, ok := value.Items(it.ByKey.Get(key))
		if !ok {
			node := b.node(d.owner)
			b.problems.add(node.Pos(), fmt.Sprintf("iterable %q of node %q has no list for %s", it.Field, node.FullName(), value.Repr(key)),
				fmt.Sprintf("its itersource %q takes that value", o.IterSource.Node), fmt.Sprintf("add %s: [...] to its dictionary (an empty list runs nothing)", value.Repr(key)))
			return paramRun{}, false
		}
		fields, values = append(fields, it.Field), append(values, value.NewSeq(list))
	}
	return newParamRun(fields, values, o.Synchronize), true
}

// orderLevels finds the order of each vertex's parameter directories: by the
// longest path from the node with the iterables, farthest outermost.
func (b *builder) orderLevels() {
	p := b.plan
	dist := make([]map[dimID]int32, len(p.vertices))
	for v := range p.vertices {
		if len(p.spaces.spaces[p.vertices[v].space].dims) > 1 || len(p.dims) > 1 {
			b.measure(vertexID(v), dist)
		}
	}
	index := map[string]uint32{}
	for v := range p.vertices {
		levels := b.sortLevels(p.spaces.spaces[p.vertices[v].space].dims, dist[v])
		key := dimsKey(levels)
		k, ok := index[key]
		if !ok {
			k = uint32(len(p.orders))
			p.orders = append(p.orders, levels)
			index[key] = k
		}
		p.vertices[v].order = k
	}
}

// measure gives the longest path to v from the owner of each dimension that v
// lies under, not counting what v joins.
func (b *builder) measure(v vertexID, dist []map[dimID]int32) {
	m := map[dimID]int32{}
	for _, src := range b.underlies(v) {
		for d, n := range dist[src] {
			if !slices.Contains(b.dropped[v], d) {
				m[d] = max(m[d], n+1)
			}
		}
	}
	if own := b.plan.vertices[v].own; own >= 0 {
		m[own] = 0
	}
	dist[v] = m
}
