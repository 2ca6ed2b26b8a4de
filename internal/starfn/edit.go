package starfn

import (
	"slices"
	"strings"

	"go.starlark.net/syntax"
)

// An editor changes a piece of a module.
type editor struct {
	src   *Module
	edits []edit
}

type edit struct {
	from, to int
	text     string
}

func (e *editor) replace(n syntax.Node, text string) {
	start, _ := n.Span()
	e.edits = append(e.edits, edit{e.src.Offset(start), e.src.Offset(EndOf(n)), text})
}

func (e *editor) ident(id *syntax.Ident, name string) {
	if id.Name != name {
		e.replace(id, name)
	}
}

// dedent moves a def to the left margin. Lines within a string stay as they
// are.
func (e *editor) dedent(def *syntax.DefStmt) {
	indent := int(def.Def.Col) - 1
	if indent == 0 {
		return
	}
	inString := map[int32]bool{}
	syntax.Walk(def, func(n syntax.Node) bool {
		if lit, ok := n.(*syntax.Literal); ok {
			for i := range strings.Count(lit.Raw, "\n") {
				inString[lit.TokenPos.Line+int32(i)+1] = true
			}
		}
		return true
	})
	for line := def.Def.Line + 1; line <= EndOf(def).Line; line++ {
		from := e.src.lines[line-1]
		n := 0
		for n < indent && from+n < len(e.src.Text) && (e.src.Text[from+n] == ' ' || e.src.Text[from+n] == '\t') {
			n++
		}
		if n > 0 && !inString[line] {
			e.edits = append(e.edits, edit{from, from + n, ""})
		}
	}
}

// apply gives the text between two offsets with the edits done; one that lies
// within another is dropped.
func (e *editor) apply(from, to int) string {
	slices.SortStableFunc(e.edits, func(a, b edit) int {
		if a.from != b.from {
			return a.from - b.from
		}
		return b.to - a.to
	})
	var b strings.Builder
	at := from
	for _, ed := range e.edits {
		if ed.from < at {
			continue
		}
		b.WriteString(e.src.Text[at:ed.from])
		b.WriteString(ed.text)
		at = ed.to
	}
	b.WriteString(e.src.Text[at:to])
	return b.String()
}
