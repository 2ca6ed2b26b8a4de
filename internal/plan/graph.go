package plan

import (
	"iter"

	"github.com/raphe-org/raphe/workflow"
)

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

// GraphNodes gives the nodes of the graph in topological order, one by one:
// where there are a million, a list of them would cost more than the plan.
func (p *Plan) GraphNodes() iter.Seq2[int, GraphNode] {
	return func(yield func(int, GraphNode) bool) {
		for v := range vertexID(len(p.vertices)) {
			if !yield(int(v), p.graphNode(v)) {
				return
			}
		}
	}
}

func (p *Plan) graphNode(v vertexID) GraphNode {
	f := p.form(v)
	n := GraphNode{Node: p.Def.Node(p.vertices[v].node), Identity: f.identity}
	if !f.identity {
		n.Instances = p.size(v)
	}
	if f.own >= 0 {
		n.Fields, n.Points = p.dims[f.own].fields, p.dims[f.own].size()
	}
	return n
}

// Graph gives the nodes in topological order and their edges, by target.
func (p *Plan) Graph() ([]GraphNode, []GraphEdge) {
	nodes := make([]GraphNode, 0, len(p.vertices))
	for _, n := range p.GraphNodes() {
		nodes = append(nodes, n)
	}
	edges := make([]GraphEdge, 0, len(p.bindings))
	for v := range p.vertices {
		for _, b := range p.inBindings(vertexID(v)) {
			value := b.kind == fromNode || b.kind == fromDim
			if value {
				edges = append(edges, GraphEdge{
					From: int(b.src), To: v, FromPort: p.Def.Text(b.srcPort), ToPort: p.Def.Text(b.dstPort), Joined: b.joined,
				})
			}
			if b.via >= 0 && !(value && b.via == b.src) {
				edges = append(edges, GraphEdge{From: int(b.via), To: v})
			}
		}
	}
	return nodes, edges
}
