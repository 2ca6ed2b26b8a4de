package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/workflow"
)

// makeVertices numbers the nodes that stay: all but identity nodes without
// iterables.
func (b *builder) makeVertices(order []workflow.NodeID) {
	p := b.plan
	for _, id := range order {
		node := p.Def.Node(id)
		o := node.Options()
		identity := node.Interface().IsIdentity() && o.Kind == workflow.PlainNode
		if identity && len(o.Iterables) == 0 {
			b.vertexOf[id] = -1
			continue
		}
		b.vertexOf[id] = vertexID(len(p.vertices))
		p.vertices = append(p.vertices, vertex{node: id, own: -1, identity: identity})
	}
	b.sortEdges()
	for k, e := range b.edges {
		if b.isSpliced(e.dst) {
			b.spliced[identityPort{e.dst, e.dstPort}] = uint32(k)
		}
	}
}

// isSpliced reports whether nothing of the node is run: an identity node.
func (b *builder) isSpliced(id workflow.NodeID) bool {
	v := b.vertexOf[id]
	return v < 0 || b.plan.vertices[v].identity
}

// sortEdges orders the edges by the vertex at their end, those that end at a
// spliced node first, and otherwise as they were connected.
func (b *builder) sortEdges() {
	next := make([]uint32, len(b.plan.vertices)+2)
	for _, e := range b.edges {
		next[b.vertexOf[e.dst]+2]++
	}
	for k := 1; k < len(next); k++ {
		next[k] += next[k-1]
	}
	sorted := make([]edge, len(b.edges))
	for _, e := range b.edges {
		at := &next[b.vertexOf[e.dst]+1]
		sorted[*at] = e
		*at++
	}
	b.edges = sorted
}

// bind makes the bindings of every vertex, following connections through
// identity nodes to where the value really comes from.
func (b *builder) bind() {
	p := b.plan
	b.lastDst = make([]vertexID, len(p.vertices))
	p.bindings = make([]binding, 0, len(b.edges))
	k := 0
	for k < len(b.edges) && b.vertexOf[b.edges[k].dst] < 0 {
		k++
	}
	for v := range p.vertices {
		p.vertices[v].in = uint32(len(p.bindings))
		for ; k < len(b.edges) && b.vertexOf[b.edges[k].dst] == vertexID(v); k++ {
			b.bindEdge(vertexID(v), b.edges[k])
		}
	}
}

func (b *builder) bindEdge(dst vertexID, e edge) {
	bd := binding{via: -1, dstPort: e.dstPort}
	var chain []uint32 // rows of edges that carry a function, nearest first
	var passed []stop
	for {
		if e.hasFn {
			chain = append(chain, e.row)
		}
		src := b.vertexOf[e.src]
		bd.srcPort = e.srcPort
		if src >= 0 && !b.plan.vertices[src].identity {
			bd.kind, bd.src = fromNode, src
			bd.again = b.lastDst[src] == dst+1
			b.lastDst[src] = dst + 1
			break
		}
		if src >= 0 && bd.via < 0 {
			bd.via = src
		}
		if src >= 0 && b.isIterable(src, e.srcPort) {
			bd.kind, bd.src = fromDim, src
			break
		}
		passed = append(passed, stop{identityPort{e.src, e.srcPort}, len(chain)})
		up, connected := b.spliced[identityPort{e.src, e.srcPort}]
		if !connected {
			chain = chain[:b.bindConst(&bd, passed)]
			break
		}
		e = b.edges[up]
	}
	if bd.kind == fromNowhere && bd.via < 0 {
		return
	}
	bd.fns = b.chain(chain)
	b.plan.bindings = append(b.plan.bindings, bd)
}

// A stop is one identity node that a connection passes, and how many functions
// it has passed when it gets there from its end.
type stop struct {
	at  identityPort
	fns int
}

// bindConst binds to what is set on the farthest of the identity nodes that has
// the field set: a connection that brings nothing leaves a field as it was. It
// gives how many functions lie between.
func (b *builder) bindConst(bd *binding, passed []stop) (fns int) {
	for _, s := range slices.Backward(passed) {
		k, known := b.constIndex[s.at]
		if !known {
			k = -1
			if v := b.plan.Def.Node(s.at.node).Inputs().Get(b.plan.ports[s.at.port]); v != nil {
				k = vertexID(len(b.plan.consts))
				b.plan.consts = append(b.plan.consts, v)
			}
			b.constIndex[s.at] = k
		}
		if k >= 0 {
			bd.kind, bd.src = fromConst, k
			return s.fns
		}
	}
	bd.kind = fromNowhere
	return 0
}

// isIterable reports whether the port of an iterable identity vertex is one of
// its iterables' fields.
func (b *builder) isIterable(v vertexID, port uint32) bool {
	for _, it := range b.node(v).Options().Iterables {
		if it.Field == b.plan.ports[port] {
			return true
		}
	}
	return false
}

// chain interns the functions of the given edges, to be applied in order from
// the source on.
func (b *builder) chain(rows []uint32) uint32 {
	if len(rows) == 0 {
		return 0
	}
	fns := make([]*workflow.Func, 0, len(rows))
	var key strings.Builder
	for _, r := range slices.Backward(rows) {
		e, _ := b.plan.Def.Edge(int(r))
		fns = append(fns, e.Fn)
		fmt.Fprintf(&key, "%p,", e.Fn)
	}
	if i, ok := b.chainIndex[key.String()]; ok {
		return i
	}
	b.plan.chains = append(b.plan.chains, fns)
	b.chainIndex[key.String()] = uint32(len(b.plan.chains) - 1)
	return b.chainIndex[key.String()]
}
