package toolfile

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starfn"
)

// Files is what a session knows of the files around the user's file.
type Files interface {
	// Module gives a file by the name that positions in it have, nil if it is
	// not known.
	Module(name string) *starfn.Module
	// Loaded says what load(name) means in a file: a package of the catalogue,
	// or another file. Neither: a package of packages.
	Loaded(from *starfn.Module, name string) (pkg string, file *starfn.Module)
}

// embedded is the view of a file that loads nothing but packages.
type embedded struct{ own *starfn.Module }

func (e embedded) Module(name string) *starfn.Module {
	if name == e.own.Name {
		return e.own
	}
	return Module(name)
}

func (e embedded) Loaded(_ *starfn.Module, name string) (string, *starfn.Module) { return name, nil }

// A user's tool is written down as one text, which holds the parts of the
// user's files that it needs and loads nothing but packages of the catalogue.
// A toolText puts it together.
type toolText struct {
	s     *Session
	tool  string
	pos   diag.Pos
	names map[*starfn.Module]map[string]bool // what is needed of each file
	files []*starfn.Module                   // in the order in which they must be evaluated
	owner map[string]string                  // name in the text -> what it stands for
	text  strings.Builder
}

// source gives the text of the tool that a variable of the file holds.
func (s *Session) source(variable string, pos diag.Pos) string {
	t := &toolText{s: s, tool: variable, pos: pos, names: map[*starfn.Module]map[string]bool{}, owner: map[string]string{}}
	t.need(s.module, variable)
	t.order(s.module)
	for _, m := range t.files {
		t.write(m)
	}
	for _, m := range t.files {
		t.captured(m)
	}
	return t.text.String()
}

// need notes that a name of a file is needed, and what that needs of others.
func (t *toolText) need(m *starfn.Module, name string) {
	if t.names[m] == nil {
		t.names[m] = map[string]bool{}
	}
	if t.names[m][name] {
		return
	}
	t.names[m][name] = true
	_, loads := m.Part(name)
	for _, l := range loads {
		if _, file := t.s.files.Loaded(m, l.Module); file != nil {
			t.need(file, l.Name)
		}
	}
}

func (t *toolText) part(m *starfn.Module) ([]syntax.Stmt, []starfn.Load) {
	return m.Part(slices.Sorted(maps.Keys(t.names[m]))...)
}

// order lists the files, each behind those that it loads.
func (t *toolText) order(m *starfn.Module) {
	if slices.Contains(t.files, m) {
		return
	}
	_, loads := t.part(m)
	for _, l := range loads {
		if _, file := t.s.files.Loaded(m, l.Module); file != nil {
			t.order(file)
		}
	}
	t.files = append(t.files, m)
}

// write writes the part of one file.
func (t *toolText) write(m *starfn.Module) {
	stmts, loads := t.part(m)
	for _, l := range loads {
		switch pkg, file := t.s.files.Loaded(m, l.Module); {
		case file != nil && l.As == l.Name:
		case file != nil:
			if t.claim(l.As, l.Name+" of "+file.Name) {
				fmt.Fprintf(&t.text, "%s = %s\n", l.As, l.Name)
			}
		case pkg == "":
			t.s.fault(t.pos, fmt.Sprintf("tool %q uses %q, which is a whole package", t.tool, l.As),
				"a tool is written down with the names that it builds on", fmt.Sprintf("load the names: load(%q, \"BET\")", l.Name))
		default:
			if t.claim(l.As, pkg+"."+l.Name) {
				t.text.WriteString(starfn.Load{Module: pkg, Name: l.Name, As: l.As}.String())
			}
		}
	}
	for _, stmt := range stmts {
		starfn.Binds(stmt, func(name string) { t.claim(name, name+" of "+m.Name) })
		t.text.WriteString(m.Cut(stmt) + "\n")
	}
}

// claim reserves a name of the text; it reports whether the name is new.
func (t *toolText) claim(name, meaning string) bool {
	have, ok := t.owner[name]
	if ok && have != meaning {
		t.clash(name, have, meaning)
	}
	t.owner[name] = meaning
	return !ok
}

// captured finds names that mean something built in where they stand, and
// something else in the text.
func (t *toolText) captured(m *starfn.Module) {
	stmts, _ := t.part(m)
	for _, stmt := range stmts {
		syntax.Walk(stmt, func(n syntax.Node) bool {
			if id, ok := n.(*syntax.Ident); ok {
				b, ok := id.Binding.(*resolve.Binding)
				if ok && (b.Scope == resolve.Predeclared || b.Scope == resolve.Universal) && t.owner[id.Name] != "" {
					t.clash(id.Name, t.owner[id.Name], "what is built in")
				}
			}
			return true
		})
	}
}

func (t *toolText) clash(name, one, other string) {
	t.s.fault(t.pos, fmt.Sprintf("tool %q uses two things called %q", t.tool, name),
		fmt.Sprintf("it is written down as one text, and there the name stands for %s and for %s", one, other), "give one of the two another name")
}
