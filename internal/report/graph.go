package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/store"
)

// KindGraph is the kind of the record in which a run leaves the outline of its
// workflow. It follows the record of the run's beginning.
const KindGraph store.Kind = 0x14

const (
	graphFormat    = 1
	mostGraphBytes = 256 << 10 // of the record
)

// A Graph is a workflow in outline: its nodes, whatever the number of their
// instances, and which feeds which. doc/formats.md describes its JSON form.
type Graph struct {
	Format   int         `json:"format"`
	Workflow string      `json:"workflow"`
	Fold     Fold        `json:"fold,omitempty"`
	Nodes    []GraphNode `json:"nodes"`
	Edges    []GraphEdge `json:"edges"`
}

// A GraphNode is a node, or several that were folded into one.
type GraphNode struct {
	Name      string `json:"name"` // full name, or what the full names fold to
	Interface string `json:"interface,omitempty"`
	Kind      string `json:"kind,omitempty"`     // MapNode, JoinNode; left out: Node
	Identity  bool   `json:"identity,omitempty"` // a sweep; nothing of it runs
	Instances int    `json:"instances,omitempty"`
	Nodes     int    `json:"nodes,omitempty"` // folded into this one, where more than one
}

// A GraphEdge leads from one node of the graph to another, by their places.
type GraphEdge struct {
	From   int  `json:"from"`
	To     int  `json:"to"`
	Joined bool `json:"joined,omitempty"` // a JoinNode collects the values
	Sweep  bool `json:"sweep,omitempty"`  // brings no value: To only lies under From's iterables
}

// A Fold says which nodes of a large workflow are drawn as one.
type Fold int

// The folds, each coarser than the one before.
const (
	ByNode     Fold = iota // none
	ByPattern              // names that differ only in numbers: bet_1, bet_2
	ByWorkflow             // nodes of one nested workflow, or of several that differ only in numbers
	ByTop                  // those of one workflow that is a member of the top one
	ByAll                  // all
)

// Of gives the name that a node's full name folds to.
func (f Fold) Of(full string) string {
	if f == ByNode {
		return full
	}
	name := withoutNumbers(full)
	if f == ByPattern {
		return name
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[:i]
	}
	if f == ByWorkflow {
		return name
	}
	parts := strings.SplitN(name, ".", 3)
	if f == ByTop {
		return strings.Join(parts[:min(2, len(parts))], ".")
	}
	return parts[0]
}

// withoutNumbers writes # for each run of digits.
func withoutNumbers(s string) string {
	var b []byte
	for i := range len(s) {
		switch c := s[i]; {
		case c < '0' || c > '9':
			b = append(b, c)
		case i == 0 || s[i-1] < '0' || s[i-1] > '9':
			b = append(b, '#')
		}
	}
	return string(b)
}

// A GraphBuilder puts a graph together, node by node and edge by edge, folding
// as it goes. It holds as much as the folded graph, whatever it is told of.
type GraphBuilder struct {
	g      Graph
	byName map[string]int
	edges  map[[2]int]int
}

// NewGraphBuilder begins the graph of a workflow.
func NewGraphBuilder(workflow string, fold Fold) *GraphBuilder {
	return &GraphBuilder{
		g:      Graph{Format: graphFormat, Workflow: workflow, Fold: fold, Nodes: []GraphNode{}, Edges: []GraphEdge{}},
		byName: map[string]int{}, edges: map[[2]int]int{},
	}
}

// Node adds a node and gives its number for Edge.
func (b *GraphBuilder) Node(n GraphNode) int {
	name, more := b.g.Fold.Of(n.Name), max(1, n.Nodes)
	at, known := b.byName[name]
	if !known {
		at = len(b.g.Nodes)
		b.byName[name] = at
		n.Name, n.Nodes = name, 0
		if more > 1 {
			n.Nodes = more
		}
		b.g.Nodes = append(b.g.Nodes, n)
		return at
	}
	to := &b.g.Nodes[at]
	if b.g.Fold != ByNode { // there, several of one name are instances of one node
		to.Nodes = max(1, to.Nodes) + more
	}
	to.Instances += n.Instances
	to.Identity = to.Identity && n.Identity
	if to.Interface != n.Interface {
		to.Interface = ""
	}
	if to.Kind != n.Kind {
		to.Kind = ""
	}
	return at
}

// Edge adds an edge between numbers that Node gave. Edges within one folded
// node are left out.
func (b *GraphBuilder) Edge(e GraphEdge) {
	if e.From == e.To {
		return
	}
	pair := [2]int{e.From, e.To}
	if at, known := b.edges[pair]; known {
		have := &b.g.Edges[at]
		have.Joined = have.Joined || e.Joined
		have.Sweep = have.Sweep && e.Sweep
		return
	}
	b.edges[pair] = len(b.g.Edges)
	b.g.Edges = append(b.g.Edges, e)
}

// Graph gives what was built.
func (b *GraphBuilder) Graph() *Graph { return &b.g }

// FoldTo gives the graph with at most so many nodes, folded no more than that
// needs.
func (g *Graph) FoldTo(most int) *Graph {
	for fold := g.Fold + 1; len(g.Nodes) > most && fold <= ByAll; fold++ {
		g = g.fold(fold)
	}
	return g
}

// fold gives the graph folded, which it is not as much yet.
func (g *Graph) fold(fold Fold) *Graph {
	b := NewGraphBuilder(g.Workflow, fold)
	at := make([]int, len(g.Nodes))
	for i, n := range g.Nodes {
		at[i] = b.Node(n)
	}
	for _, e := range g.Edges {
		e.From, e.To = at[e.From], at[e.To]
		b.Edge(e)
	}
	return b.Graph()
}

// Encode gives the record's payload, folding until it is within its limit.
func (g *Graph) Encode() ([]byte, error) {
	for {
		b, err := json.Marshal(g)
		if err != nil {
			return nil, fmt.Errorf("encode workflow graph: %w", err)
		}
		if len(b) <= mostGraphBytes || len(g.Nodes) <= 1 {
			return b, nil
		}
		g = g.FoldTo(len(g.Nodes) / 2)
	}
}

// decodeGraph reads a record's payload; nil is a newer Raphe's, or nonsense.
func decodeGraph(payload []byte) *Graph {
	g := &Graph{}
	if json.Unmarshal(payload, g) != nil || g.Format != graphFormat || g.Fold < ByNode || g.Fold > ByAll {
		return nil
	}
	for _, e := range g.Edges {
		if min(e.From, e.To) < 0 || max(e.From, e.To) >= len(g.Nodes) {
			return nil
		}
	}
	return g
}
