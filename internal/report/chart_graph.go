package report

import (
	"fmt"
	"strings"
)

const (
	mostDrawn   = 500 // nodes; larger graphs are folded
	manyDrawn   = 60  // nodes from which there is a folded picture, too
	graphMargin = 6
	mostFeeds   = 20
	longCell    = 300 // bytes of a name in the table
)

// graphCharts draws the workflow with all its nodes and, where these are many
// and nested workflows make them few, also with one box for each of those: the
// picture to begin with. boxOf says for each picture and each of nodes which
// box the node is part of, -1 if of none.
func graphCharts(g *Graph, nodes []Node, left int) (charts []chart, boxOf [][]int) {
	if g == nil || len(g.Nodes) == 0 {
		return nil, nil
	}
	drawn := []*Graph{g.FoldTo(mostDrawn)}
	if all := drawn[0]; len(all.Nodes) > manyDrawn && all.Fold < ByWorkflow {
		folded := all
		for folded.Fold < ByWorkflow {
			folded = folded.fold(folded.Fold + 1)
		}
		if n := len(folded.Nodes); n > 1 && 3*n <= len(all.Nodes) {
			drawn = []*Graph{folded, all}
		}
	}
	for i, one := range drawn {
		c, boxes := graphChart(one, nodes, left, i)
		c.ID = fmt.Sprintf("graph-%d", i)
		charts, boxOf = append(charts, c), append(boxOf, boxes)
	}
	return charts, boxOf
}

// graphChart draws a graph: one box for each node, with what became of its
// instances. A box is a link that shows these in the table. view is the number
// of the picture.
func graphChart(drawn *Graph, nodes []Node, left, view int) (c chart, boxOf []int) {
	c.Title = "The workflow"
	if drawn.Fold >= ByWorkflow {
		c.Title = "The nested workflows"
	}
	known, boxOf := foldNodes(drawn, nodes)
	sizes := make([]size, len(drawn.Nodes))
	for i, n := range drawn.Nodes {
		l := labelsOf(drawn, n, &known[i])
		sizes[i] = size{max(96, 20+l.width()), boxHeight}
	}
	edges := make([][2]int, len(drawn.Edges))
	for i, e := range drawn.Edges {
		edges[i] = [2]int{e.From, e.To}
	}
	l := arrange(sizes, edges)
	c.Text = graphText(drawn, l, left)
	var p picture
	// No role of a picture here: its boxes are links.
	p.add(`<svg class="chart graph" width="%[1]s" height="%[2]s" viewBox="%[3]d %[3]d %[1]s %[2]s" role="group" aria-label="%[4]s">`,
		num(l.W+2*graphMargin), num(l.H+2*graphMargin), -graphMargin, c.Title)
	for i, e := range drawn.Edges {
		if !l.Back[i] {
			p.add(`<path class="edge%s" d="%s"/>`, edgeClass(e), routePath(l.Routes[i]))
		}
	}
	for i, n := range drawn.Nodes {
		p.add(`<a href="#instances" data-view="%d" data-box="%d" data-name="%s" `, view, i, clean(n.Name, longNode))
		p.box(drawn, n, &known[i], l.Boxes[i], sizes[i])
	}
	c.SVG = p.close()
	c.Head = []string{"node", "interface", "instances", "states", "feeds"}
	c.Rows = graphRows(drawn, known)
	return c, boxOf
}

// foldNodes adds up what became of the instances of each drawn node, and says
// which that is for each node.
func foldNodes(g *Graph, nodes []Node) (drawn []Node, boxOf []int) {
	out := make([]Node, len(g.Nodes))
	at := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		at[clean(n.Name, longNode)] = i
	}
	for _, n := range nodes {
		boxOf = append(boxOf, -1)
		if i, ok := at[g.Fold.Of(n.Name)]; ok {
			boxOf[len(boxOf)-1] = i
			for s, k := range n.States {
				out[i].States[s] += k
			}
			out[i].Map += n.Map
		}
	}
	return out, boxOf
}

func graphText(drawn *Graph, l *layout, left int) string {
	nodes, layers, back := 0, 0, 0
	for i, n := range drawn.Nodes {
		nodes += max(1, n.Nodes)
		layers = max(layers, l.Layers[i]+1)
	}
	for _, b := range l.Back {
		if b {
			back++
		}
	}
	text := fmt.Sprintf("%s in %s, data flows downwards.", counted(nodes, "node"), counted(layers, "layer"))
	switch drawn.Fold {
	case ByNode:
	case ByPattern:
		text += fmt.Sprintf(" Nodes whose names differ only in numbers are drawn as one, with # for a number: %s.", count(len(drawn.Nodes))+" boxes")
	default:
		text += " Nodes of one nested workflow are drawn as one."
	}
	if back > 0 {
		text += fmt.Sprintf(" %s that lead back to an earlier box are not drawn.", counted(back, "connection"))
	}
	if left > 0 {
		text += fmt.Sprintf(" Not yet recorded: %s.", counted(left, "instance"))
	}
	return text + shapesText(drawn)
}

// shapesText says what the shapes mean that are there.
func shapesText(g *Graph) string {
	has := map[string]bool{}
	for _, n := range g.Nodes {
		has[n.Kind] = true
		has["sweep"] = has["sweep"] || n.Identity
	}
	var parts []string
	for _, s := range []struct{ kind, text string }{
		{"MapNode", "boxes with a second edge are MapNodes"}, {"JoinNode", "boxes that narrow are JoinNodes"}, {"sweep", "round ones are sweeps"},
	} {
		if has[s.kind] {
			parts = append(parts, s.text)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	text := strings.Join(parts, ", ")
	return " " + strings.ToUpper(text[:1]) + text[1:] + "."
}

// graphRows gives the graph as a table, which screen readers can follow.
func graphRows(g *Graph, known []Node) [][]string {
	feeds := make([][]string, len(g.Nodes))
	for _, e := range g.Edges {
		feeds[e.From] = append(feeds[e.From], strings.TrimPrefix(clean(g.Nodes[e.To].Name, 200), g.Workflow+"."))
	}
	rows := make([][]string, len(g.Nodes))
	for i, n := range g.Nodes {
		to := feeds[i]
		if len(to) > mostFeeds {
			to = append(to[:mostFeeds:mostFeeds], fmt.Sprintf("and %d more", len(to)-mostFeeds))
		}
		rows[i] = []string{clean(n.Name, longCell), clean(n.Interface, 200), count(n.Instances), statesText(&known[i]), strings.Join(to, ", ")}
	}
	return rows
}
