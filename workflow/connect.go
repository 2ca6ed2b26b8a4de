package workflow

import (
	"fmt"
	"slices"
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
	row := edgeRow{
		in: w.ID, src: e.Src.element(), dst: e.Dst.element(),
		srcPort: d.names.intern(e.SrcPort), dstPort: d.names.intern(e.DstPort),
		pos: d.packPos(e.SrcPos), end: packEnd(e.SrcPos, e.DstPos),
	}
	if e.Fn != nil {
		key := string(value.Append([]byte(e.Fn.Name+"\x00"+e.Fn.Source+"\x00"), value.List(e.Fn.Args)))
		row.fn = d.funcs.intern(key, e.Fn) + 1
	}
	d.addEdge(row)
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
func (d *Definition) addEdge(row edgeRow) {
	row.next = 0
	d.edges = append(d.edges, row)
	d.linkEdge(len(d.edges) - 1)
}

func (d *Definition) linkEdge(i int) {
	w := &d.workflows[d.edges[i].in]
	if w.lastEdge == 0 {
		w.firstEdge = uint32(i + 1)
	} else {
		d.edges[w.lastEdge-1].next = uint32(i + 1)
	}
	w.lastEdge = uint32(i + 1)
	d.edges[i].next = 0
}

// deleteEdges takes connections away; those that stay get new numbers.
func (d *Definition) deleteEdges(gone func(edgeRow) bool) {
	before := len(d.edges)
	d.edges = slices.DeleteFunc(d.edges, gone)
	if len(d.edges) == before {
		return
	}
	for i := range d.workflows {
		d.workflows[i].firstEdge, d.workflows[i].lastEdge = 0, 0
	}
	for i := range d.edges {
		d.linkEdge(i)
	}
}

// Disconnect removes the connections of w between two ports; it reports
// whether there was one.
func (w Workflow) Disconnect(src Element, srcPort string, dst Element, dstPort string) bool {
	before := len(w.def.edges)
	w.def.deleteEdges(func(r edgeRow) bool {
		return r.in == w.ID && r.src == src.element() && r.dst == dst.element() &&
			w.def.names.get(r.srcPort) == srcPort && w.def.names.get(r.dstPort) == dstPort
	})
	return len(w.def.edges) < before
}

// Edge gives connection i, from 0 to NumEdges-1, and the workflow it is in.
func (d *Definition) Edge(i int) (Edge, Workflow) {
	r := &d.edges[i]
	e := Edge{
		Src: d.handle(r.src), SrcPort: d.names.get(r.srcPort),
		Dst: d.handle(r.dst), DstPort: d.names.get(r.dstPort),
		SrcPos: d.unpackPos(r.pos),
	}
	e.DstPos = r.end.unpack(e.SrcPos)
	e.spread()
	if r.fn != 0 {
		e.Fn = d.funcs.items[r.fn-1]
	}
	return e, Workflow{d, r.in}
}

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
	d.sharedInputs = uint64(len(d.inputs))
	if n, ok := el.(Node); ok {
		d.spare(n.ID)
		row := *n.row()
		row.name, row.parent, row.pos, row.next = d.names.intern(name), 0, d.packPos(pos), 0
		d.nodes = append(d.nodes, row)
		return Node{d, NodeID(len(d.nodes) - 1)}
	}
	return Workflow{d, d.cloneWorkflow(el.(Workflow).ID, d.names.intern(name), d.packPos(pos))}
}

func (d *Definition) cloneWorkflow(id WorkflowID, name nameID, pos packedPos) WorkflowID {
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
			d.nodes = append(d.nodes, d.nodes[old])
			fresh = element(len(d.nodes) - 1)
		}
		twin[old] = fresh
		d.adopt(copyID, fresh)
	}
	for at := d.workflows[id].firstEdge; at != 0; at = d.edges[at-1].next {
		e := d.edges[at-1]
		e.in, e.src, e.dst = copyID, twin[e.src], twin[e.dst]
		d.addEdge(e)
	}
	return copyID
}
