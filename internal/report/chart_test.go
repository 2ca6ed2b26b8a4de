package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/unit"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a chart with a file: its words, its numbers, and its picture
// with one element a line.
func golden(t *testing.T, name string, charts ...chart) {
	t.Helper()
	var b strings.Builder
	for _, c := range charts {
		fmt.Fprintf(&b, "== %s: %s\n%s\n", c.ID, c.Title, c.Text)
		for _, row := range append([][]string{c.Head}, c.Rows...) {
			b.WriteString(strings.Join(row, " | ") + "\n")
		}
		b.WriteString(strings.ReplaceAll(string(c.SVG), "><", ">\n<") + "\n")
	}
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got; -update writes it):\n%s", path, diff)
	}
}

func fewMoments() []moment {
	var ms []moment
	for i := range 4 {
		ms = append(ms, moment{time.Duration(i) * 10 * time.Second, event.Sample{
			Raphe: event.Memory{RSS: 18 * unit.MiB, PSS: 17 * unit.MiB, VSize: unit.GiB},
			Tools: event.Memory{RSS: int64(i) * unit.GiB, PSS: int64(i) * 900 * unit.MiB, VSize: int64(i) * 3 * unit.GiB},
			Nodes: map[string]int64{"wf.a": int64(i) * 600 * unit.MiB, "wf.b<&>": int64(i) * 100 * unit.MiB}, Commit: 5 * unit.GiB,
		}})
	}
	return ms
}

func TestMemoryCharts(t *testing.T) {
	ms := fewMoments()
	golden(t, "memory", append(memoryCharts(ms, 40*time.Second), stackChart(ms, 40*time.Second))...)
}

// TestLimitInMemoryChart sees that the limit is a line where there is room for
// it, and said where there is none.
func TestLimitInMemoryChart(t *testing.T) {
	for limit, want := range map[int64]string{4 * unit.GiB: `class="limit"`, 64 * unit.GiB: "is above this plot"} {
		ms := fewMoments()
		for i := range ms {
			ms[i].Limit = limit
		}
		if svg := string(memoryCharts(ms, time.Minute)[0].SVG); !strings.Contains(svg, want) {
			t.Errorf("limit %d: no %q in the picture", limit, want)
		}
	}
	if c := memoryCharts(nil, time.Minute); c != nil {
		t.Error("charts of nothing")
	}
}

func TestTimeline(t *testing.T) {
	s := time.Second
	spans := []span{
		{From: 0, To: 10 * s, Node: 0, State: Done, Name: "wf/_k_1/a"}, {From: s, To: 4 * s, Node: 1, State: Failed, Name: "wf/_k_1/b<&>"},
		{From: 5 * s, To: 9 * s, Node: 1, State: Done, Name: "wf/_k_2/b"}, {From: 9 * s, To: 12 * s, Node: 1, State: Running, Name: "wf/_k_3/b"},
	}
	c, legend := timeline(spans, []Node{{Name: "wf.a"}, {Name: "wf.b<&>"}}, 12*s, 0)
	golden(t, "timeline", c)
	want := []legendEntry{{"1", 0, "wf.a", 1, 10 * s}, {"2", 1, "wf.b<&>", 3, 10 * s}}
	if diff := cmp.Diff(want, legend); diff != "" {
		t.Errorf("legend (-want +got):\n%s", diff)
	}
}

func TestGraphChart(t *testing.T) {
	b := NewGraphBuilder("wf", ByNode)
	source := b.Node(GraphNode{Name: "wf.source", Identity: true})
	bet := b.Node(GraphNode{Name: "wf.prep.bet", Interface: "fsl.BET", Instances: 3})
	fast := b.Node(GraphNode{Name: "wf.prep.fast", Interface: "fsl.FAST", Kind: "MapNode", Instances: 3})
	gather := b.Node(GraphNode{Name: "wf.gather<&>", Interface: "utility.Merge", Kind: "JoinNode", Instances: 1})
	b.Edge(GraphEdge{From: source, To: bet})
	b.Edge(GraphEdge{From: bet, To: fast})
	b.Edge(GraphEdge{From: source, To: fast, Sweep: true})
	b.Edge(GraphEdge{From: fast, To: gather, Joined: true})
	charts, boxOf := graphCharts(b.Graph(), []Node{
		{Name: "wf.prep.fast", States: [numStates]int{Done: 12}, Map: 3},
		{Name: "wf.prep.bet", States: [numStates]int{Done: 2, Failed: 1}}, {Name: "wf.gone", States: [numStates]int{Earlier: 1}},
	}, 1)
	golden(t, "graph", charts...)
	if diff := cmp.Diff([][]int{{fast, bet, -1}}, boxOf); diff != "" {
		t.Errorf("boxes (-want +got):\n%s", diff)
	}
}

