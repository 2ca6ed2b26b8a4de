package draw

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/raphe-org/raphe/workflow"
)

// JSON writes the graph as one JSON object.
func (g *Graph) JSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(g)
}

// DOT writes the graph in the language of Graphviz
// (https://graphviz.org/doc/info/lang.html). Identity nodes are ellipses,
// MapNodes boxes with a second edge, JoinNodes houses; an arrow into a join is
// bold, one that brings only a sweep is dashed.
func (g *Graph) DOT(w io.Writer) error {
	p := &picture{Writer: bufio.NewWriter(w), g: g}
	p.line(0, "digraph %s {", dotText(g.Workflow))
	p.line(1, "rankdir=TB; compound=true; fontname=%s;", dotText("sans-serif"))
	p.line(1, "node [shape=box, fontname=%[1]s]; edge [fontname=%[1]s, fontsize=9];", dotText("sans-serif"))
	p.tree(0, 1, func(c Cluster, depth int, inside func()) {
		p.line(depth, "subgraph cluster_%d {", c.ID)
		p.line(depth+1, "label=%s; style=rounded;", dotText(c.Name))
		inside()
		p.line(depth, "}")
	}, func(n *Node, depth int) {
		shape := ""
		switch {
		case n.Identity:
			shape = ", shape=ellipse"
		case n.Kind == workflow.MapNode.String():
			shape = ", peripheries=2"
		case n.Kind == workflow.JoinNode.String():
			shape = ", shape=invhouse"
		}
		p.line(depth, "n%d [label=%s%s];", n.ID, dotText(n.label()...), shape)
	})
	for _, e := range g.Edges {
		style := ""
		switch {
		case e.Joined:
			style = ", style=bold"
		case len(e.Ports) == 0:
			style = ", style=dashed"
		}
		p.line(1, "n%d -> n%d [label=%s%s];", e.From, e.To, dotText(e.label()...), style)
	}
	p.line(0, "}")
	return p.Flush()
}

// dotText gives lines as one quoted string of DOT. Within quotes only the
// quote is special to the language, and the backslash to labels.
func dotText(lines ...string) string {
	quoted := make([]string, len(lines))
	for i, l := range lines {
		quoted[i] = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ").Replace(l)
	}
	return `"` + strings.Join(quoted, `\n`) + `"`
}

// Mermaid writes the graph as a flowchart of Mermaid
// (https://mermaid.js.org/syntax/flowchart.html), with the same meanings of
// shapes and arrows as DOT.
func (g *Graph) Mermaid(w io.Writer) error {
	p := &picture{Writer: bufio.NewWriter(w), g: g}
	p.line(0, "flowchart TB")
	p.tree(0, 1, func(c Cluster, depth int, inside func()) {
		p.line(depth, "subgraph w%d[%s]", c.ID, mermaidText(c.Name))
		inside()
		p.line(depth, "end")
	}, func(n *Node, depth int) {
		open, end := "[", "]"
		switch {
		case n.Identity:
			open, end = "([", "])"
		case n.Kind == workflow.MapNode.String():
			open, end = "[[", "]]"
		case n.Kind == workflow.JoinNode.String():
			open, end = "[\\", "/]"
		}
		p.line(depth, "n%d%s%s%s", n.ID, open, mermaidText(n.label()...), end)
	})
	for _, e := range g.Edges {
		arrow, label := "-->", ""
		switch {
		case e.Joined:
			arrow = "==>"
		case len(e.Ports) == 0:
			arrow = "-.->"
		}
		if lines := e.label(); len(lines) > 0 {
			label = "|" + mermaidText(lines...) + "|"
		}
		p.line(1, "n%d %s%s n%d", e.From, arrow, label, e.To)
	}
	return p.Flush()
}

// mermaidText gives lines as one quoted string of Mermaid, where what might be
// markup is written as an entity.
func mermaidText(lines ...string) string {
	quoted := make([]string, len(lines))
	for i, l := range lines {
		quoted[i] = strings.NewReplacer(`"`, "#quot;", "#", "#35;", "&", "#amp;", "<", "#lt;", ">", "#gt;", "`", "#96;", "\n", " ").Replace(l)
	}
	return `"` + strings.Join(quoted, "<br/>") + `"`
}

// A picture is a graph being written. The bufio.Writer keeps the first error.
type picture struct {
	*bufio.Writer
	g        *Graph
	children map[int][]int // of clusters: clusters
	members  map[int][]int // of clusters: nodes
}

func (p *picture) line(depth int, format string, args ...any) {
	p.WriteString(strings.Repeat("  ", depth))
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// tree walks over a cluster: its nodes, then the clusters within it.
func (p *picture) tree(cluster, depth int, enter func(c Cluster, depth int, inside func()), node func(*Node, int)) {
	if p.members == nil {
		p.children, p.members = map[int][]int{}, map[int][]int{}
		for _, c := range p.g.Clusters {
			p.children[c.Parent] = append(p.children[c.Parent], c.ID)
		}
		for i := range p.g.Nodes {
			p.members[p.g.Nodes[i].Cluster] = append(p.members[p.g.Nodes[i].Cluster], i)
		}
	}
	for _, i := range p.members[cluster] {
		node(&p.g.Nodes[i], depth)
	}
	for _, c := range p.children[cluster] {
		enter(p.g.Clusters[c-1], depth, func() { p.tree(c, depth+1, enter, node) })
	}
}
