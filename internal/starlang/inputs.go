package starlang

import (
	"fmt"
	"path/filepath"
	"slices"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// undefinedValue is nipype's Undefined: assigning it unsets an input.
type undefinedValue struct{}

func (undefinedValue) String() string        { return "Undefined" }
func (undefinedValue) Type() string          { return "Undefined" }
func (undefinedValue) Freeze()               {}
func (undefinedValue) Truth() starlark.Bool  { return false }
func (undefinedValue) Hash() (uint32, error) { return 0, nil }

// A holder has inputs: an instance or a node.
type holder interface {
	interfaceOf() *iface.Interface
	record() value.Record
	store(name string, v value.Value, at diag.Pos)
	options() *workflow.Options
	excuse(name string) // a value was meant for the input; what was wrong with it has been said
	label() string      // for messages: `fsl.BET`, `node "bet"`
}

func (in *instance) interfaceOf() *iface.Interface { return in.f }
func (in *instance) record() value.Record          { return in.set }
func (in *instance) options() *workflow.Options    { return &workflow.Options{} }
func (in *instance) label() string                 { return in.f.Name }
func (in *instance) store(name string, v value.Value, at diag.Pos) {
	in.set.Set(name, v)
	if at.IsValid() {
		if in.places == nil {
			in.places = map[string]diag.Pos{}
		}
		in.places[name] = at
	}
	for _, id := range in.nodes {
		nodeValue{in.ld, id}.store(name, v, at)
	}
}

func (in *instance) excuse(name string) {
	in.excused = append(in.excused, name)
	for _, id := range in.nodes {
		nodeValue{in.ld, id}.excuse(name)
	}
}

// inputsValue is x.inputs.
type inputsValue struct {
	ld *loader
	of holder
}

func (v *inputsValue) String() string        { return "<inputs of " + v.of.label() + ">" }
func (v *inputsValue) Type() string          { return "inputs" }
func (v *inputsValue) Freeze()               {}
func (v *inputsValue) Truth() starlark.Bool  { return true }
func (v *inputsValue) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: inputs") }

// AttrNames lists the inputs.
func (v *inputsValue) AttrNames() []string { return v.of.interfaceOf().InputNames() }

// Attr reads an input: what it was set to, else its default, else Undefined.
func (v *inputsValue) Attr(name string) (starlark.Value, error) {
	f := v.of.interfaceOf()
	in := f.Input(name)
	if in == nil && !f.DynamicInputs {
		v.ld.unknownInput(v.of, name, v.ld.here())
		return undefinedValue{}, nil
	}
	if got := v.of.record().Get(name); got != nil {
		return starfn.ToStarlark(got), nil
	}
	if in != nil && in.Default != nil {
		return starfn.ToStarlark(in.Default), nil
	}
	return undefinedValue{}, nil
}

// SetField sets an input.
func (v *inputsValue) SetField(name string, val starlark.Value) error {
	v.ld.setInput(v.of, name, val, func() (diag.Pos, diag.Pos) { return v.ld.here(), v.ld.assigned() })
	return nil
}

func (ld *loader) unknownInput(h holder, name string, pos diag.Pos) {
	f := h.interfaceOf()
	names := f.InputNames()
	mend := diag.DidYouMean(name, names)
	if f.Output(name) != nil && diag.Nearest(name, names) == "" {
		mend = fmt.Sprintf("%q is an output; outputs are connected, not set", name)
	}
	if f.Source == "" && !f.DynamicInputs { // one of the catalogue's
		mend += "; see: raphe interface show " + f.Name
	}
	ld.problem(pos, fmt.Sprintf("%s has no input %q", h.label(), name), orElse(listed("its inputs are", names), "it has no inputs"), orElse(mend, "take it away"))
	h.excuse(diag.Nearest(name, names))
}

// listed gives "its inputs are a, b, c", shortened.
func listed(lead string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	more := ""
	if len(names) > 12 {
		names, more = names[:12], ", ..."
	}
	for i, n := range names {
		if i == 0 {
			lead += " " + n
		} else {
			lead += ", " + n
		}
	}
	return lead + more
}

// setInput sets an input to what the author wrote: converted, accepted by the
// input's type, paths made absolute. where gives the places of name and value
// when they are needed.
func (ld *loader) setInput(h holder, name string, v starlark.Value, where func() (name, val diag.Pos)) {
	f := h.interfaceOf()
	in := f.Input(name)
	if in == nil {
		if !f.DynamicInputs {
			at, _ := where()
			ld.unknownInput(h, name, at)
			return
		}
		in = &iface.Input{Name: name}
	}
	if in.Deprecated != "" && in.NewName != "" {
		in = ld.deprecated(h, in, where)
	}
	if _, ok := v.(undefinedValue); ok {
		h.store(in.Name, nil, diag.Pos{})
		return
	}
	use := useOf(f, in, h.options())
	if known, ok := ld.lists.find(v, use); ok {
		ld.keep(h, in.Name, known, where)
		return
	}
	plain, err := plainValue(v)
	if err != nil {
		_, at := where()
		ld.problem(at, fmt.Sprintf("input %q of %s can't be a %s", in.Name, h.label(), v.Type()), err.Error(), functionHint(v))
		h.excuse(in.Name)
		return
	}
	plain, err = h.options().Accept(in, plain)
	if err != nil {
		_, at := where()
		ld.problem(at, fmt.Sprintf("input %q of %s takes %s, not %s", in.Name, h.label(), h.options().Takes(in), shown(v)), err.Error(), wrongTypeMend(in, v))
		h.excuse(in.Name)
		return
	}
	plain = ld.absolute(f, in, plain)
	ld.lists.remember(v, use, plain)
	ld.keep(h, in.Name, plain, where)
}

// keep stores an input that was accepted, and its place while there is room.
func (ld *loader) keep(h holder, name string, v value.Value, where func() (name, val diag.Pos)) {
	var at diag.Pos
	if ld.def.RoomForPlaces() {
		_, at = where()
	}
	h.store(name, v, at)
}

// deprecated warns of an input's old name and gives the one that counts now.
// An old input without a new name is reported by iface's own check.
func (ld *loader) deprecated(h holder, in *iface.Input, where func() (name, val diag.Pos)) *iface.Input {
	fresh := h.interfaceOf().Input(in.NewName)
	if fresh == nil {
		return in
	}
	at, _ := where()
	ld.warn(at, fmt.Sprintf("input %q of %s is called %q now", in.Name, h.label(), in.NewName), "deprecated since version "+in.Deprecated, "write "+in.NewName)
	return fresh
}

// absolute makes the relative paths of a constant absolute against the current
// directory: those of files and folders that are read, and of folders that an
// interface of Raphe's own works in (DataSink's base_directory). The path of
// something that a command is to write stays as it is: it counts from the
// instance's own directory.
func (ld *loader) absolute(f *iface.Interface, in *iface.Input, v value.Value) value.Value {
	if !in.Type.MustExist() && !(f.Native != nil && in.Type.Kind == iface.Dir) {
		return v
	}
	return absolutePaths(ld, &in.Type, v)
}

// absolutePaths follows the type: text beside a path is left alone.
func absolutePaths(ld *loader, t *iface.Type, v value.Value) value.Value {
	switch s := v.(type) {
	case value.String:
		if pathType(t) && s != "" && !filepath.IsAbs(string(s)) {
			return value.String(ld.abs(string(s)))
		}
	case value.List:
		return value.List(absoluteItems(ld, t, s))
	case value.Tuple:
		return value.Tuple(absoluteItems(ld, t, s))
	}
	return v
}

func absoluteItems(ld *loader, t *iface.Type, items []value.Value) []value.Value {
	out := slices.Clone(items)
	for i := range out {
		of := t // elements of a list that a MapNode runs over have the input's own type
		switch {
		case t.Kind == iface.Tuple && i < len(t.Of):
			of = &t.Of[i]
		case (t.Kind == iface.List || t.Kind == iface.Multi) && len(t.Of) == 1:
			of = &t.Of[0]
		}
		out[i] = absolutePaths(ld, of, out[i])
	}
	return out
}

// pathType reports whether text under this type is a path that is read. Among
// alternatives the path must not compete with plain text.
func pathType(t *iface.Type) bool {
	switch t.Kind {
	case iface.File, iface.Dir:
		return true
	case iface.Either, iface.List, iface.Multi:
		plain := slices.ContainsFunc(t.Of, func(o iface.Type) bool { return o.Kind == iface.Str || o.Kind == iface.Any })
		return !plain && slices.ContainsFunc(t.Of, func(o iface.Type) bool { return pathType(&o) })
	}
	return false
}
