package workflow

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// element is a node or a workflow as a member of a workflow: a NodeID, or a
// WorkflowID with the high bit set.
type element uint32

const workflowBit = 1 << 31

func (e element) workflow() (WorkflowID, bool) {
	return WorkflowID(e &^ workflowBit), e&workflowBit != 0
}

func (d *Definition) elementName(e element) Name {
	if w, ok := e.workflow(); ok {
		return d.workflows[w].name
	}
	return d.nodes.At(int(e)).name
}

func (d *Definition) elementParent(e element) WorkflowID {
	if w, ok := e.workflow(); ok {
		return d.workflows[w].parent
	}
	return d.nodes.At(int(e)).parent
}

func (d *Definition) elementPos(e element) diag.Pos {
	if w, ok := e.workflow(); ok {
		return d.spotPos(d.workflows[w].pos)
	}
	return d.spotPos(d.nodes.At(int(e)).pos)
}

// An Element is a Node or a Workflow: what may stand at an end of a connection.
type Element interface{ element() element }

// A Node is a handle to one node of a definition; the zero Node is none.
type Node struct {
	def *Definition
	ID  NodeID
}

func (n Node) element() element { return element(n.ID) }
func (n Node) row() *nodeRow    { return n.def.nodes.At(int(n.ID)) }
func (n Node) Name() string     { return n.def.text(n.row().name) }
func (n Node) Pos() diag.Pos    { return n.def.spotPos(n.row().pos) }
func (n Node) Parent() Workflow { return Workflow{n.def, n.row().parent} }

// Interface gives the interface that the node runs.
func (n Node) Interface() *iface.Interface { return n.def.ifaces.items[n.kind().iface] }

func (n Node) kind() *kindRow { return n.def.kinds.At(n.row().kind) }

// Options gives the node's options; they are shared and must not be changed
// (see [Node.SetOptions]).
func (n Node) Options() *Options { return n.def.options.items[n.kind().options] }

// SetOptions replaces the node's options.
func (n Node) SetOptions(o Options) {
	n.row().kind = n.def.kinds.Put(kindRow{n.kind().iface, n.def.internOptions(&o)})
}

// Inputs gives the inputs that the node's author has set. What is large is
// shared, not copied for each node.
func (n Node) Inputs() value.Record { return n.def.readInputs(n.row().inputs) }

// SetInputs replaces all inputs of the node.
func (n Node) SetInputs(r value.Record) {
	row := n.row()
	row.inputs = n.def.writeInputs(row.inputs, r)
}

// SetInput sets one input (nil: unsets it).
func (n Node) SetInput(name string, v value.Value) { n.SetInputs(n.Inputs().With(name, v)) }

// SetInterface gives the node another interface; its inputs stay as they are.
func (n Node) SetInterface(f *iface.Interface) {
	n.row().kind = n.def.kinds.Put(kindRow{n.def.internInterface(f), n.kind().options})
}

// Definition gives the definition that the node is part of, nil for the zero
// Node.
func (n Node) Definition() *Definition { return n.def }

// FullName gives the dotted path of the node: nipype's fullname.
func (n Node) FullName() string { return n.def.fullName(n.row().parent, n.row().name) }

func (d *Definition) fullName(w WorkflowID, name Name) string {
	s := d.text(name)
	for ; w != 0; w = d.workflows[w].parent {
		s = d.text(d.workflows[w].name) + "." + s
	}
	return s
}

// A Workflow is a handle to one workflow of a definition; the zero Workflow is
// none.
type Workflow struct {
	def *Definition
	ID  WorkflowID
}

func (w Workflow) element() element          { return element(w.ID) | workflowBit }
func (w Workflow) row() *workflowRow         { return &w.def.workflows[w.ID] }
func (w Workflow) Name() string              { return w.def.text(w.row().name) }
func (w Workflow) Pos() diag.Pos             { return w.def.spotPos(w.row().pos) }
func (w Workflow) Parent() Workflow          { return Workflow{w.def, w.row().parent} }
func (w Workflow) Options() *WorkflowOptions { return &w.row().options }
func (w Workflow) FullName() string          { return w.def.fullName(w.row().parent, w.row().name) }

// Definition gives the definition that the workflow is part of.
func (w Workflow) Definition() *Definition { return w.def }

// Member gives the node or nested workflow of that name, nil if there is none.
func (w Workflow) Member(name string) Element {
	if id, ok := w.def.names.Find(name); ok {
		if e := w.def.member(w.ID, Name(id)); e != 0 {
			return w.def.handle(e)
		}
	}
	return nil
}

