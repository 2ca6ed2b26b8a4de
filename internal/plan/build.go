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
			chains:    [][]*workflow.Func{nil},
			hashDirs:  top.Options().Config.ParameterizeDirs == workflow.No,
		},
		portIndex:  map[string]uint32{},
		chainIndex: map[string]uint32{},
		spliced:    map[identityPort]uint32{},
		constIndex: map[identityPort]vertexID{},
	}
	b.readEdges()
	order := b.sortNodes()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.makeVertices(order)
	b.bind()
	b.makeSpaces()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	b.orderLevels()
	b.number()
	b.checkDims()
	b.checkNames()
	if len(b.problems.List) > 0 {
		return nil, b.problems.List
	}
	return b.plan, nil
}

// A builder holds what only building needs.
type builder struct {
	plan       *Plan
	problems   problems
	edges      []edge     // of the top workflow, between nodes
	vertexOf   []vertexID // by NodeID; -1: spliced out, or not in this workflow
	portIndex  map[string]uint32
	chainIndex map[string]uint32
	spliced    map[identityPort]uint32   // edge into a field of an identity node
	constIndex map[identityPort]vertexID // into Plan.consts
	lastDst    []vertexID                // by source: the vertex that was bound to it last
}

// An edge is one connection between two nodes: 24 bytes, no pointers.
type edge struct {
	src, dst         workflow.NodeID
	srcPort, dstPort uint32
	row              uint32 // Definition.Edge(row)
	hasFn            bool   // passes through a function
}

type identityPort struct {
	node workflow.NodeID
	port uint32
}

func (b *builder) port(name string) uint32 {
	if i, ok := b.portIndex[name]; ok {
		return i
	}
	b.plan.ports = append(b.plan.ports, name)
	b.portIndex[name] = uint32(len(b.plan.ports) - 1)
	return b.portIndex[name]
}

func (b *builder) node(v vertexID) workflow.Node { return b.plan.Def.Node(b.plan.vertices[v].node) }

// inTop tells for each workflow whether it is the top one or lies within it.
func (b *builder) inTop() []bool {
	ws := b.plan.Def.Workflows()
	in := make([]bool, len(ws)+1)
	for _, w := range ws {
		for up := w; up.ID != 0; up = up.Parent() {
			if up.ID == b.plan.Top.ID {
				in[w.ID] = true
				break
			}
		}
	}
	return in
}

// readEdges resolves the ports of the top workflow's connections to nodes.
// Ports that lead nowhere have been reported by check.
func (b *builder) readEdges() {
	def, in := b.plan.Def, b.inTop()
	b.edges = make([]edge, 0, def.NumEdges())
	for row := range def.NumEdges() {
		e, wf := def.Edge(row)
		if !in[wf.ID] {
			continue
		}
		src, srcPort, badSrc := def.ResolvePort(e.Src, e.SrcPort)
		dst, dstPort, badDst := def.ResolvePort(e.Dst, e.DstPort)
		if badSrc != nil || badDst != nil {
			continue
		}
		b.edges = append(b.edges, edge{src.ID, dst.ID, b.port(srcPort), b.port(dstPort), uint32(row), e.Fn != nil})
	}
	b.vertexOf = make([]vertexID, def.NumNodes()+1)
	for id := range b.vertexOf {
		b.vertexOf[id] = -1
		if id > 0 && in[def.Node(workflow.NodeID(id)).Parent().ID] {
			b.vertexOf[id] = 0 // known; numbered later
		}
	}
}
