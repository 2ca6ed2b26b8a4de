package starfn

import (
	"fmt"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
)

// A textWriter collects the parts of one module.
type textWriter struct {
	texts  *Texts
	at     diag.Pos
	faults diag.List
	parts  []string
	taken  map[string]string // name in the module -> what it stands for
	names  map[string]string // what it stands for -> name in the module
	pure   bool              // nothing was captured: the text depends on the place in the file only
}

func (w *textWriter) wrong(pos diag.Pos, what, why, mend string) {
	var notes []diag.Note
	if pos != w.at && w.at.IsValid() {
		notes = append(notes, diag.Note{Pos: w.at, Text: "the function is handed over here"})
	}
	w.faults.Add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: what, Why: why, Mend: mend, Notes: notes})
}

// claim gives the name for something in the module, and whether it has to be
// written yet.
func (w *textWriter) claim(want, identity string) (name string, fresh bool) {
	if name, ok := w.names[identity]; ok {
		return name, false
	}
	name = want
	for i := 2; ; i++ {
		_, used := w.taken[name]
		if !used && !w.texts.has(name) && !starlark.Universe.Has(name) {
			break
		}
		name = fmt.Sprintf("%s__%d", want, i)
	}
	w.taken[name], w.names[identity] = identity, name
	return name, true
}

// function writes fn and what it uses, and gives its name in the module.
func (w *textWriter) function(fn *starlark.Function, want string) string {
	name, fresh := w.claim(want, fmt.Sprintf("function %p", fn))
	if !fresh {
		return name
	}
	src, node := w.texts.find(fn)
	if node == nil {
		w.wrong(w.at, fmt.Sprintf("function %s has no text", fn.Name()), "a function is written down with all that it uses, from the file that defines it", "define it in this file, or in one that is loaded")
		return name
	}
	e := &editor{src: src}
	params, body := partsOf(node)
	w.defaults(e, fn, params)
	for _, n := range body {
		w.references(e, fn, src, node, n)
	}
	start, _ := node.Span()
	from, to := src.Offset(start), src.Offset(EndOf(node))
	if def, ok := node.(*syntax.DefStmt); ok {
		e.ident(def.Name, name)
		e.dedent(def)
		w.parts = append(w.parts, e.apply(from, to)+"\n")
	} else {
		w.parts = append(w.parts, name+" = ("+e.apply(from, to)+")\n")
	}
	return name
}

func partsOf(fn syntax.Node) (params []syntax.Expr, body []syntax.Node) {
	switch fn := fn.(type) {
	case *syntax.DefStmt:
		for _, s := range fn.Body {
			body = append(body, s)
		}
		return fn.Params, body
	case *syntax.LambdaExpr:
		return fn.Params, []syntax.Node{fn.Body}
	}
	return nil, nil
}

// defaults puts the values of default arguments in place of their expressions,
// which were evaluated where the function was made.
func (w *textWriter) defaults(e *editor, fn *starlark.Function, params []syntax.Expr) {
	for _, p := range params {
		b, ok := p.(*syntax.BinaryExpr)
		if !ok {
			continue
		}
		if _, literal := b.Y.(*syntax.Literal); literal {
			continue
		}
		id, _ := b.X.(*syntax.Ident)
		for i := range fn.NumParams() {
			if pname, _ := fn.Param(i); id == nil || pname != id.Name || fn.ParamDefault(i) == nil {
				continue
			}
			e.replace(b.Y, w.expression(id.Name, fn.ParamDefault(i), e.src.Of(b.Y)))
		}
	}
}

// references follows the names in n that mean something outside of the
// function.
func (w *textWriter) references(e *editor, fn *starlark.Function, src *Module, root, n syntax.Node) {
	syntax.Walk(n, func(n syntax.Node) bool {
		id, ok := n.(*syntax.Ident)
		if !ok {
			return true
		}
		b, ok := id.Binding.(*resolve.Binding)
		if !ok {
			return true
		}
		switch b.Scope {
		case resolve.Predeclared:
			if !w.texts.has(id.Name) {
				w.wrong(src.Of(id), fmt.Sprintf("function %s uses %s", fn.Name(), id.Name),
					"it is there while the definition is read, not when functions run", "functions have json, math, path, re and what they are given")
			}
		case resolve.Global:
			w.reference(e, fn, id, fn.Globals()[id.Name], src)
		case resolve.Free:
			if b.First == nil || !within(root, b.First) {
				w.reference(e, fn, id, freeVar(fn, id.Name), src)
			}
		}
		return true
	})
}

// within reports whether an identifier stands inside n.
func within(n syntax.Node, id *syntax.Ident) bool {
	start, _ := n.Span()
	end := EndOf(n)
	p := id.NamePos
	after := p.Line > start.Line || p.Line == start.Line && p.Col >= start.Col
	before := p.Line < end.Line || p.Line == end.Line && p.Col < end.Col
	return after && before
}

func freeVar(fn *starlark.Function, name string) starlark.Value {
	for i := range fn.NumFreeVars() {
		if b, v := fn.FreeVar(i); b.Name == name {
			return v
		}
	}
	return nil
}

// reference makes sure that what a name stands for is in the module, and puts
// the module's name for it in place.
func (w *textWriter) reference(e *editor, fn *starlark.Function, id *syntax.Ident, v starlark.Value, src *Module) {
	w.pure = false
	if v == nil {
		w.wrong(src.Of(id), fmt.Sprintf("function %s uses %q, which has no value yet", fn.Name(), id.Name),
			"a function is written down when it is handed over", "assign the name before this place")
		return
	}
	if inner, ok := v.(*starlark.Function); ok {
		e.ident(id, w.function(inner, id.Name)) // by the name that the text uses, which then need not change
		return
	}
	text := w.expression(id.Name, v, src.Of(id))
	if text == "" {
		return
	}
	if builtinNames[text] {
		e.ident(id, text)
		return
	}
	name, fresh := w.claim(id.Name, id.Name+" = "+text)
	if fresh {
		w.parts = append(w.parts, name+" = "+text+"\n")
	}
	e.ident(id, name)
}

// expression gives a captured value as text, "" with a problem recorded.
func (w *textWriter) expression(name string, v starlark.Value, at diag.Pos) string {
	switch v := v.(type) {
	case *starlark.Function:
		return w.function(v, wantedName(v))
	case *starlark.Builtin, *starlarkstruct.Module:
		if expr := builtinText[v]; expr != "" {
			return expr
		}
	}
	text, err := literal(v, 0)
	if err == nil {
		return text
	}
	mend := "hand plain data over: text, numbers, lists, dictionaries"
	if w.texts.Hint != nil && w.texts.Hint(v) != "" {
		mend = w.texts.Hint(v)
	}
	w.wrong(at, fmt.Sprintf("a function uses %q, which can't be written down: %s", name, err),
		"functions run later, with nothing but their text and plain data", mend)
	return ""
}
