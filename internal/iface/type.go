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
	Enum            // one of Type.Enum
	Range           // a number between Low and High
	File            // a path of a file
	Dir             // a path of a folder
	List            // a list of Of[0]
	Multi           // a list of Of[0], or one such value, which becomes a list of one (InputMultiPath); as an output a list of one is read as its element (OutputMultiPath)
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
	FileOrDir  bool     // File, Dir: either will do; set by Paths, where alternatives take both
	Extensions []string // File: names must end in one of these; empty: any
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
