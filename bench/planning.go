package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The design's table of the coordinator's peak RSS in bytes, by instances; a
// Starlark file that writes its nodes in a loop may need more while it is read.
var (
	iterablesRSS = map[int]float64{1000: 20e6, 100_000: 30e6, 1_000_000: 60e6}
	distinctRSS  = map[int]float64{1000: 20e6, 100_000: 45e6, 1_000_000: 200e6}
	loopRSS      = map[int]float64{100_000: 150e6}
)

// A form is one way to hand over a workflow of n nodes.
type form struct {
	name  string
	sizes []int
	write func(dir string, n int) error
	argv  func(dir string, n int) []string
	most  map[int]float64 // targets of peak RSS
	there bool
}

// A point is the measurement of one form and size.
type point struct {
	n       int
	seconds []float64
	rss     int64
}

// planning is scenario d: what it takes until the first tool could start.
func planning(l *lab, s *Section) error {
	s.Work = "Chains of 10 nodes that copy a file. Raphe: `raphe plan`, which reads, checks and plans; ninja: `ninja -t rules`, which only parses; " +
		"nipype: making and connecting nodes and expanding the graph, without the 0.5 s of its import. Peak RSS as the kernel gives it."
	dir, err := l.folder("d")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	table := Table{Head: []string{"", "nodes or instances", "wall", "each", "peak RSS", "trend of time"}}
	for _, f := range l.forms() {
		if !f.there {
			continue
		}
		points, err := l.measureForm(f, dir)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		formRows(&table, f, points)
		s.Targets = append(s.Targets, formTargets(f, points)...)
	}
	s.Tables = append(s.Tables, table)
	s.Notes = append(s.Notes, "The trend is k of the law time = c n^k over the larger sizes (10,000 and more; of nipype all): 1 is linear, 2 quadratic.")
	return nil
}

func (l *lab) forms() []form {
	distinct, loops := []int{1000, 10_000, 100_000, 1_000_000}, []int{1000, 10_000, 100_000}
	python := []int{1000, 2000, 5000}
	if l.quick {
		distinct, python = loops, []int{500, 1000, 2000}
	}
	plan := func(file string) func(string, int) []string {
		return func(string, int) []string { return []string{l.raphe, "plan", file} }
	}
	n := nipype{l, "Linear", 0, 300}
	return []form{
		{"raphe, distinct nodes, JSON lines", distinct, l.writeDistinct, plan("wf.jsonl"), distinctRSS, true},
		{"raphe, distinct nodes, Starlark loop", loops, l.writeLoop, plan("wf.star"), loopRSS, true},
		{"raphe, instances under iterables", []int{1000, 100_000, 1_000_000}, l.writeIterables, plan("wf.star"), iterablesRSS, true},
		{"ninja, distinct, parsed only", loops, func(dir string, n int) error { return ninja{}.Write(chains(n, 10), dir) }, func(string, int) []string { return []string{"ninja", "-t", "rules"} }, nil, l.has(ninja{})},
		{"nipype, distinct nodes", python, func(dir string, _ int) error { return mkdir(dir) }, func(_ string, size int) []string { return n.flow(1, "build", fmt.Sprint(size)) }, nil, l.has(n)},
	}
}

func (l *lab) writeDistinct(dir string, n int) error {
	w := chains(n, 10)
	if err := w.writeSources(filepath.Dir(dir)); err != nil {
		return err
	}
	return rapheJSON{l.raphe}.Write(w, dir)
}

// writeLoop writes the same as a loop in Starlark; all chains read one file.
func (l *lab) writeLoop(dir string, n int) error {
	return star(dir, "wf.star", copyTool, `wf = Workflow("wf")`,
		`before = None`,
		fmt.Sprintf("for i in range(%d):", n),
		`    node = Node(Copy(), name = "n%d" % i)`,
		`    if i % 10 == 0:`,
		fmt.Sprintf(`        node.inputs.in_file = %q`, filepath.Join(dir, "wf.star")),
		`        wf.add_nodes([node])`,
		`    else:`,
		`        wf.connect(before, "out_file", node, "in_file")`,
		`    before = node`)
}

// writeIterables writes one chain of 10 nodes under n/10 values.
func (l *lab) writeIterables(dir string, n int) error {
	return star(dir, "wf.star", `load("utility", "IdentityInterface")`, copyTool, `wf = Workflow("wf")`,
		fmt.Sprintf(`source = Node(IdentityInterface(fields = ["i"]), name = "source", iterables = ("i", range(%d)))`, n/10),
		`before = Node(Copy(), name = "n0")`,
		fmt.Sprintf(`wf.connect(source, ("i", lambda i: %q), before, "in_file")`, filepath.Join(dir, "wf.star")),
		`for k in range(1, 10):`,
		`    node = Node(Copy(), name = "n%d" % k)`,
		`    wf.connect(before, "out_file", node, "in_file")`,
		`    before = node`)
}

// measureForm measures a form at all its sizes.
func (l *lab) measureForm(f form, top string) ([]point, error) {
	var points []point
	for _, n := range f.sizes {
		dir := filepath.Join(top, "peer")
		if err := f.write(dir, n); err != nil {
			return nil, err
		}
		p := point{n: n}
		for range max(1, l.runs-1) {
			var printed tail
			printed.most = 4000
			out, err := l.run(Command{Argv: f.argv(dir, n), Dir: dir, Stdout: &printed})
			if err != nil {
				return nil, err
			}
			p.seconds = append(p.seconds, planSeconds(out, printed.String()))
			p.rss = max(p.rss, out.MaxRSS)
		}
		l.say("   %s, %d: %s, %s", f.name, n, showSeconds(spreadOf(p.seconds).Median), showMB(p.rss))
		points = append(points, p)
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return points, nil
}

// planSeconds is the wall time, or what the peer itself says that it took: in
// flow.py's case without the interpreter's start.
func planSeconds(out Outcome, printed string) float64 {
	var own struct{ Build, Expand float64 }
	if strings.HasPrefix(printed, "{") && json.Unmarshal([]byte(lastLine(printed)), &own) == nil && own.Build > 0 {
		return own.Build + own.Expand
	}
	return out.Wall.Seconds()
}

func formRows(t *Table, f form, points []point) {
	var x, y []float64
	for _, p := range points {
		if p.n >= 10_000 || strings.HasPrefix(f.name, "nipype") {
			x, y = append(x, float64(p.n)), append(y, spreadOf(p.seconds).Median)
		}
	}
	for i, p := range points {
		trend := ""
		if k, ok := exponent(x, y); ok && i == len(points)-1 {
			trend = fmt.Sprintf("n^%.2f", k)
		}
		s := spreadOf(p.seconds)
		t.add(f.name, showCount(p.n), showSpread(s, showSeconds), showMicroseconds(s.Median/float64(p.n)), showMB(p.rss), trend)
	}
}

func showMicroseconds(s float64) string { return fmt.Sprintf("%.1f us", s*1e6) }

func formTargets(f form, points []point) []Target {
	var out []Target
	for _, p := range points {
		if most := f.most[p.n]; most > 0 {
			out = append(out, atMost(fmt.Sprintf("peak RSS, %s, %s planned", f.name, showCount(p.n)), float64(p.rss), most, showMBFloat))
		}
		if p.n == 100_000 && strings.Contains(f.name, "distinct") && strings.HasPrefix(f.name, "raphe") {
			out = append(out, atMost(fmt.Sprintf("%s, %s built, checked and planned", f.name, showCount(p.n)), spreadOf(p.seconds).Median, 2, showSeconds))
		}
	}
	return out
}
