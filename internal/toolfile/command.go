package toolfile

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
)

// A spec is what an interface is made of before it is built: its own parts
// over those of the tool it is like, over those of its profile.
type spec struct {
	inputs  []iface.Input
	outputs []iface.Output
	rules   iface.Rules
	command iface.Command
	help    string
	always  bool
}

// extend gives a copy of s that can be added to.
func (s *spec) extend() *spec {
	out := *s
	out.inputs = append([]iface.Input(nil), s.inputs...)
	out.outputs = append([]iface.Output(nil), s.outputs...)
	out.rules.Exclusive = append([][]string(nil), s.rules.Exclusive...)
	c := &out.command
	c.Env = append([]iface.EnvRule(nil), c.Env...)
	c.Reads = append([]string(nil), c.Reads...)
	c.Fails = append([]iface.Failure(nil), c.Fails...)
	c.Checks = append([]iface.Pure(nil), c.Checks...)
	c.Stage = append([]iface.StageRule(nil), c.Stage...)
	c.Writes = append([]iface.WriteRule(nil), c.Writes...)
	return &out
}

// A profile is what the tools of a package have in common.
type profile struct{ spec *spec }

func (p *profile) String() string        { return "<profile>" }
func (p *profile) Type() string          { return "profile" }
func (p *profile) Freeze()               {}
func (p *profile) Truth() starlark.Bool  { return true }
func (p *profile) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: profile") }

// A group is exclusive(...) or one_of(...).
type group struct {
	names []string
	must  bool
	pos   diag.Pos
}

func (g *group) String() string        { return "exclusive(...)" }
func (g *group) Type() string          { return "group" }
func (g *group) Freeze()               {}
func (g *group) Truth() starlark.Bool  { return true }
func (g *group) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: group") }

func newGroup(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if _, err := sessionOf(thread, b.Name()); err != nil {
		return nil, err
	}
	names, ok := stringList(args)
	if !ok || len(names) < 2 || len(kwargs) > 0 {
		return nil, fmt.Errorf(`%s: want the names of two inputs or more`, b.Name())
	}
	pos, _ := caller(thread, b.Name())
	return &group{names, b.Name() == "one_of", pos}, nil
}

// options are the named arguments of command, native and profile.
type options struct {
	s      *Session
	what   string
	pos    diag.Pos
	values map[string]starlark.Value
}

func (o *options) fault(format string, args ...any) {
	o.s.fault(o.pos, o.what+": "+fmt.Sprintf(format, args...), "", "see doc/interfaces.md")
}

func (o *options) str(name string) string {
	v, ok := o.values[name]
	if !ok {
		return ""
	}
	text, ok := starlark.AsString(v)
	if !ok {
		o.fault("%s is %s, want a string", name, short(v))
	}
	return text
}

// each calls fn for the elements of a list, lists within it opened; a lone
// value is a list of one.
func (o *options) each(name string, fn func(starlark.Value)) {
	var open func(v starlark.Value)
	open = func(v starlark.Value) {
		switch v := v.(type) {
		case *starlark.List:
			for e := range starlark.Elements(v) {
				open(e)
			}
		case starlark.Tuple:
			for _, e := range v {
				open(e)
			}
		default:
			fn(v)
		}
	}
	if v, ok := o.values[name]; ok {
		open(v)
	}
}

var commonOptions = []string{"inputs", "outputs", "help"}

var commandOptions = []string{
	"profile", "like", "drop", "name", "env", "reads", "stage", "writes", "checks", "fails", "success", "parse", "version",
	"stdout", "ext", "ext_replaces", "always_run",
}

func readOptions(s *Session, what string, pos diag.Pos, kwargs []starlark.Tuple, known ...string) *options {
	o := &options{s: s, what: what, pos: pos, values: map[string]starlark.Value{}}
	for _, kw := range kwargs {
		name, _ := starlark.AsString(kw[0])
		found := false
		for _, k := range known {
			found = found || k == name
		}
		if !found {
			s.fault(pos, fmt.Sprintf("%s has no option %q", what, name), "", diag.DidYouMean(name, known))
			continue
		}
		if kw[1] != starlark.None {
			o.values[name] = kw[1]
		}
	}
	return o
}

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

