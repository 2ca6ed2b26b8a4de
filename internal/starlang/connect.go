package starlang

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/workflow"
)

const connectMend = `write wf.connect(a, "out", b, "in") or wf.connect([(a, b, [("out", "in")])])`

const connectWhy = "a connection has a source, its output, a destination and its input"

// A wire is one connection as it was written: its ends, its two ports, and
// where they stand.
type wire struct {
	src, dst workflow.Element
	out, in  starlark.Value
	outAt    func(path ...int) diag.Pos // the source port, or a part of it
	inAt     func() diag.Pos
}

func (w workflowValue) connect(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	remove := false
	for _, kv := range kwargs {
		kw := string(kv[0].(starlark.String))
		if kw != "disconnect" {
			w.ld.problem(s.keyword(kw), fmt.Sprintf("connect has no parameter %q", kw), "beside the connections it takes disconnect", diag.DidYouMean(kw, []string{"disconnect"}))
			continue
		}
		remove = bool(kv[1].Truth())
	}
	w.wires(s, args, func(c *wire) {
		if remove {
			w.cutWire(c)
		} else {
			w.join(c)
		}
	})
	return starlark.None, nil
}

func (w workflowValue) disconnect(s *site, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	for _, kv := range kwargs {
		w.ld.problem(s.keyword(string(kv[0].(starlark.String))), fmt.Sprintf("disconnect has no parameter %s", kv[0]), "it takes the connections that are to go, and nothing else", "take the parameter away")
	}
	w.wires(s, args, w.cutWire)
	return starlark.None, nil
}

// wires reads the arguments of connect and disconnect in all of nipype's forms.
func (w workflowValue) wires(s *site, args starlark.Tuple, each func(*wire)) {
	switch len(args) {
	case 4:
		at := func(i int) diag.Pos { return s.at(argRef{index: i}) }
		c := &wire{out: args[1], in: args[3],
			outAt: func(path ...int) diag.Pos { return s.at(argRef{index: 1}, path...) }, inAt: func() diag.Pos { return at(3) }}
		if w.ends(c, args[0], args[2], func(i int) diag.Pos { return at(2 * i) }) {
			each(c)
		}
	case 1:
		items, ok := sequence(args[0])
		if !ok {
			w.ld.problem(s.at(argRef{}), fmt.Sprintf("%s takes a list of connections, not %s", s.name, describe(args[0])), connectWhy, connectMend)
			return
		}
		if len(items) == 3 && elementOf(items[0]) != nil && elementOf(items[1]) != nil { // one triple, without a list around it
			w.triple(s, args[0], nil, each)
			return
		}
		for i, item := range items {
			w.triple(s, item, []int{i}, each)
		}
	default:
		w.ld.problem(s.pos(), fmt.Sprintf("%s takes 4 arguments or one list, not %d arguments", s.name, len(args)), connectWhy, connectMend)
	}
}

// triple reads (src, dst, [(out, in), ...]) at a place within the argument.
func (w workflowValue) triple(s *site, v starlark.Value, at []int, each func(*wire)) {
	place := func(path ...int) diag.Pos { return s.at(argRef{}, append(at[:len(at):len(at)], path...)...) }
	parts, ok := sequence(v)
	if !ok || len(parts) != 3 {
		w.ld.problem(place(), fmt.Sprintf("a connection is a tuple of three, not %s", describe(v)), "it has a source, a destination and a list of port pairs", "write (a, b, [(\"out\", \"in\")])")
		return
	}
	c := &wire{}
	if !w.ends(c, parts[0], parts[1], func(i int) diag.Pos { return place(i) }) {
		return
	}
	pairs, ok := sequence(parts[2])
	if !ok {
		w.ld.problem(place(2), fmt.Sprintf("the third part of a connection is a list of port pairs, not %s", describe(parts[2])), "two nodes may be connected by several ports", "write [(\"out\", \"in\")]")
		return
	}
	if isPair(pairs) { // ("out", "in") without a list around it
		w.ld.problem(place(2), "the port pair of a connection stands in a list", "there may be several", "write [(\"out\", \"in\")]")
		return
	}
	for i, item := range pairs {
		ports, ok := sequence(item)
		if !ok || len(ports) != 2 {
			w.ld.problem(place(2, i), fmt.Sprintf("a port pair is (\"out\", \"in\"), not %s", describe(item)), "an output goes to an input",
				"a function stands with the source port: ((\"out\", f), \"in\")")
			continue
		}
		c.out, c.in = ports[0], ports[1]
		c.outAt = func(path ...int) diag.Pos { return place(append([]int{2, i, 0}, path...)...) }
		c.inAt = func() diag.Pos { return place(2, i, 1) }
		each(c)
	}
}

