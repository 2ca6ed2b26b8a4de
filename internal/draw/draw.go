// Package draw shows a plan: as a picture for Graphviz (DOT) or Mermaid, as
// JSON, and as the plain text of `raphe plan`.
//
//	Graph    the workflow's graph with one node for each node of the
//	         definition, whatever the number of its instances; New makes it
//	Cluster  a nested workflow
//	DOT, Mermaid, JSON   three writers of one Graph
//	Summary  the nodes in order, with interface, instances and resources
//
// It reads a plan and writes text; it knows no run.
package draw

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/workflow"
)

// A Graph is what is drawn of a plan. Its JSON form is described in
// doc/formats.md.
type Graph struct {
	Format    int       `json:"format"`
	Workflow  string    `json:"workflow"`
	Instances int       `json:"instances"`
	Clusters  []Cluster `json:"clusters"` // parents before children
	Nodes     []Node    `json:"nodes"`    // in topological order
	Edges     []Edge    `json:"edges"`
}

const formatVersion = 1

// A Cluster is a nested workflow. It counts from 1: 0 is the top workflow.
type Cluster struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Parent int    `json:"parent"`
}

// A Node is one node of the definition. Identity nodes are there when they
// have iterables, the others have no part in a run.
type Node struct {
	ID        int      `json:"id"` // its place in Nodes
	Name      string   `json:"name"`
	FullName  string   `json:"full_name"`
	Cluster   int      `json:"cluster"`
	Interface string   `json:"interface"`
	Kind      string   `json:"kind"` // Node, MapNode, JoinNode
	Instances int      `json:"instances"`
	Identity  bool     `json:"identity,omitempty"`  // nothing of it runs
	Iterables []string `json:"iterables,omitempty"` // the fields of its own sweep
	Points    int      `json:"points,omitempty"`    // how many parameter sets these make
}

// An Edge is all connections from one node to another.
type Edge struct {
	From   int        `json:"from"`
	To     int        `json:"to"`
	Ports  []PortPair `json:"ports"`            // none: To only lies under From's iterables
	Joined bool       `json:"joined,omitempty"` // a JoinNode collects the values
}

// A PortPair is one connection.
type PortPair struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// New makes the graph of a plan.
func New(p *plan.Plan) *Graph {
	nodes, edges := p.Graph()
	g := &Graph{
		Format: formatVersion, Workflow: p.Top.FullName(), Instances: p.NumInstances(),
		Clusters: []Cluster{}, Nodes: make([]Node, 0, len(nodes)), Edges: []Edge{},
	}
	clusters := map[workflow.WorkflowID]int{p.Top.ID: 0}
	for i, n := range nodes {
		g.Nodes = append(g.Nodes, Node{
			ID: i, Name: n.Node.Name(), FullName: n.Node.Label(), Cluster: g.cluster(clusters, n.Node.Parent()),
			Interface: n.Node.Interface().Name, Kind: n.Node.Options().Kind.String(),
			Instances: n.Instances, Identity: n.Identity, Iterables: n.Fields, Points: n.Points,
		})
	}
	at := map[[2]int]int{}
	for _, e := range edges {
		pair := [2]int{e.From, e.To}
		k, known := at[pair]
		if !known {
			k = len(g.Edges)
			at[pair] = k
			g.Edges = append(g.Edges, Edge{From: e.From, To: e.To, Ports: []PortPair{}})
		}
		if e.ToPort != "" {
			g.Edges[k].Ports = append(g.Edges[k].Ports, PortPair{e.FromPort, e.ToPort})
		}
		g.Edges[k].Joined = g.Edges[k].Joined || e.Joined
	}
	return g
}

// cluster gives the number of a workflow, its parents first.
func (g *Graph) cluster(known map[workflow.WorkflowID]int, w workflow.Workflow) int {
	if id, ok := known[w.ID]; ok {
		return id
	}
	parent := g.cluster(known, w.Parent())
	id := len(g.Clusters) + 1
	known[w.ID] = id
	g.Clusters = append(g.Clusters, Cluster{ID: id, Name: w.Name(), Parent: parent})
	return id
}

// label gives the lines that a node shows.
func (n *Node) label() []string {
	lines := []string{n.Name}
	if !n.Identity {
		lines = append(lines, n.Interface)
	}
	if len(n.Iterables) > 0 {
		lines = append(lines, fmt.Sprintf("%s: %d", strings.Join(n.Iterables, ", "), n.Points))
	}
	switch {
	case n.Identity:
	case n.Kind == workflow.MapNode.String():
		lines = append(lines, fmt.Sprintf("%d × its list", n.Instances))
	case n.Instances != 1:
		lines = append(lines, fmt.Sprintf("× %d", n.Instances))
	}
	return lines
}

const mostPorts = 3 // connections that an arrow names

// label gives the lines that an edge shows.
func (e *Edge) label() []string {
	if len(e.Ports) > mostPorts {
		return []string{fmt.Sprintf("%d connections", len(e.Ports))}
	}
	var lines []string
	for _, p := range e.Ports {
		if p.From == p.To {
			lines = append(lines, p.From)
		} else {
			lines = append(lines, p.From+" → "+p.To)
		}
	}
	return lines
}
