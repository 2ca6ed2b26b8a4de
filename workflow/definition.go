// Package workflow is the definition of a workflow: what a person wrote, in
// nipype's words, before anything is planned or run.
//
//	Definition  everything that one definition file (or Go program) says
//	Workflow    a named set of nodes and nested workflows, and their connections
//	Node        one step: an interface, its inputs, its options
//	Options     what nipype's Node, MapNode and JoinNode take beside the interface
//	Iterable    one field and the values it runs through
//	Foreign     what a node has that nipype handed over
//
// A definition never holds run state. It is kept in columns without pointers,
// so that a workflow written by a loop of a million different nodes costs some
// eighty bytes for each: a Node or Workflow is a small handle into it.
// Everything wrong that can be seen while defining is collected in
// [Definition.Problems] and the definition goes on, so that all of it can be
// reported together.
package workflow

import (
	"fmt"

	"github.com/raphe-org/raphe/internal/column"
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

	names   *column.Texts // of nodes, workflows and ports; long texts among the inputs
	files   []string
	ifaces  table[*iface.Interface]
	options table[*Options]
	funcs   table[*Func]
	kinds   column.Distinct[kindRow]
	joints  column.Distinct[jointRow]

	ifacePtrs map[*iface.Interface]uint32 // those met lately

	nodes     column.Of[nodeRow] // by NodeID; row 0 is none
	workflows []workflowRow
	edges     column.Of[edgeRow]
	inputs    inputs
	members   column.Set // elements, by parent and name
	unindexed bool       // members is to be made anew
	spots     column.Distinct[spot]
	places    places
	excused   map[placeKey]bool // inputs whose value was wrong
	spared    map[NodeID]bool   // were cloned or removed: that they stand alone is meant
	scratch   []byte

	python  *Python
	foreign map[NodeID]*Foreign // nil in a definition that was made for Raphe
}

// nodeRow is one node: 24 bytes, no pointers.
type nodeRow struct {
	name   Name
	parent WorkflowID
	kind   uint32 // its interface and options: Definition.kinds
	inputs uint32 // where its record begins, plus 1; 0: none set
	pos    spotID
	next   element // the member that was added to the parent after this one
}

// A kindRow is what nodes have in common that a loop makes.
type kindRow struct{ iface, options uint32 }

type workflowRow struct {
	name    Name
	parent  WorkflowID
	options WorkflowOptions
	pos     spotID
	removed bool // taken out of its workflow: not one to run
	next    element

	first, last         element // members, in the order in which they were added
	firstEdge, lastEdge uint32  // connections: index in Definition.edges + 1
}

// edgeRow is one connection of the workflow that both its ends are members of:
// 20 bytes, no pointers.
type edgeRow struct {
	src, dst element
	joint    uint32 // Definition.joints
	pos      spotID // of the two ports' names
	next     uint32 // the workflow's next connection, as its firstEdge
}

// A jointRow is what connections have in common that a loop makes.
type jointRow struct {
	src, dst Name   // ports
	fn       uint32 // Definition.funcs + 1; 0: none
}

// byPython stands beside jointRow.fn where nipype calls a function on the value.
const byPython = 1 << 31

// New makes an empty definition.
func New() *Definition {
	d := &Definition{names: column.NewTexts(), workflows: make([]workflowRow, 1)}
	d.nodes.Add(nodeRow{})
	return d
}

// Settle gives back the room that only building and checking need: the tables
// that find things by their names, and where inputs are written. A definition
// that is settled and only read, by node and connection, is safe for concurrent
// use.
func (d *Definition) Settle() {
	d.Unindex()
	d.places, d.excused, d.scratch = nil, nil, nil
}

// Unindex gives back the tables that find things by their names: half of what
// names cost. What is added, or asked for by name, later makes them again.
func (d *Definition) Unindex() {
	d.names.Settle()
	d.inputs.settle()
	d.dropMembers()
	d.kinds.Settle()
	d.joints.Settle()
	d.spots.Settle()
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
		name: d.intern(s.Name),
		kind: d.kinds.Put(kindRow{d.internInterface(s.Interface), d.internOptions(&s.Options)}),
		pos:  d.packSpot(s.Pos, diag.Pos{}),
	}
	n := Node{d, NodeID(d.nodes.Add(row))}
	n.SetInputs(s.Inputs)
	return n
}

// AddWorkflow adds a workflow that is no other workflow's part yet.
func (d *Definition) AddWorkflow(name string, o WorkflowOptions, pos diag.Pos) Workflow {
	d.checkName(name, "workflow", pos)
	d.workflows = append(d.workflows, workflowRow{name: d.intern(name), options: o, pos: d.packSpot(pos, diag.Pos{})})
	return Workflow{d, WorkflowID(len(d.workflows) - 1)}
}

// NumNodes is the number of nodes, those of no workflow included.
func (d *Definition) NumNodes() int { return d.nodes.Len() - 1 }

// NumEdges is the number of connections.
func (d *Definition) NumEdges() int { return d.edges.Len() }

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
	for id := 1; id < d.nodes.Len() && len(out) < most; id++ {
		if d.nodes.At(id).parent == 0 && !d.spared[NodeID(id)] {
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
