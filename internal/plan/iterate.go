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
	p.intern(nil)
	u := union{spaces: &p.spaces}
	for v := range vertexID(len(p.vertices)) {
		f := *p.form(v)
		u.start(v)
		for _, bd := range p.inBindings(v) {
			if under := bd.under(); under >= 0 {
				u.add(p.form(under).space)
			}
		}
		o := b.node(v).Options()
		if o.Kind != workflow.JoinNode && len(o.Iterables) == 0 {
			f.space = u.space()
			p.vertices[v].form = p.forms.Put(f)
			continue
		}
		dims := slices.Clone(u.dims)
		if o.Kind == workflow.JoinNode {
			dims = b.join(v, dims)
		}
		if len(o.Iterables) > 0 {
			f.own = b.makeDim(v, o, dims)
			dims = append(dims, f.own) // the newest, so that they stay sorted
		}
		f.space = p.intern(dims)
		p.vertices[v].form = p.forms.Put(f)
	}
}

// A union collects the dimensions of spaces. It remembers in which round it
// saw a space or dimension last, so that a vertex costs no more than what is
// new in each of its sources.
type union struct {
	*spaces
	round      vertexID
	spaceRound []vertexID // by spaceID, the round after the last
	dimRound   []vertexID // by dimID
	seen       []spaceID
	dims       []dimID
}

func (u *union) start(round vertexID) {
	u.round, u.seen, u.dims = round+1, u.seen[:0], u.dims[:0]
	u.spaceRound = grow(u.spaceRound, len(u.spaces.spaces))
	u.dimRound = grow(u.dimRound, len(u.spaces.dims))
}

func grow(s []vertexID, n int) []vertexID { return append(s, make([]vertexID, n-len(s))...) }

// add puts in the dimensions of a space; they are sorted when there was only
// one, and after space or sorted.
func (u *union) add(s spaceID) {
	if s == 0 || u.spaceRound[s] == u.round {
		return
	}
	u.spaceRound[s] = u.round
	u.seen = append(u.seen, s)
	before := len(u.dims)
	for _, d := range u.spaces.spaces[s].dims {
		if u.dimRound[d] != u.round {
			u.dimRound[d] = u.round
			u.dims = append(u.dims, d)
		}
	}
	if before > 0 && len(u.dims) > before {
		slices.Sort(u.dims)
	}
}

// space gives the space of all that was added.
func (u *union) space() spaceID {
	if len(u.seen) == 1 {
		return u.seen[0]
	}
	return u.intern(u.dims)
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
	for k := 0; k < len(keep); k++ {
		d := keep[k]
		if up := b.plan.dims[d].parent; slices.Contains(drop, up) {
			b.joinsTooMuch(node, o.JoinSource, b.node(b.plan.dims[d].owner))
			drop = append(drop, d) // go on as if it were joined, too
			keep = slices.Delete(keep, k, k+1)
			k--
		}
	}
	b.markJoined(v, node, o, drop)
	return keep
}

// joinsTooMuch reports a join over a dimension that another one depends on.
func (b *builder) joinsTooMuch(node workflow.Node, source string, inner workflow.Node) {
	b.problems.add(node.Place("joinsource"), fmt.Sprintf("JoinNode %q joins over %q while %q still iterates within it", node.FullName(), source, inner.Name()),
		fmt.Sprintf("how often %q runs depends on each value of %q (itersource), so there is no common list", inner.Name(), source),
		fmt.Sprintf("join over %q first, then join the result over %q", inner.Name(), source),
		diag.Note{Pos: inner.Place("iterables"), Text: "the inner iterables"})
}

// isJoinSource reports whether source names the node: by its name, as in nipype,
// or by the end of its full name.
func isJoinSource(n workflow.Node, source string) bool {
	if n.Name() == source {
		return true
	}
	return strings.Contains(source, ".") && strings.HasSuffix("."+n.FullName(), "."+source)
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
	b.problems.add(node.Place("joinsource"), fmt.Sprintf("joinsource %q of JoinNode %q is not upstream", source, node.FullName()), why, mend)
}

// markJoined decides which inputs of a JoinNode become lists.
func (b *builder) markJoined(v vertexID, node workflow.Node, o *workflow.Options, drop []dimID) {
	for k, bd := range b.plan.inBindings(v) {
		if bd.kind == fromNowhere {
			continue
		}
		port := b.plan.Def.Text(bd.dstPort)
		isField := len(o.JoinField) == 0 || slices.Contains(o.JoinField, port)
		under := bd.under() >= 0 && meet(b.plan.spaces.spaces[b.plan.form(bd.under()).space].dims, drop)
		switch {
		case isField && under:
			bd.joined = true
			b.plan.bindingRows(v)[k].way = b.plan.ways.Put(bd.way)
		case isField && len(o.JoinField) > 0:
			b.problems.add(node.Place("joinfield"), fmt.Sprintf("joinfield %q of JoinNode %q does not come from under %q", port, node.FullName(), o.JoinSource),
				"its source runs once for all branches, so there is nothing to join", fmt.Sprintf("leave %q out of joinfield, or connect it from below %q", port, o.JoinSource))
		case !isField && under:
			b.problems.add(node.Place("joinfield"), fmt.Sprintf("input %q of JoinNode %q has a value for each branch of %q", port, node.FullName(), o.JoinSource),
				"only joinfields collect the branches; another input takes one value", fmt.Sprintf("add %q to joinfield", port))
		}
	}
}

// meet reports whether the sorted dims hold one of few.
func meet(dims, few []dimID) bool {
	return slices.ContainsFunc(few, func(d dimID) bool {
		_, found := slices.BinarySearch(dims, d)
		return found
	})
}

// makeDim makes the dimension of a vertex with iterables. Where they are wrong
// it is an empty one, so that nothing else seems to be wrong for the lack of it.
func (b *builder) makeDim(v vertexID, o *workflow.Options, dims []dimID) dimID {
	d := dim{owner: v, parent: -1}
	for _, it := range o.Iterables {
		d.fields = append(d.fields, it.Field)
	}
	slices.Sort(d.fields)
	var ok bool
	if o.IterSource == nil {
		ok = b.plainRuns(&d, o)
	} else {
		ok = b.sourceRuns(&d, o, dims)
	}
	if ok && d.size() >= tooMany {
		b.tooMany(b.node(v))
		ok = false
	}
	if !ok {
		d = dim{owner: v, parent: -1, fields: d.fields}
	}
	b.plan.dims = append(b.plan.dims, d)
	return dimID(len(b.plan.dims) - 1)
}

func (b *builder) plainRuns(d *dim, o *workflow.Options) bool {
	var fields []string
	var values []value.Seq
	for _, it := range o.Iterables {
		if it.Values.Len() == 0 {
			node := b.node(d.owner)
			b.problems.add(node.Place("iterables"), fmt.Sprintf("iterable %q of node %q is empty", it.Field, node.FullName()),
				"the node, and everything that depends on it, would never run", "give it at least one value")
			return false
		}
		fields, values = append(fields, it.Field), append(values, it.Values)
	}
	run := newParamRun(fields, values, o.Synchronize)
	d.params = paramSets{size: run.size, runs: []paramRun{run}}
	return true
}
