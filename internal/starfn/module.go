package starfn

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"go.starlark.net/resolve"
	"go.starlark.net/syntax"
)

// A Module is a Starlark file with its text: where its pieces stand, and which
// part of it defines a name with everything that it uses.
type Module struct {
	Name string
	Text string
	File *syntax.File // nil: it did not parse

	lines []int // byte offset of each line
	once  sync.Once
	funcs map[syntax.Position]syntax.Node // *DefStmt or *LambdaExpr, by its first letter
}

// NewModule makes a module of a text and its tree.
func NewModule(name, text string, file *syntax.File) *Module {
	m := &Module{Name: name, Text: text, File: file, lines: []int{0}}
	for i := range len(text) {
		if text[i] == '\n' {
			m.lines = append(m.lines, i+1)
		}
	}
	return m
}

// ParseModule reads a file.
func ParseModule(name string, text []byte) (*Module, error) {
	file, err := Options.Parse(name, text, 0)
	if err != nil {
		return nil, err
	}
	return NewModule(name, string(text), file), nil
}

// function gives the def or lambda at a position, nil if there is none.
func (m *Module) function(p syntax.Position) syntax.Node {
	m.once.Do(func() {
		m.funcs = map[syntax.Position]syntax.Node{}
		syntax.Walk(m.File, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.DefStmt:
				m.funcs[mark(n.Def)] = n
			case *syntax.LambdaExpr:
				m.funcs[mark(n.Lambda)] = n
			}
			return true
		})
	})
	return m.funcs[mark(p)]
}

// mark is a position without its file.
func mark(p syntax.Position) syntax.Position { return syntax.MakePosition(nil, p.Line, p.Col) }

// A Load is one name that a load statement gives.
type Load struct{ Module, Name, As string }

// Part gives the statements at the top of the file that define or change the
// names, and all that they use in turn, in the order of the file, and what of
// it is loaded. Names that the file does not define are the universe's, or the
// caller's concern.
func (m *Module) Part(names ...string) (stmts []syntax.Stmt, loads []Load) {
	need := map[string]bool{}
	for _, n := range names {
		need[n] = true
	}
	taken := make([]bool, len(m.File.Stmts))
	for again := true; again; {
		again = false
		for i, stmt := range m.File.Stmts {
			if taken[i] || !binds(stmt, need) {
				continue
			}
			taken[i], again = true, true
			m.mentions(stmt, func(name string) { need[name] = true })
		}
	}
	for i, stmt := range m.File.Stmts {
		if load, ok := stmt.(*syntax.LoadStmt); ok {
			for k, to := range load.To {
				if need[to.Name] {
					loads = append(loads, Load{load.Module.Value.(string), load.From[k].Name, to.Name})
				}
			}
		} else if taken[i] {
			stmts = append(stmts, stmt)
		}
	}
	return stmts, loads
}

// Slice gives the same as text.
func (m *Module) Slice(names ...string) string {
	stmts, loads := m.Part(names...)
	var b strings.Builder
	for _, l := range loads {
		b.WriteString(l.String())
	}
	for _, stmt := range stmts {
		b.WriteString(m.Cut(stmt) + "\n")
	}
	return b.String()
}

// String gives the statement that loads it.
func (l Load) String() string {
	return fmt.Sprintf("load(%q, %s = %q)\n", l.Module, l.As, l.Name)
}

func binds(stmt syntax.Stmt, need map[string]bool) bool {
	found := false
	Binds(stmt, func(name string) { found = found || need[name] })
	return found
}

// Binds calls fn for the names at the top of the file that a statement there
// may define or change; what is loaded is not among them.
func Binds(stmt syntax.Stmt, fn func(name string)) {
	syntax.Walk(stmt, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.DefStmt:
			fn(n.Name.Name)
			return false // what a function assigns is its own
		case *syntax.LambdaExpr:
			return false
		case *syntax.AssignStmt:
			targets(n.LHS, fn)
		case *syntax.ForStmt:
			targets(n.Vars, fn)
		case *syntax.ExprStmt: // names.append(x)
			if call, ok := n.X.(*syntax.CallExpr); ok {
				if dot, ok := call.Fn.(*syntax.DotExpr); ok {
					targets(dot.X, fn)
				}
			}
		}
		return true
	})
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

// mentions calls fn for the names that a statement at the top takes from the
// rest of the file. Before the file is resolved, local names can't be told from
// those: a definition too many.
func (m *Module) mentions(stmt syntax.Stmt, fn func(string)) {
	syntax.Walk(stmt, func(n syntax.Node) bool {
		id, ok := n.(*syntax.Ident)
		if !ok {
			return true
		}
		b, bound := id.Binding.(*resolve.Binding)
		switch {
		case m.File.Module == nil:
		case !bound: // the name of a keyword or an attribute
			return true
		case b.Scope == resolve.Predeclared || b.Scope == resolve.Universal:
			return true
		case b.Scope != resolve.Global && b.First != nil && within(stmt, b.First):
			return true
		}
		fn(id.Name)
		return true
	})
}

// Assigned gives the name that the statement around a position assigns to, ""
// if it is no plain assignment at the top of the file.
func (m *Module) Assigned(p syntax.Position) string {
	for _, stmt := range m.File.Stmts {
		start, _ := stmt.Span()
		if at := m.Offset(p); at < m.Offset(start) || at >= m.Offset(EndOf(stmt)) {
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
