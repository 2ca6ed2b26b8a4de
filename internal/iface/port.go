package iface

import (
	"regexp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
)

// Input is one input of an interface, with nipype's metadata.
type Input struct {
	Name  string
	Type  Type
	Help  string
	Units string
	Pos   diag.Pos

	Mandatory bool
	Xor       []string // names that must not be set together with this one
	Requires  []string // names that must be set when this one is

	// What the input is when nobody sets it.
	Default value.Value // nil: none
	Compute Expr        // worked out from other inputs; goes before Default
	Auto    Expr        // what True stands for, where a type takes a name or True

	// How it enters the command line. At most one of Argstr, Choices and Format.
	Argstr    string   // printf template; empty: not on the command line
	Choices   []Choice // the whole argument for each value
	Format    Pure     // the argument as a function of the value: words, or a list of arguments
	Transform Pure     // applied to the value first
	Instead   Expr     // enters the argument in place of the value: its absolute path, a helper file
	Map       []Choice // replaces values before they enter Argstr
	Relative  bool     // a path is given relative to the working directory
	Position  *float64 // nil: unpositioned; negative counts from the end
	Sep       string   // joins list elements; empty: a space
	When      *Cond    // on the command line, and its default worked out, only if this holds
	Unless    *Cond    // ... only if this holds, too (it is built with Not)

	NoHash     bool  // not part of the key (verbosity, threads)
	HashText   bool  // a path whose text, not content, is part of the key (nipype's hash_files=False)
	CopyFile   *bool // brought into the working directory first: true copies, false links
	Threads    bool  // the number of threads that the tool may use: set from n_procs, not part of the key
	MinVer     string
	MaxVer     string
	Deprecated string // since which version of nipype's interface
	NewName    string

	arg argument // Argstr, parsed by Build
}

// Choice is a value and what stands for it; a Text that is not a string is
// nothing.
type Choice struct {
	Value value.Value
	Text  value.Value
}

// Output is one output of an interface.
type Output struct {
	Name     string
	Type     Type
	Help     string
	Pos      diag.Pos
	Value    Expr // nil: Command.Parse, or the native implementation, gives it
	When     *Cond
	Unless   *Cond
	Optional bool // there if it exists after the run
}

// Rules holds the rules among several inputs, beyond each input's own Xor and
// Requires.
type Rules struct {
	Exclusive [][]string // of each group at most one may be set
}

// Command says how a command is put together and judged.
type Command struct {
	Words  []string // the command and its fixed first arguments
	Choose Pure     // gives the words instead, from the inputs

	Env     []EnvRule
	Reads   []string // environment variables that functions ask for
	Stage   []StageRule
	Writes  []WriteRule
	Headers []HeaderRule
	Checks  []Pure // each gives what is wrong with the inputs, or None

	// Ext is the extension of generated names, where the package has a rule:
	// FSL's output type. ExtReplaces: a name_source's extension is replaced by
	// it (AFNI), else it is appended (FSL).
	Ext         Expr
	ExtReplaces bool

	Stdout       Expr  // the file that receives the standard output; no value: the log
	SuccessCodes []int // empty: 0
	Fails        []Failure
	Parse        Pure // of standard output and error output: a dictionary of outputs
	Version      *VersionProbe
}

// EnvRule is a variable set for the command; unset where Value has none.
type EnvRule struct {
	Name  string
	Value Expr
}

// StageRule brings the files of an input to a place before the run. Within To
// the input is one of its elements.
type StageRule struct {
	Input string
	To    Expr
	Copy  bool
	When  *Cond
}

// WriteRule writes a helper file before the run.
type WriteRule struct {
	Name Expr
	Fn   Pure // of the inputs; None: no file
	When *Cond
}

// HeaderRule gives an output the header of an input's image after the run.
type HeaderRule struct {
	Output, Like string
	KeepType     bool // the type of the output's numbers stays
	When         *Cond
}

// VersionProbe finds a tool's version: by running it, or in a file below a
// folder that an environment variable names.
type VersionProbe struct {
	Argv    []string
	Env     string // FSLDIR
	File    string // etc/fslversion
	Pattern *regexp.Regexp
}
