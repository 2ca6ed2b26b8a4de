package report

import (
	"fmt"
	"html"
	"strings"
)

const (
	mostDrawn   = 500 // nodes; larger graphs are folded
	manyDrawn   = 60  // nodes from which there is a folded picture, too
	boxHeight   = 62.0
	barHeight   = 5.0
	boldLetter  = 7.8 // width of a character of a node's name
	letter      = 6.6 // of the lines above and below it
	longLabel   = 26  // characters
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
		num(l.W+2*graphMargin), num(l.H+2*graphMargin), -graphMargin, html.EscapeString(c.Title))
	for i, e := range drawn.Edges {
		if !l.Back[i] {
			p.add(`<path class="edge%s" d="%s"/>`, edgeClass(e), routePath(l.Routes[i]))
		}
	}
	for i, n := range drawn.Nodes {
		p.add(`<a href="#instances" data-view="%d" data-box="%d" data-name="%s" `, view, i, html.EscapeString(clean(n.Name, longNode)))
		p.box(drawn, n, &known[i], l.Boxes[i], sizes[i])
	}
	c.SVG = p.close()
	c.Head = []string{"node", "interface", "instances", "states", "feeds"}
	c.Rows = graphRows(drawn, known)
	return c, boxOf
}

func edgeClass(e GraphEdge) string {
	switch {
	case e.Joined:
		return " joined"
	case e.Sweep:
		return " sweep"
	}
	return ""
}

// routePath gives a line that leaves and enters boxes upright.
func routePath(route []point) string {
	var b strings.Builder
	for i, to := range route {
		if i == 0 {
			fmt.Fprintf(&b, "M%s %s", num(to.X), num(to.Y))
			continue
		}
		from := route[i-1]
		if from.X == to.X {
			fmt.Fprintf(&b, "L%s %s", num(to.X), num(to.Y))
			continue
		}
		mid := num((from.Y + to.Y) / 2)
		fmt.Fprintf(&b, "C%s %s %s %s %s %s", num(from.X), mid, num(to.X), mid, num(to.X), num(to.Y))
	}
	return b.String()
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

// labels are the lines of a box: the nested workflow that it is in, its name,
// and what is in it.
type labels struct{ above, name, below string }

func (l *labels) width() float64 {
	return max(letter*float64(len([]rune(l.above))), boldLetter*float64(len([]rune(l.name))), letter*float64(len([]rune(l.below))))
}

func labelsOf(g *Graph, n GraphNode, known *Node) labels {
	var l labels
	l.name = clean(strings.TrimPrefix(n.Name, g.Workflow+"."), longNode)
	if dot := strings.LastIndexByte(l.name, '.'); dot >= 0 {
		l.above, l.name = shortenLabel(l.name[:dot], longLabel+4), l.name[dot+1:]
	}
	l.name = shortenLabel(l.name, longLabel)
	var parts []string
	switch n.Kind {
	case "MapNode":
		parts = append(parts, "map")
	case "JoinNode":
		parts = append(parts, "join")
	}
	switch {
	case n.Identity:
		parts = append(parts, "sweep")
	case known.Count() > n.Instances: // elements of a map
		parts = append(parts, "× "+count(known.Count()-known.Map))
	default:
		parts = append(parts, "× "+count(n.Instances))
	}
	if n.Nodes > 1 {
		parts = append(parts, "in "+count(n.Nodes)+" nodes")
	}
	for s, k := range known.States {
		if k > 0 && State(s) != Done && State(s) != Earlier {
			parts = append(parts, fmt.Sprintf("%s %s", count(k), State(s)))
		}
	}
	l.below = strings.Join(parts, " · ")
	return l
}

// box draws one node, within an element of a link that is still open.
func (p *picture) box(g *Graph, n GraphNode, known *Node, at point, s size) {
	l := labelsOf(g, n, known)
	said := clean(n.Name, 300)
	for _, part := range []string{clean(n.Interface, 200), clean(n.Kind, 40), statesText(known)} {
		if part != "" {
			said += ", " + part
		}
	}
	class := "box"
	switch {
	case n.Identity:
		class = "box identity"
	case known.States[Failed] > 0:
		class = "box failing"
	}
	p.add(`aria-label="%[1]s"><title>%[1]s</title>`, html.EscapeString(said))
	if n.Kind == "MapNode" {
		p.add(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="4"/>`, class, num(at.X+3), num(at.Y-3), num(s.W), num(s.H))
	}
	rounding := 4.0
	if n.Identity {
		rounding = s.H / 2
	}
	if n.Kind == "JoinNode" { // narrower below: many become one
		p.add(`<path class="%s" d="M%s %sh%sl-10 %sh-%sz"/>`, class, num(at.X), num(at.Y), num(s.W), num(s.H), num(s.W-20))
	} else {
		p.add(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`, class, num(at.X), num(at.Y), num(s.W), num(s.H), num(rounding))
	}
	middle, top := at.X+s.W/2, at.Y+15
	if l.above != "" {
		p.text("below mid", middle, top, l.above)
	} else {
		top -= 6 // two lines, in the middle
	}
	p.text("name mid", middle, top+16, l.name)
	p.text("below mid", middle, top+31, l.below)
	if !n.Identity {
		p.stateBar(known, n.Instances, point{at.X + 12, at.Y + s.H - barHeight - 4}, s.W-24)
	}
	p.WriteString("</a>")
}

// stateBar shows the shares of the states; what is not known of is left free.
func (p *picture) stateBar(n *Node, instances int, at point, w float64) {
	whole := float64(max(instances, n.Count()))
	if whole == 0 {
		return
	}
	p.add(`<rect class="s-none" x="%s" y="%s" width="%s" height="%s"/>`, num(at.X), num(at.Y), num(w), num(barHeight))
	for s, k := range n.States {
		if k == 0 {
			continue
		}
		part := max(1.5, w*float64(k)/whole)
		p.add(`<rect class="s-%s" x="%s" y="%s" width="%s" height="%s"/>`, State(s).class(), num(at.X), num(at.Y), num(part), num(barHeight))
		at.X += part
	}
}

// statesText says the states of a node's instances: "3 done, 1 failed".
func statesText(n *Node) string {
	var parts []string
	for s, k := range n.States {
		if k > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", count(k), State(s)))
		}
	}
	if len(parts) == 0 {
		return "nothing recorded"
	}
	return strings.Join(parts, ", ")
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
