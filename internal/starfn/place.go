package starfn

import (
	"strings"
	"unicode/utf8"

	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
)

// Offset gives the byte offset of a position.
func (m *Module) Offset(p syntax.Position) int {
	line := int(p.Line) - 1
	if line < 0 || line >= len(m.lines) {
		return len(m.Text)
	}
	at := m.lines[line]
	for range p.Col - 1 {
		if at >= len(m.Text) || m.Text[at] == '\n' {
			break
		}
		_, n := utf8.DecodeRuneInString(m.Text[at:])
		at += n
	}
	return at
}

// Span gives the place from start to end; one that runs over several lines
// ends with its first.
func (m *Module) Span(start, end syntax.Position) diag.Pos {
	if start.Line < 1 || int(start.Line) > len(m.lines) {
		return diag.Pos{File: m.Name}
	}
	from, to := m.Offset(start), m.Offset(end)
	if end.Line > start.Line || end.Line == 0 {
		to = from + max(strings.IndexByte(m.Text[from:], '\n'), 0)
		to = from + len(strings.TrimRight(m.Text[from:to], " \t\r"))
	}
	return diag.Pos{
		File: m.Name, Line: int(start.Line),
		Column: from - m.lines[start.Line-1] + 1, Length: max(to-from, 1),
	}
}

// Of gives the place of a piece of the tree.
func (m *Module) Of(n syntax.Node) diag.Pos {
	start, _ := n.Span()
	return m.Span(start, EndOf(n))
}

// Cut gives the text of a piece of the tree.
func (m *Module) Cut(n syntax.Node) string {
	start, _ := n.Span()
	return m.Text[m.Offset(start):m.Offset(EndOf(n))]
}

// Line gives the text of a line, counted from 1.
func (m *Module) Line(n int) string {
	if n < 1 || n > len(m.lines) {
		return ""
	}
	end := len(m.Text)
	if n < len(m.lines) {
		end = m.lines[n]
	}
	return strings.TrimRight(m.Text[m.lines[n-1]:end], "\r\n")
}

// EndOf gives where n ends, the last character included: the parser's own
// spans stop before the closing bracket of tuples, indexes and slices.
func EndOf(n syntax.Node) syntax.Position {
	switch n := n.(type) {
	case *syntax.TupleExpr:
		if n.Lparen.IsValid() {
			return after(n.Rparen)
		}
		return EndOf(n.List[len(n.List)-1])
	case *syntax.IndexExpr:
		return after(n.Rbrack)
	case *syntax.SliceExpr:
		return after(n.Rbrack)
	case *syntax.LambdaExpr:
		return EndOf(n.Body)
	case *syntax.CondExpr:
		return EndOf(n.False)
	case *syntax.BinaryExpr:
		return EndOf(n.Y)
	case *syntax.DictEntry:
		return EndOf(n.Value)
	case *syntax.UnaryExpr:
		if n.X != nil {
			return EndOf(n.X)
		}
	case *syntax.LoadStmt:
		return after(n.Rparen)
	case syntax.Stmt:
		if last := lastOf(n); last != nil {
			return EndOf(last)
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
