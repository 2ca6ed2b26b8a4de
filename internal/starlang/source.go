package starlang

import (
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starfn"
)

// A source is one definition file: its text, its syntax tree, and the way from
// a place that the interpreter names to the piece of the tree that stands
// there. The maps are made at the first look.
type source struct {
	*starfn.Module

	calls   map[mark]*syntax.CallExpr // by the opening parenthesis
	dots    map[mark]*syntax.DotExpr  // by the dot
	assigns map[mark]syntax.Expr      // what is assigned to x.y or x[y], by the dot or bracket
}

// A mark is a line and a column, both from 1; columns count characters, as the
// interpreter does.
type mark struct{ line, col int32 }

func markOf(p syntax.Position) mark { return mark{p.Line, p.Col} }

func newSource(name string, text []byte) *source {
	return &source{Module: starfn.NewModule(name, string(text), nil)}
}

// index fills the maps.
func (s *source) index() {
	if s.calls != nil {
		return
	}
	s.calls, s.dots = map[mark]*syntax.CallExpr{}, map[mark]*syntax.DotExpr{}
	s.assigns = map[mark]syntax.Expr{}
	if s.File == nil {
		return
	}
	syntax.Walk(s.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.CallExpr:
			s.calls[markOf(n.Lparen)] = n
		case *syntax.DotExpr:
			s.dots[markOf(n.Dot)] = n
		case *syntax.AssignStmt:
			switch lhs := n.LHS.(type) {
			case *syntax.DotExpr:
				s.assigns[markOf(lhs.Dot)] = n.RHS
			case *syntax.IndexExpr:
				s.assigns[markOf(lhs.Lbrack)] = n.RHS
			}
		}
		return true
	})
}

// sourceOf gives the file that a position is in, nil for the interpreter's own
// functions.
func (ld *loader) sourceOf(p syntax.Position) *source {
	if !p.IsValid() {
		return nil
	}
	return ld.sources[p.Filename()]
}

// here is the place where the running statement touches an attribute: the name
// behind the dot.
func (ld *loader) here() diag.Pos {
	if ld.thread.CallStackDepth() == 0 {
		return diag.Pos{}
	}
	return ld.place(ld.thread.CallFrame(0).Pos)
}

// assigned is the place of what the running statement assigns to an attribute,
// or of a part of it.
func (ld *loader) assigned(path ...int) diag.Pos {
	if ld.thread.CallStackDepth() == 0 {
		return diag.Pos{}
	}
	p := ld.thread.CallFrame(0).Pos
	src := ld.sourceOf(p)
	if src == nil {
		return diag.Pos{}
	}
	src.index()
	if e := src.assigns[markOf(p)]; e != nil {
		return src.Of(descend(e, path))
	}
	return ld.place(p)
}

// place gives the best place for a position that the interpreter names: the
// name behind a dot, what is called, or the position alone.
func (ld *loader) place(p syntax.Position) diag.Pos {
	src := ld.sourceOf(p)
	if src == nil {
		return diag.Pos{}
	}
	src.index()
	if dot := src.dots[markOf(p)]; dot != nil {
		return src.Of(dot.Name)
	}
	if call := src.calls[markOf(p)]; call != nil {
		return src.Of(call.Fn)
	}
	return src.Span(p, after(p))
}

func after(p syntax.Position) syntax.Position {
	p.Col++
	return p
}
