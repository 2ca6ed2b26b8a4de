// Package plan turns a definition into what is to be run, without copying it:
// every node keeps one row, and gets an *iteration space*, the ordered set of
// the dimensions (nodes with iterables) that it lies under. An instance is a
// node at one index of its space; its predecessors and successors are computed
// by projecting the index, never stored.
//
//	Plan      the vertices in topological order, their spaces and bindings
//	Instance  one run of one node, numbered from 0 through all nodes
//	dim, axis, space, relation   iteration spaces and how they project
//	binding   where one input of a node comes from
//
// A plan is immutable and pure: it reads no file, knows no key, no store and
// no process. Its semantics are nipype's graph expansion
// (pipeline/engine/utils.py, generate_expanded_graph), its cost is linear in
// the definition, whatever the number of instances.
package plan

import (
	"iter"
	"sort"

	"github.com/raphe-org/raphe/internal/column"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// Instance numbers one run of one node: node by node in topological order,
// within a node by the index into its iteration space.
type Instance uint32

// maxInstances bounds a plan: Instance and its arrays must be able to count it.
const maxInstances = 1 << 31

// vertexID numbers the nodes of a plan in topological order. Identity nodes
// without iterables are no vertices: they are spliced out.
type vertexID int32

// A vertex is one node of the plan. 24 bytes, no pointers.
type vertex struct {
	node     workflow.NodeID
	first    Instance
	in, out  uint32 // into Plan.bindings and Plan.successors: where its rows begin
	priority int32  // longest chain of vertices below it
	form     uint32 // Plan.forms
}

// A form is what vertices have in common that lie under the same iterables.
type form struct {
	space    spaceID
	own      dimID  // the dimension of its iterables; -1: none
	order    uint32 // into Plan.orders: its parameter directories, outermost first
	identity bool   // has iterables but nothing to run
}

type sourceKind uint8

const (
	fromNode    sourceKind = iota // an output of another vertex
	fromDim                       // the value of an iterable of an identity vertex
	fromConst                     // a constant set on a spliced identity node
	fromNowhere                   // brings nothing, but lies under the space of an identity vertex
)

// A binding is one connected input of a vertex. 8 bytes, no pointers.
type binding struct {
	src vertexID // fromConst: an index into Plan.consts
	way uint32   // Plan.ways
}

// A way is what bindings have in common that a loop makes.
type way struct {
	via     vertexID // the last identity vertex that the connection passes; -1: none
	srcPort workflow.Name
	dstPort workflow.Name
	fns     uint32 // Plan.chains; 0: none
	kind    sourceKind
	joined  bool // collected into a list over the dimensions that the JoinNode drops
	again   bool // an earlier binding of the vertex is from the same source
}

// A chainRow is a function that a value goes through after those of another
// chain.
type chainRow struct{ before, fn uint32 }

// A bound is a binding with its way: how bindings are read.
type bound struct {
	src vertexID
	way
}

// under gives the vertex whose dimensions the binding brings along, -1 if it
// brings none.
func (b *bound) under() vertexID {
	switch {
	case b.via >= 0:
		return b.via
	case b.kind == fromNode:
		return b.src
	}
	return -1
}

// A Plan is what is to be run. Build makes it.
type Plan struct {
	Def *workflow.Definition
	Top workflow.Workflow

	spaces
	vertices   []vertex
	forms      column.Distinct[form]
	bindings   []binding // by dst, then as connected
	ways       column.Distinct[way]
	chains     column.Distinct[chainRow] // number + 1
	successors []vertexID                // by source: the distinct vertices that need its outputs
	orders     [][]dimID
	consts     []value.Value
	runs       []vertexID // vertices that have instances, in order; nil: all
	total      Instance
	relations  map[[2]spaceID]*relation
	hashDirs   bool // parameterize_dirs=false: parameter directories are hashes
}

// form gives the form of a vertex.
func (p *Plan) form(v vertexID) *form { return p.forms.At(p.vertices[v].form) }

// size is the number of indices of a vertex's space.
func (p *Plan) size(v vertexID) int { return p.spaces.spaces[p.form(v).space].size }

// numRuns is the number of vertices that have instances, and run gives the k-th.
func (p *Plan) numRuns() int {
	if p.runs == nil {
		return len(p.vertices)
	}
	return len(p.runs)
}

func (p *Plan) run(k int) vertexID {
	if p.runs == nil {
		return vertexID(k)
	}
	return p.runs[k]
}

// NumInstances is the number of instances.
func (p *Plan) NumInstances() int { return int(p.total) }

// NumNodes is the number of nodes that have instances.
func (p *Plan) NumNodes() int { return p.numRuns() }

// locate finds the vertex of an instance, and its index there.
func (p *Plan) locate(i Instance) (vertexID, int) {
	k := sort.Search(p.numRuns(), func(k int) bool { return p.vertices[p.run(k)].first > i }) - 1
	v := p.run(k)
	return v, int(i - p.vertices[v].first)
}

// Node gives the node that an instance runs.
func (p *Plan) Node(i Instance) workflow.Node {
	v, _ := p.locate(i)
	return p.Def.Node(p.vertices[v].node)
}

// A NodeRow is one node of the plan with its instances: First and the
// Count-1 after it.
type NodeRow struct {
	Node     workflow.Node
	First    Instance
	Count    int
	Priority int32 // see [Plan.Priority]
}

// Row gives the k-th node that has instances, in topological order.
func (p *Plan) Row(k int) NodeRow {
	v := p.run(k)
	vx := &p.vertices[v]
	return NodeRow{p.Def.Node(vx.node), vx.first, p.size(v), vx.priority}
}

// Nodes calls fn for every node that has instances, in topological order,
// until it gives false.
func (p *Plan) Nodes(fn func(NodeRow) bool) {
	for k := range p.numRuns() {
		if !fn(p.Row(k)) {
			return
		}
	}
}

// Priority is the length of the longest chain of nodes that waits for the
// instance: the critical path comes first.
func (p *Plan) Priority(i Instance) int32 {
	v, _ := p.locate(i)
	return p.vertices[v].priority
}

// relation gives the relation of two spaces; all that are needed are made by
// Build, so that reading is safe from many goroutines.
func (p *Plan) relation(from, to spaceID) *relation {
	if from == to {
		return &sameSpace
	}
	if r := p.relations[[2]spaceID{from, to}]; r != nil {
		return r
	}
	panic("BUG: relation of spaces was not prepared")
}

// bindingRows gives the bindings of a vertex.
func (p *Plan) bindingRows(v vertexID) []binding {
	end := uint32(len(p.bindings))
	if int(v)+1 < len(p.vertices) {
		end = p.vertices[v+1].in
	}
	return p.bindings[p.vertices[v].in:end]
}

// inBindings gives the bindings of a vertex, each with its way.
func (p *Plan) inBindings(v vertexID) iter.Seq2[int, bound] {
	return func(yield func(int, bound) bool) {
		for k, row := range p.bindingRows(v) {
			if !yield(k, bound{row.src, *p.ways.At(row.way)}) {
				return
			}
		}
	}
}

// next gives the vertices that need outputs of v.
func (p *Plan) next(v vertexID) []vertexID {
	end := uint32(len(p.successors))
	if int(v)+1 < len(p.vertices) {
		end = p.vertices[v+1].out
	}
	return p.successors[p.vertices[v].out:end]
}

// Pending is the number of instances whose outputs the instance needs.
func (p *Plan) Pending(i Instance) int {
	v, index := p.locate(i)
	n := 0
	p.eachSource(v, func(src vertexID) {
		n += p.count(p.relation(p.form(v).space, p.form(src).space), index)
	})
	return n
}

// AllPending gives Pending of every instance: at once for all instances of a
// node where they wait for equally many, as nearly always.
func (p *Plan) AllPending() []uint32 {
	all := make([]uint32, p.total)
	for k := range p.numRuns() {
		v := p.run(k)
		mine := all[p.vertices[v].first:][:p.size(v)]
		same := 0
		p.eachSource(v, func(src vertexID) {
			r := p.relation(p.form(v).space, p.form(src).space)
			if n, uniform := r.uniform(); uniform {
				same += n
				return
			}
			for index := range mine {
				mine[index] += uint32(p.count(r, index))
			}
		})
		if same > 0 {
			for index := range mine {
				mine[index] += uint32(same)
			}
		}
	}
	return all
}

// eachSource calls fn once for each vertex whose outputs v needs.
func (p *Plan) eachSource(v vertexID, fn func(vertexID)) {
	for _, row := range p.bindingRows(v) {
		if w := p.ways.At(row.way); w.kind == fromNode && !w.again {
			fn(row.src)
		}
	}
}

// Predecessors calls fn with each instance whose outputs i needs.
func (p *Plan) Predecessors(i Instance, fn func(Instance)) {
	v, index := p.locate(i)
	p.eachSource(v, func(src vertexID) {
		p.each(p.relation(p.form(v).space, p.form(src).space), index, func(k int) bool {
			fn(p.vertices[src].first + Instance(k))
			return true
		})
	})
}

// Successors calls fn with each instance that needs outputs of i.
func (p *Plan) Successors(i Instance, fn func(Instance)) {
	v, index := p.locate(i)
	for _, dst := range p.next(v) {
		first := p.vertices[dst].first
		p.each(p.relation(p.form(v).space, p.form(dst).space), index, func(k int) bool {
			fn(first + Instance(k))
			return true
		})
	}
}

// problems collects what is wrong with the graph.
type problems struct{ diag.List }

func (l *problems) add(pos diag.Pos, what, why, mend string, notes ...diag.Note) {
	l.Add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: what, Why: why, Mend: mend, Notes: notes})
}
