// Package native holds the interfaces that are written in Go: what nipype does
// in Python inside a worker.
//
//	Impl      one implementation: its constructor's parameters, its ports, its run
//	Call      one use of it: inputs, constructor arguments, a working directory
//	RunChild  the other end of a call that runs in a child process
//
// table.go lists them all. What one does unlike nipype's is said in its comment,
// in lines that start "Differs from nipype:"; doc/differences.md gathers them.
//
// An implementation knows its inputs and its directory, nothing of workflows,
// plans or stores. Numeric ones (Child) run in a child process of the same
// binary, so that their memory is returned and a crash is contained.
package native

import (
	"context"
	"maps"
	"os"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A Param is one parameter of an implementation's constructor, such as Merge's
// numinputs: it shapes the ports. The others are inputs.
type Param struct {
	Name    string
	Type    iface.Type
	Default value.Value // nil: none
}

// An Impl is one interface written in Go.
type Impl struct {
	Help   string
	Params []Param // in the order of positional arguments
	// Ports gives the inputs and outputs for these constructor arguments. nil
	// where the ports are fixed and declared in the catalogue.
	Ports func(params value.Record) ([]iface.Input, []iface.Output, error)
	// Run does the work. It must give up soon after ctx is done, write below
	// c.Dir only (sinks aside), and be safe for concurrent use.
	Run func(ctx context.Context, c *Call) (value.Record, error)

	// Check finds what is wrong with the inputs that are known before anything
	// runs, such as a bad pattern; those that come from other nodes are missing
	// from inputs. It looks at no file. nil: nothing beyond the types.
	Check func(params, inputs value.Record) error

	Revision       int  // raised when the implementation gives other results: part of the key
	AlwaysRun      bool // looks at the world outside: a record is believed only if another look finds the same
	Publishes      bool // writes outside Dir: a record is believed while all that it wrote is still there, unchanged
	DynamicInputs  bool // takes any input name
	DynamicOutputs bool // may give outputs that Ports can't name: what they are follows from inputs or files
	Child          bool // runs in a child process
}

// A Call is one use of an implementation.
type Call struct {
	Inputs value.Record
	Params value.Record
	Dir    string // the instance's working directory; made on first use by [Call.MkDir]

	// Claim is asked before a path outside Dir is written: it fails when another
	// source was published under that path in this run. nil: no check.
	Claim func(path, source string) error
	// BaseDir is the root of the run's working directories.
	BaseDir string
}

// MkDir makes the working directory, if it is not there, and gives its path.
func (c *Call) MkDir() (string, error) { return c.Dir, os.MkdirAll(c.Dir, 0o777) }

// Lookup gives the implementation of that name ("utility.Merge").
func Lookup(name string) (*Impl, bool) {
	i, ok := impls[name]
	return i, ok
}

// Names gives all implementations, sorted.
func Names() []string { return slices.Sorted(maps.Keys(impls)) }
