package plan

import (
	"cmp"
	"slices"
	"sort"

	"github.com/raphe-org/raphe/workflow"
)

// bind numbers the nodes that stay, all but identity nodes without iterables,
// and makes their bindings: it follows each connection through identity nodes to
// where the value really comes from. Since nodes come after their sources, what
// enters an identity node is known before it is asked for.
func (b *builder) bind(order []workflow.NodeID) {
	p := b.plan
	stays, spliced := b.count(order)
	p.vertices = make([]vertex, 0, stays.nodes)
	p.bindings = make([]binding, 0, stays.links)
	b.lastDst = make([]vertexID, stays.nodes)
	b.entries = make([]entry, 0, spliced.links)
	b.entrySpans = make([]uint32, 1, spliced.nodes+1)
	for _, id := range order {
		node := p.Def.Node(id)
		spliced, swept := identity(node)
		v := outside
		if !spliced || swept {
			v = vertexID(len(p.vertices))
			f := p.forms.Put(form{own: -1, identity: spliced})
			p.vertices = append(p.vertices, vertex{node: id, form: f, in: uint32(len(p.bindings))})
			b.vertexOf[id] = v
		}
		for _, i := range b.linksTo(id) {
			l, _ := p.Def.Link(int(i))
			e := b.trace(l)
			if spliced {
				b.entries = append(b.entries, e)
			}
			if v >= 0 && !(e.kind == fromNowhere && e.via < 0) {
				b.addBinding(v, e)
			}
		}
		if spliced {
			b.enter(id, v)
		}
	}
}

// identity reports whether nothing of a node is run, and whether it is a vertex
// for its iterables nevertheless.
func identity(n workflow.Node) (spliced, swept bool) {
	o := n.Options()
	spliced = o.Kind == workflow.PlainNode && n.Interface().IsIdentity()
	return spliced, spliced && len(o.Iterables) > 0
}

// A tally is a number of nodes and of the links that lead to them.
type tally struct{ nodes, links int }

func (t *tally) add(links int) {
	t.nodes++
	t.links += links
}

// count gives how many nodes stay and how many are spliced out; those that are
// swept count as both.
func (b *builder) count(order []workflow.NodeID) (stays, out tally) {
	for _, id := range order {
		spliced, swept := identity(b.plan.Def.Node(id))
		if spliced {
			out.add(len(b.linksTo(id)))
		}
		if !spliced || swept {
			stays.add(len(b.linksTo(id)))
		}
	}
	return stays, out
}

func (b *builder) addBinding(v vertexID, e entry) {
	w := way{via: e.via, srcPort: e.srcPort, dstPort: e.dstPort, fns: e.fns, kind: e.kind}
	if e.kind == fromNode {
		w.again = b.lastDst[e.src] == v+1
		b.lastDst[e.src] = v + 1
	}
	b.plan.bindings = append(b.plan.bindings, binding{e.src, b.plan.ways.Put(w)})
}

// An entry is where a connection to a port really comes from.
type entry struct {
	src, via vertexID
	srcPort  workflow.Name
	dstPort  workflow.Name
	fns      uint32 // Plan.chains
	kind     sourceKind
}

// trace follows a connection to where its value comes from. At an identity node
// that is where what enters there comes from; when nothing comes, what is set
// there: a connection that brings nothing leaves a field as it was.
func (b *builder) trace(l workflow.Link) entry {
	e := entry{via: -1, srcPort: l.SrcPort, dstPort: l.DstPort, kind: fromNowhere}
	src := b.vertexOf[l.Src]
	switch {
	case src >= 0 && !b.plan.form(src).identity:
		e.src, e.kind = src, fromNode
	case src >= 0 && b.isIterable(src, l.SrcPort):
		e.src, e.via, e.kind = src, src, fromDim
	default:
		if up, connected := b.entry(l.Src, l.SrcPort); connected {
			e.src, e.via, e.srcPort, e.fns, e.kind = up.src, up.via, up.srcPort, up.fns, up.kind
		}
		if e.kind == fromNowhere {
			if k := b.constant(identityPort{l.Src, l.SrcPort}); k >= 0 {
				e.src, e.kind = k, fromConst
			}
		}
		if src >= 0 {
			e.via = src
		}
	}
	if l.Fn != 0 && e.kind != fromNowhere {
		e.fns = b.plan.chains.Put(chainRow{e.fns, l.Fn}) + 1
	}
	return e
}

// enter notes that all entries of an identity node are there, sorted by port.
func (b *builder) enter(id workflow.NodeID, v vertexID) {
	number := int32(len(b.entrySpans) - 1)
	mine := b.entries[b.entrySpans[number]:]
	slices.SortStableFunc(mine, func(x, y entry) int { return cmp.Compare(x.dstPort, y.dstPort) })
	b.entrySpans = append(b.entrySpans, uint32(len(b.entries)))
	if v >= 0 {
		b.entryOf[v] = number
	} else {
		b.vertexOf[id] = outside - 1 - vertexID(number)
	}
}

// entry gives what enters a port of an identity node.
func (b *builder) entry(id workflow.NodeID, port workflow.Name) (entry, bool) {
	v := b.vertexOf[id]
	number := int32(outside - 1 - v)
	if v >= 0 {
		number = b.entryOf[v]
	}
	mine := b.entries[b.entrySpans[number]:b.entrySpans[number+1]]
	after := sort.Search(len(mine), func(k int) bool { return mine[k].dstPort > port })
	if after == 0 || mine[after-1].dstPort != port {
		return entry{}, false
	}
	return mine[after-1], true
}

// constant numbers what is set on a port of an identity node, -1 if nothing is.
func (b *builder) constant(at identityPort) vertexID {
	if k, known := b.constIndex[at]; known {
		return k
	}
	set := b.plan.Def.Node(at.node).Inputs()
	if set == nil {
		return -1
	}
	k := vertexID(-1)
	if v := set.Get(b.plan.Def.Text(at.port)); v != nil {
		k = vertexID(len(b.plan.consts))
		b.plan.consts = append(b.plan.consts, v)
	}
	b.constIndex[at] = k
	return k
}

// isIterable reports whether the port of an iterable identity vertex is one of
// its iterables' fields.
func (b *builder) isIterable(v vertexID, port workflow.Name) bool {
	name := b.plan.Def.Text(port)
	return slices.ContainsFunc(b.node(v).Options().Iterables, func(it workflow.Iterable) bool { return it.Field == name })
}
