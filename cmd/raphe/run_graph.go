package main

import (
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/report"
	"github.com/raphe-org/raphe/workflow"
)

const (
	// A workflow of more nodes is left in outline: what differs only in numbers
	// is one node of the record.
	mostGraphNodes = 2000
	mostGroups     = 500
)

// recordGraph leaves the workflow's graph in the store, for `raphe report`. It
// follows the record of the run's beginning. An error of the store is final, so
// the run's own records meet it again.
func (s *session) recordGraph() {
	if payload, err := runGraph(s.plan).Encode(); err == nil {
		_, _ = s.store.Append(report.KindGraph, 0, payload)
	}
}

// runGraph gives the graph of a plan. Of a large one nothing is held but the
// outline, and four bytes a node while it is made.
func runGraph(p *plan.Plan) *report.Graph {
	if p.NumNodes() > mostGraphNodes {
		return outlineGraph(p)
	}
	nodes, edges := p.Graph()
	b := report.NewGraphBuilder(p.Top.FullName(), report.ByNode)
	at := make([]int, len(nodes)) // instances that nipype handed over as nodes are one again
	for i, n := range nodes {
		at[i] = b.Node(graphNode(n.Node, n.Instances, n.Identity))
	}
	for _, e := range edges {
		b.Edge(report.GraphEdge{From: at[e.From], To: at[e.To], Joined: e.Joined, Sweep: e.ToPort == ""})
	}
	return b.Graph()
}

func graphNode(n workflow.Node, instances int, identity bool) report.GraphNode {
	kind := ""
	if k := n.Options().Kind; k != workflow.PlainNode {
		kind = k.String()
	}
	return report.GraphNode{Name: n.Label(), Interface: n.Interface().Name, Kind: kind, Instances: instances, Identity: identity}
}

// outlineGraph folds the nodes of a plan as finely as mostGroups allows. Its
// connections are those of each node's first instance.
func outlineGraph(p *plan.Plan) *report.Graph {
	fold := report.ByPattern
	if p.Def.Python() != nil {
		fold = report.ByNode // its nodes are instances, of which many may be of one node
	}
	for fold < report.ByAll && countGroups(p, fold, mostGroups) > mostGroups {
		fold++
	}
	b := report.NewGraphBuilder(p.Top.FullName(), fold)
	group := make([]int32, p.Def.NumNodes()+1) // by node
	p.Nodes(func(n plan.NodeRow) bool {
		group[n.Node.ID] = int32(b.Node(graphNode(n.Node, n.Count, false)))
		return true
	})
	p.Nodes(func(n plan.NodeRow) bool {
		if n.Count > 0 {
			p.Successors(n.First, func(to plan.Instance) {
				b.Edge(report.GraphEdge{From: int(group[n.Node.ID]), To: int(group[p.Node(to).ID])})
			})
		}
		return true
	})
	return b.Graph()
}

// countGroups counts what a fold makes of the nodes, up to more than most.
func countGroups(p *plan.Plan, fold report.Fold, most int) int {
	names := map[string]bool{}
	p.Nodes(func(n plan.NodeRow) bool {
		names[fold.Of(n.Node.Label())] = true
		return len(names) <= most
	})
	return len(names)
}
