package starlang

import (
	"fmt"
	"slices"
	"sort"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A nodeValue is a node as the language sees it: 16 bytes.
type nodeValue struct {
	ld *loader
	id workflow.NodeID
}

func (n nodeValue) node() workflow.Node   { return n.ld.def.Node(n.id) }
func (n nodeValue) String() string        { return n.node().FullName() }
func (n nodeValue) Type() string          { return n.node().Options().Kind.String() }
func (n nodeValue) Freeze()               {}
func (n nodeValue) Truth() starlark.Bool  { return true }
func (n nodeValue) Hash() (uint32, error) { return uint32(n.id), nil }

// CompareSameType compares nodes by identity.
func (n nodeValue) CompareSameType(op syntax.Token, y starlark.Value, _ int) (bool, error) {
	return sameIdentity(op, n.Type(), n.id == y.(nodeValue).id)
}

func sameIdentity(op syntax.Token, kind string, same bool) (bool, error) {
	switch op {
	case syntax.EQL:
		return same, nil
	case syntax.NEQ:
		return !same, nil
	}
	return false, fmt.Errorf("%s has no order", kind)
}

func (n nodeValue) interfaceOf() *iface.Interface { return n.node().Interface() }
func (n nodeValue) record() value.Record          { return n.node().Inputs() }
func (n nodeValue) label() string                 { return fmt.Sprintf("node %q", n.node().Name()) }
func (n nodeValue) options() *workflow.Options    { return n.node().Options() }
func (n nodeValue) store(name string, v value.Value, at diag.Pos) {
	n.node().SetInput(name, v)
	n.node().SetPlace(name, at)
}

func (n nodeValue) excuse(name string) { n.node().Excuse(name) }

func (ld *loader) newNode(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return ld.makeNode(workflow.PlainNode, s, []string{"interface", "name", "iterables", "itersource", "synchronize", "overwrite",
		"needed_outputs", "run_without_submitting", "n_procs", "mem_gb", "base_dir"}, args, kwargs)
}

func (ld *loader) newMapNode(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return ld.makeNode(workflow.MapNode, s, []string{"interface", "iterfield", "name", "serial", "nested"}, args, kwargs)
}

func (ld *loader) newJoinNode(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	return ld.makeNode(workflow.JoinNode, s, []string{"interface", "name", "joinsource", "joinfield", "unique"}, args, kwargs)
}

// makeNode makes a node of any kind; lead are the parameters that nipype gives
// a position, in its order.
func (ld *loader) makeNode(kind workflow.NodeKind, s *site, lead []string, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	positional := len(lead)
	names := slices.Clip(lead)
	for i := range nodeOptions {
		if o := &nodeOptions[i]; o.forKind(kind) && !slices.Contains(lead, o.name) {
			names = append(names, o.name)
		}
	}
	if len(args) > positional {
		ld.problem(s.at(argRef{index: positional}), fmt.Sprintf("%s takes at most %d arguments by position, got %d", s.name, positional, len(args)),
			"the others are given by name", "write name = value")
		args = args[:positional]
	}
	b := s.bind(names, args, kwargs)
	in := ld.interfaceArg(b)
	spec := workflow.NodeSpec{Name: ld.nameArg(b), Interface: in.f, Pos: s.pos()}
	spec.Options.Kind = kind
	for i := range nodeOptions {
		o := &nodeOptions[i]
		if !o.forKind(kind) {
			continue
		}
		if v, ok := b.get(o.name); ok {
			o.read(&setting{ld: ld, option: o.name, node: spec.Name, f: in.f, opts: &spec.Options,
				at: func(path ...int) diag.Pos { return b.where(o.name, path...) }}, v)
		}
	}
	n := nodeValue{ld, ld.def.AddNode(spec).ID}
	n.adopt(in)
	for _, name := range placed {
		if slices.Contains(names, name) {
			if _, ok := b.get(name); ok {
				n.node().SetPlace(name, b.where(name))
			}
		}
	}
	return n, nil
}

// placed are the options that checks speak about: their places are kept.
var placed = []string{"iterables", "itersource", "iterfield", "joinsource", "joinfield"}

// adopt takes the instance's inputs over, and joins its later ones.
func (n nodeValue) adopt(in *instance) {
	node, opts := n.node(), n.node().Options()
	rec := in.set
	for _, field := range opts.IterField {
		if v := rec.Get(field); v != nil {
			if _, isList := value.Items(v); !isList {
				rec = rec.With(field, value.List{v})
			}
		}
	}
	node.SetInputs(rec)
	for name, pos := range in.places {
		node.SetPlace(name, pos)
	}
	for _, name := range in.excused {
		node.Excuse(name)
	}
	in.nodes = append(in.nodes, n.id)
}

// nameArg gives the name of a node; a missing one is a problem, and then made
// up.
func (ld *loader) nameArg(b *bound) string {
	if name := b.text("name"); name != "" {
		return name
	}
	if v := b.vals[b.slot("name")]; v == nil || v == starlark.None {
		ld.problem(b.pos(), b.name+" needs a name", "names become directories below base_dir", "add name = \"...\"")
	} else if s, ok := starlark.AsString(v); ok && s == "" {
		ld.problem(b.where("name"), b.name+" has an empty name", "names become directories below base_dir", "use letters, digits, '_' and '-'")
	}
	ld.unnamed++
	return fmt.Sprintf("unnamed_%d", ld.unnamed)
}

// AttrNames lists what follows the dot.
func (n nodeValue) AttrNames() []string {
	out := []string{"inputs", "outputs", "interface", "name", "fullname", "clone", "set_input", "base_dir", "config"}
	for i := range nodeOptions {
		out = append(out, nodeOptions[i].name)
	}
	sort.Strings(out)
	return slices.Compact(out)
}

// Attr reads an attribute.
func (n nodeValue) Attr(name string) (starlark.Value, error) {
	switch name {
	case "inputs":
		return &inputsValue{n.ld, n}, nil
	case "outputs":
		return &outputsValue{n.ld, n}, nil
	case "interface":
		return &instance{ld: n.ld, f: n.interfaceOf(), set: n.record(), nodes: []workflow.NodeID{n.id}}, nil
	case "name":
		return starlark.String(n.node().Name()), nil
	case "fullname", "itername":
		return starlark.String(n.node().FullName()), nil
	case "config":
		return newConfig(n.ld, n), nil
	case "clone":
		return n.ld.builtin("clone", n.clone), nil
	case "set_input":
		return n.ld.builtin("set_input", n.setInput), nil
	case "run", "result", "get_output", "output_dir":
		return nil, noRun(n.ld, "a node")
	}
	for i := range nodeOptions {
		if o := &nodeOptions[i]; o.name == name {
			if o.show == nil {
				return starlark.None, nil
			}
			return o.show(n.node().Options()), nil
		}
	}
	return nil, noAttr(n.ld, n.Type(), name, n.AttrNames())
}

// SetField sets an attribute.
func (n nodeValue) SetField(name string, v starlark.Value) error {
	if name == "interface" {
		n.setInterface(v)
		return nil
	}
	opts := *n.node().Options()
	for i := range nodeOptions {
		o := &nodeOptions[i]
		if o.name != name || !o.forKind(opts.Kind) {
			continue
		}
		o.read(&setting{ld: n.ld, option: name, node: n.node().Name(), f: n.interfaceOf(), opts: &opts, at: n.ld.assigned}, v)
		n.node().SetOptions(opts)
		if slices.Contains(placed, name) {
			n.node().SetPlace(name, n.ld.assigned())
		}
		return nil
	}
	if why, ok := foreignAttrs[name]; ok {
		n.ld.warn(n.ld.here(), fmt.Sprintf("%s means nothing here", name), why, "take the line away")
		return nil
	}
	why, mend := "a node has its options and its inputs to set", diag.DidYouMean(name, n.AttrNames())
	if near := diag.Nearest(name, n.AttrNames()); near == name {
		why, mend = fmt.Sprintf("%q is no option of a %s", name, n.Type()), "take the line away, or make the node another kind"
	}
	if n.interfaceOf().Input(name) != nil {
		mend = fmt.Sprintf("it is an input: write .inputs.%s = ...", name)
	}
	n.ld.problem(n.ld.here(), fmt.Sprintf("%s has no attribute %q to set", n.Type(), name), why, mend)
	return nil
}

// foreignAttrs are attributes that nipype's nodes have for things that Raphe
// does in another way.
var foreignAttrs = map[string]string{
	"plugin_args":   "executors are chosen on the command line, and ask for what mem_gb and n_procs say",
	"ram_estimator": "Raphe remembers the peaks of earlier runs by itself",
}

func (n nodeValue) setInterface(v starlark.Value) {
	in, ok := v.(*instance)
	if !ok {
		n.ld.problem(n.ld.assigned(), fmt.Sprintf("the interface of %s must be an instance, not %s", n.label(), describe(v)), "the interface's name alone stands for all of its kind", "write BET(), with parentheses")
		return
	}
	n.node().SetInterface(in.f)
	n.adopt(in)
}

func (n nodeValue) clone(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"name"}, args, kwargs)
	copied := n.ld.def.Clone(n.node(), n.ld.nameArg(b), s.pos()).(workflow.Node)
	return nodeValue{n.ld, copied.ID}, nil
}

