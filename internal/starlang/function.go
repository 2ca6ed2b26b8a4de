package starlang

import (
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/internal/value"
)

// newFunction answers Function(input_names, output_names, function, imports);
// further keywords set inputs.
func (ld *loader) newFunction(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	params := []string{"input_names", "output_names", "function", "imports"}
	var own, inputs []starlark.Tuple
	for _, kv := range kwargs {
		if slices.Contains(params, string(kv[0].(starlark.String))) {
			own = append(own, kv)
		} else {
			inputs = append(inputs, kv)
		}
	}
	b := s.bind(params, args, own)
	if _, ok := b.get("imports"); ok {
		ld.problem(b.where("imports"), "functions import nothing", "json, math, path and re are there without importing", "take imports away")
	}
	in := &instance{ld: ld, f: ld.functionInterface(b)}
	for _, kv := range inputs {
		kw := string(kv[0].(starlark.String))
		ld.setInput(in, kw, kv[1], func() (diag.Pos, diag.Pos) { return s.keyword(kw), s.at(argRef{kw: kw}) })
	}
	return in, nil
}

// functionInterface makes the interface: its inputs are the function's
// parameters, those without a default mandatory.
func (ld *loader) functionInterface(b *bound) *iface.Interface {
	v, ok := b.get("function")
	fn, isFn := v.(*starlark.Function)
	if !ok || !isFn {
		what := "Function needs a function"
		if ok {
			what += ", not " + describe(v)
		}
		ld.problem(b.where("function"), what, "the node runs it", "write Function(function = f), with def f(...) above")
		return brokenInterface(toolfile.FunctionName)
	}
	outputs := ld.outputNames(b)
	names, ok := ld.inputNames(b, fn)
	text, written := ld.writeFunc(fn, b.where("function"))
	if !ok || !written || outputs == nil {
		return brokenInterface(toolfile.FunctionName)
	}
	f, err := ld.opts.Tools.Resolve(FunctionRef(text, names, outputs))
	if err != nil {
		ld.unresolved(b.site, toolfile.FunctionName, err)
		return brokenInterface(toolfile.FunctionName)
	}
	return f
}

// FunctionRef is how a Function interface is written down: the text of the
// function is the reference's source, the names are its parameters.
func FunctionRef(fn iface.Func, inputs, outputs []string) iface.Ref {
	return iface.Ref{
		Name: toolfile.FunctionName,
		Params: value.NewRecord(map[string]value.Value{
			"function": value.String(fn.Name), "input_names": value.Strings(inputs...), "output_names": value.Strings(outputs...),
		}),
		Source: fn.Source,
	}
}

func (ld *loader) outputNames(b *bound) []string {
	if _, ok := b.get("output_names"); !ok {
		return []string{"out"}
	}
	return ld.portNames(b, "output_names")
}

// portNames reads a name or a list of names that become ports.
func (ld *loader) portNames(b *bound, param string) []string {
	v, _ := b.get(param)
	items, ok := sequence(v)
	if !ok {
		items = []starlark.Value{v}
	}
	out := make([]string, 0, len(items))
	for i, item := range items {
		name, isText := starlark.AsString(item)
		pos := b.where(param, i)
		if !ok {
			pos = b.where(param)
		}
		switch {
		case !isText || name == "" || strings.ContainsAny(name, ". \t\n"):
			ld.problem(pos, fmt.Sprintf("%s of Function: %s can't be the name of a port", param, describe(item)), "a port is named in connections", "use letters, digits and '_'")
			return nil
		case slices.Contains(out, name):
			ld.problem(pos, fmt.Sprintf("%s of Function name %q twice", param, name), "each name is one port", "name it once")
			return nil
		}
		out = append(out, name)
	}
	if len(out) == 0 && param == "output_names" {
		ld.problem(b.where(param), "Function has no outputs", "nothing could be connected behind it", `write output_names = ["out"]`)
		return nil
	}
	return out
}

// inputNames gives the inputs of the function: those listed, or all of its
// parameters.
func (ld *loader) inputNames(b *bound, fn *starlark.Function) ([]string, bool) {
	p := starfn.ParamsOf(fn)
	if _, given := b.get("input_names"); !given {
		return p.Names, true
	}
	names := ld.portNames(b, "input_names")
	if names == nil {
		return nil, false
	}
	for i, n := range names {
		if !slices.Contains(p.Names, n) && !p.Kwargs {
			ld.problem(b.where("input_names", i), fmt.Sprintf("function %s has no parameter %q", fn.Name(), n),
				listed("its parameters are", p.Names), diag.DidYouMean(n, p.Names))
			return nil, false
		}
	}
	for _, n := range p.Names {
		if !slices.Contains(names, n) && !p.Default[n] {
			ld.problem(b.where("input_names"), fmt.Sprintf("input_names of Function lack %q", n),
				fmt.Sprintf("parameter %q of function %s has no default", n, fn.Name()), fmt.Sprintf("add %q, or leave input_names out", n))
			return nil, false
		}
	}
	return names, true
}

// writeFunc writes a function down, to be run later. What can't be written is
// a problem.
func (ld *loader) writeFunc(call starlark.Callable, at diag.Pos) (iface.Func, bool) {
	text, faults := ld.texts.Write(call, at)
	for _, d := range faults {
		ld.add(d)
	}
	return text, len(faults) == 0
}

// textHint says how else a value reaches a function.
func textHint(v starlark.Value) string {
	if _, isNode := v.(nodeValue); isNode {
		return "connect the node's output to an input of the function instead"
	}
	return ""
}

// interfaceArg gives the instance that a node is made of.
func (ld *loader) interfaceArg(b *bound) *instance {
	v, ok := b.get("interface")
	switch v := v.(type) {
	case *instance:
		return v
	case *class:
		ld.problem(b.where("interface"), fmt.Sprintf("%s needs an instance of interface %s", b.name, v.short()),
			"the interface's name alone stands for all of its kind", fmt.Sprintf("write %s()", v.short()))
	case workflowValue:
		ld.problem(b.where("interface"), fmt.Sprintf("a workflow can't be a %s", b.name), "a node runs an interface; a workflow within another is connected as it is",
			"connect it like a node: wf.connect(a, \"out\", sub, \"node.field\")")
	case *starlark.Function:
		ld.problem(b.where("interface"), fmt.Sprintf("%s needs an interface, not a function", b.name), "the interface Function runs functions",
			fmt.Sprintf("write Function(function = %s), with load(\"utility\", \"Function\")", functionName(v)))
	default:
		what := fmt.Sprintf("%s needs an interface", b.name)
		if ok {
			what += ", not " + describe(v)
		}
		ld.problem(b.where("interface"), what, "a node runs an interface", "write "+b.name+"(BET(), name = \"bet\")")
	}
	return &instance{ld: ld, f: brokenInterface("missing")}
}

// functionName is how a suggestion calls a function.
func functionName(fn *starlark.Function) string {
	if fn.Name() == "lambda" {
		return "lambda x: ..."
	}
	return fn.Name()
}
