package starlang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
)

// A site is one call of one of our functions: who is called, and where each
// argument is written.
type site struct {
	ld   *loader
	name string // as messages call the function: "Node", "Workflow.connect"
	lpar syntax.Position
}

// site gives the call that is running; it is asked by the called function
// itself.
func (ld *loader) site(name string) *site {
	s := &site{ld: ld, name: name}
	if ld.thread.CallStackDepth() > 1 {
		s.lpar = ld.thread.CallFrame(1).Pos
	}
	return s
}

func (s *site) tree() (*source, *syntax.CallExpr) {
	src := s.ld.sourceOf(s.lpar)
	if src == nil {
		return nil, nil
	}
	src.index()
	return src, src.calls[markOf(s.lpar)]
}

// pos is the place of what is called.
func (s *site) pos() diag.Pos {
	if _, call := s.tree(); call == nil {
		return s.ld.place(s.lpar)
	}
	src, call := s.tree()
	return src.Of(call.Fn)
}

// An argRef says which argument is meant: a keyword, or with "" a position.
type argRef struct {
	kw    string
	index int
}

// expr gives the expression of an argument, nil when the call has it in a
// *list or a **dict.
func (s *site) expr(a argRef) (*source, syntax.Expr, *syntax.Ident) {
	src, call := s.tree()
	if call == nil {
		return nil, nil, nil
	}
	n := 0
	for _, e := range call.Args {
		switch x := e.(type) {
		case *syntax.BinaryExpr:
			if id, ok := x.X.(*syntax.Ident); ok && x.Op == syntax.EQ {
				if a.kw == id.Name {
					return src, x.Y, id
				}
				continue
			}
		case *syntax.UnaryExpr:
			if x.Op == syntax.STAR || x.Op == syntax.STARSTAR {
				if a.kw == "" {
					return nil, nil, nil
				}
				continue
			}
		}
		if a.kw == "" && n == a.index {
			return src, e, nil
		}
		n++
	}
	return nil, nil, nil
}

// at is the place of an argument, or of a part of it: the path goes down
// through lists, tuples and dictionaries (entry 2i is key i, 2i+1 its value)
// as far as they are written out.
func (s *site) at(a argRef, path ...int) diag.Pos {
	src, e, _ := s.expr(a)
	if e == nil {
		return s.pos()
	}
	return src.Of(descend(e, path))
}

// descend goes down into what is written out of e.
func descend(e syntax.Expr, path []int) syntax.Expr {
	for _, i := range path {
		sub := element(e, i)
		if sub == nil {
			break
		}
		e = sub
	}
	return e
}

// keyword is the place of the name of a keyword argument.
func (s *site) keyword(kw string) diag.Pos {
	src, _, id := s.expr(argRef{kw: kw})
	if id == nil {
		return s.pos()
	}
	return src.Of(id)
}

func element(e syntax.Expr, i int) syntax.Expr {
	pick := func(list []syntax.Expr) syntax.Expr {
		if i < len(list) {
			return list[i]
		}
		return nil
	}
	switch e := e.(type) {
	case *syntax.ParenExpr:
		return element(e.X, i)
	case *syntax.ListExpr:
		return pick(e.List)
	case *syntax.TupleExpr:
		return pick(e.List)
	case *syntax.DictExpr:
		if i/2 < len(e.List) {
			if entry, ok := e.List[i/2].(*syntax.DictEntry); ok {
				return []syntax.Expr{entry.Key, entry.Value}[i%2]
			}
		}
	}
	return nil
}

// A bound call has its arguments sorted out by parameter.
type bound struct {
	*site
	names []string
	vals  []starlark.Value // nil: not given
	refs  []argRef
}

// bind sorts arguments by the parameters' names. What does not fit is a
// problem, and is left out.
func (s *site) bind(names []string, args starlark.Tuple, kwargs []starlark.Tuple) *bound {
	b := &bound{site: s, names: names, vals: make([]starlark.Value, len(names)), refs: make([]argRef, len(names))}
	for i, v := range args {
		if i >= len(names) {
			s.ld.problem(s.at(argRef{index: i}), fmt.Sprintf("%s takes at most %d arguments, got %d", s.name, len(names), len(args)),
				parametersWhy(names), "take the surplus away")
			break
		}
		b.vals[i], b.refs[i] = v, argRef{index: i}
	}
	for _, kv := range kwargs {
		b.bindKeyword(string(kv[0].(starlark.String)), kv[1])
	}
	return b
}

func (b *bound) bindKeyword(kw string, v starlark.Value) {
	for i, n := range b.names {
		if n != kw {
			continue
		}
		if b.vals[i] != nil {
			b.ld.problem(b.keyword(kw), fmt.Sprintf("%s got %q twice", b.name, kw),
				fmt.Sprintf("%q is also given by its position", kw), "give it once")
			return
		}
		b.vals[i], b.refs[i] = v, argRef{kw: kw}
		return
	}
	b.ld.problem(b.keyword(kw), fmt.Sprintf("%s has no parameter %q", b.name, kw),
		parametersWhy(b.names), orElse(diag.DidYouMean(kw, b.names), "take it away"))
}

func parametersWhy(names []string) string {
	if len(names) == 0 {
		return "it has no parameters"
	}
	return "its parameters are " + strings.Join(names, ", ")
}

func (b *bound) slot(name string) int {
	for i, n := range b.names {
		if n == name {
			return i
		}
	}
	panic("BUG: " + b.name + " has no parameter " + name)
}

// get gives an argument; None counts as not given.
func (b *bound) get(name string) (starlark.Value, bool) {
	v := b.vals[b.slot(name)]
	return v, v != nil && v != starlark.None
}

// where gives the place of an argument or of a part of it.
func (b *bound) where(name string, path ...int) diag.Pos {
	i := b.slot(name)
	if b.vals[i] == nil {
		return b.pos()
	}
	return b.at(b.refs[i], path...)
}

// text gives a string argument, "" when it is not given or is none.
func (b *bound) text(name string) string {
	v, ok := b.get(name)
	if !ok {
		return ""
	}
	s, ok := starlark.AsString(v)
	if !ok {
		b.ld.problem(b.where(name), fmt.Sprintf("%s of %s must be text, not %s", name, b.name, describe(v)), "it is used as it is written", "put it in quotes")
	}
	return s
}

// describe gives a value with its type, shortened.
func describe(v starlark.Value) string {
	switch v.(type) {
	case starlark.NoneType:
		return "None"
	case starlark.Callable:
		return v.Type()
	}
	text := v.String()
	if len(text) > 40 {
		text = text[:37] + "..."
	}
	return v.Type() + " " + text
}
