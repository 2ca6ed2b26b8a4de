// Package diag is the vocabulary of everything that a person caused or can
// mend: a [Diagnostic] says what is wrong, where, why, and how to mend it; a
// [List] collects all of them so that they are reported together; a [Code]
// says which exit status they lead to.
//
// It imports nothing of this project and prints nothing: [Diagnostic.Render]
// gives text, cmd/raphe writes it.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// A Code sorts diagnostics by what a caller can do about them. Each code leads
// to one exit status (see [Code.ExitStatus]); the text form is stable and
// appears in JSON output.
type Code string

const (
	BadDefinition Code = "bad-definition" // the workflow or interface definition is wrong
	Usage         Code = "usage"          // the command line is wrong
	Missing       Code = "missing"        // a tool or an input file is not there
	Store         Code = "store"          // the base directory is damaged, newer, or owned by another run
	Unreachable   Code = "unreachable"    // an executor can't be reached
	Failed        Code = "failed"         // an instance failed
	Warning       Code = "warning"        // worth saying, stops nothing
)

// ExitStatus is the process exit status that a diagnostic of this code leads
// to: the table in README, in one place.
func (c Code) ExitStatus() int {
	switch c {
	case Warning:
		return 0
	case Failed:
		return 1
	case Usage:
		return 2
	case BadDefinition:
		return 3
	case Missing:
		return 4
	case Store:
		return 5
	case Unreachable:
		return 6
	}
	return 70
}

// Pos is a place in a file that a person wrote. Line and Column count from 1,
// Column in bytes; Length is how many bytes are underlined (0: one). The zero
// Pos means "no place".
type Pos struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Length int    `json:"length,omitempty"`
}

// IsValid reports whether p names a place.
func (p Pos) IsValid() bool { return p.File != "" }

// String gives file:line:column, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case !p.IsValid():
		return ""
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// A Note points at a second place that belongs to a diagnostic, such as the
// first of two declarations.
type Note struct {
	Pos  Pos    `json:"pos,omitzero"`
	Text string `json:"text"`
}

// A Diagnostic is one thing that is wrong and can be mended.
type Diagnostic struct {
	Code  Code   `json:"code"`
	What  string `json:"what"`           // one clause, lower case, no full stop; names the thing in quotes
	Pos   Pos    `json:"pos,omitzero"`   // the place, zero if none
	Why   string `json:"why,omitempty"`  // the rule or the fact that was broken
	Mend  string `json:"mend,omitempty"` // the edit or the command that repairs it
	Notes []Note `json:"notes,omitempty"`
	Err   error  `json:"-"` // the cause, for errors.Is and errors.As
}

// Error gives place and clause on one line.
func (d *Diagnostic) Error() string {
	if d.Pos.IsValid() {
		return d.Pos.String() + ": " + d.What
	}
	return d.What
}

// Unwrap gives the cause.
func (d *Diagnostic) Unwrap() error { return d.Err }

// A List is what one load, check or plan found, in no particular order until
// [List.Sorted].
type List []*Diagnostic

// Add appends a diagnostic.
func (l *List) Add(d *Diagnostic) { *l = append(*l, d) }

// Errors leaves the warnings out.
func (l List) Errors() List {
	return slices.DeleteFunc(slices.Clone(l), func(d *Diagnostic) bool { return d.Code == Warning })
}

// Sorted gives the list by file, line and column, then as it was added, with
// exact repeats dropped.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, func(a, b *Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
		)
	})
	return slices.CompactFunc(out, func(a, b *Diagnostic) bool {
		return a.Pos == b.Pos && a.What == b.What
	})
}

// Error counts the diagnostics and gives the first.
func (l List) Error() string {
	switch len(l) {
	case 0:
		return "no errors"
	case 1:
		return l[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", l[0].Error(), len(l)-1)
}

// Err gives the list as an error, or nil when it holds nothing but warnings.
func (l List) Err() error {
	if len(l.Errors()) == 0 {
		return nil
	}
	return l
}

// ExitStatus is the exit status that err leads to: that of the first
// diagnostic in it, or 70 (a bug) when it holds none.
func ExitStatus(err error) int {
	if err == nil {
		return 0
	}
	var list List
	if errors.As(err, &list) && len(list.Errors()) > 0 {
		return list.Errors()[0].Code.ExitStatus()
	}
	var d *Diagnostic
	if errors.As(err, &d) {
		return d.Code.ExitStatus()
	}
	return 70
}
