package starfn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/iface"
)

// A Module is a Starlark file whose text can be cut: into the part that
// defines one function or one interface and everything that it uses.
type Module struct {
	Name string
	File *syntax.File
	text string
	line []int // byte offset of each line
}

// ParseModule reads a file.
func ParseModule(name string, text []byte) (*Module, error) {
	file, err := Options.Parse(name, text, 0)
	if err != nil {
		return nil, err
	}
	m := &Module{Name: name, File: file, text: string(text), line: []int{0}}
	for i, c := range text {
		if c == '\n' {
			m.line = append(m.line, i+1)
		}
	}
	return m, nil
}

// offset gives the byte offset of a position; columns count characters.
func (m *Module) offset(p syntax.Position) int {
	at := m.line[min(int(p.Line)-1, len(m.line)-1)]
	for range p.Col - 1 {
		_, n := utf8.DecodeRuneInString(m.text[at:])
		at += n
	}
	return min(at, len(m.text))
}

// Slice gives the statements at the top of the file that define or change the
// names, and all that they use in turn, in the order of the file. Names that
// the file does not define are the universe's, or the caller's concern.
func (m *Module) Slice(names ...string) string {
	need := map[string]bool{}
	for _, n := range names {
		need[n] = true
	}
	taken := make([]bool, len(m.File.Stmts))
	for again := true; again; {
		again = false
		for i, stmt := range m.File.Stmts {
			if _, isLoad := stmt.(*syntax.LoadStmt); isLoad || taken[i] || !binds(stmt, need) {
				continue
			}
			taken[i], again = true, true
			mentions(stmt, func(name string) { need[name] = true })
		}
	}
	var b strings.Builder
	for i, stmt := range m.File.Stmts {
		if load, ok := stmt.(*syntax.LoadStmt); ok {
			writeLoad(&b, load, need)
		} else if taken[i] {
			start, _ := stmt.Span()
			b.WriteString(strings.TrimRight(m.text[m.offset(start):m.end(i)], " \t\n"))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// end gives where statement i ends: before the next one, comments between them
// left out. (The parser's own ends stop short of some closing brackets.)
func (m *Module) end(i int) int {
	limit := len(m.text)
	if i+1 < len(m.File.Stmts) {
		start, _ := m.File.Stmts[i+1].Span()
		limit = m.offset(start)
	}
	_, stop := m.File.Stmts[i].Span()
	at := m.offset(stop)
	// From the parser's end on only brackets, spaces and comments can follow.
	end := at
	for at < limit {
		switch c := m.text[at]; {
		case c == '#':
			at += max(1, strings.IndexByte(m.text[at:]+"\n", '\n'))
			continue
		case strings.IndexByte(" \t\r\n\\;", c) < 0:
			end = at + 1
		}
		at++
	}
	return min(end, limit)
}

func writeLoad(b *strings.Builder, load *syntax.LoadStmt, need map[string]bool) {
	var parts []string
	for i, to := range load.To {
		if need[to.Name] {
			parts = append(parts, fmt.Sprintf("%s = %q", to.Name, load.From[i].Name))
		}
	}
	if len(parts) > 0 {
		fmt.Fprintf(b, "load(%q, %s)\n", load.Module.Value, strings.Join(parts, ", "))
	}
}

// binds reports whether a statement at the top may define or change one of the
// names.
func binds(stmt syntax.Stmt, need map[string]bool) bool {
	found := false
	syntax.Walk(stmt, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DefStmt:
			found = found || need[n.Name.Name]
			return false // what a function assigns is its own
		case *syntax.AssignStmt:
			targets(n.LHS, func(name string) { found = found || need[name] })
		case *syntax.ForStmt:
			targets(n.Vars, func(name string) { found = found || need[name] })
		case *syntax.ExprStmt: // names.append(x)
			if call, ok := n.X.(*syntax.CallExpr); ok {
				if dot, ok := call.Fn.(*syntax.DotExpr); ok {
					targets(dot.X, func(name string) { found = found || need[name] })
				}
			}
		}
		return !found
	})
	return found
}

// targets calls fn for the names that an assignment changes: x, x[i], x.y, (x, y).
func targets(e syntax.Expr, fn func(string)) {
	switch e := e.(type) {
	case *syntax.Ident:
		fn(e.Name)
	case *syntax.ParenExpr:
		targets(e.X, fn)
	case *syntax.IndexExpr:
		targets(e.X, fn)
	case *syntax.DotExpr:
		targets(e.X, fn)
	case *syntax.TupleExpr:
		for _, x := range e.List {
			targets(x, fn)
		}
	case *syntax.ListExpr:
		for _, x := range e.List {
			targets(x, fn)
		}
	}
}

// mentions calls fn for every identifier in n. It does not tell local names
// from global ones: a definition too many does no harm.
func mentions(n syntax.Node, fn func(string)) {
	syntax.Walk(n, func(n syntax.Node) bool {
		if id, ok := n.(*syntax.Ident); ok {
			fn(id.Name)
		}
		return true
	})
}

// Assigned gives the name that the statement around a position assigns to, ""
// if it is no plain assignment at the top of the file.
func (m *Module) Assigned(p syntax.Position) string {
	for i, stmt := range m.File.Stmts {
		start, _ := stmt.Span()
		if at := m.offset(p); at < m.offset(start) || at >= m.end(i) {
			continue
		}
		if a, ok := stmt.(*syntax.AssignStmt); ok {
			if id, ok := a.LHS.(*syntax.Ident); ok {
				return id.Name
			}
		}
	}
	return ""
}

// Function gives the text of a function that this module defines, with all
// that it uses: a def at the top under its own name, any other function under
// the name "f".
func (m *Module) Function(fn *starlark.Function) (iface.Func, error) {
	node := m.find(fn.Position())
	if node == nil {
		return iface.Func{}, fmt.Errorf("function %s is not of %s", fn.Name(), m.Name)
	}
	if def, ok := node.(*syntax.DefStmt); ok && slices.Contains(m.File.Stmts, syntax.Stmt(def)) {
		return iface.Func{Name: fn.Name(), Source: m.Slice(fn.Name())}, nil
	}
	closed, err := m.closedOver(fn)
	if err != nil {
		return iface.Func{}, err
	}
	var names []string
	mentions(node, func(name string) {
		if _, ok := closed[name]; !ok {
			names = append(names, name)
		}
	})
	var b strings.Builder
	b.WriteString(m.Slice(names...))
	for _, name := range slices.Sorted(maps.Keys(closed)) {
		fmt.Fprintf(&b, "%s = %s\n", name, closed[name])
	}
	start, stop := node.Span()
	if def, ok := node.(*syntax.DefStmt); ok {
		indent := strings.Repeat(" ", int(start.Col)-1)
		text := strings.ReplaceAll(m.text[m.offset(start):m.blockEnd(stop)], "\n"+indent, "\n")
		fmt.Fprintf(&b, "%s\nf = %s\n", strings.TrimRight(text, "\n"), def.Name.Name)
	} else {
		fmt.Fprintf(&b, "f = (%s)\n", m.text[m.offset(start):m.exprEnd(start, stop)])
	}
	return iface.Func{Name: "f", Source: b.String()}, nil
}

// closedOver gives the variables of enclosing functions, as literals.
func (m *Module) closedOver(fn *starlark.Function) (map[string]string, error) {
	out := map[string]string{}
	for i := range fn.NumFreeVars() {
		binding, v := fn.FreeVar(i)
		if _, err := FromStarlark(v); err != nil {
			return nil, fmt.Errorf("function %s uses %q of the function around it: %w", fn.Name(), binding.Name, err)
		}
		out[binding.Name] = v.String()
	}
	return out, nil
}

// find gives the def or lambda at a position.
func (m *Module) find(p syntax.Position) syntax.Node {
	var found syntax.Node
	syntax.Walk(m.File, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DefStmt:
			if n.Def.Line == p.Line && n.Def.Col == p.Col {
				found = n
			}
		case *syntax.LambdaExpr:
			if n.Lambda.Line == p.Line && n.Lambda.Col == p.Col {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// blockEnd gives the end of the line of a position.
func (m *Module) blockEnd(p syntax.Position) int {
	at := m.offset(p)
	if n := strings.IndexByte(m.text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(m.text)
}

// exprEnd gives where a lambda ends: the parser may stop before a closing
// bracket, so brackets that it opened are closed.
func (m *Module) exprEnd(start, stop syntax.Position) int {
	at := m.offset(stop)
	for at < len(m.text) {
		if _, err := Options.ParseExpr(m.Name, m.text[m.offset(start):at], 0); err == nil {
			return at
		}
		at++
	}
	return m.offset(stop)
}

// LastFunction gives the name of the last function that the file defines at
// its top, by def or as a lambda, "" if there is none.
func (m *Module) LastFunction() string {
	for _, stmt := range slices.Backward(m.File.Stmts) {
		switch stmt := stmt.(type) {
		case *syntax.DefStmt:
			return stmt.Name.Name
		case *syntax.AssignStmt:
			if id, ok := stmt.LHS.(*syntax.Ident); ok {
				if _, ok := stmt.RHS.(*syntax.LambdaExpr); ok {
					return id.Name
				}
			}
		}
	}
	return ""
}
