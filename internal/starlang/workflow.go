package starlang

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/workflow"
)

// A workflowValue is a workflow as the language sees it.
type workflowValue struct {
	ld *loader
	id workflow.WorkflowID
}

func (w workflowValue) wf() workflow.Workflow { return w.ld.def.Workflow(w.id) }
func (w workflowValue) String() string        { return w.wf().FullName() }
func (w workflowValue) Type() string          { return "Workflow" }
func (w workflowValue) Freeze()               {}
func (w workflowValue) Truth() starlark.Bool  { return true }
func (w workflowValue) Hash() (uint32, error) { return uint32(w.id) | 1<<31, nil }

// CompareSameType compares workflows by identity.
func (w workflowValue) CompareSameType(op syntax.Token, y starlark.Value, _ int) (bool, error) {
	return sameIdentity(op, w.Type(), w.id == y.(workflowValue).id)
}

func (ld *loader) newWorkflow(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"name", "base_dir", "config"}, args, kwargs)
	o := workflow.WorkflowOptions{BaseDir: b.text("base_dir")}
	if v, ok := b.get("config"); ok {
		ld.readConfig(&o.Config, v, func(path ...int) diag.Pos { return b.where("config", path...) })
	}
	return workflowValue{ld, ld.def.AddWorkflow(ld.nameArg(b), o, s.pos()).ID}, nil
}

// workflowMethods are the methods of a workflow.
var workflowMethods = map[string]func(workflowValue, *site, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
	"connect": workflowValue.connect, "disconnect": workflowValue.disconnect,
	"add_nodes": workflowValue.addNodes, "remove_nodes": workflowValue.removeNodes,
	"get_node": workflowValue.getNode, "list_node_names": workflowValue.listNodeNames, "clone": workflowValue.clone,
}

// foreignMethods are nipype's methods that act at once; a definition only
// describes. A script that was written for nipype often ends with one.
var foreignMethods = map[string]string{
	"run":                        "the workflow is run from the command line: raphe run FILE",
	"write_graph":                "the graph is drawn from the command line: raphe plan FILE --dot",
	"write_hierarchical_dotfile": "the graph is drawn from the command line: raphe plan FILE --dot",
	"export":                     "the definition is written out from the command line: raphe plan FILE --jsonl",
}

// AttrNames lists what follows the dot.
func (w workflowValue) AttrNames() []string {
	names := []string{"name", "fullname", "base_dir", "config", "inputs", "outputs"}
	for n := range workflowMethods {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// Attr reads an attribute.
func (w workflowValue) Attr(name string) (starlark.Value, error) {
	switch name {
	case "name":
		return starlark.String(w.wf().Name()), nil
	case "fullname":
		return starlark.String(w.wf().FullName()), nil
	case "base_dir":
		if dir := w.wf().Options().BaseDir; dir != "" {
			return starlark.String(dir), nil
		}
		return starlark.None, nil
	case "config":
		return newConfig(w.ld, w), nil
	case "inputs", "outputs":
		return &membersValue{w.ld, w, name == "inputs"}, nil
	}
	if fn, ok := workflowMethods[name]; ok {
		return w.ld.builtin(name, func(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			return fn(w, s, args, kwargs)
		}), nil
	}
	if why, ok := foreignMethods[name]; ok {
		return w.ld.builtin(name, func(s *site, _ starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			w.ld.warn(s.pos(), name+"() does nothing in a definition", why, "take the line away")
			return starlark.None, nil
		}), nil
	}
	return nil, noAttr(w.ld, "Workflow", name, w.AttrNames())
}

// SetField sets base_dir or config.
func (w workflowValue) SetField(name string, v starlark.Value) error {
	o := w.wf().Options()
	switch name {
	case "base_dir":
		dir, ok := starlark.AsString(v)
		if !ok && v != starlark.None {
			w.ld.problem(w.ld.assigned(), fmt.Sprintf("base_dir of workflow %q must be text, not %s", w.wf().Name(), describe(v)), "it names the directory in which the workflow works", `write wf.base_dir = "work"`)
		}
		o.BaseDir = dir
	case "config":
		w.ld.readConfig(&o.Config, v, w.ld.assigned)
	default:
		w.ld.problem(w.ld.here(), fmt.Sprintf("Workflow has no attribute %q to set", name), "a workflow has base_dir and config to set", diag.DidYouMean(name, []string{"base_dir", "config"}))
	}
	return nil
}

// elementOf gives what stands at an end of a connection, or in a list of nodes.
func elementOf(v starlark.Value) workflow.Element {
	switch v := v.(type) {
	case nodeValue:
		return v.node()
	case workflowValue:
		return v.wf()
	}
	return nil
}

func (ld *loader) wrap(el workflow.Element) starlark.Value {
	switch el := el.(type) {
	case workflow.Node:
		return nodeValue{ld, el.ID}
	case workflow.Workflow:
		return workflowValue{ld, el.ID}
	}
	return starlark.None
}

// notNode records that something is no node.
func (ld *loader) notNode(pos diag.Pos, v starlark.Value, where string) {
	mend := "give a Node, MapNode, JoinNode or Workflow"
	switch v := v.(type) {
	case *instance:
		mend = fmt.Sprintf("put the interface into a node: Node(%s(...), name = \"...\")", v.f.Name[strings.LastIndexByte(v.f.Name, '.')+1:])
	case *class:
		mend = fmt.Sprintf("put the interface into a node: Node(%s(), name = \"...\")", v.short())
	case starlark.String:
		mend = fmt.Sprintf("give the node itself, not its name; wf.get_node(%s) finds it", v)
	}
	ld.problem(pos, fmt.Sprintf("%s takes nodes and workflows, not %s", where, describe(v)), "these are what a workflow consists of", mend)
}

func (w workflowValue) elements(b *bound) []workflow.Element {
	v, ok := b.get("nodes")
	if !ok {
		return nil
	}
	items, isList := sequence(v)
	if !isList {
		if el := elementOf(v); el != nil {
			return []workflow.Element{el}
		}
		w.ld.notNode(b.where("nodes"), v, b.name)
		return nil
	}
	var out []workflow.Element
	for i, item := range items {
		if el := elementOf(item); el != nil {
			out = append(out, el)
		} else {
			w.ld.notNode(b.where("nodes", i), item, b.name)
		}
	}
	return out
}

func (w workflowValue) addNodes(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"nodes"}, args, kwargs)
	w.wf().Add(b.where("nodes"), w.elements(b)...)
	return starlark.None, nil
}

