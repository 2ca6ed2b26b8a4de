// Package check finds everything that is wrong with a definition and can be
// seen without its graph: ports that are not there, two sources for one input,
// types that can't meet, inputs that are missing or contradict each other,
// files that do not exist.
//
//	Definition  checks a top workflow and all that lies within it
//
// What needs the graph (cycles, what is upstream of a JoinNode, parameter
// directories) is package plan's. The package looks at files only to see
// whether they exist; it changes nothing.
package check

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/workflow"
)

// Definition gives everything that is wrong with a workflow that is to run.
func Definition(top workflow.Workflow) diag.List {
	c := &checker{def: top.Definition(), inside: map[workflow.WorkflowID]bool{}, good: map[joint]bool{}, meant: map[workflow.NodeID][]string{}}
	c.enter(top)
	c.readEdges()
	c.doubles()
	c.nodes()
	c.strays()
	return c.problems
}

// strays warns of nodes that were forgotten. After an error that would only be
// its echo: what could not be connected stands alone.
func (c *checker) strays() {
	if c.def.Err() != nil || c.problems.Err() != nil {
		return
	}
	for _, n := range c.def.Stray(10) {
		c.add(&diag.Diagnostic{Code: diag.Warning, Pos: n.Pos(), What: fmt.Sprintf("node %q is no workflow's part", n.Name()),
			Why: "nodes run when they are connected or added", Mend: "connect it, write wf.add_nodes([...]), or take it away"})
	}
}

// maxProblems is how many problems are worth showing: a wrong line in a loop of
// a million nodes is one mistake.
const maxProblems = 1000

// A link is a connection that leads to a port of a node: 12 bytes.
type link struct {
	dst  workflow.NodeID
	port workflow.Name
	edge uint32 // Definition.Edge
}

// A joint is all that the ports and types of a connection depend on. In a loop
// they are mostly the same few.
type joint struct {
	src, dst         *iface.Interface
	from, to         *workflow.Options
	srcPort, dstPort workflow.Name
	fn               bool
}

// mostJoints bounds how many joints that were found good are remembered.
const mostJoints = 4096

type checker struct {
	def      *workflow.Definition
	inside   map[workflow.WorkflowID]bool
	problems diag.List

	links []link // sorted by dst, port, edge
	good  map[joint]bool
	meant map[workflow.NodeID][]string // inputs that a misspelt port stands for
}

func (c *checker) enter(w workflow.Workflow) {
	children := map[workflow.WorkflowID][]workflow.WorkflowID{}
	for _, o := range c.def.Workflows() {
		children[o.Parent().ID] = append(children[o.Parent().ID], o.ID)
	}
	todo := []workflow.WorkflowID{w.ID}
	for len(todo) > 0 {
		id := todo[len(todo)-1]
		todo = append(todo[:len(todo)-1], children[id]...)
		c.inside[id] = true
	}
}

func (c *checker) add(d *diag.Diagnostic) {
	if len(c.problems) < maxProblems {
		c.problems.Add(d)
	}
}

func (c *checker) problem(pos diag.Pos, what, why, mend string, notes ...diag.Note) {
	c.add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: what, Why: why, Mend: mend, Notes: notes})
}

// readEdges follows every connection to its two nodes and checks its ports.
func (c *checker) readEdges() {
	c.links = make([]link, 0, c.def.NumEdges())
	for i := range c.def.NumEdges() {
		l, leads := c.def.Link(i)
		if !c.inside[l.In] {
			continue
		}
		if !leads {
			c.readLost(i)
			continue
		}
		c.links = append(c.links, link{l.Dst, l.DstPort, uint32(i)})
		src, dst := c.def.Node(l.Src), c.def.Node(l.Dst)
		if dst.Foreign() != nil {
			continue // nipype has checked it; what it has not is for the run to say
		}
		j := joint{src.Interface(), dst.Interface(), src.Options(), dst.Options(), l.SrcPort, l.DstPort, l.Fn != 0}
		if c.good[j] {
			continue
		}
		if c.ports(i, src, c.def.Text(l.SrcPort), dst, c.def.Text(l.DstPort)) && len(c.good) < mostJoints {
			c.good[j] = true
		}
	}
	slices.SortFunc(c.links, func(a, b link) int {
		return cmp.Or(cmp.Compare(a.dst, b.dst), cmp.Compare(a.port, b.port), cmp.Compare(a.edge, b.edge))
	})
}

// ports checks both ports of a connection, and reports whether nothing was
// wrong.
func (c *checker) ports(i int, src workflow.Node, out string, dst workflow.Node, field string) bool {
	before := len(c.problems)
	e, _ := c.def.Edge(i)
	okSrc := c.output(e, src, out)
	okDst := c.input(e, dst, field)
	if okSrc && okDst && e.Fn == nil {
		c.types(e, src, out, dst, field)
	}
	return len(c.problems) == before && before < maxProblems
}

// readLost reports a connection of which an end leads nowhere, and checks the
// other.
func (c *checker) readLost(i int) {
	e, _ := c.def.Edge(i)
	src, out, badSrc := c.def.ResolvePort(e.Src, e.SrcPort)
	dst, field, badDst := c.def.ResolvePort(e.Dst, e.DstPort)
	if badSrc != nil {
		c.badPath(e, badSrc, e.SrcPort, false)
	} else {
		c.output(e, src, out)
	}
	if badDst != nil {
		c.badPath(e, badDst, e.DstPort, true)
	} else {
		c.input(e, dst, field)
		c.links = append(c.links, link{dst.ID, c.def.Name(field), uint32(i)})
	}
}

// unknown reports whether an interface stands in for one that could not be
// made; what is wrong with that has been said. Of a class that nipype runs as
// little is known.
func unknown(f *iface.Interface) bool {
	return f.Command == nil && f.Native == nil && f.Function == nil
}

// openOutputs reports whether an interface may give outputs that it can't name
// before it runs.
func openOutputs(f *iface.Interface) bool {
	if unknown(f) {
		return true
	}
	if f.Native == nil {
		return false
	}
	impl, ok := native.Lookup(f.Native.Impl)
	return ok && impl.DynamicOutputs
}
