package report

import (
	"fmt"
	"strings"
)

const (
	boxHeight  = 62.0
	barHeight  = 5.0
	boldLetter = 7.8 // width of a character of a node's name
	letter     = 6.6 // of the lines above and below it
	longLabel  = 26  // characters
)

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
	p.add(`aria-label="%[1]s"><title>%[1]s</title>`, said)
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
