package starlang

import (
	"bytes"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
)

// A source is one definition file: its text, its syntax tree, and the way from
// a place that the interpreter names to the piece of the tree that stands
// there. The maps are made at the first look.
type source struct {
	name  string
	text  []byte
	lines []int // byte offset of each line
	tree  *syntax.File

	calls   map[mark]*syntax.CallExpr // by the opening parenthesis
	dots    map[mark]*syntax.DotExpr  // by the dot
	assigns map[mark]syntax.Expr      // what is assigned to x.y or x[y], by the dot or bracket
	funcs   map[mark]syntax.Node      // *DefStmt or *LambdaExpr, by its first letter
}

// A mark is a line and a column, both from 1; columns count characters, as the
// interpreter does.
type mark struct{ line, col int32 }

func markOf(p syntax.Position) mark { return mark{p.Line, p.Col} }

func newSource(name string, text []byte) *source {
	s := &source{name: name, text: text, lines: []int{0}}
	for i, c := range text {
		if c == '\n' {
			s.lines = append(s.lines, i+1)
		}
	}
	return s
}

// index fills the maps.
func (s *source) index() {
	if s.calls != nil {
		return
	}
	s.calls, s.dots = map[mark]*syntax.CallExpr{}, map[mark]*syntax.DotExpr{}
	s.assigns, s.funcs = map[mark]syntax.Expr{}, map[mark]syntax.Node{}
	if s.tree == nil {
		return
	}
	syntax.Walk(s.tree, func(n syntax.Node) bool {
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
		case *syntax.DefStmt:
			s.funcs[markOf(n.Def)] = n
		case *syntax.LambdaExpr:
			s.funcs[markOf(n.Lambda)] = n
		}
		return true
	})
}

// offset gives the byte offset of a position.
func (s *source) offset(p syntax.Position) int {
	line := int(p.Line) - 1
	if line < 0 || line >= len(s.lines) {
		return len(s.text)
	}
	at := s.lines[line]
	for range p.Col - 1 {
		if at >= len(s.text) || s.text[at] == '\n' {
			break
		}
		_, n := utf8.DecodeRune(s.text[at:])
		at += n
	}
	return at
}

// span gives the place from start to end; one that runs over several lines
// ends with its first.
func (s *source) span(start, end syntax.Position) diag.Pos {
	if start.Line < 1 || int(start.Line) > len(s.lines) {
		return diag.Pos{File: s.name}
	}
	from, to := s.offset(start), s.offset(end)
	if end.Line > start.Line || end.Line == 0 {
		to = from + max(bytes.IndexByte(s.text[from:], '\n'), 0)
		to = from + len(bytes.TrimRight(s.text[from:to], " \t\r"))
	}
	return diag.Pos{
		File: s.name, Line: int(start.Line),
		Column: from - s.lines[start.Line-1] + 1, Length: max(to-from, 1),
	}
}

// of gives the place of a piece of the tree.
func (s *source) of(n syntax.Node) diag.Pos {
	start, _ := n.Span()
	return s.span(start, endOf(n))
}

// endOf gives where n ends, the last character included: the parser's own
// spans stop before the closing bracket of tuples, indexes and slices.
func endOf(n syntax.Node) syntax.Position {
	switch n := n.(type) {
	case *syntax.TupleExpr:
		if n.Lparen.IsValid() {
			return after(n.Rparen)
		}
		return endOf(n.List[len(n.List)-1])
	case *syntax.IndexExpr:
		return after(n.Rbrack)
	case *syntax.SliceExpr:
		return after(n.Rbrack)
	case *syntax.LambdaExpr:
		return endOf(n.Body)
	case *syntax.CondExpr:
		return endOf(n.False)
	case *syntax.BinaryExpr:
		return endOf(n.Y)
	case *syntax.DictEntry:
		return endOf(n.Value)
	case *syntax.UnaryExpr:
		if n.X != nil {
			return endOf(n.X)
		}
	case *syntax.LoadStmt:
		return after(n.Rparen)
	case syntax.Stmt:
		if last := lastOf(n); last != nil {
			return endOf(last)
		}
	}
	_, end := n.Span()
	return end
}

// lastOf gives the last part of a statement, nil for one without parts.
func lastOf(s syntax.Stmt) syntax.Node {
	var body []syntax.Stmt
	switch s := s.(type) {
	case *syntax.ExprStmt:
		return s.X
	case *syntax.AssignStmt:
		return s.RHS
	case *syntax.ReturnStmt:
		if s.Result != nil {
			return s.Result
		}
	case *syntax.DefStmt:
		body = s.Body
	case *syntax.ForStmt:
		body = s.Body
	case *syntax.WhileStmt:
		body = s.Body
	case *syntax.IfStmt:
		if body = s.False; len(body) == 0 {
			body = s.True
		}
	}
	if len(body) == 0 {
		return nil
	}
	return body[len(body)-1]
}

func after(p syntax.Position) syntax.Position {
	p.Col++
	return p
}

// cut gives the text of n.
func (s *source) cut(n syntax.Node) string {
	start, _ := n.Span()
	return string(s.text[s.offset(start):s.offset(endOf(n))])
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
		return src.of(descend(e, path))
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
		return src.of(dot.Name)
	}
	if call := src.calls[markOf(p)]; call != nil {
		return src.of(call.Fn)
	}
	return src.span(p, after(p))
}

// funcNode gives the def or lambda that made a function, and its file.
func (ld *loader) funcNode(fn *starlark.Function) (*source, syntax.Node) {
	src := ld.sourceOf(fn.Position())
	if src == nil {
		return nil, nil
	}
	src.index()
	return src, src.funcs[markOf(fn.Position())]
}