func (d *Definition) handle(e element) Element {
	if id, ok := e.workflow(); ok {
		return Workflow{d, id}
	}
	return Node{d, NodeID(e)}
}

// Add makes the elements members of w. An element that is a member already
// stays; one that belongs to another workflow, or whose name is taken, is a
// problem.
func (w Workflow) Add(pos diag.Pos, elements ...Element) {
	for _, el := range elements {
		w.add(el.element(), pos)
	}
}

func (w Workflow) add(e element, pos diag.Pos) bool {
	d := w.def
	parent, name := d.elementParent(e), d.elementName(e)
	if parent == w.ID {
		return true
	}
	if id, ok := e.workflow(); ok && d.encloses(id, w.ID) {
		d.problem(pos, fmt.Sprintf("workflow %q cannot be a part of itself", d.text(name)),
			fmt.Sprintf("%q is, or lies within, %q", w.Name(), d.text(name)), "connect two different workflows")
		return false
	}
	if parent != 0 {
		d.problem(pos, fmt.Sprintf("%q belongs to workflow %q already", d.text(name), Workflow{d, parent}.FullName()),
			"a node is part of one workflow; from outside its ports are reached through that workflow",
			fmt.Sprintf("connect to %q with the port %q", Workflow{d, parent}.Name(), d.text(name)+".<port>"))
		return false
	}
	if other := d.member(w.ID, name); other != 0 {
		d.problem(pos, fmt.Sprintf("duplicate node name %q in workflow %q", d.text(name), w.Name()),
			"names are unique within a workflow: they become directories", "rename one of the two",
			diag.Note{Pos: d.elementPos(other), Text: "the first is made here"},
			diag.Note{Pos: d.elementPos(e), Text: "the second is made here"})
		return false
	}
	d.adopt(w.ID, e)
	return true
}

// adopt makes e a member of w: it becomes the last of w's chain.
func (d *Definition) adopt(w WorkflowID, e element) {
	if id, ok := e.workflow(); ok {
		d.workflows[id].parent, d.workflows[id].removed = w, false
	} else {
		d.nodes.At(int(e)).parent = w
	}
	d.indexMembers()
	d.addMember(e)
	d.link(w, e)
}

func (d *Definition) link(w WorkflowID, e element) {
	row := &d.workflows[w]
	if row.last == 0 {
		row.first = e
	} else {
		*d.nextOf(row.last) = e
	}
	row.last = e
	*d.nextOf(e) = 0
}

func (d *Definition) nextOf(e element) *element {
	if w, ok := e.workflow(); ok {
		return &d.workflows[w].next
	}
	return &d.nodes.At(int(e)).next
}

// Remove takes elements and their connections out of w; it reports whether all
// of them were there. What was removed is no part of any workflow, and a
// removed workflow is not one to run.
func (w Workflow) Remove(elements ...Element) bool {
	d := w.def
	gone := map[element]bool{}
	for _, el := range elements {
		if e := el.element(); d.elementParent(e) == w.ID {
			gone[e] = true
		}
	}
	d.deleteEdges(func(r edgeRow) bool { return gone[r.src] || gone[r.dst] })
	at := w.row().first
	w.row().first, w.row().last = 0, 0
	for at != 0 {
		next := *d.nextOf(at)
		if !gone[at] {
			d.link(w.ID, at)
		}
		at = next
	}
	for e := range gone {
		if id, ok := e.workflow(); ok {
			d.workflows[id].parent, d.workflows[id].removed = 0, true
		} else {
			d.nodes.At(int(e)).parent = 0
			d.spare(NodeID(e))
		}
	}
	d.dropMembers()
	return len(gone) == len(elements)
}

// encloses reports whether inner is outer or lies within it.
func (d *Definition) encloses(outer, inner WorkflowID) bool {
	for ; inner != 0; inner = d.workflows[inner].parent {
		if inner == outer {
			return true
		}
	}
	return false
}

// Members gives the nested workflows and then the nodes of w, each in order of
// definition.
func (w Workflow) Members() []Element {
	var ids []element
	for e := w.row().first; e != 0; e = *w.def.nextOf(e) {
		ids = append(ids, e)
	}
	slices.SortFunc(ids, func(a, b element) int { return cmp.Compare(a^workflowBit, b^workflowBit) })
	out := make([]Element, len(ids))
	for i, e := range ids {
		out[i] = w.def.handle(e)
	}
	return out
}
