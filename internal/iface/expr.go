package iface

import (
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// An Expr says how a value follows from the inputs: a default, the path of an
// output. Its value is nil where something that it needs is not set.
//
//	At          the absolute path(s) that an input names
//	Same        an input's value as it is
//	Made        a path named after an input, or written as a template
//	NameSource  nipype's name_source
//	Each        a list: one value for each element of an input
//	Count       a list: one value for each number
//	All         a list of several
//	First       the first of several that has a value
//	Call        what a function makes of the inputs
//	EnvVar      a variable of the environment
//	Glob        files that exist after the run
//	Printed     what the command printed
//	Content     what a file holds after the run
//	Reading     what an input's file holds
type Expr interface {
	eval(s *scope) (value.Value, error)
	// refs calls fn for every input that is named, so that a misspelt one is
	// found when the tool file is read.
	refs(fn func(name string))
}

// Refs gives the names of the inputs that an expression mentions.
func Refs(e Expr) []string {
	var out []string
	e.refs(func(name string) { out = append(out, name) })
	return out
}

// At is the absolute path, or paths, that an input names.
type At struct{ Input string }

func (e *At) refs(fn func(string)) { fn(e.Input) }
func (e *At) eval(s *scope) (value.Value, error) {
	v, err := s.get(e.Input)
	if err != nil || !isOn(v) {
		return nil, err
	}
	return value.Map(v, s.abs), nil
}

// Same is an input's value as it is.
type Same struct{ Input string }

func (e *Same) refs(fn func(string))               { fn(e.Input) }
func (e *Same) eval(s *scope) (value.Value, error) { return s.get(e.Input) }

// A Place says where a made path lies.
type Place uint8

const (
	Here   Place = iota // absolute, in the working directory
	Beside              // in the folder of the source, relative where that is
	Bare                // a name without folder
)

// Made is a path. With Source it is named after that input (of a list, after
// its first element): Prefix, the source's stem, Suffix, extension. Otherwise
// it is Text, or what Fn makes of the inputs.
type Made struct {
	Source         string
	Text           Text
	Fn             Pure
	Prefix, Suffix Text
	Ext            *Text // nil: the interface's rule, or else the source's own extension
	KeepExt        bool  // the source's own extension in any case
	Where          Place
}

func (e *Made) refs(fn func(string)) {
	if e.Source != "" {
		fn(e.Source)
	}
	e.Text.refs(fn)
	e.Prefix.refs(fn)
	e.Suffix.refs(fn)
	if e.Ext != nil {
		e.Ext.refs(fn)
	}
}

func (e *Made) eval(s *scope) (value.Value, error) {
	if e.Fn != nil {
		v, err := e.Fn.Call(nil, s)
		if err != nil || v == nil || isNone(v) {
			return nil, err
		}
		return value.Map(v, func(name string) string { return e.place(s, name) }), nil
	}
	if e.Source == "" {
		text, ok, err := e.Text.fill(s)
		if err != nil || !ok {
			return nil, err
		}
		return value.String(e.place(s, text)), nil
	}
	v, err := s.get(e.Source)
	if err != nil || !isOn(v) {
		return nil, err
	}
	source := value.Text(firstOf(v))
	stem, ext := SplitExt(source)
	dir, stem := DirName(stem), BaseName(stem)
	if rule, has, err := e.extension(s); err != nil {
		return nil, err
	} else if has {
		ext = rule
	}
	prefix, ok1, err1 := e.Prefix.fill(s)
	suffix, ok2, err2 := e.Suffix.fill(s)
	if err1 != nil || err2 != nil || !ok1 || !ok2 {
		return nil, firstError(err1, err2)
	}
	name := prefix + stem + suffix + ext
	if e.Where == Beside {
		return value.String(JoinPath(dir, name)), nil
	}
	return value.String(e.place(s, name)), nil
}

// extension gives the extension that replaces the source's, if any does.
func (e *Made) extension(s *scope) (string, bool, error) {
	switch {
	case e.KeepExt:
		return "", false, nil
	case e.Ext != nil:
		text, _, err := e.Ext.fill(s)
		return text, true, err
	}
	return s.f.extension(s)
}

func (e *Made) place(s *scope, name string) string {
	if e.Where == Bare {
		return name
	}
	return s.abs(name)
}

// NameSource is nipype's way to name an output after an input: a printf
// template for the source's stem, and a rule for the extension.
type NameSource struct {
	Source   string
	Template string // holds %s once
	KeepExt  bool   // append the source's extension where the template gives none
	Ext      *Text  // nil: the interface's rule
}

func (e *NameSource) refs(fn func(string)) { fn(e.Source) }

func (e *NameSource) eval(s *scope) (value.Value, error) {
	in := s.f.Input(s.busy[len(s.busy)-1])
	for _, name := range in.Requires {
		if v, err := s.get(name); err != nil || v == nil {
			return nil, err
		}
	}
	return e.fill(s, in, e.Template)
}

// fill makes the name with the given template, which is the user's own where
// the input was set to one.
func (e *NameSource) fill(s *scope, in *Input, template string) (value.Value, error) {
	v, err := s.get(e.Source)
	if err != nil || !isOn(v) {
		return nil, err
	}
	source := firstOf(v)
	base, ext := value.Text(source), ""
	if _, isText := source.(value.String); isText {
		base, ext = SplitExt(BaseName(base))
	}
	name := strings.Replace(template, "%s", base, 1)
	switch {
	case e.Ext != nil:
		rule, _, err := e.Ext.fill(s)
		return value.String(name + rule), err
	case e.KeepExt:
		if _, has := SplitExt(name); has == "" {
			name += ext
		}
		return value.String(name), nil
	}
	rule, has, err := s.f.extension(s)
	if err != nil || !has {
		return value.String(name), err
	}
	if s.f.Command.ExtReplaces {
		name, _ = SplitExt(name)
	}
	return value.String(name + rule), nil
}

// Each is a list with one value for each element of an input. Within Of the
// input is that element, i its index from 0, n from 1.
type Each struct {
	Input string
	Of    Expr
}

func (e *Each) refs(fn func(string)) { fn(e.Input); e.Of.refs(ignoring(fn, "i", "n")) }
func (e *Each) eval(s *scope) (value.Value, error) {
	v, err := s.get(e.Input)
	if err != nil || !isOn(v) {
		return nil, err
	}
	items, ok := value.Items(v)
	if !ok {
		items = []value.Value{v}
	}
	out := value.List{}
	for i, item := range items {
		vars := []value.Field{{Name: "i", Value: value.Int(i)}, {Name: "n", Value: value.Int(i + 1)}, {Name: e.Input, Value: item}}
		err := s.with(vars, func() error { return appendTo(&out, e.Of, s) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Count is a list with one value for each number: Of with i from Start on. How
// many there are is N, or an input's number or length, or what a function says.
type Count struct {
	N     int
	Input string
	Fn    Pure
	Start int
	Of    Expr
}

func (e *Count) refs(fn func(string)) {
	if e.Input != "" {
		fn(e.Input)
	}
	e.Of.refs(ignoring(fn, "i", "n"))
}

func (e *Count) eval(s *scope) (value.Value, error) {
	n, ok, err := e.count(s)
	if err != nil || !ok {
		return nil, err
	}
	out := value.List{}
	for i := range n {
		vars := []value.Field{{Name: "i", Value: value.Int(i + e.Start)}, {Name: "n", Value: value.Int(i + 1)}}
		if err := s.with(vars, func() error { return appendTo(&out, e.Of, s) }); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (e *Count) count(s *scope) (int, bool, error) {
	var v value.Value
	var err error
	switch {
	case e.Fn != nil:
		v, err = e.Fn.Call(nil, s)
	case e.Input != "":
		v, err = s.get(e.Input)
	default:
		return e.N, true, nil
	}
	if items, ok := value.Items(v); ok {
		return len(items), true, err
	}
	n, ok := v.(value.Int)
	if ok && (n < 0 || n > 1_000_000) {
		return 0, false, fmt.Errorf("a list of %d elements", n)
	}
	return int(n), ok, err
}

// All is a list of those that have a value.
type All struct{ Of []Expr }

func (e *All) refs(fn func(string)) {
	for _, o := range e.Of {
		o.refs(fn)
	}
}

func (e *All) eval(s *scope) (value.Value, error) {
	out := value.List{}
	for _, o := range e.Of {
		if err := appendTo(&out, o, s); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}

// First is the first of several that has a value.
type First struct{ Of []Expr }

func (e *First) refs(fn func(string)) {
	for _, o := range e.Of {
		o.refs(fn)
	}
}

func (e *First) eval(s *scope) (value.Value, error) {
	for _, o := range e.Of {
		if v, err := o.eval(s); err != nil || v != nil {
			return v, err
		}
	}
	return nil, nil
}

// Call is what a function makes of the inputs; None is no value.
type Call struct{ Fn Pure }

func (e *Call) refs(func(string)) {}
func (e *Call) eval(s *scope) (value.Value, error) {
	v, err := e.Fn.Call(nil, s)
	if _, none := v.(value.None); none {
		return nil, err
	}
	return v, err
}

// EnvVar is a variable of the environment, or Default where it is unset.
type EnvVar struct {
	Name    string
	Default value.Value
}

func (e *EnvVar) refs(func(string)) {}
func (e *EnvVar) eval(s *scope) (value.Value, error) {
	if v, _ := s.Getenv(e.Name); v != "" {
		return value.String(v), nil
	}
	return e.Default, nil
}

func appendTo(out *value.List, e Expr, s *scope) error {
	v, err := e.eval(s)
	if v != nil {
		*out = append(*out, v)
	}
	return err
}

// firstOf gives the first element of a list, at any depth, or v itself.
func firstOf(v value.Value) value.Value {
	for {
		items, ok := value.Items(v)
		if !ok || len(items) == 0 {
			return v
		}
		v = items[0]
	}
}

func ignoring(fn func(string), names ...string) func(string) {
	return func(name string) {
		for _, n := range names {
			if n == name {
				return
			}
		}
		fn(name)
	}
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
