// Package workflow is the definition of a workflow: what a person wrote, in
// nipype's words, before anything is planned or run.
//
//	Definition  everything that one definition file (or Go program) says
//	Workflow    a named set of nodes and nested workflows, and their connections
//	Node        one step: an interface, its inputs, its options
//	Options     what nipype's Node, MapNode and JoinNode take beside the interface
//	Iterable    one field and the values it runs through
//
// A definition never holds run state. It is kept in columns without pointers,
// so that a workflow written by a loop of a million different nodes costs some
// ninety bytes for each: a Node or Workflow is a small handle into it.
// Everything wrong that can be seen while defining is collected in
// [Definition.Problems] and the definition goes on, so that all of it can be
// reported together.
package workflow

import (
	"fmt"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// NodeID and WorkflowID number the nodes and workflows of one definition, from
// 1 on; 0 is none.
type (
	NodeID     uint32
	WorkflowID uint32
)

// A Definition is everything that one definition says: workflows, nodes and
// connections. It is not safe for concurrent use while it is being built.
type Definition struct {
	Problems diag.List

	names   names
	files   []string
	ifaces  table[*iface.Interface]
	options table[*Options]
	funcs   table[*Func]

	ifacePtrs map[*iface.Interface]uint32 // those met lately

	nodes     []nodeRow
	workflows []workflowRow
	edges     []edgeRow
	inputs    []byte // input records of nodes, in value's binary form
	members   memberSet
	places    places
	excused   map[placeKey]bool // inputs whose value was wrong
	spared    map[NodeID]bool   // were cloned or removed: that they stand alone is meant

	sharedInputs uint64 // records before this offset may belong to several nodes
}

// nodeRow is one node: 40 bytes, no pointers.
type nodeRow struct {
	name    nameID
	parent  WorkflowID
	iface   uint32
	options uint32
	inputs  uint64 // offset in Definition.inputs; 0: none set
	pos     packedPos
	next    element // the member that was added to the parent after this one
}

type workflowRow struct {
	name    nameID
	parent  WorkflowID
	options WorkflowOptions
	pos     packedPos
	removed bool // taken out of its workflow: not one to run
	next    element

	first, last         element // members, in the order in which they were added
	firstEdge, lastEdge uint32  // connections: index in Definition.edges + 1
}

// edgeRow is one connection of a workflow: 40 bytes, no pointers.
type edgeRow struct {
	in       WorkflowID
	src, dst element
	srcPort  nameID
	dstPort  nameID
	fn       uint32
	pos      packedPos // of the source port's name
	end      packedEnd // of the destination port's
	next     uint32    // the workflow's next connection, as its firstEdge
}

// New makes an empty definition.
func New() *Definition {
	return &Definition{
		inputs:       []byte{0}, // offset 0 means "none"
		sharedInputs: 1,
		names:        newNames(),
		nodes:        make([]nodeRow, 1), workflows: make([]workflowRow, 1),
	}
}

// A NodeSpec is what a new node is made from.
type NodeSpec struct {
	Name      string
	Interface *iface.Interface
	Inputs    value.Record
	Options   Options
	Pos       diag.Pos
}

// AddNode adds a node that belongs to no workflow yet. The values of its
// inputs have been accepted by the interface's types before.
func (d *Definition) AddNode(s NodeSpec) Node {
	d.checkName(s.Name, "node", s.Pos)
	row := nodeRow{
		name:    d.names.intern(s.Name),
		iface:   d.internInterface(s.Interface),
		options: d.internOptions(s.Options),
		pos:     d.packPos(s.Pos),
	}
	d.nodes = append(d.nodes, row)
	n := Node{d, NodeID(len(d.nodes) - 1)}
	n.SetInputs(s.Inputs)
	return n
}

// AddWorkflow adds a workflow that is no other workflow's part yet.
func (d *Definition) AddWorkflow(name string, o WorkflowOptions, pos diag.Pos) Workflow {
	d.checkName(name, "workflow", pos)
	d.workflows = append(d.workflows, workflowRow{name: d.names.intern(name), options: o, pos: d.packPos(pos)})
	return Workflow{d, WorkflowID(len(d.workflows) - 1)}
}

// NumNodes is the number of nodes, those of no workflow included.
func (d *Definition) NumNodes() int { return len(d.nodes) - 1 }

// NumEdges is the number of connections.
func (d *Definition) NumEdges() int { return len(d.edges) }

// Node gives the node of that number, from 1 to NumNodes.
func (d *Definition) Node(id NodeID) Node { return Node{d, id} }

// Workflow gives the workflow of that number.
func (d *Definition) Workflow(id WorkflowID) Workflow { return Workflow{d, id} }

// Workflows gives all workflows, in order of definition.
func (d *Definition) Workflows() []Workflow {
	out := make([]Workflow, 0, len(d.workflows)-1)
	for id := 1; id < len(d.workflows); id++ {
		out = append(out, Workflow{d, WorkflowID(id)})
	}
	return out
}

// Top gives the workflows that are no other workflow's part: the one to run,
// where there is only one.
func (d *Definition) Top() []Workflow {
	var out []Workflow
	for _, w := range d.Workflows() {
		if w.Parent().ID == 0 && !w.row().removed {
			out = append(out, w)
		}
	}
	return out
}

// Stray gives the nodes, a number of them at most, that are no workflow's part
// and were never cloned or removed: probably forgotten.
func (d *Definition) Stray(most int) []Node {
	var out []Node
	for id := 1; id < len(d.nodes) && len(out) < most; id++ {
		if d.nodes[id].parent == 0 && !d.spared[NodeID(id)] {
			out = append(out, Node{d, NodeID(id)})
		}
	}
	return out
}

func (d *Definition) spare(id NodeID) {
	if d.spared == nil {
		d.spared = map[NodeID]bool{}
	}
	d.spared[id] = true
}

// Err gives the problems found so far as an error.
func (d *Definition) Err() error { return d.Problems.Err() }

// problem records one thing that is wrong with the definition.
func (d *Definition) problem(pos diag.Pos, what, why, mend string, notes ...diag.Note) {
	d.Problems.Add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: what, Why: why, Mend: mend, Notes: notes})
}

// checkName demands nipype's form of a name that is also good as the name of a
// directory on every file system.
func (d *Definition) checkName(name, kind string, pos diag.Pos) {
	if why := badName(name); why != "" {
		d.problem(pos, fmt.Sprintf("%s name %q is not valid", kind, name), why,
			"use letters, digits, '_' and '-' only; names become directories below base_dir")
	}
}

// maxName is the longest name a directory may have on the common file systems.
const maxName = 255

// badName says why a name can't be used, or "".
func badName(name string) string {
	if name == "" {
		return "it is empty"
	}
	if len(name) > maxName {
		return fmt.Sprintf("it has %d bytes; a directory name has %d at most", len(name), maxName)
	}
	for _, r := range name {
		if !isWord(r) {
			return fmt.Sprintf("%q is not a letter, a digit, '_' or '-'", r)
		}
	}
	return ""
}
