package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct {
		full string
		want [ByAll + 1]string
	}{
		{"wf.bet", [...]string{"wf.bet", "wf.bet", "wf", "wf", "wf"}},
		{"wf.bet_12", [...]string{"wf.bet_12", "wf.bet_#", "wf", "wf", "wf"}},
		{"wf.sub_01.run_2.bet", [...]string{"wf.sub_01.run_2.bet", "wf.sub_#.run_#.bet", "wf.sub_#.run_#", "wf.sub_#", "wf"}},
		{"alone", [...]string{"alone", "alone", "alone", "alone", "alone"}},
	} {
		for fold := ByNode; fold <= ByAll; fold++ {
			if got := fold.Of(c.full); got != c.want[fold] {
				t.Errorf("fold %d of %s: %s, want %s", fold, c.full, got, c.want[fold])
			}
		}
	}
}

// chains is a workflow of n subjects with three nodes each.
func chains(n int) *Graph {
	b := NewGraphBuilder("wf", ByNode)
	for i := range n {
		last := -1
		for _, name := range []string{"skullstrip", "register", "segment"} {
			at := b.Node(GraphNode{Name: fmt.Sprintf("wf.sub_%d.%s", i, name), Interface: "fsl.BET", Instances: 1})
			if last >= 0 {
				b.Edge(GraphEdge{From: last, To: at})
			}
			last = at
		}
	}
	return b.Graph()
}

func TestFoldTo(t *testing.T) {
	g := chains(1000)
	if got := g.FoldTo(3000); len(got.Nodes) != 3000 || got.Fold != ByNode {
		t.Errorf("folded without need: %d nodes", len(got.Nodes))
	}
	want := &Graph{
		Format: graphFormat, Workflow: "wf", Fold: ByPattern,
		Nodes: []GraphNode{
			{Name: "wf.sub_#.skullstrip", Interface: "fsl.BET", Instances: 1000, Nodes: 1000},
			{Name: "wf.sub_#.register", Interface: "fsl.BET", Instances: 1000, Nodes: 1000},
			{Name: "wf.sub_#.segment", Interface: "fsl.BET", Instances: 1000, Nodes: 1000},
		},
		Edges: []GraphEdge{{From: 0, To: 1}, {From: 1, To: 2}},
	}
	if diff := cmp.Diff(want, g.FoldTo(500)); diff != "" {
		t.Errorf("folded (-want +got):\n%s", diff)
	}
	if got := g.FoldTo(1); len(got.Nodes) != 1 || len(got.Edges) > 0 || got.Nodes[0].Nodes != 3000 || got.Nodes[0].Instances != 3000 {
		t.Errorf("folded to one: %+v", got)
	}
}

// TestFoldsCompose sees that a name folds to the same box whether or not the
// graph was folded before.
// Nodes of one name are the instances of one node: nothing is folded.
func TestInstancesOfOneName(t *testing.T) {
	b := NewGraphBuilder("wf", ByNode)
	for range 3 {
		b.Node(GraphNode{Name: "wf.bet", Interface: "fsl.BET", Instances: 1})
	}
	want := []GraphNode{{Name: "wf.bet", Interface: "fsl.BET", Instances: 3}}
	if diff := cmp.Diff(want, b.Graph().Nodes); diff != "" {
		t.Error(diff)
	}
}

func TestFoldsCompose(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := strings.Join(rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,3}(_?[0-9]{1,2})?`), 1, 5).Draw(t, "name"), ".")
		for fold := ByPattern; fold <= ByAll; fold++ {
			if got, want := fold.Of(ByPattern.Of(full)), fold.Of(full); got != want {
				t.Fatalf("fold %d of the pattern of %s: %s, want %s", fold, full, got, want)
			}
		}
	})
}

func TestEncodeIsBounded(t *testing.T) {
	for _, n := range []int{1, 700, 20_000} {
		b, err := chains(n).Encode()
		if err != nil || len(b) > mostGraphBytes {
			t.Errorf("%d chains: %d bytes, %v", n, len(b), err)
		}
		if g := decodeGraph(b); g == nil || len(g.Nodes) == 0 {
			t.Errorf("%d chains: not read back", n)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `{"format": 2}`, `{"format": 1, "fold": 9}`, `{"format": 1, "fold": -1}`,
		`{"format": 1, "nodes": [{"name": "a"}], "edges": [{"from": 0, "to": 1}]}`,
		`{"format": 1, "nodes": [{"name": "a"}], "edges": [{"from": -1, "to": 0}]}`,
	} {
		if g := decodeGraph([]byte(text)); g != nil {
			t.Errorf("%s: taken as %+v", text, g)
		}
	}
}

// FuzzDecodeGraph draws whatever decodes.
func FuzzDecodeGraph(f *testing.F) {
	f.Add([]byte(`{"format": 1, "workflow": "w", "nodes": [{"name": "w.a"}, {"name": "w.b", "kind": "JoinNode"}], "edges": [{"from": 0, "to": 1}, {"from": 1, "to": 0}]}`))
	small, _ := json.Marshal(chains(3))
	f.Add(small)
	f.Fuzz(func(t *testing.T, payload []byte) {
		if g := decodeGraph(payload); g != nil && len(g.Nodes) < 2000 && len(g.Edges) < 5000 {
			graphCharts(g, []Node{{Name: "w.a"}}, 0)
		}
	})
}
