package workflow

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
)

// An Edge is one connection as it was written: from a port of Src, perhaps
// through a function, to a port of Dst. A port of a workflow is a dotted path,
// "node.field" or "sub.node.field".
type Edge struct {
	Src     Element
	SrcPort string
	Fn      *Func // nil: the value as it is
	Dst     Element
	DstPort string
	Python  bool // nipype calls a function on it; the value passes Raphe as it is

	// Where it is written: the whole, and the names of its two ports. Where only
	// one of them is known, it stands for all.
	Pos, SrcPos, DstPos diag.Pos
}

// Connect adds a connection to w, and its ends to the members of w. Ports are
// checked when the definition is complete, since a nested workflow may get its
// nodes later.
func (w Workflow) Connect(e Edge) {
	d := w.def
	e.spread()
	if e.Src.element() == w.element() || e.Dst.element() == w.element() {
		d.problem(e.Pos, fmt.Sprintf("workflow %q cannot connect itself", w.Name()),
			"a connection joins two nodes or nested workflows of it", "connect the node inside")
		return
	}
	okSrc, okDst := w.add(e.Src.element(), e.Pos), w.add(e.Dst.element(), e.Pos)
	if !okSrc || !okDst {
		return
	}
	joint := jointRow{src: d.intern(e.SrcPort), dst: d.intern(e.DstPort)}
	if e.Fn != nil {
		joint.fn = d.internFunc(e.Fn) + 1
	}
	if e.Python {
		joint.fn |= byPython
	}
	d.addEdge(edgeRow{
		src: e.Src.element(), dst: e.Dst.element(),
		joint: d.joints.Put(joint), pos: d.packSpot(e.SrcPos, e.DstPos),
	})
}

func (d *Definition) internFunc(fn *Func) uint32 {
	d.scratch = append(append(append(d.scratch[:0], fn.Name...), 0), fn.Source...)
	d.scratch = value.Append(append(d.scratch, 0), value.List(fn.Args))
	return d.funcs.intern(d.scratch, func() *Func { return fn })
}

// spread fills the places that are not given from those that are.
func (e *Edge) spread() {
	if !e.SrcPos.IsValid() {
		e.SrcPos = e.Pos
	}
	if !e.DstPos.IsValid() {
		e.DstPos = e.SrcPos
	}
	if !e.Pos.IsValid() {
		e.Pos = e.SrcPos
		if to := e.DstPos; to.Line == e.Pos.Line && to.Column > e.Pos.Column {
			e.Pos.Length = to.Column + to.Length - e.Pos.Column
		}
	}
}

// addEdge adds a connection, the last of its workflow's chain.
func (d *Definition) addEdge(row edgeRow) { d.linkEdge(d.edges.Add(row)) }

func (d *Definition) linkEdge(i int) {
	row := d.edges.At(i)
	w := &d.workflows[d.elementParent(row.src)]
	if w.lastEdge == 0 {
		w.firstEdge = uint32(i + 1)
	} else {
		d.edges.At(int(w.lastEdge) - 1).next = uint32(i + 1)
	}
	w.lastEdge = uint32(i + 1)
	row.next = 0
}

// deleteEdges takes connections away; those that stay get new numbers.
func (d *Definition) deleteEdges(gone func(edgeRow) bool) {
	kept := 0
	for i := range d.edges.Len() {
		if row := *d.edges.At(i); !gone(row) {
			*d.edges.At(kept) = row
			kept++
		}
	}
	if kept == d.edges.Len() {
		return
	}
	d.edges.Cut(kept)
	for i := range d.workflows {
		d.workflows[i].firstEdge, d.workflows[i].lastEdge = 0, 0
	}
	for i := range kept {
		d.linkEdge(i)
	}
}

// Disconnect removes the connections of w between two ports; it reports
// whether there was one.
func (w Workflow) Disconnect(src Element, srcPort string, dst Element, dstPort string) bool {
	d := w.def
	before := d.edges.Len()
	d.deleteEdges(func(r edgeRow) bool {
		if d.elementParent(r.src) != w.ID || r.src != src.element() || r.dst != dst.element() {
			return false
		}
		j := d.joints.At(r.joint)
		return d.text(j.src) == srcPort && d.text(j.dst) == dstPort
	})
	return d.edges.Len() < before
}

