package check

import (
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// types reports a connection whose output can never be what the input takes.
// Only certain conflicts count: where either type is open, it is the run that
// tells.
func (c *checker) types(e workflow.Edge, src workflow.Node, out string, dst workflow.Node, field string) {
	so, do := src.Options(), dst.Options()
	from, to := src.Interface().Output(out).Type, dst.Interface().Input(field).Type
	if so.Nested || do.Nested && slices.Contains(do.IterField, field) {
		return // depth depends on the values
	}
	given, taken := from.String(), to.String()
	if so.Kind == workflow.MapNode {
		from = iface.Type{Kind: iface.List, Of: []iface.Type{from}}
		given = "one " + given + " for each element (a MapNode gives lists)"
	}
	switch {
	case do.Kind == workflow.MapNode && slices.Contains(do.IterField, field):
		to = iface.Type{Kind: iface.Multi, Of: []iface.Type{to}}
		taken = "a list, each " + taken + " (it is an iterfield)"
	case do.Kind == workflow.JoinNode && (len(do.JoinField) == 0 || slices.Contains(do.JoinField, field)):
		from = iface.Type{Kind: iface.List, Of: []iface.Type{from}}
		given = "a list, joined of " + given
	}
	if fits(from, to) {
		return
	}
	mend := "connect another output, or put a function between: ((\"" + e.SrcPort + "\", lambda x: ...), \"" + e.DstPort + "\")"
	if so.Kind == workflow.MapNode && do.Kind == workflow.PlainNode && fits(from.Of[0], to) {
		mend = fmt.Sprintf("make %q a MapNode over %q, or take one element: ((%q, lambda x: x[0]), %q)", dst.Name(), field, e.SrcPort, e.DstPort)
	}
	c.problem(e.Pos, fmt.Sprintf("output %q of node %q can't be input %q of node %q", out, src.FullName(), field, dst.FullName()),
		fmt.Sprintf("the output is %s; the input takes %s", given, taken), mend)
}

// A shape is the family of values that a type stands for.
type shape uint8

const (
	anything shape = iota
	truth
	whole
	real
	text // text and paths
	list
	dict
)

func shapeOf(t iface.Type) shape {
	switch t.Kind {
	case iface.Bool:
		return truth
	case iface.Int:
		return whole
	case iface.Float:
		return real
	case iface.Range:
		if t.Integer {
			return whole
		}
		return real
	case iface.Str, iface.File, iface.Dir:
		return text
	case iface.List, iface.Tuple:
		return list
	case iface.Dict:
		return dict
	}
	return anything
}

// fits reports whether a value of type out may be one of type in.
func fits(out, in iface.Type) bool {
	switch {
	case out.Kind == iface.Any || in.Kind == iface.Any:
		return true
	case out.Kind == iface.Either:
		return slices.ContainsFunc(out.Of, func(t iface.Type) bool { return fits(t, in) })
	case in.Kind == iface.Either:
		return slices.ContainsFunc(in.Of, func(t iface.Type) bool { return fits(out, t) })
	case out.Kind == iface.Multi: // a list, or the only element of one
		return fits(iface.Type{Kind: iface.List, Of: out.Of}, in) || fits(out.Of[0], in)
	case in.Kind == iface.Multi:
		return fits(out, iface.Type{Kind: iface.List, Of: in.Of}) || fits(out, in.Of[0])
	case out.Kind == iface.Enum:
		return slices.ContainsFunc(out.Enum, func(v value.Value) bool { return accepts(in, v) })
	case in.Kind == iface.Enum:
		return slices.ContainsFunc(in.Enum, func(v value.Value) bool { return sameFamily(out, v) })
	}
	a, b := shapeOf(out), shapeOf(in)
	switch {
	case a == anything || b == anything:
		return true
	case a == list && b == list:
		return itemsFit(out, in)
	case b == real:
		return a == real || a == whole
	}
	return a == b
}

func accepts(t iface.Type, v value.Value) bool {
	_, err := t.Accept(v)
	return err == nil
}

// sameFamily reports whether a value of type t may equal v.
func sameFamily(t iface.Type, v value.Value) bool {
	switch shapeOf(t) {
	case truth:
		return value.KindOf(v) == value.BoolKind
	case whole, real:
		return value.KindOf(v) == value.IntKind || value.KindOf(v) == value.FloatKind
	case text:
		return value.KindOf(v) == value.StringKind
	case list, dict:
		return false
	}
	return true
}

// itemsFit compares the elements of lists and tuples.
func itemsFit(out, in iface.Type) bool {
	if out.Kind == iface.Tuple && in.Kind == iface.Tuple && len(out.Of) != len(in.Of) {
		return false
	}
	at := func(t iface.Type, i int) iface.Type {
		if t.Kind == iface.Tuple {
			return t.Of[i]
		}
		return t.Of[0]
	}
	n := 1
	for _, t := range []iface.Type{out, in} {
		if t.Kind == iface.Tuple {
			n = len(t.Of)
		} else if len(t.Of) == 0 {
			return true
		}
	}
	for i := range n {
		if !fits(at(out, i), at(in, i)) {
			return false
		}
	}
	return true
}
