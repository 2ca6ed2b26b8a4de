package plan

import (
	"fmt"

	"github.com/raphe-org/raphe/workflow"
)

// number gives instances, successors and priorities to the vertices.
func (b *builder) number() {
	p := b.plan
	for v := range vertexID(len(p.vertices)) {
		p.vertices[v].first = p.total
		n := p.size(v)
		if p.form(v).identity || n == 0 {
			if p.runs == nil {
				p.runs = counting(v)
			}
			continue
		}
		if n > maxInstances-int(p.total) {
			b.tooMany(b.node(v))
			return
		}
		if p.runs != nil {
			p.runs = append(p.runs, v)
		}
		p.total += Instance(n)
	}
	b.linkSuccessors()
	for v := len(p.vertices) - 1; v >= 0; v-- {
		for _, s := range p.next(vertexID(v)) {
			p.vertices[v].priority = max(p.vertices[v].priority, p.vertices[s].priority+1)
		}
	}
}

// counting gives the vertices before v; not nil.
func counting(v vertexID) []vertexID {
	out := make([]vertexID, v)
	for k := range out {
		out[k] = vertexID(k)
	}
	return out
}

func (b *builder) tooMany(node workflow.Node) {
	b.problems.add(node.Pos(), fmt.Sprintf("node %q makes too many instances", node.FullName()),
		fmt.Sprintf("a plan holds %d at most", maxInstances), "give the iterables above it fewer values")
}

// linkSuccessors turns the bindings round, and prepares the relations between
// the spaces that meet.
func (b *builder) linkSuccessors() {
	p := b.plan
	counts := make([]uint32, len(p.vertices)+1)
	for v := range p.vertices {
		if !p.form(vertexID(v)).identity { // an identity vertex has no instances that wait
			p.eachSource(vertexID(v), func(src vertexID) { counts[src+1]++ })
		}
	}
	for v := range p.vertices {
		counts[v+1] += counts[v]
		p.vertices[v].out = counts[v]
	}
	p.successors = make([]vertexID, counts[len(p.vertices)])
	for v := range p.vertices {
		if p.form(vertexID(v)).identity {
			continue
		}
		p.eachSource(vertexID(v), func(src vertexID) {
			p.successors[counts[src]] = vertexID(v)
			counts[src]++
		})
	}
	for v := range p.vertices {
		b.prepareRelations(vertexID(v))
	}
}

// prepareRelations makes the relations that reading v's inputs needs.
func (b *builder) prepareRelations(v vertexID) {
	p := b.plan
	here := p.form(v).space
	for _, bd := range p.inBindings(v) {
		under := bd.under()
		if under >= 0 {
			b.prepare(here, p.form(under).space)
		}
		if bd.kind == fromNode || bd.kind == fromDim {
			b.prepare(here, p.form(bd.src).space)
			b.prepare(p.form(under).space, p.form(bd.src).space)
		}
	}
}

// prepare makes the relation between two spaces, in both directions.
func (b *builder) prepare(x, y spaceID) {
	if x == y {
		return
	}
	for _, pair := range [][2]spaceID{{x, y}, {y, x}} {
		if b.plan.relations[pair] == nil {
			b.plan.relations[pair] = b.plan.relate(pair[0], pair[1])
		}
	}
}
