package starfn

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
)

// Functions outlive the evaluation of the file: they run later, perhaps in
// another process, and what they made is looked up by what they do. So a
// function is written down as a module of its own: its text, the functions that
// it uses, and what it captures as literals. Captured values are those of the
// moment at which the function is handed over. The text holds no places, so
// that it changes only with what the function does.

// lambdaName is what a lambda is called in its module.
const lambdaName = "fn"

// Texts writes the functions of one evaluation down. It is not safe for
// concurrent use.
type Texts struct {
	Module func(file string) *Module     // the file that a position names; nil: not known
	Has    func(name string) bool        // further names that functions may use when they run; may be nil
	Hint   func(v starlark.Value) string // how else a value reaches a function, "": no way of its own; may be nil

	pure map[syntax.Node]iface.Func // functions that capture nothing, by their def or lambda
}

// Write gives the text of a function that is handed over at a place, with all
// that it uses. What can't be written is named in the list, which is empty for
// a text that is good.
func (t *Texts) Write(call starlark.Callable, at diag.Pos) (iface.Func, diag.List) {
	w := &textWriter{texts: t, at: at, taken: map[string]string{}, names: map[string]string{}, pure: true}
	switch fn := call.(type) {
	case *starlark.Function:
		_, node := t.find(fn)
		if text, ok := t.pure[node]; ok {
			return text, nil
		}
		name := w.function(fn, wantedName(fn))
		out := iface.Func{Name: name, Source: strings.Join(w.parts, "\n")}
		if w.pure && len(w.faults) == 0 && node != nil {
			if t.pure == nil {
				t.pure = map[syntax.Node]iface.Func{}
			}
			t.pure[node] = out
		}
		return out, w.faults
	case *starlark.Builtin:
		if expr := builtinText[fn]; expr != "" {
			return iface.Func{Name: lambdaName, Source: lambdaName + " = " + expr + "\n"}, nil
		}
	}
	w.wrong(at, fmt.Sprintf("%s can't be used as a function here", call.Type()), "it works only while the definition is read", "write a def or a lambda")
	return iface.Func{}, w.faults
}

func (t *Texts) has(name string) bool {
	return UniverseHas(name) || t.Has != nil && t.Has(name)
}

// find gives the def or lambda that made a function, and its file.
func (t *Texts) find(fn *starlark.Function) (*Module, syntax.Node) {
	m := t.Module(fn.Position().Filename())
	if m == nil {
		return nil, nil
	}
	return m, m.function(fn.Position())
}

func wantedName(fn *starlark.Function) string {
	if fn.Name() == "lambda" {
		return lambdaName
	}
	return fn.Name()
}
