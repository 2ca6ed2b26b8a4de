package plan

import "github.com/raphe-org/raphe/workflow"

// A GraphNode is one node of the plan's graph: those that run, and identity
// nodes with iterables, from which a sweep comes. Identity nodes that were
// spliced out are not in the graph.
type GraphNode struct {
	Node      workflow.Node
	Instances int      // how often it runs; 0: an identity node, or one under an empty iterable
	Identity  bool     // nothing of it runs
	Fields    []string // of its own iterables, sorted
	Points    int      // parameter sets that its own iterables make
}

// A GraphEdge is a connection between two nodes of the graph, numbered as Graph
// gives them, spliced identity nodes passed over.
type GraphEdge struct {
	From, To         int
	FromPort, ToPort string // both "" where the connection brings no value, only the sweep
	Joined           bool   // collected into a list by a JoinNode
}

// Graph gives the nodes in topological order and their edges, by target.
func (p *Plan) Graph() ([]GraphNode, []GraphEdge) {
	nodes := make([]GraphNode, len(p.vertices))
	for v := range p.vertices {
		vx := &p.vertices[v]
		n := GraphNode{Node: p.Def.Node(vx.node), Identity: vx.identity}
		if !vx.identity {
			n.Instances = p.spaces.spaces[vx.space].size
		}
		if vx.own >= 0 {
			n.Fields, n.Points = p.dims[vx.own].fields, p.dims[vx.own].size()
		}
		nodes[v] = n
	}
	var edges []GraphEdge
	for v := range p.vertices {
		for _, b := range p.inBindings(vertexID(v)) {
			value := b.kind == fromNode || b.kind == fromDim
			if value {
				edges = append(edges, GraphEdge{
					From: int(b.src), To: v, FromPort: p.ports[b.srcPort], ToPort: p.ports[b.dstPort], Joined: b.joined,
				})
			}
			if b.via >= 0 && !(value && b.via == b.src) {
				edges = append(edges, GraphEdge{From: int(b.via), To: v})
			}
		}
	}
	return nodes, edges
}
