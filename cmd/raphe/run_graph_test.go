package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/report"
)

// planOf plans a definition.
func planOf(t *testing.T, definition string) *plan.Plan {
	t.Helper()
	file := filepath.Join(t.TempDir(), "wf.star")
	if err := os.WriteFile(file, []byte(definition), 0o666); err != nil {
		t.Fatal(err)
	}
	p, _, err := planned(file, "", theirArgs{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const graphTools = `
load("utility", "IdentityInterface", "Merge")
def node(name, **kw):
    return Node(Merge(1), name = name, **kw)
`

func TestRunGraph(t *testing.T) {
	got := runGraph(planOf(t, graphTools+`
source = Node(IdentityInterface(fields = ["x"]), name = "source", iterables = ("x", ["a", "b"]))
each = MapNode(Merge(1), iterfield = ["in1"], name = "each")
join = JoinNode(Merge(1), joinsource = "source", joinfield = ["in1"], name = "join")
sub = Workflow("sub")
first = node("first")
sub.connect(first, "out", each, "in1")
wf = Workflow("wf")
wf.connect([(source, sub, [("x", "first.in1")]), (sub, join, [("each.out", "in1")])])
`))
	want := &report.Graph{
		Format: 1, Workflow: "wf",
		Nodes: []report.GraphNode{
			{Name: "wf.source", Interface: "utility.IdentityInterface", Identity: true},
			{Name: "wf.sub.first", Interface: "utility.Merge", Instances: 2},
			{Name: "wf.sub.each", Interface: "utility.Merge", Kind: "MapNode", Instances: 2},
			{Name: "wf.join", Interface: "utility.Merge", Kind: "JoinNode", Instances: 1},
		},
		Edges: []report.GraphEdge{{From: 0, To: 1}, {From: 1, To: 2}, {From: 2, To: 3, Joined: true}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
}

// TestLargeRunGraph folds what differs only in numbers.
func TestLargeRunGraph(t *testing.T) {
	got := runGraph(planOf(t, graphTools+`
wf = Workflow("wf")
for i in range(1500):
    a = node("load_%d" % i)
    a.inputs.in1 = i
    b = node("smooth_%d" % i)
    wf.connect(a, "out", b, "in1")
`))
	want := &report.Graph{
		Format: 1, Workflow: "wf", Fold: report.ByPattern,
		Nodes: []report.GraphNode{
			{Name: "wf.load_#", Interface: "utility.Merge", Instances: 1500, Nodes: 1500},
			{Name: "wf.smooth_#", Interface: "utility.Merge", Instances: 1500, Nodes: 1500},
		},
		Edges: []report.GraphEdge{{From: 0, To: 1}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("graph (-want +got):\n%s", diff)
	}
}

// TestManyNamesInRunGraph has names that no number tells apart.
func TestManyNamesInRunGraph(t *testing.T) {
	var b strings.Builder
	b.WriteString(graphTools + "wf = Workflow(\"wf\")\n")
	for i := range mostGraphNodes + 1 {
		name := strings.Map(func(r rune) rune { return r - '0' + 'a' }, fmt.Sprint(i))
		fmt.Fprintf(&b, "wf.add_nodes([node(%q)])\n", "n"+name)
	}
	got := runGraph(planOf(t, b.String()))
	if len(got.Nodes) != 1 || got.Nodes[0].Nodes != mostGraphNodes+1 || got.Fold != report.ByWorkflow {
		t.Errorf("fold %d: %d nodes", got.Fold, len(got.Nodes))
	}
}
