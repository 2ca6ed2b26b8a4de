package toolfile

import (
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
)

// An expr is an expression of iface as a value of Starlark.
type expr struct {
	kind string
	of   iface.Expr
}

func (e *expr) String() string        { return e.kind + "(...)" }
func (e *expr) Type() string          { return "expression" }
func (e *expr) Freeze()               {}
func (e *expr) Truth() starlark.Bool  { return true }
func (e *expr) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: expression") }

// exprBuiltins are the constructors of expressions.
var exprBuiltins = map[string]func(*Session, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (iface.Expr, error){
	"at":      makeAt,
	"same":    makeSame,
	"here":    makePath(iface.Here),
	"beside":  makePath(iface.Beside),
	"named":   makeNamed,
	"each":    makeEach,
	"count":   makeCount,
	"first":   makeFirst,
	"glob":    makeGlob,
	"env":     makeEnv,
	"printed": makePrinted,
	"content": makeContent,
	"reading": makeReading,
}

func newExpr(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	e, err := exprBuiltins[b.Name()](s, b, args, kwargs)
	if err != nil {
		return nil, err
	}
	return &expr{b.Name(), e}, nil
}

func makeAt(_ *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	e := &iface.At{}
	return e, starlark.UnpackArgs(b.Name(), args, kwargs, "input", &e.Input)
}

func makeSame(_ *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	e := &iface.Same{}
	return e, starlark.UnpackArgs(b.Name(), args, kwargs, "input", &e.Input)
}

// isTemplate tells a template from the name of an input.
func isTemplate(s string) bool { return strings.ContainsAny(s, "{}./ ") }

// makePath is here() and beside(): a path named after an input, or a template.
func makePath(where iface.Place) func(*Session, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (iface.Expr, error) {
	return func(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
		if len(args) == 1 && len(kwargs) == 0 {
			if fn, ok := args[0].(starlark.Callable); ok {
				return &iface.Made{Fn: s.hook(fn), Where: iface.Here}, nil
			}
		}
		var source, prefix, suffix string
		var ext starlark.Value
		if err := starlark.UnpackArgs(b.Name(), args, kwargs, "source", &source, "prefix?", &prefix, "suffix?", &suffix, "ext?", &ext); err != nil {
			return nil, err
		}
		e := &iface.Made{Where: where}
		if isTemplate(source) {
			if prefix+suffix != "" || ext != nil || where == iface.Beside {
				return nil, fmt.Errorf("%s: %q is a template, which says everything: it takes no prefix, suffix or ext, and lies where it says", b.Name(), source)
			}
			var err error
			e.Text, err = iface.ParseText(source)
			return e, err
		}
		e.Source = source
		return e, namedAfter(e, prefix, suffix, ext)
	}
}

// namedAfter fills in how a path is named after its source.
func namedAfter(e *iface.Made, prefix, suffix string, ext starlark.Value) (err error) {
	if e.Prefix, err = iface.ParseText(prefix); err != nil {
		return err
	}
	if e.Suffix, err = iface.ParseText(suffix); err != nil {
		return err
	}
	e.Ext, e.KeepExt, err = extension(ext)
	return err
}

// extension takes ext =: a text, or True for the source's own.
func extension(v starlark.Value) (*iface.Text, bool, error) {
	switch v := v.(type) {
	case nil, starlark.NoneType:
		return nil, false, nil
	case starlark.Bool:
		if v {
			return nil, true, nil
		}
		return &iface.Text{}, false, nil
	case starlark.String:
		text, err := iface.ParseText(string(v))
		if text == nil {
			text = iface.Text{}
		}
		return &text, false, err
	}
	return nil, false, fmt.Errorf("ext is a %s, want a text such as \".nii\", True (the source's own) or False (none)", v.Type())
}

// makeNamed is nipype's name_source: named("in_file", "%s_brain"); or a bare
// name by a template.
func makeNamed(_ *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var source, template string
	var ext starlark.Value
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "source", &source, "template?", &template, "ext?", &ext); err != nil {
		return nil, err
	}
	if template == "" {
		if !isTemplate(source) {
			return nil, fmt.Errorf("named: want a template such as \"%%s_brain\" after %q", source)
		}
		text, err := iface.ParseText(source)
		return &iface.Made{Text: text, Where: iface.Bare}, err
	}
	if strings.Count(template, "%s") != 1 {
		return nil, fmt.Errorf("named: template %q wants %%s once, in place of the source's name", template)
	}
	e := &iface.NameSource{Source: source, Template: template}
	var err error
	e.Ext, e.KeepExt, err = extension(ext)
	return e, err
}

func makeEach(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var of starlark.Value
	e := &iface.Each{}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "input", &e.Input, "of", &of)
	if err == nil {
		e.Of, err = s.subexpr(b, of)
	}
	return e, err
}

