package check

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// badPath reports a dotted port that leads nowhere.
func (c *checker) badPath(e workflow.Edge, bad *workflow.BadPort, port string, input bool) {
	pos := e.SrcPos
	if input {
		pos = e.DstPos
	}
	var names []string
	for _, m := range bad.In.Members() {
		names = append(names, nameOf(m))
	}
	if !bad.NeedsDot {
		c.problem(pos, fmt.Sprintf("workflow %q has no node %q (port %q)", bad.In.FullName(), bad.Part, port),
			"a port of a workflow is the path of a node in it: \"node.port\"", orElse(diag.DidYouMean(bad.Part, names), "add a node to the workflow"))
		return
	}
	var mend string
	switch near := c.holders(bad.In, bad.Part, input); {
	case len(near) > 0:
		mend = fmt.Sprintf("did you mean %q?", near[0]+"."+bad.Part)
	case slices.Contains(names, bad.Part):
		mend = fmt.Sprintf("%q is a node of it: write \"%s.<port>\"", bad.Part, bad.Part)
	default:
		mend = "write \"node.port\"; its nodes: " + diag.DidYouMean("", names)
	}
	c.problem(pos, fmt.Sprintf("%q is not a port of workflow %q", port, bad.In.FullName()),
		"a workflow has no ports of its own, only those of its nodes", mend)
}

// holders gives the nodes of w that have a port of that name, inputspec and
// outputspec by nipype's custom first.
func (c *checker) holders(w workflow.Workflow, port string, input bool) []string {
	var out []string
	for _, m := range w.Members() {
		n, ok := m.(workflow.Node)
		if !ok {
			continue
		}
		f := n.Interface()
		if input && f.Input(port) != nil || !input && f.Output(port) != nil {
			out = append(out, n.Name())
		}
	}
	spec := func(name string) int {
		if strings.HasPrefix(name, "input") || strings.HasPrefix(name, "output") {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(out, func(a, b string) int { return spec(a) - spec(b) })
	return out
}

func nameOf(el workflow.Element) string {
	switch el := el.(type) {
	case workflow.Node:
		return el.Name()
	case workflow.Workflow:
		return el.Name()
	}
	return ""
}

// output checks that a source port is there.
func (c *checker) output(e workflow.Edge, n workflow.Node, port string) bool {
	f := n.Interface()
	if f.Output(port) != nil {
		return true
	}
	if openOutputs(f) {
		return false
	}
	why := "it has no outputs"
	if names := f.OutputNames(); len(names) > 0 {
		why = "its outputs are " + short(names)
	}
	mend := diag.DidYouMean(port, f.OutputNames())
	if near := diag.Nearest(port, f.OutputNames()); near == "" && f.Input(port) != nil {
		mend = fmt.Sprintf("%q is an input of it; a connection starts at an output", port)
	}
	c.problem(e.SrcPos, fmt.Sprintf("node %q (%s) has no output %q", n.FullName(), f.Name, port), why, orElse(mend, "take the connection away"))
	return false
}

// input checks that a destination port is there.
func (c *checker) input(e workflow.Edge, n workflow.Node, port string) bool {
	f := n.Interface()
	if f.Input(port) != nil {
		return true
	}
	if f.DynamicInputs {
		return false
	}
	why := "it has no inputs"
	if names := f.InputNames(); len(names) > 0 {
		why = "its inputs are " + short(names)
	}
	mend := diag.DidYouMean(port, f.InputNames())
	if near := diag.Nearest(port, f.InputNames()); near == "" && f.Output(port) != nil {
		mend = fmt.Sprintf("%q is an output of it; a connection ends at an input", port)
	}
	c.problem(e.DstPos, fmt.Sprintf("node %q (%s) has no input %q", n.FullName(), f.Name, port), why, orElse(mend, "take the connection away"))
	c.meant[n.ID] = append(c.meant[n.ID], diag.Nearest(port, f.InputNames()))
	return false
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func short(names []string) string {
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// doubles reports inputs with two sources. (An input that is both set and
// connected is none: as in nipype, the connection counts.)
func (c *checker) doubles() {
	for i := 1; i < len(c.links); i++ {
		first, second := c.links[i-1], c.links[i]
		if first.dst != second.dst || first.port != second.port {
			continue
		}
		a, _ := c.def.Edge(int(first.edge))
		b, _ := c.def.Edge(int(second.edge))
		c.problem(b.DstPos, fmt.Sprintf("two sources for input %q of node %q", c.def.Text(second.port), c.def.Node(second.dst).FullName()),
			fmt.Sprintf("%s and %s are both connected to it", source(a), source(b)), "take one of the connections away, or merge the two with a Merge node",
			diag.Note{Pos: a.DstPos, Text: "the first is here"})
	}
}

func source(e workflow.Edge) string { return fmt.Sprintf("%s.%s", nameOf(e.Src), e.SrcPort) }
