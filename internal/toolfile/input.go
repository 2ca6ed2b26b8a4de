package toolfile

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// input makes an input of a port.
func (s *Session) input(p *port) iface.Input {
	in := iface.Input{
		Name: p.name, Type: p.typ, Pos: p.pos,
		Help: s.str(p, "help"), Units: s.str(p, "units"),
		Mandatory: s.boolean(p, "mandatory"),
		Xor:       s.strings(p, "xor"), Requires: s.strings(p, "requires"),
		Position: s.number(p, "pos"), Sep: s.str(p, "sep"),
		Threads: s.boolean(p, "threads"), Relative: s.boolean(p, "relative"),
		MinVer: s.str(p, "since"), MaxVer: s.str(p, "until"),
		Deprecated: s.str(p, "deprecated"), NewName: s.str(p, "renamed"),
		When: s.cond(p, "when", false), Unless: s.cond(p, "unless", true),
	}
	for _, o := range outputOptions {
		if _, ok := p.opts[o]; ok {
			s.portFault(p, fmt.Sprintf("input %q has the option %q", p.name, o), "it is for outputs", "drop it")
		}
	}
	s.argument(p, &in)
	s.defaults(p, &in)
	if v, ok := p.opts["map"]; ok {
		in.Map = s.choices(p, "map", v)
	}
	if v, ok := p.opts["value"]; ok {
		switch v := v.(type) {
		case starlark.Callable:
			in.Transform = s.hook(v)
		case *expr:
			in.Instead = v.of
		default:
			s.bad(p, "value", "a function of the value, or a template such as at(...)")
		}
	}
	if v, ok := p.opts["copy"]; ok {
		b := s.boolean(p, "copy")
		if _, isBool := v.(starlark.Bool); isBool {
			in.CopyFile = &b
		}
	}
	switch v := p.opts["key"]; v {
	case nil, starlark.True:
	case starlark.False:
		in.NoHash = true
	case starlark.String("text"):
		in.HashText = true
	default:
		s.bad(p, "key", `False (no part of the key) or "text" (the path, not the content)`)
	}
	return in
}

// argument takes the second argument of a port: a template, a table of
// arguments, or a function.
func (s *Session) argument(p *port, in *iface.Input) {
	switch arg := p.arg.(type) {
	case nil, starlark.NoneType:
	case starlark.String:
		in.Argstr = string(arg)
	case *starlark.Dict:
		in.Choices = s.choices(p, "the table of arguments", arg)
	case starlark.Callable:
		in.Format = s.hook(arg)
	default:
		s.portFault(p, fmt.Sprintf("input %q has %s for its argument", p.name, short(p.arg)),
			"want a template, a table from values to arguments, or a function", `as in "-f %.2f"`)
	}
}

func (s *Session) choices(p *port, what string, v starlark.Value) []iface.Choice {
	d, ok := v.(*starlark.Dict)
	if !ok {
		s.portFault(p, fmt.Sprintf("%s(%q): %s is %s", p.kind, p.name, what, short(v)), "want a dictionary", `write {"name": value}`)
		return nil
	}
	var out []iface.Choice
	for _, kv := range d.Items() {
		from, err := starfn.FromStarlark(kv[0])
		to, err2 := starfn.FromStarlark(kv[1])
		if err != nil || err2 != nil {
			s.portFault(p, fmt.Sprintf("%s(%q): %s holds %s: %s", p.kind, p.name, what, short(kv[0]), short(kv[1])), "want plain values", "write text, numbers, True or False")
			continue
		}
		out = append(out, iface.Choice{Value: from, Text: to})
	}
	return out
}

// defaults takes default = and auto =.
func (s *Session) defaults(p *port, in *iface.Input) {
	switch v := p.opts["default"].(type) {
	case nil:
	case *expr:
		in.Compute = v.of
	case starlark.Callable:
		in.Compute = &iface.Call{Fn: s.hook(v)}
	default:
		plain, err := starfn.FromStarlark(v)
		if err != nil {
			s.bad(p, "default", "a value, a template such as here(...), or a function")
			return
		}
		in.Default = plain
	}
	v, ok := p.opts["auto"]
	if !ok {
		if p.kind == "auto" {
			s.portFault(p, fmt.Sprintf("auto(%q) does not say what True stands for", p.name), "True asks for an output of the tool's own name", `as in auto("x", "--x %s", "x.nii")`)
		}
		return
	}
	if e := s.expr(p, "auto", v); e != nil {
		in.Auto = e
	}
}

// expr takes a template: a string (a path in the working directory), an
// expression, a function, or a list of them, which makes a list.
func (s *Session) expr(p *port, option string, v starlark.Value) iface.Expr {
	switch v := v.(type) {
	case starlark.String:
		text, err := iface.ParseText(string(v))
		if err != nil {
			s.portFault(p, fmt.Sprintf("%s(%q): %s", p.kind, p.name, err), "a template is text with {input} for the value of an input", "correct the template; see doc/interfaces.md, templates")
			return nil
		}
		if option == "auto" {
			return &iface.Made{Text: text}
		}
		return &iface.Made{Text: text, Where: iface.Bare}
	case *expr:
		return v.of
	case starlark.Callable:
		return &iface.Call{Fn: s.hook(v)}
	case *starlark.List:
		all := &iface.All{}
		for e := range starlark.Elements(v) {
			if one := s.expr(p, option, e); one != nil {
				all.Of = append(all.Of, one)
			}
		}
		return all
	}
	s.portFault(p, fmt.Sprintf("%s(%q): %s is %s", p.kind, p.name, option, short(v)), "want a template, an expression such as at(...), or a function", `write a template such as "{in_file}_brain"`)
	return nil
}

// output makes an output of a port.
func (s *Session) output(p *port) iface.Output {
	for _, o := range inputOptions {
		if _, ok := p.opts[o]; ok {
			s.portFault(p, fmt.Sprintf("output %q has the option %q", p.name, o), "it is for inputs", "drop it")
		}
	}
	out := iface.Output{
		Name: p.name, Type: p.typ, Pos: p.pos, Help: s.str(p, "help"),
		When: s.cond(p, "when", false), Unless: s.cond(p, "unless", true),
		Optional: s.boolean(p, "optional"),
	}
	if p.arg != nil && p.arg != starlark.None {
		out.Value = s.expr(p, "where it is", p.arg)
	}
	return out
}

// cond takes when = and unless =.
func (s *Session) cond(p *port, option string, not bool) *iface.Cond {
	v, ok := p.opts[option]
	if !ok {
		return nil
	}
	c := &iface.Cond{Not: not}
	switch v := v.(type) {
	case *starlark.Dict:
		for _, kv := range v.Items() {
			name, isText := starlark.AsString(kv[0])
			allowed, err := starfn.FromStarlark(kv[1])
			if !isText || err != nil {
				s.bad(p, option, "names of inputs and the values they must have")
				return nil
			}
			values, isList := allowed.(value.List)
			if !isList {
				values = value.List{allowed}
			}
			c.Equal = append(c.Equal, iface.Match{Input: name, Values: values})
		}
	case starlark.Callable:
		c.Fn = s.hook(v)
	default:
		if c.Any, ok = stringList(v); !ok || len(c.Any) == 0 || slices.Contains(c.Any, "") {
			s.bad(p, option, "the name of an input, a list of names (one of them), a dictionary of values, or a function")
			return nil
		}
	}
	return c
}