func (n nodeValue) setInput(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"parameter", "val"}, args, kwargs)
	if name, v := b.text("parameter"), b.vals[1]; name != "" && v != nil {
		n.ld.setInput(n, name, v, func() (diag.Pos, diag.Pos) { return b.where("parameter"), b.where("val") })
	}
	return starlark.None, nil
}

// outputsValue is node.outputs: the names of what a node gives, without values.
type outputsValue struct {
	ld *loader
	of nodeValue
}

func (v *outputsValue) String() string        { return "<outputs of " + v.of.label() + ">" }
func (v *outputsValue) Type() string          { return "outputs" }
func (v *outputsValue) Freeze()               {}
func (v *outputsValue) Truth() starlark.Bool  { return true }
func (v *outputsValue) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: outputs") }

// AttrNames lists the outputs.
func (v *outputsValue) AttrNames() []string { return v.of.interfaceOf().OutputNames() }

// Attr refuses: outputs have values when the workflow runs.
func (v *outputsValue) Attr(name string) (starlark.Value, error) {
	f := v.of.interfaceOf()
	if f.Output(name) == nil {
		return nil, noAttr(v.ld, v.of.label(), name, f.OutputNames())
	}
	return nil, &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: v.ld.here(), What: fmt.Sprintf("output %q has no value yet", name),
		Why: "a definition runs nothing; outputs come when the workflow runs", Mend: fmt.Sprintf("connect it: wf.connect(%s, %q, other, \"input\")", v.of.node().Name(), name)}}
}
