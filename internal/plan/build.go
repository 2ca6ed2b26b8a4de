package plan

import (
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// Build plans the top workflow: it orders the nodes, splices identity nodes
// out, finds each node's iteration space and numbers the instances. The
// definition must have passed check; what only the graph can show to be wrong
// (cycles, joinsources, iterables, names that meet on disk) is in the list, and
// then there is no plan.
func Build(top workflow.Workflow) (*Plan, diag.List) {
	b := &builder{
		plan: &Plan{
			Def: top.Definition(), Top: top,
			relations: map[[2]spaceID]*relation{},
			hashDirs:  top.Options().Config.ParameterizeDirs == workflow.No,
		},
		constIndex: map[identityPort]vertexID{},
		entryOf:    map[vertexID]int32{},
	}
	b.readLinks()
	order := b.sortNodes()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.bind(order)
	b.makeSpaces()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.orderLevels()
	b.number()
	b.checkDims()
	b.checkNames()
	b.checkForeign()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.plan.settle()
	return b.plan, nil
}

// settle gives back what only building needs.
func (p *Plan) settle() {
	p.forms.Settle()
	p.ways.Settle()
	p.chains.Settle()
	p.byDims, p.byAxis = nil, nil
}

// A builder holds what only building needs: some twenty bytes a node and eight
// a connection while it sorts, little more than that of each at any time.
type builder struct {
	plan     *Plan
	problems problems
	ends     []ends     // by Definition.Link: its two nodes; none where it is no part of the plan
	vertexOf []vertexID // by NodeID; outside: not in this workflow; below that: an identity node that is no vertex
	firstIn  []uint32   // by NodeID: where its links begin in linksIn; one longer
	linksIn  []uint32   // links by the node at their end, and then as they were connected

	entries    []entry  // of all identity nodes
	entrySpans []uint32 // by number of an identity node: where its entries begin; one longer
	entryOf    map[vertexID]int32
	constIndex map[identityPort]vertexID // into Plan.consts
	lastDst    []vertexID                // by source: the vertex that was bound to it last, plus 1
}

// ends are the nodes that a connection joins.
type ends struct{ src, dst workflow.NodeID }

// outside marks nodes that are no part of the plan.
const outside vertexID = -1

type identityPort struct {
	node workflow.NodeID
	port workflow.Name
}

func (b *builder) node(v vertexID) workflow.Node { return b.plan.Def.Node(b.plan.vertices[v].node) }

// inTop tells for each workflow whether it is the top one or lies within it.
func (b *builder) inTop() []bool {
	ws := b.plan.Def.Workflows()
	in := make([]bool, len(ws)+1)
	in[b.plan.Top.ID] = true
	known := make([]bool, len(ws)+1)
	var path []workflow.WorkflowID
	for _, w := range ws {
		for path = path[:0]; w.ID != 0 && w.ID != b.plan.Top.ID && !known[w.ID]; w = w.Parent() {
			path = append(path, w.ID)
		}
		for _, id := range path {
			in[id], known[id] = in[w.ID], true
		}
	}
	return in
}

// readLinks finds the two nodes of each of the top workflow's connections, and
// sorts the connections by the second. Ports that lead nowhere have been
// reported by check.
func (b *builder) readLinks() {
	def, in := b.plan.Def, b.inTop()
	b.vertexOf = make([]vertexID, def.NumNodes()+1)
	for id := range b.vertexOf {
		if id == 0 || !in[def.Node(workflow.NodeID(id)).Parent().ID] {
			b.vertexOf[id] = outside
		}
	}
	b.ends = make([]ends, def.NumEdges())
	b.firstIn = make([]uint32, len(b.vertexOf)+1)
	for i := range b.ends {
		if l, ok := def.Link(i); ok && in[l.In] {
			b.ends[i] = ends{l.Src, l.Dst}
			b.firstIn[l.Dst+1]++
		}
	}
	for id := 1; id < len(b.firstIn); id++ {
		b.firstIn[id] += b.firstIn[id-1]
	}
	b.linksIn = make([]uint32, b.firstIn[len(b.vertexOf)])
	for i, e := range b.ends {
		if e.dst != 0 {
			b.linksIn[b.firstIn[e.dst]] = uint32(i)
			b.firstIn[e.dst]++
		}
	}
	copy(b.firstIn[1:], b.firstIn) // each had moved on to where the next begins
	b.firstIn[0] = 0
}

// linksTo gives the links that end at a node, as they were connected.
func (b *builder) linksTo(id workflow.NodeID) []uint32 {
	return b.linksIn[b.firstIn[id]:b.firstIn[id+1]]
}