func (w workflowValue) removeNodes(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"nodes"}, args, kwargs)
	if !w.wf().Remove(w.elements(b)...) {
		w.ld.problem(b.where("nodes"), fmt.Sprintf("workflow %q has not all of these nodes", w.wf().Name()),
			"what is removed must be a member of this workflow", "remove a nested workflow's nodes from that workflow")
	}
	return starlark.None, nil
}

func (w workflowValue) getNode(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"name"}, args, kwargs)
	el := workflow.Element(w.wf())
	for part := range strings.SplitSeq(b.text("name"), ".") {
		inner, ok := el.(workflow.Workflow)
		if !ok {
			return starlark.None, nil
		}
		if el = inner.Member(part); el == nil {
			return starlark.None, nil
		}
	}
	return w.ld.wrap(el), nil
}

func (w workflowValue) listNodeNames(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	s.bind(nil, args, kwargs)
	names := nodeNames(nil, "", w.wf())
	slices.Sort(names)
	return textList(names), nil
}

func nodeNames(out []string, prefix string, w workflow.Workflow) []string {
	for _, m := range w.Members() {
		switch m := m.(type) {
		case workflow.Node:
			out = append(out, prefix+m.Name())
		case workflow.Workflow:
			out = nodeNames(out, prefix+m.Name()+".", m)
		}
	}
	return out
}

func (w workflowValue) clone(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	b := s.bind([]string{"name"}, args, kwargs)
	name := w.ld.nameArg(b)
	if name == w.wf().Name() {
		w.ld.problem(b.where("name"), fmt.Sprintf("the clone of %q has the same name", name), "names of workflows become directories", "give the clone another name")
	}
	return w.ld.wrap(w.ld.def.Clone(w.wf(), name, s.pos())), nil
}

// membersValue is wf.inputs or wf.outputs: the members by name, then their
// ports.
type membersValue struct {
	ld     *loader
	of     workflowValue
	inputs bool
}

func (m *membersValue) String() string        { return "<ports of " + m.of.String() + ">" }
func (m *membersValue) Type() string          { return "ports" }
func (m *membersValue) Freeze()               {}
func (m *membersValue) Truth() starlark.Bool  { return true }
func (m *membersValue) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable: ports") }

// AttrNames lists the members.
func (m *membersValue) AttrNames() []string {
	var out []string
	for _, el := range m.of.wf().Members() {
		switch el := el.(type) {
		case workflow.Node:
			out = append(out, el.Name())
		case workflow.Workflow:
			out = append(out, el.Name())
		}
	}
	return out
}

// Attr gives a member's ports.
func (m *membersValue) Attr(name string) (starlark.Value, error) {
	switch el := m.of.wf().Member(name).(type) {
	case workflow.Node:
		if m.inputs {
			return &inputsValue{m.ld, nodeValue{m.ld, el.ID}}, nil
		}
		return &outputsValue{m.ld, nodeValue{m.ld, el.ID}}, nil
	case workflow.Workflow:
		return &membersValue{m.ld, workflowValue{m.ld, el.ID}, m.inputs}, nil
	}
	return nil, &fatal{diag.Diagnostic{Code: diag.BadDefinition, Pos: m.ld.here(),
		What: fmt.Sprintf("workflow %q has no node %q", m.of.wf().Name(), name), Why: "nodes become members when they are connected or added",
		Mend: orElse(diag.DidYouMean(name, m.AttrNames()), "connect or add the node first")}}
}
