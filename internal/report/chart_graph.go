package report

import (
	"fmt"
	"html"
	"strings"
)

const (
	mostDrawn = 500 // nodes; larger graphs are folded
	boxHeight = 50.0
	barHeight = 5.0
	letter    = 6.9 // width of a character of a label
	longLabel = 30  // characters
)

// graphChart draws the workflow: one box for each node, or for several that
// were folded into one, with what became of its instances. A box is a link
// that shows the node's instances in the table.
//
// boxOf says for each of nodes which box it is part of, -1 if of none.
func graphChart(g *Graph, nodes []Node, left int) (c chart, boxOf []int) {
	if g == nil || len(g.Nodes) == 0 {
		return chart{}, nil
	}
	c = chart{ID: "graph", Title: "The workflow"}
	drawn := g.FoldTo(mostDrawn)
	known, boxOf := foldNodes(drawn, nodes)
	sizes := make([]size, len(drawn.Nodes))
	for i, n := range drawn.Nodes {
		name, below := labels(drawn, n, &known[i])
		sizes[i] = size{max(96, 24+letter*float64(max(len([]rune(name)), len([]rune(below))))), boxHeight}
	}
	edges := make([][2]int, len(drawn.Edges))
	for i, e := range drawn.Edges {
		edges[i] = [2]int{e.From, e.To}
	}
	l := arrange(sizes, edges)
	c.Text = graphText(drawn, l, left)
	var p picture
	const margin = 6
	// No role of a picture here: its boxes are links.
	p.add(`<svg class="chart graph" width="%[1]s" height="%[2]s" viewBox="%[3]d %[3]d %[1]s %[2]s" role="group" aria-label="%[4]s">`,
		num(l.W+2*margin), num(l.H+2*margin), -margin, html.EscapeString(c.Title))
	for i, e := range drawn.Edges {
		if !l.Back[i] {
			p.add(`<path class="edge%s" d="%s"/>`, edgeClass(e), routePath(l.Routes[i]))
		}
	}
	for i, n := range drawn.Nodes {
		p.box(drawn, i, n, &known[i], l.Boxes[i], sizes[i])
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

// labels gives the two lines of a box: its name, and what is in it.
func labels(g *Graph, n GraphNode, known *Node) (name, below string) {
	name = clean(strings.TrimPrefix(n.Name, g.Workflow+"."), 200)
	name = shortenLabel(name, longLabel)
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
	return name, strings.Join(parts, " · ")
}

// box draws one node.
func (p *picture) box(g *Graph, number int, n GraphNode, known *Node, at point, s size) {
	name, below := labels(g, n, known)
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
	p.add(`<a href="#instances" data-box="%d" data-name="%s" aria-label="%s"><title>%s</title>`,
		number, html.EscapeString(clean(n.Name, longNode)), html.EscapeString(said), html.EscapeString(said))
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
	p.text("name mid", at.X+s.W/2, at.Y+19, name)
	p.text("below mid", at.X+s.W/2, at.Y+34, below)
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
		text += " Nodes of one nested workflow are drawn as one, since there are so many."
	}
	if back > 0 {
		text += fmt.Sprintf(" %s that lead back to an earlier box are not drawn.", counted(back, "connection"))
	}
	if left > 0 {
		text += fmt.Sprintf(" Not yet recorded: %s.", counted(left, "instance"))
	}
	return text + " Boxes with a second edge are MapNodes, boxes that narrow are JoinNodes, round ones sweeps."
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
		if len(to) > 20 {
			to = append(to[:20:20], fmt.Sprintf("and %d more", len(to)-20))
		}
		rows[i] = []string{clean(n.Name, 300), clean(n.Interface, 200), count(n.Instances), statesText(&known[i]), strings.Join(to, ", ")}
	}
	return rows
}
