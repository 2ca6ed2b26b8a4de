// Package iface describes interfaces: what a node can run. It holds facts and
// rules, and turns inputs into a command line and a command's leavings into
// outputs; it starts nothing.
//
//	Interface  a name, typed inputs and outputs, the rules among them, and how it runs
//	Input      one input: its type and what nipype calls its metadata
//	Output     one output: its type, the template of its path, its condition
//	Type       which values a port accepts
//	Expr       how a default or an output's path follows from the inputs
//	Cond       a condition on inputs
//	Command    how a command is put together and judged
//	Line       a command that is ready to be run
//	Native     an interface written in Go (package internal/native runs it)
//	Python     an interface that only nipype itself can run
//	Func       a pure Starlark function as text (package internal/starfn runs it)
//	Ref        how an interface is written down: enough to make it again
//
// It knows no workflow, no store and no process. Of the file system it looks
// only at what it must: whether inputs exist, what a command has left.
package iface

import (
	"crypto/sha256"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
)

// An Interface is what a node can run. It is immutable once built and shared
// by all nodes that use it.
type Interface struct {
	Ref
	Help    string
	Inputs  []Input
	Outputs []Output
	Rules   Rules
	Pos     diag.Pos // where it is defined

	// AlwaysRun: never taken from the store (data grabbers, sinks).
	AlwaysRun bool
	// DynamicInputs: takes any input name (DataSink).
	DynamicInputs bool

	// Exactly one of these says how it runs.
	Command  *Command
	Native   *Native
	Function *Function
	Python   *Python

	// Made by Build.
	digest [sha256.Size]byte
	inputs map[string]int      // name -> index in Inputs
	order  []int               // indices of Inputs in the order of the argument vector
	xor    map[string][]string // name -> the inputs that exclude it
	reads  []string            // environment variables that can change the command
}

// A Ref is how an interface is written down: the name it has in the catalogue
// and the arguments of its constructor; for an interface that the user
// defined, also the source text that defines it.
type Ref struct {
	Name   string       // nipype's shortest public path: "fsl.BET", "utility.Merge"
	Params value.Record // constructor arguments that shape it: Merge's numinputs, SelectFiles' templates
	Source string       // a Starlark module that defines Name; empty for the catalogue's
}

// Native says which Go implementation runs an interface.
type Native struct {
	Impl     string // key in package native
	Revision int    // of the implementation: raised when it gives other results
	Child    bool   // runs in a child process of the same binary, so that memory is returned and a crash contained
}

// Function runs a Starlark function inside Raphe (nipype's Function).
type Function struct {
	Fn      Func
	Outputs []string // one: the return value whatever it is; several: its elements
}

// Python runs nipype's own class of a node that nipype handed over; which node
// it is, its inputs included, is in the node's blob.
type Python struct {
	Class string // module and name
	Split bool   // its command runs apart, between two short uses of Python
}

// A Func is a pure Starlark function as text: Source is a module that defines
// Name and everything that it uses. Its identity is its text.
type Func struct {
	Name   string
	Source string
}

// IsIdentity reports whether the interface only passes its inputs on, so that
// a plan may splice it out.
func (f *Interface) IsIdentity() bool {
	return f.Native != nil && f.Native.Impl == "utility.IdentityInterface"
}

// Input gives the input of that name, nil if there is none.
func (f *Interface) Input(name string) *Input {
	if i, ok := f.inputs[name]; ok {
		return &f.Inputs[i]
	}
	return nil
}

// Output gives the output of that name, nil if there is none.
func (f *Interface) Output(name string) *Output {
	for i := range f.Outputs {
		if f.Outputs[i].Name == name {
			return &f.Outputs[i]
		}
	}
	return nil
}

// InputNames gives the names of all inputs, in order of declaration.
func (f *Interface) InputNames() []string {
	out := make([]string, len(f.Inputs))
	for i := range f.Inputs {
		out[i] = f.Inputs[i].Name
	}
	return out
}

// OutputNames gives the names of all outputs, in order of declaration.
func (f *Interface) OutputNames() []string {
	out := make([]string, len(f.Outputs))
	for i := range f.Outputs {
		out[i] = f.Outputs[i].Name
	}
	return out
}

// EnvReads gives the environment variables that can change the command or its
// outputs; they belong into the key of an instance.
func (f *Interface) EnvReads() []string { return f.reads }

// Digest identifies what the interface does: everything of it that can change
// a result, help texts and places left out.
func (f *Interface) Digest() [sha256.Size]byte { return f.digest }