func makeCount(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var n, of starlark.Value
	e := &iface.Count{}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "n", &n, "of", &of, "start?", &e.Start)
	if err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case starlark.String:
		e.Input = string(n)
	case starlark.Callable:
		e.Fn = s.hook(n)
	default:
		if e.N, err = starlark.AsInt32(n); err != nil {
			return nil, fmt.Errorf("count: n is a %s, want an input's name, a number or a function", n.Type())
		}
	}
	e.Of, err = s.subexpr(b, of)
	return e, err
}

func makeFirst(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	if len(kwargs) > 0 {
		return nil, fmt.Errorf("first: takes expressions by position only")
	}
	e := &iface.First{}
	for _, a := range args {
		one, err := s.subexpr(b, a)
		if err != nil {
			return nil, err
		}
		e.Of = append(e.Of, one)
	}
	return e, nil
}

func makeGlob(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var pattern starlark.Value
	e := &iface.Glob{}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "pattern", &pattern, "one?", &e.One)
	if err == nil {
		e.Pattern, err = s.subexpr(b, pattern)
	}
	return e, err
}

func makeEnv(_ *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var standard starlark.Value = starlark.None
	e := &iface.EnvVar{}
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &e.Name, "default?", &standard); err != nil {
		return nil, err
	}
	v, err := starfn.FromStarlark(standard)
	if standard != starlark.None {
		e.Default = v
	}
	return e, err
}

func makePrinted(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var read starlark.Value = starlark.None
	e := &iface.Printed{Stream: "stdout"}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "read?", &read, "all?", &e.Extract.All, "stream?", &e.Stream)
	if err == nil && e.Stream != "stdout" && e.Stream != "stderr" {
		err = fmt.Errorf("printed: stream is %q, want \"stdout\" or \"stderr\"", e.Stream)
	}
	if err == nil {
		err = s.extract(b, read, &e.Extract)
	}
	return e, err
}

func makeContent(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var of starlark.Value
	var read starlark.Value = starlark.None
	e := &iface.Content{}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "of", &of, "read?", &read, "all?", &e.Extract.All)
	if err == nil {
		e.Of, err = s.subexpr(b, of)
	}
	if err == nil {
		err = s.extract(b, read, &e.Extract)
	}
	return e, err
}

func makeReading(s *Session, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (iface.Expr, error) {
	var read starlark.Value = starlark.None
	e := &iface.Reading{}
	err := starlark.UnpackArgs(b.Name(), args, kwargs, "input", &e.Input, "read?", &read, "all?", &e.Extract.All)
	if err == nil {
		err = s.extract(b, read, &e.Extract)
	}
	return e, err
}

// extract takes a regular expression or a function of the text.
func (s *Session) extract(b *starlark.Builtin, v starlark.Value, x *iface.Extract) error {
	switch v := v.(type) {
	case starlark.NoneType:
		return nil
	case starlark.String:
		var err error
		x.Pattern, err = regexp.Compile("(?m)" + string(v))
		return err
	case starlark.Callable:
		x.Fn = s.hook(v)
		return nil
	}
	return fmt.Errorf("%s: read is a %s, want a regular expression or a function of the text", b.Name(), v.Type())
}

// subexpr takes an expression within another.
func (s *Session) subexpr(b *starlark.Builtin, v starlark.Value) (iface.Expr, error) {
	switch v := v.(type) {
	case *expr:
		return v.of, nil
	case starlark.String:
		text, err := iface.ParseText(string(v))
		return &iface.Made{Text: text, Where: iface.Bare}, err
	case starlark.Callable:
		return &iface.Call{Fn: s.hook(v)}, nil
	}
	return nil, fmt.Errorf("%s: got a %s, want a template, an expression or a function", b.Name(), v.Type())
}