// nameAt is the place of the source port's name.
func (c *wire) nameAt() diag.Pos {
	if _, isName := c.out.(starlark.String); isName {
		return c.outAt()
	}
	return c.outAt(0)
}

func isPair(items []starlark.Value) bool {
	if len(items) != 2 {
		return false
	}
	_, a := items[0].(starlark.String)
	_, b := items[1].(starlark.String)
	return a && b
}

// ends sets the ends of a wire; at gives the place of end 0 or 1.
func (w workflowValue) ends(c *wire, src, dst starlark.Value, at func(int) diag.Pos) bool {
	c.src, c.dst = elementOf(src), elementOf(dst)
	if c.src == nil {
		w.ld.notNode(at(0), src, "connect")
	}
	if c.dst == nil {
		w.ld.notNode(at(1), dst, "connect")
	}
	return c.src != nil && c.dst != nil
}

// join adds the connection to the workflow.
func (w workflowValue) join(c *wire) {
	port, fn, ok := w.sourcePort(c)
	in, isName := starlark.AsString(c.in)
	if !isName {
		w.ld.problem(c.inAt(), fmt.Sprintf("an input port is a name, not %s", describe(c.in)), "a value goes into an input as it comes",
			"functions stand with the source port: ((\"out\", f), \"in\")")
	}
	if !ok || !isName {
		return
	}
	w.wf().Connect(workflow.Edge{Src: c.src, SrcPort: port, Fn: fn, Dst: c.dst, DstPort: in, SrcPos: c.nameAt(), DstPos: c.inAt()})
}

// sourcePort reads "out" or ("out", function, arguments...).
func (w workflowValue) sourcePort(c *wire) (port string, fn *workflow.Func, ok bool) {
	if name, isName := starlark.AsString(c.out); isName {
		return name, nil, true
	}
	parts, isSeq := sequence(c.out)
	if isSeq && len(parts) >= 2 {
		name, isName := starlark.AsString(parts[0])
		call, isFn := parts[1].(starlark.Callable)
		if isName && isFn {
			fn, ok := w.portFunc(c, call, parts[2:])
			return name, fn, ok
		}
		if isName {
			w.ld.problem(c.outAt(1), fmt.Sprintf("behind the port stands a function, not %s", describe(parts[1])), "the value goes through it on its way", `write ("out", lambda x: ..., more arguments)`)
			return "", nil, false
		}
	}
	w.ld.problem(c.outAt(), fmt.Sprintf("an output port is a name or (name, function), not %s", describe(c.out)), "a connection starts at an output of the source", `write "out" or ("out", lambda x: ...)`)
	return "", nil, false
}

// portFunc writes a connection's function down as text, and checks that it can
// be called with the value and the extra arguments.
func (w workflowValue) portFunc(c *wire, call starlark.Callable, extra []starlark.Value) (*workflow.Func, bool) {
	text, ok := w.ld.writeFunc(call, c.outAt(1))
	if !ok {
		return nil, false
	}
	fn := &workflow.Func{Func: text}
	for i, a := range extra {
		plain, err := plainValue(a)
		if err != nil {
			w.ld.problem(c.outAt(2+i), fmt.Sprintf("an extra argument of a connection's function can't be %s", describe(a)), err.Error(), "give plain data: text, numbers, lists, dictionaries")
			return nil, false
		}
		fn.Args = append(fn.Args, plain)
	}
	if f, isFn := call.(*starlark.Function); isFn {
		p := starfn.ParamsOf(f)
		given := 1 + len(fn.Args)
		if given < p.Required || given > len(p.Names)-f.NumKwonlyParams() && !p.Args {
			w.ld.problem(c.outAt(1), fmt.Sprintf("function %s is called with %s here", f.Name(), count(given, "argument")),
				fmt.Sprintf("it takes %s; the first is the value of the port", count(len(p.Names), "parameter")), `add arguments behind the function: ("out", f, 3)`)
			return nil, false
		}
	}
	return fn, true
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// cutWire takes a connection away; a function in it is not compared.
func (w workflowValue) cutWire(c *wire) {
	out := c.out
	if parts, isSeq := sequence(out); isSeq && len(parts) > 0 {
		out = parts[0]
	}
	port, okOut := starlark.AsString(out)
	in, okIn := starlark.AsString(c.in)
	if !okOut || !okIn {
		w.ld.problem(c.nameAt(), fmt.Sprintf("ports are names, not %s and %s", describe(c.out), describe(c.in)), "a connection is found by its two ports", connectMend)
		return
	}
	if !w.wf().Disconnect(c.src, port, c.dst, in) {
		w.ld.warn(c.nameAt(), fmt.Sprintf("there is no connection from %q to %q to take away", port, in), "what is not there can't be taken away", "take the line away")
	}
}
