package starlang

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A class is an interface by name, as load() gives it; calling it makes an
// instance.
type class struct {
	ld     *loader
	name   string // "fsl.BET"
	params []native.Param
	fixed  *iface.Interface            // the interface, where no parameter shapes it
	shaped map[string]*iface.Interface // by the parameters' text, where some do
	tool   *toolfile.Tool              // the definition, of a tool that the file defines itself
	broken bool                        // not in the catalogue: takes anything, so that evaluation goes on
}

// class gives the class of a catalogue's interface, the same one each time.
func (ld *loader) class(name string) *class {
	c := ld.classes[name]
	if c == nil {
		c = &class{ld: ld, name: name, shaped: map[string]*iface.Interface{}}
		if impl, ok := native.Lookup(name); ok {
			c.params = impl.Params
		}
		ld.classes[name] = c
	}
	return c
}

func (c *class) String() string        { return "<interface " + c.name + ">" }
func (c *class) Type() string          { return "interface" }
func (c *class) Name() string          { return c.short() }
func (c *class) Freeze()               {}
func (c *class) Truth() starlark.Bool  { return true }
func (c *class) Hash() (uint32, error) { return starlark.String(c.name).Hash() }

func (c *class) short() string { return c.name[strings.LastIndexByte(c.name, '.')+1:] }

// CallInternal makes an instance: BET(frac = 0.4).
func (c *class) CallInternal(_ *starlark.Thread, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s := c.ld.site(c.short())
	if c.broken {
		return &instance{ld: c.ld, f: brokenInterface(c.name)}, nil
	}
	if c.name == toolfile.FunctionName {
		return c.ld.newFunction(s, args, kwargs)
	}
	params, rest := c.split(s, args, kwargs)
	in := &instance{ld: c.ld, f: c.resolve(s, params)}
	for _, kv := range rest {
		kw := string(kv[0].(starlark.String))
		c.ld.setInput(in, kw, kv[1], func() (diag.Pos, diag.Pos) { return s.keyword(kw), s.at(argRef{kw: kw}) })
	}
	return in, nil
}