func TestGraphChartFolds(t *testing.T) {
	node := []Node{{Name: "wf.sub_7.register", States: [numStates]int{Done: 1}}}
	charts, boxOf := graphCharts(chains(1000), node, 0)
	if n := strings.Count(string(charts[0].SVG), "<a "); n != 3 || len(charts) != 1 || boxOf[0][0] != 1 {
		t.Errorf("%d boxes, the node is in %v", n, boxOf)
	}
	b := NewGraphBuilder("wf", ByNode)
	for i := range 100 {
		b.Node(GraphNode{Name: fmt.Sprintf("wf.%c.n%d", 'a'+i/10, i), Instances: 1})
	}
	charts, boxOf = graphCharts(b.Graph(), []Node{{Name: "wf.c.n25"}}, 0)
	var boxes []int
	for _, c := range charts {
		boxes = append(boxes, strings.Count(string(c.SVG), "<a "))
	}
	if diff := cmp.Diff([]int{10, 100}, boxes); diff != "" || boxOf[0][0] != 2 || boxOf[1][0] != 25 {
		t.Errorf("boxes %v, the node is in %v", boxes, boxOf)
	}
	if charts, _ := graphCharts(nil, nil, 0); charts != nil {
		t.Error("a graph of nothing")
	}
}

func TestUses(t *testing.T) {
	row := func(node int32, peak int64, asked event.Asked) Row {
		return Row{Node: node, State: Done, Usage: event.Usage{Wall: 10 * time.Second, CPU: 15 * time.Second, PeakRSS: peak, Asked: asked}}
	}
	user := func(mem int64) event.Asked { return event.Asked{Procs: 2, Mem: mem, From: event.FromUser} }
	r := &Report{
		Nodes: []Node{{Name: "saves"}, {Name: "over"}, {Name: "fits"}, {Name: "unknown"}, {Name: "learned"}},
		Rows: []Row{
			row(0, unit.GiB, user(4*unit.GiB)), row(0, 1300*unit.MiB, user(4*unit.GiB)), row(0, 500*unit.MiB, user(4*unit.GiB)),
			row(1, 3*unit.GiB, user(2*unit.GiB)),
			row(2, 1900*unit.MiB, user(2*unit.GiB)),
			row(3, 10*unit.MiB, event.Asked{}),
			row(4, 10*unit.MiB, event.Asked{Mem: 100 * unit.MiB, From: event.FromLearned}),
			{Node: 2, Map: true, Usage: event.Usage{PeakRSS: 99 * unit.GiB}},
		},
	}
	uses, more := r.uses()
	var got []string
	for _, u := range uses {
		got = append(got, fmt.Sprintf("%s: %d, %s, typical %s, largest %s, %s CPUs: %s", u.Node, u.Measured, u.askedText(),
			unit.FormatBytes(u.Typical), unit.FormatBytes(u.Largest), u.busyText(), u.Advice))
	}
	want := []string{
		"over: 1, 2 GiB, mem_gb, typical 3 GiB, largest 3 GiB, 1.5 of 2 CPUs: used more than was set aside: mem_gb = 3.3",
		"saves: 3, 4 GiB, mem_gb, typical 1 GiB, largest 1.3 GiB, 1.5 of 2 CPUs: mem_gb 4 → 1.4 saves 65%",
		"fits: 1, 2 GiB, mem_gb, typical 1.9 GiB, largest 1.9 GiB, 1.5 of 2 CPUs: fits",
		"learned: 1, 100 MiB, learned, typical 10 MiB, largest 10 MiB, 1.5 CPUs: ",
		"unknown: 1, not recorded, typical 10 MiB, largest 10 MiB, 1.5 CPUs: ",
	}
	if diff := cmp.Diff(want, got); diff != "" || more != 0 {
		t.Errorf("%d more; (-want +got):\n%s", more, diff)
	}
}
