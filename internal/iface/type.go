package iface

import "github.com/raphe-org/raphe/internal/value"

// TypeKind says which family of values a port takes; nipype's trait types.
type TypeKind uint8

const (
	Any    TypeKind = iota
	Bool            // True or False
	Int             // an integer
	Float           // a number; integers become floats
	Str             // text
	Enum            // one of Values
	Range           // a number between Low and High
	File            // a path of a file
	Dir             // a path of a folder
	List            // a list of Of[0]
	Multi           // a list of Of[0], or one such value, which becomes a list of one (InputMultiPath)
	Tuple           // exactly len(Of) values; a list will do
	Dict            // a dictionary
	Either          // any of Of, tried in order
)

// A Type says which values a port accepts.
type Type struct {
	Kind TypeKind
	Of   []Type        // element types of List, Multi, Tuple, Either
	Enum []value.Value // Enum: the values allowed

	Low, High               *float64 // Range; nil: open
	ExcludeLow, ExcludeHigh bool
	Integer                 bool // Range of integers

	MinLen, MaxLen int // List, Multi; MaxLen 0: any

	Exists     bool     // File, Dir: must exist before anything runs
	Extensions []string // File: names must end in one of these; empty: any
}

// Input is one input of an interface, with nipype's metadata.
type Input struct {
	Name  string
	Type  Type
	Help  string
	Units string

	Default   value.Value // counts only if the user sets nothing; nil: none
	Mandatory bool
	Xor       []string // names that must not be set together with this one
	Requires  []string // names that must be set when this one is

	// How it enters the command line.
	Argstr   string   // nipype's argstr; empty: not on the command line
	Position *float64 // nil: unpositioned; negative counts from the end
	Sep      string   // joins list elements

	// Names of outputs made from inputs.
	NameSource    []string
	NameTemplate  string
	KeepExtension bool
	OutputName    string
	GenFile       bool

	NoHash     bool  // not part of the key (verbosity, threads)
	HashText   bool  // a path whose text, not content, is part of the key (nipype's hash_files=False)
	CopyFile   *bool // brought into the working directory first: true copies, false links
	Threads    bool  // the number of threads that the tool may use: set from n_procs, not part of the key
	MinVer     string
	MaxVer     string
	Deprecated string
	NewName    string
}

// Output is one output of an interface.
type Output struct {
	Name string
	Type Type
	Help string
}

// Rules holds the rules among several inputs, beyond each input's own Xor and
// Requires.
type Rules struct {
	Exclusive [][]string // of each group at most one may be set
}

// Command says how inputs become an argument vector.
type Command struct {
	Words []string // the command and its fixed first arguments
}

// IsPath reports whether the port takes paths of files or folders, alone, in
// lists, or among other things.
func (t Type) IsPath() bool {
	if t.Kind == File || t.Kind == Dir {
		return true
	}
	for _, of := range t.Of {
		if of.IsPath() {
			return true
		}
	}
	return false
}

// MustExist reports whether paths that the port takes must be there before
// anything runs: it reads them, rather than being told where to write.
func (t Type) MustExist() bool {
	if (t.Kind == File || t.Kind == Dir) && t.Exists {
		return true
	}
	for _, of := range t.Of {
		if of.MustExist() {
			return true
		}
	}
	return false
}
