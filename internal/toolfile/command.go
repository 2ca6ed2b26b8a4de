package toolfile

import (
	"fmt"
	"path"
	"slices"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
)

// newCommand is command(words, inputs = [...], outputs = [...], ...).
func newCommand(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	pos, at := caller(thread, b.Name())
	known := append(append([]string(nil), commonOptions...), commandOptions...)
	o := readOptions(s, b.Name(), pos, kwargs, known...)
	sp := o.base()
	if len(args) > 1 {
		o.fault("takes one argument by position, the command itself")
	}
	if len(args) > 0 {
		o.words(sp, args[0])
	}
	if len(sp.command.Words) == 0 && sp.command.Choose == nil {
		o.fault("wants the name of a program first")
	}
	o.common(sp)
	o.running(sp)
	f := iface.Interface{Help: sp.help, Inputs: sp.inputs, Outputs: sp.outputs, Rules: sp.rules, Pos: pos, AlwaysRun: sp.always}
	f.Command = &sp.command
	return s.tool(f, sp, o.str("name"), s.module.Assigned(at)), nil
}

// base gives what the tool starts from: another tool, a profile, or what every
// command has.
func (o *options) base() *spec {
	switch v := o.values["like"].(type) {
	case nil:
	case *Tool:
		if v.spec != nil {
			sp := v.spec.extend()
			o.drop(sp)
			return sp
		}
		o.fault("like = %s is no command", v.named)
	default:
		o.fault("like is %s, want a tool", short(v))
	}
	switch v := o.values["profile"].(type) {
	case nil:
	case *profile:
		sp := v.spec.extend()
		o.drop(sp)
		return sp
	default:
		o.fault("profile is %s, want a profile", short(v))
	}
	sp := commonSpec()
	o.drop(sp)
	return sp
}

func (o *options) drop(sp *spec) {
	o.each("drop", func(v starlark.Value) {
		name, _ := starlark.AsString(v)
		n := len(sp.inputs) + len(sp.outputs)
		inputs, outputs := sp.inputs[:0:0], sp.outputs[:0:0]
		for _, in := range sp.inputs {
			if in.Name != name {
				inputs = append(inputs, in)
			}
		}
		for _, out := range sp.outputs {
			if out.Name != name {
				outputs = append(outputs, out)
			}
		}
		sp.inputs, sp.outputs = inputs, outputs
		sp.command.Env = slices.DeleteFunc(sp.command.Env, func(e iface.EnvRule) bool { return slices.Contains(iface.Refs(e.Value), name) })
		if len(inputs)+len(outputs) == n {
			o.fault("drop names %s, which is not there", short(v))
		}
	})
}

func (o *options) words(sp *spec, v starlark.Value) {
	sp.command.Words, sp.command.Choose = nil, nil
	switch v := v.(type) {
	case starlark.String:
		words, ok := iface.Split(string(v))
		if !ok {
			o.fault("the quotes in %s do not pair up", short(v))
		}
		sp.command.Words = words
	case starlark.Callable:
		sp.command.Choose = o.s.hook(v)
	default:
		words, ok := stringList(v)
		if !ok {
			o.fault("got %s, want a command: a string, a list of strings or a function", short(v))
		}
		sp.command.Words = words
	}
}

// newProfile is profile(inputs = [...], env = {...}, ...).
func newProfile(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	if len(args) > 0 {
		return nil, fmt.Errorf("profile: takes arguments by name only")
	}
	pos, _ := caller(thread, b.Name())
	o := readOptions(s, b.Name(), pos, kwargs, append(append([]string(nil), commonOptions...), commandOptions...)...)
	sp := commonSpec()
	if p, ok := o.values["profile"].(*profile); ok {
		sp = p.spec.extend()
	}
	o.drop(sp)
	o.common(sp)
	o.running(sp)
	return &profile{sp}, nil
}

// newNative is native("impl", inputs = [...], outputs = [...]).
func newNative(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	pos, at := caller(thread, b.Name())
	o := readOptions(s, b.Name(), pos, kwargs, append([]string{"name"}, commonOptions...)...)
	sp := &spec{}
	o.common(sp)
	f := iface.Interface{Help: sp.help, Inputs: sp.inputs, Outputs: sp.outputs, Rules: sp.rules, Pos: pos}
	name := s.toolName(o.str("name"), s.module.Assigned(at))
	impl := name
	if len(args) > 0 {
		impl, _ = starlark.AsString(args[0])
	}
	goImpl, ok := native.Lookup(impl)
	if !ok {
		o.fault("there is no Go implementation %q: %s", impl, diag.DidYouMean(impl, native.Names()))
		goImpl = &native.Impl{}
	}
	f.Native = &iface.Native{Impl: impl, Revision: goImpl.Revision, Child: goImpl.Child}
	f.AlwaysRun, f.DynamicInputs = goImpl.AlwaysRun, goImpl.DynamicInputs
	if f.Help == "" {
		f.Help = goImpl.Help
	}
	return s.tool(f, nil, name, ""), nil
}

// toolName gives the full name of a tool: what it says itself, or the variable
// that it is assigned to.
func (s *Session) toolName(given, variable string) string {
	switch {
	case given != "":
		return given
	case variable != "" && s.folder != "":
		return path.Base(s.folder) + "." + variable
	}
	return variable
}

func (s *Session) tool(f iface.Interface, sp *spec, given, variable string) *Tool {
	t := &Tool{spec: sp, named: s.toolName(given, variable)}
	if t.named == "" {
		s.fault(f.Pos, "an interface without a name", "it is not assigned to a variable at the top of the file", `add name = "..."`)
		return t
	}
	f.Name = t.named
	if s.folder == "" && variable != "" {
		f.Source = s.source(variable, f.Pos)
	}
	built, faults := iface.Build(f)
	said := slices.Clone(s.faults)
	for _, d := range faults {
		// What follows from a fault that was named already is not worth saying.
		if d.Pos == f.Pos || !slices.ContainsFunc(said, func(o *diag.Diagnostic) bool { return o.Pos == d.Pos }) {
			s.faults.Add(d)
		}
	}
	t.f = built
	return t
}
