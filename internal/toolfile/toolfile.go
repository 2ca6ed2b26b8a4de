// Package toolfile reads tool files: Starlark files that state the facts of
// command-line tools, in the catalogue (package interfaces) and in users' own
// workflow files.
//
//	Predeclared  the vocabulary: command, native, profile, file, flag, at, ...
//	Session      the evaluation of one file: where it is, what is wrong with it
//	Tool         an interface as a Starlark value
//	Resolve      the interface that a reference means, from wherever it comes
//	Catalogue    the same as a value, with the names of packages and interfaces
//	Describe     an interface's help
//	Eval         a JSON line of inputs into the command line and the outputs
//
// doc/interfaces.md describes the vocabulary. The package knows interfaces
// (package iface) and which of them are written in Go (package native); it
// knows no workflow and runs nothing.
package toolfile

import (
	"fmt"
	"sync"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
)

// A Session is the evaluation of one file that may define tools. What is wrong
// with a definition is collected here, so that all of it is reported together.
type Session struct {
	module *starfn.Module
	files  Files
	texts  starfn.Texts
	folder string // the catalogue's folder that the file is in; "" for a user's file
	faults diag.List
}

const sessionKey = "raphe.toolfile"

// Attach starts a session for the user's file that thread is going to
// evaluate. The file's tree must be resolved before tools are defined.
func Attach(thread *starlark.Thread, module *starfn.Module, files Files) *Session {
	s := newSession(module, "", files)
	thread.SetLocal(sessionKey, s)
	return s
}

func newSession(module *starfn.Module, folder string, files Files) *Session {
	return &Session{module: module, folder: folder, files: files, texts: starfn.Texts{
		Module: files.Module, Has: func(name string) bool { return name == "printf" },
	}}
}

// Faults gives what was found wrong so far.
func (s *Session) Faults() diag.List { return s.faults }

func (s *Session) fault(pos diag.Pos, what, why, mend string) {
	s.faults.Add(&diag.Diagnostic{Code: diag.BadDefinition, What: what, Pos: pos, Why: why, Mend: mend})
}

func sessionOf(thread *starlark.Thread, what string) (*Session, error) {
	s, ok := thread.Local(sessionKey).(*Session)
	if !ok {
		return nil, fmt.Errorf("%s: tools can't be defined here", what)
	}
	return s, nil
}

// caller gives the place of the call of a builtin: of its name, since the
// interpreter points at the parenthesis after it.
func caller(thread *starlark.Thread, name string) (diag.Pos, syntax.Position) {
	if thread.CallStackDepth() < 2 {
		return diag.Pos{}, syntax.Position{}
	}
	at := thread.CallFrame(1).Pos
	column := max(1, int(at.Col)-utf8.RuneCountInString(name))
	return diag.Pos{File: at.Filename(), Line: int(at.Line), Column: column, Length: len(name)}, at
}

// modules holds the files of the catalogue by the name that positions have, to
// find the text of functions.
var modules sync.Map // string -> *starfn.Module

// Module gives a file of the catalogue that was evaluated, by the name that
// positions in it have; nil for any other.
func Module(file string) *starfn.Module {
	if m, ok := modules.Load(file); ok {
		return m.(*starfn.Module)
	}
	return nil
}

// identity gives the text of a function with all that it uses, here and in
// what is loaded.
func (s *Session) identity(fn *starlark.Function) string {
	text, faults := s.texts.Write(fn, diag.Pos{})
	for _, d := range faults {
		if !d.Pos.IsValid() {
			d.Pos = position(fn.Position())
		}
		s.faults.Add(d)
	}
	return text.Source
}

func position(p syntax.Position) diag.Pos {
	return diag.Pos{File: p.Filename(), Line: int(p.Line), Column: int(p.Col)}
}

// A Tool is an interface as a value of Starlark: what command() and native()
// give.
type Tool struct {
	f     *iface.Interface
	spec  *spec // what like = TOOL builds on
	named string
}

// Interface gives the interface; nil if its definition has faults.
func (t *Tool) Interface() *iface.Interface { return t.f }

// Name gives the full name: "fsl.BET", or that of a user's variable.
func (t *Tool) Name() string { return t.named }

func (t *Tool) String() string        { return "<interface " + t.named + ">" }
func (t *Tool) Type() string          { return "interface" }
func (t *Tool) Freeze()               {}
func (t *Tool) Truth() starlark.Bool  { return true }
func (t *Tool) Hash() (uint32, error) { return starlark.String(t.named).Hash() }