// split takes the arguments that shape the interface apart from the inputs.
func (c *class) split(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (params value.Record, rest []starlark.Tuple) {
	for i, v := range args {
		if i >= len(c.params) {
			why := "inputs are given by name"
			if len(c.params) > 0 {
				why = fmt.Sprintf("by position it takes %s; inputs are given by name", strings.Join(paramNames(c.params), ", "))
			}
			c.ld.problem(s.at(argRef{index: i}), fmt.Sprintf("%s takes at most %d arguments by position", s.name, len(c.params)), why,
				fmt.Sprintf("write %s(name = %s)", s.name, describeShort(v)))
			break
		}
		c.param(s, &params, c.params[i], v, argRef{index: i})
	}
	for _, kv := range kwargs {
		kw := string(kv[0].(starlark.String))
		i := slices.IndexFunc(c.params, func(p native.Param) bool { return p.Name == kw })
		if i < 0 {
			rest = append(rest, kv)
			continue
		}
		c.param(s, &params, c.params[i], kv[1], argRef{kw: kw})
	}
	for _, p := range c.params {
		if p.Default != nil && !params.Has(p.Name) {
			params.Set(p.Name, p.Default)
		}
	}
	return params, rest
}

func (c *class) param(s *site, params *value.Record, p native.Param, v starlark.Value, at argRef) {
	if params.Has(p.Name) {
		c.ld.problem(s.at(at), fmt.Sprintf("%s got %q twice", s.name, p.Name), fmt.Sprintf("%q is also given by its position", p.Name), "give it once")
		return
	}
	if v == starlark.None && p.Default == nil {
		return
	}
	plain, err := plainValue(v)
	if err == nil {
		plain, err = p.Type.Accept(plain)
	}
	if err != nil {
		c.ld.problem(s.at(at), fmt.Sprintf("%s of %s takes %s, not %s", p.Name, s.name, p.Type, shown(v)), err.Error(), typeMend(p.Type, v))
		return
	}
	params.Set(p.Name, plain)
}

func paramNames(params []native.Param) []string {
	out := make([]string, len(params))
	for i, p := range params {
		out[i] = p.Name
	}
	return out
}

// resolve asks the catalogue for the interface, once for each set of
// parameters.
func (c *class) resolve(s *site, params value.Record) *iface.Interface {
	key := ""
	if len(c.params) == 0 {
		if c.fixed != nil {
			return c.fixed
		}
	} else {
		key = string(value.AppendRecord(nil, params))
		if f := c.shaped[key]; f != nil {
			return f
		}
	}
	f, err := c.ld.opts.Tools.Resolve(iface.Ref{Name: c.name, Params: params})
	if err != nil {
		c.ld.unresolved(s, c.name, err)
		f = brokenInterface(c.name)
	}
	if len(c.params) == 0 {
		c.fixed = f
	} else {
		c.shaped[key] = f
	}
	return f
}

// unresolved records what a catalogue says about a reference: its own
// diagnostics as they are, anything else at the call.
func (ld *loader) unresolved(s *site, name string, err error) {
	var list diag.List
	var one *diag.Diagnostic
	switch {
	case errors.As(err, &list):
		for _, d := range list {
			ld.add(d)
		}
	case errors.As(err, &one):
		d := *one
		if !d.Pos.IsValid() {
			d.Pos = s.pos()
		}
		ld.add(&d)
	default:
		ld.problem(s.pos(), fmt.Sprintf("%s can't be made", s.name), err.Error(), "see: raphe interface show "+name)
	}
}

// brokenInterface stands for one that is wrong or unknown, after a problem was
// recorded: it runs nothing and takes anything.
func brokenInterface(name string) *iface.Interface {
	return iface.New(iface.Interface{Ref: iface.Ref{Name: name}, DynamicInputs: true})
}

// An instance is an interface with inputs: BET(frac = 0.4). A node takes a copy
// of its inputs; what is set on the instance later reaches the nodes too, as in
// nipype.
type instance struct {
	ld    *loader
	f     *iface.Interface
	set   value.Record
	nodes []workflow.NodeID

	excused []string            // inputs for which something was meant that is wrong
	places  map[string]diag.Pos // where inputs are set, while there is room to keep it
}

func (in *instance) String() string        { return "<" + in.f.Name + " instance>" }
func (in *instance) Type() string          { return in.f.Name }
func (in *instance) Freeze()               {}
func (in *instance) Truth() starlark.Bool  { return true }
func (in *instance) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: %s", in.Type()) }

var instanceAttrs = []string{"inputs"}

// AttrNames lists what follows the dot.
func (in *instance) AttrNames() []string { return instanceAttrs }

// Attr gives instance.inputs.
func (in *instance) Attr(name string) (starlark.Value, error) {
	switch name {
	case "inputs":
		return &inputsValue{in.ld, in}, nil
	case "run":
		return nil, noRun(in.ld, "an interface")
	}
	if in.f.Input(name) != nil {
		return nil, &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: in.ld.here(),
			What: fmt.Sprintf("%q is an input of %s, not an attribute", name, in.f.Name), Why: "inputs stand behind .inputs", Mend: "write .inputs." + name}}
	}
	return nil, noAttr(in.ld, in.f.Name, name, instanceAttrs)
}

// SetField refuses everything but what nipype's users mean.
func (in *instance) SetField(name string, _ starlark.Value) error {
	mend := "set inputs: x.inputs.name = value"
	if in.f.Input(name) != nil {
		mend = "write .inputs." + name + " = ..."
	}
	in.ld.problem(in.ld.here(), fmt.Sprintf("%s has no attribute %q to set", in.f.Name, name), "an interface has inputs to set, and nothing else", mend)
	return nil
}

func noAttr(ld *loader, owner, name string, names []string) error {
	return &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: ld.here(),
		What: fmt.Sprintf("%s has no attribute %q", owner, name), Why: haveWhy(names), Mend: orElse(diag.DidYouMean(name, names), "take it away")}}
}

func noRun(ld *loader, what string) error {
	return &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: ld.here(), What: "a definition runs nothing",
		Why: fmt.Sprintf("%s is described here and run by the workflow", what), Mend: "connect its outputs to the nodes that need them"}}
}

func haveWhy(names []string) string {
	return orElse(listed("it has", names), "it has no attributes")
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// describeShort gives a value as it may stand in a suggestion.
func describeShort(v starlark.Value) string {
	if text := v.String(); len(text) <= 30 {
		return text
	}
	return "..."
}