// Edge gives connection i, from 0 to NumEdges-1, and the workflow it is in.
func (d *Definition) Edge(i int) (Edge, Workflow) {
	r := d.edges.At(i)
	j := d.joints.At(r.joint)
	e := Edge{Src: d.handle(r.src), SrcPort: d.text(j.src), Dst: d.handle(r.dst), DstPort: d.text(j.dst)}
	e.SrcPos, e.DstPos = d.unpackSpot(r.pos)
	e.spread()
	if fn := j.fn &^ byPython; fn != 0 {
		e.Fn = d.funcs.items[fn-1]
	}
	e.Python = j.fn&byPython != 0
	return e, Workflow{d, d.elementParent(r.src)}
}

// A Link is a connection from node to node, nested workflows passed.
type Link struct {
	In               WorkflowID // the workflow whose connection it is
	Src, Dst         NodeID
	SrcPort, DstPort Name
	Fn               uint32 // Definition.Func; 0: the value as it is
}

// Link gives connection i between the nodes that its ports lead to; not ok when
// one of them leads nowhere. Unlike Edge it makes no text.
func (d *Definition) Link(i int) (l Link, ok bool) {
	r := d.edges.At(i)
	j := d.joints.At(r.joint)
	src, srcPort, okSrc := d.resolve(r.src, j.src)
	dst, dstPort, okDst := d.resolve(r.dst, j.dst)
	return Link{d.elementParent(r.src), src, dst, srcPort, dstPort, j.fn &^ byPython}, okSrc && okDst
}

func (d *Definition) resolve(e element, port Name) (NodeID, Name, bool) {
	if _, isWorkflow := e.workflow(); !isWorkflow {
		return NodeID(e), port, true
	}
	n, field, bad := d.ResolvePort(d.handle(e), d.text(port))
	if bad != nil {
		return 0, 0, false
	}
	return n.ID, d.intern(field), true
}

// Func gives the function that a link names.
func (d *Definition) Func(fn uint32) *Func { return d.funcs.items[fn-1] }

// ResolvePort follows a dotted port of el to a node and a field of it. It
// gives no node when a part of the path is not there; bad then names the part
// and the names that are.
func (d *Definition) ResolvePort(el Element, port string) (n Node, field string, bad *BadPort) {
	for {
		wf, isWorkflow := el.(Workflow)
		if !isWorkflow {
			return el.(Node), port, nil
		}
		head, rest, found := strings.Cut(port, ".")
		if !found {
			return Node{}, "", &BadPort{In: wf, Part: head, NeedsDot: true}
		}
		next := wf.Member(head)
		if next == nil {
			return Node{}, "", &BadPort{In: wf, Part: head}
		}
		el, port = next, rest
	}
}

// A BadPort says which part of a dotted port could not be followed.
type BadPort struct {
	In       Workflow
	Part     string
	NeedsDot bool // the path ended at a workflow
}

// Clone copies a node or a workflow with all that it holds under a new name;
// the copy is no workflow's member yet.
func (d *Definition) Clone(el Element, name string, pos diag.Pos) Element {
	d.checkName(name, "clone", pos)
	d.inputs.freeze()
	if n, ok := el.(Node); ok {
		d.spare(n.ID)
		row := *n.row()
		row.name, row.parent, row.pos, row.next = d.intern(name), 0, d.packSpot(pos, diag.Pos{}), 0
		return Node{d, NodeID(d.nodes.Add(row))}
	}
	return Workflow{d, d.cloneWorkflow(el.(Workflow).ID, d.intern(name), d.packSpot(pos, diag.Pos{}))}
}

func (d *Definition) cloneWorkflow(id WorkflowID, name Name, pos spotID) WorkflowID {
	row := d.workflows[id]
	row.name, row.parent, row.pos, row.removed = name, 0, pos, false
	row.first, row.last, row.next, row.firstEdge, row.lastEdge = 0, 0, 0, 0, 0
	d.workflows = append(d.workflows, row)
	copyID := WorkflowID(len(d.workflows) - 1)
	twin := map[element]element{}
	for _, m := range (Workflow{d, id}).Members() {
		old := m.element()
		var fresh element
		if sub, ok := old.workflow(); ok {
			fresh = element(d.cloneWorkflow(sub, d.workflows[sub].name, d.workflows[sub].pos)) | workflowBit
		} else {
			fresh = element(d.nodes.Add(*d.nodes.At(int(old))))
		}
		twin[old] = fresh
		d.adopt(copyID, fresh)
	}
	for at := d.workflows[id].firstEdge; at != 0; {
		e := *d.edges.At(int(at) - 1)
		at = e.next
		e.src, e.dst = twin[e.src], twin[e.dst]
		d.addEdge(e)
	}
	return copyID
}
