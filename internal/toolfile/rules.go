package toolfile

import (
	"fmt"
	"regexp"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// A rule is link(...), copy(...), write(...), header(...) or stderr_not_empty.
type rule struct {
	kind   string
	stage  *iface.StageRule
	write  *iface.WriteRule
	header *iface.HeaderRule
	fail   *iface.Failure
}

func (r *rule) String() string        { return r.kind }
func (r *rule) Type() string          { return "rule" }
func (r *rule) Freeze()               {}
func (r *rule) Truth() starlark.Bool  { return true }
func (r *rule) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: rule") }

// newStage is link("in_file", "sub/{in_file:name}") and copy(...): a file
// brought into place before the run.
func newStage(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	var to, when starlark.Value
	r := &iface.StageRule{Copy: b.Name() == "copy"}
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "input", &r.Input, "to?", &to, "when?", &when); err != nil {
		return nil, err
	}
	if to == nil {
		to = starlark.String("{" + r.Input + ":name}")
	}
	if r.To, err = s.subexpr(b, to); err != nil {
		return nil, err
	}
	r.When = s.ruleCond(thread, b, when)
	return &rule{kind: b.Name(), stage: r}, nil
}

// newWrite is write("list.txt", lambda i: ...): a helper file written before
// the run.
func newWrite(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	var name, when starlark.Value
	var fn starlark.Callable
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "name", &name, "content", &fn, "when?", &when); err != nil {
		return nil, err
	}
	w := &iface.WriteRule{Fn: s.hook(fn)}
	if w.Name, err = s.subexpr(b, name); err != nil {
		return nil, err
	}
	w.When = s.ruleCond(thread, b, when)
	return &rule{kind: "write", write: w}, nil
}

// newHeader is header("output_image", like = "input_image"): the header of an
// image, copied after the run.
func newHeader(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s, err := sessionOf(thread, b.Name())
	if err != nil {
		return nil, err
	}
	var when starlark.Value
	r := &iface.HeaderRule{KeepType: true}
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "output", &r.Output, "like", &r.Like, "keep_type?", &r.KeepType, "when?", &when); err != nil {
		return nil, err
	}
	r.When = s.ruleCond(thread, b, when)
	return &rule{kind: "header", header: r}, nil
}

func (s *Session) ruleCond(thread *starlark.Thread, b *starlark.Builtin, when starlark.Value) *iface.Cond {
	if when == nil || when == starlark.None {
		return nil
	}
	pos, _ := caller(thread, b.Name())
	return s.cond(&port{kind: b.Name(), pos: pos, opts: map[string]starlark.Value{"when": when}}, "when", false)
}

// A probe is probe(...): how a tool's version is found.
type probe struct{ of *iface.VersionProbe }

func (p *probe) String() string        { return "probe(...)" }
func (p *probe) Type() string          { return "probe" }
func (p *probe) Freeze()               {}
func (p *probe) Truth() starlark.Bool  { return true }
func (p *probe) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: probe") }

// newProbe is probe(["mrconvert", "--version"], r"== mrconvert (\S+)"), or
// probe(env = "FSLDIR", file = "etc/fslversion").
func newProbe(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var argv starlark.Value = starlark.None
	pattern := `(\d+(?:\.\d+)+\S*)`
	p := &iface.VersionProbe{}
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "command?", &argv, "pattern?", &pattern, "env?", &p.Env, "file?", &p.File); err != nil {
		return nil, err
	}
	if argv != starlark.None {
		var ok bool
		if p.Argv, ok = stringList(argv); !ok {
			return nil, fmt.Errorf("probe: want a command as a list of strings")
		}
	}
	if len(p.Argv) == 0 && p.File == "" {
		return nil, fmt.Errorf("probe: want a command, or env and file")
	}
	var err error
	p.Pattern, err = regexp.Compile("(?m)" + pattern)
	return &probe{p}, err
}

// printf is printf("[ %g, %d ]", a, b): Python's and C's formats, where
// Starlark's own % writes 1.0 for %g.
func printf(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(args) == 0 || len(kwargs) > 0 {
		return nil, fmt.Errorf("printf: want a template and its values")
	}
	template, ok := starlark.AsString(args[0])
	if !ok {
		return nil, fmt.Errorf("printf: the template is a %s, want a string", args[0].Type())
	}
	var values []value.Value
	for _, a := range args[1:] {
		v, err := starfn.FromStarlark(a)
		if err != nil {
			return nil, fmt.Errorf("printf: %w", err)
		}
		values = append(values, v)
	}
	text, err := iface.Format(template, values)
	if err != nil {
		return nil, fmt.Errorf("printf: %w", err)
	}
	return starlark.String(text), nil
}

// pathValue is path: the constructor of a port, and the module of functions on
// names (path.basename) that every function may use.
type pathValue struct{ *starlark.Builtin }

func (v pathValue) Attr(name string) (starlark.Value, error) {
	return starfn.Universe()["path"].(starlark.HasAttrs).Attr(name)
}

func (v pathValue) AttrNames() []string {
	return starfn.Universe()["path"].(starlark.HasAttrs).AttrNames()
}

var predeclared = makePredeclared()

// Predeclared gives the vocabulary of tool files, with what every function may
// use (starfn.Universe). The map is the caller's own. A thread that evaluates a
// file with it must have a Session (see Attach).
func Predeclared() starlark.StringDict {
	out := make(starlark.StringDict, len(predeclared))
	for name, v := range predeclared {
		out[name] = v
	}
	return out
}

func makePredeclared() starlark.StringDict {
	out := starfn.Universe()
	add := func(name string, fn func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)) {
		out[name] = starlark.NewBuiltin(name, fn)
	}
	for kind := range kinds {
		add(kind, newPort)
	}
	out["path"] = pathValue{starlark.NewBuiltin("path", newPort)}
	for name := range exprBuiltins {
		add(name, newExpr)
	}
	add("exclusive", newGroup)
	add("one_of", newGroup)
	add("command", newCommand)
	add("native", newNative)
	add("profile", newProfile)
	add("link", newStage)
	add("copy", newStage)
	add("write", newWrite)
	add("header", newHeader)
	add("probe", newProbe)
	add("printf", printf)
	out["stderr_not_empty"] = &rule{kind: "stderr_not_empty", fail: &iface.Failure{StderrNotEmpty: true}}
	out.Freeze()
	return out
}
