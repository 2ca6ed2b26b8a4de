// Package nipype writes the files that nipype keeps in the working directory
// of a node, without Python: so that nipype's own Linear finds a node done that
// Raphe ran, and that Python nodes further down read its result.
//
//	Node       one node (or MapNode, or element of one) of nipype: where it lies, its values, its settings
//	Class      what is known of the Python class that it runs
//	Runtime    how its command ran
//	Hashed     nipype's hash of the inputs, taken before the command runs
//	Normalise  the values that nipype's traits would hold
//	Used       the inputs as the command saw them
//
// The order of use is [Forget], [Node.Hash], the command, [Node.Dress]. Dress writes
//
//	_inputs.pklz          the inputs that are set
//	_node.pklz            the node itself, from its blob
//	command.txt           the command line, if it is one
//	_report/report.rst    what people read
//	result_<name>.pklz    the result that nodes further down load
//	_0x<hash>.json        the inputs as they were hashed
//
// and the last only when all others are there, for it is what nipype believes.
// Of what nipype writes only times, places of this machine and the order of
// dictionaries differ.
//
// The package knows interfaces and values; it knows no workflow, no store and
// no process, and reads no Python.
//
// Source: nipype 1.8.5 and 1.12, pipeline/engine/{nodes,utils}.py,
// interfaces/base/{specs,support,core}.py, utils/filemanip.py; the protocol of
// pickles is that of Python's pickletools.
package nipype

import (
	"iter"
	"time"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A Class is what is known of the Python class that a node runs. Nodes share it.
type Class struct {
	Name       string   // module and name: "nipype.interfaces.fsl.preprocess.BET"
	OutputSpec string   // module and name of the class of its outputs; "": it has none
	Inputs     []string // all its inputs; empty: those that are set
	Outputs    []string // all its outputs
	NoHash     []string // inputs that are left out of the hash
	NoFileHash []string // inputs whose text is hashed, not the file behind it

	// Interface is the class as the catalogue knows it.
	Interface *iface.Interface
}

// A Node is one node of nipype with everything that its files are made of.
type Node struct {
	Class    *Class
	Dir      string // its working directory, absolute
	Name     string // nipype's name: the result lies in result_<Name>.pklz
	FullName string // with the workflows that it lies in; an element of a MapNode has none
	ExecID   string // nipype's _id
	Blob     string // file that holds the pickle of the node; of an element: of its MapNode

	// Element says that the node is element Index of a MapNode. Map says that
	// it is a MapNode itself.
	Element *Element
	Map     *Map

	Inputs        value.Record // as nipype holds them before the run (see Normalise); of a MapNode with its lists
	Used          value.Record // as they were when the command ran (see Used); nil: Inputs
	Outputs       value.Record
	NeededOutputs []string // in nipype's order

	Settings Settings
	Runtime  Runtime // not of a MapNode
}

// An Element says which element of a MapNode a node is.
type Element struct{ Index int }

// A Map is what a MapNode has beside a node.
type Map struct {
	IterFields []string
	Nested     bool
	// Elements gives what is known of each element, in their order. A Dress goes
	// through them several times.
	Elements iter.Seq[MapResult]
}

// A MapResult is how an element of a MapNode ran.
type MapResult struct {
	Used    value.Record
	Runtime Runtime
}

// Settings are what of nipype's configuration decides about the files.
type Settings struct {
	HashMethod        string // "timestamp" or "content"
	RemoveUnnecessary bool   // remove_unnecessary_outputs: needed outputs are part of the hash
	CreateReport      bool
	RelativePaths     bool   // use_relative_paths: results name files relative to the node
	Cwd               string // the directory that nipype's process was in
}

// A Runtime is how a command ran. What is not known stays zero.
type Runtime struct {
	CommandLine string
	CommandPath string // the executable
	ReturnCode  int
	Start, End  time.Time
	Environ     []string // NAME=value, the whole environment
	Stdout      []byte
	Stderr      []byte
	Terminal    string // terminal_output: "stream", also if empty, or "allatonce"
	Hostname    string
	Platform    string
	Version     string // of the tool
	RedirectX   bool
}

// used gives the inputs as they were when the command ran.
func (n *Node) used() value.Record {
	if n.Used == nil {
		return n.Inputs
	}
	return n.Used
}
