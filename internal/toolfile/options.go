package toolfile

import (
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
)

// options are the named arguments of command, native and profile.
type options struct {
	s      *Session
	what   string
	pos    diag.Pos
	values map[string]starlark.Value
}

func (o *options) fault(format string, args ...any) {
	o.s.fault(o.pos, o.what+": "+fmt.Sprintf(format, args...), "doc/interfaces.md says what "+o.what+" takes", "change what is named")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
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
	"profile", "like", "drop", "name", "env", "reads", "stage", "writes", "headers", "checks", "fails", "success", "parse", "version",
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
			s.fault(pos, fmt.Sprintf("%s has no option %q", what, name), "its options are "+strings.Join(known, ", "), diag.DidYouMean(name, known))
			continue
		}
		if kw[1] != starlark.None {
			o.values[name] = kw[1]
		}
	}
	return o
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
			o.s.fault(g.pos, fmt.Sprintf("there is no input %q", name), "exclusive() and one_of() name inputs of their tool", orElse(diag.DidYouMean(name, names), "declare the input"))
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

// placing reads what is done with files before and after the run.
func (o *options) placing(c *iface.Command) {
	take := func(option, want string, add func(*rule) bool) {
		o.each(option, func(v starlark.Value) {
			if r, ok := v.(*rule); !ok || !add(r) {
				o.fault("%s holds %s, want %s", option, short(v), want)
			}
		})
	}
	take("stage", "link(...) or copy(...)", func(r *rule) bool {
		if r.stage != nil {
			c.Stage = append(c.Stage, *r.stage)
		}
		return r.stage != nil
	})
	take("writes", "write(...)", func(r *rule) bool {
		if r.write != nil {
			c.Writes = append(c.Writes, *r.write)
		}
		return r.write != nil
	})
	take("headers", "header(...)", func(r *rule) bool {
		if r.header != nil {
			c.Headers = append(c.Headers, *r.header)
		}
		return r.header != nil
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