// commonSpec gives the inputs that every command has.
func commonSpec() *spec {
	return &spec{inputs: []iface.Input{
		{Name: "args", Type: iface.Type{Kind: iface.Str}, Argstr: "%s", Help: "further arguments, as they are"},
		{Name: "environ", Type: iface.Type{Kind: iface.Dict}, NoHash: true, Help: "environment variables"},
	}}
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
		sp.command.Words = strings.Fields(string(v))
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

// common reads what commands, natives and profiles share: the ports.
func (o *options) common(sp *spec) {
	if help := o.str("help"); help != "" {
		sp.help = help
	}
	own := map[string]bool{}
	var groups []*group
	o.each("inputs", func(v starlark.Value) {
		switch v := v.(type) {
		case *port:
			in := o.s.input(v)
			sp.inputs = override(sp.inputs, in, own[in.Name], func(i iface.Input) string { return i.Name })
			own[in.Name] = true
		case *group:
			groups = append(groups, v)
		default:
			o.fault("inputs holds %s, want file(...), flag(...), exclusive(...) and the like", short(v))
		}
	})
	for _, g := range groups {
		o.group(sp, g)
	}
	own = map[string]bool{}
	o.each("outputs", func(v starlark.Value) {
		p, ok := v.(*port)
		if !ok {
			o.fault("outputs holds %s, want file(...), files(...) and the like", short(v))
			return
		}
		out := o.s.output(p)
		sp.outputs = override(sp.outputs, out, own[out.Name], func(i iface.Output) string { return i.Name })
		own[out.Name] = true
	})
}

// override puts p in the place of one of its name, unless that is of the same
// file's making (Build reports such).
func override[P any](ports []P, p P, again bool, name func(P) string) []P {
	for i := range ports {
		if name(ports[i]) == name(p) && !again {
			ports[i] = p
			return ports
		}
	}
	return append(ports, p)
}

func (o *options) group(sp *spec, g *group) {
	complete := true
	for _, name := range g.names {
		found := false
		for i := range sp.inputs {
			if sp.inputs[i].Name == name {
				found = true
				sp.inputs[i].Mandatory = sp.inputs[i].Mandatory || g.must
			}
		}
		if !found {
			names := make([]string, len(sp.inputs))
			for i := range sp.inputs {
				names[i] = sp.inputs[i].Name
			}
			o.s.fault(g.pos, fmt.Sprintf("there is no input %q", name), "", diag.DidYouMean(name, names))
			complete = false
		}
	}
	if complete {
		sp.rules.Exclusive = append(sp.rules.Exclusive, g.names)
	}
}

// running reads what says how the command is run and judged.
func (o *options) running(sp *spec) {
	c := &sp.command
	if d, ok := o.values["env"].(*starlark.Dict); ok {
		for _, kv := range d.Items() {
			name, _ := starlark.AsString(kv[0])
			p := &port{kind: "env", name: name, pos: o.pos}
			if e := o.s.expr(p, "its value", kv[1]); e != nil {
				c.Env = append(c.Env, iface.EnvRule{Name: name, Value: e})
			}
		}
	} else if v, ok := o.values["env"]; ok {
		o.fault("env is %s, want a dictionary from variables to templates", short(v))
	}
	o.each("reads", func(v starlark.Value) {
		name, _ := starlark.AsString(v)
		c.Reads = append(c.Reads, name)
	})
	o.placing(c)
	o.each("checks", func(v starlark.Value) {
		if fn := o.function("checks", v); fn != nil {
			c.Checks = append(c.Checks, fn)
		}
	})
	if v, ok := o.values["parse"]; ok {
		c.Parse = o.function("parse", v)
	}
	o.judging(c)
	for name, to := range map[string]*iface.Expr{"ext": &c.Ext, "stdout": &c.Stdout} {
		if v, ok := o.values[name]; ok {
			*to = o.s.expr(&port{kind: o.what, name: name, pos: o.pos}, name, v)
		}
	}
	if v, ok := o.values["ext_replaces"]; ok {
		c.ExtReplaces = bool(v.Truth())
	}
	if v, ok := o.values["always_run"]; ok {
		sp.always = bool(v.Truth())
	}
	switch v := o.values["version"].(type) {
	case nil:
	case *probe:
		c.Version = v.of
	default:
		o.fault("version is %s, want probe(...)", short(v))
	}
}

// function takes an option that must be a function; the nil interface if it is
// not.
func (o *options) function(name string, v starlark.Value) iface.Pure {
	fn, ok := v.(starlark.Callable)
	if !ok {
		o.fault("%s is %s, want a function", name, short(v))
		return nil
	}
	return o.s.hook(fn)
}

func (o *options) placing(c *iface.Command) {
	o.each("stage", func(v starlark.Value) {
		if r, ok := v.(*rule); ok && r.stage != nil {
			c.Stage = append(c.Stage, *r.stage)
			return
		}
		o.fault("stage holds %s, want link(...) or copy(...)", short(v))
	})
	o.each("writes", func(v starlark.Value) {
		if r, ok := v.(*rule); ok && r.write != nil {
			c.Writes = append(c.Writes, *r.write)
			return
		}
		o.fault("writes holds %s, want write(...)", short(v))
	})
}

func (o *options) judging(c *iface.Command) {
	if _, ok := o.values["fails"]; ok {
		c.Fails = nil
	}
	o.each("fails", func(v starlark.Value) {
		switch v := v.(type) {
		case *rule:
			if v.fail != nil {
				c.Fails = append(c.Fails, *v.fail)
				return
			}
		case starlark.String:
			re, err := regexp.Compile("(?m)" + string(v))
			if err == nil {
				c.Fails = append(c.Fails, iface.Failure{Pattern: re})
				return
			}
			o.fault("fails: %v", err)
			return
		}
		o.fault("fails holds %s, want stderr_not_empty or a regular expression", short(v))
	})
	if _, ok := o.values["success"]; ok {
		c.SuccessCodes = nil
	}
	o.each("success", func(v starlark.Value) {
		n, err := starlark.AsInt32(v)
		if err != nil {
			o.fault("success holds %s, want exit statuses", short(v))
		}
		c.SuccessCodes = append(c.SuccessCodes, n)
	})
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
	f.Native = &iface.Native{Impl: impl, Child: goImpl.Child}
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
		f.Source = s.module.Slice(variable)
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
