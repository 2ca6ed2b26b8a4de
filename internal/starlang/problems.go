package starlang

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/diag"
)

// maxProblems is how many problems are worth keeping: a wrong line in a loop
// of a million nodes is one mistake.
const maxProblems = 1000

type problemKey struct {
	pos  diag.Pos
	what string
}

func (ld *loader) add(d *diag.Diagnostic) {
	key := problemKey{d.Pos, d.What}
	if ld.seen[key] || len(ld.seen) >= maxProblems {
		return
	}
	ld.seen[key] = true
	ld.def.Problems.Add(d)
}

// problem records something that is wrong with the definition; evaluation goes
// on.
func (ld *loader) problem(pos diag.Pos, what, why, mend string, notes ...diag.Note) {
	ld.add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: pos, What: what, Why: why, Mend: mend, Notes: notes})
}

// usage records something that is wrong with the command line.
func (ld *loader) usage(pos diag.Pos, what, why, mend string) {
	ld.add(&diag.Diagnostic{Code: diag.Usage, Pos: pos, What: what, Why: why, Mend: mend})
}

// warn records something that is worth saying.
func (ld *loader) warn(pos diag.Pos, what, why, mend string) {
	ld.add(&diag.Diagnostic{Code: diag.Warning, Pos: pos, What: what, Why: why, Mend: mend})
}

// A fatal is an error that ends the evaluation and knows its message in full.
type fatal struct{ d diag.Diagnostic }

func (f *fatal) Error() string { return f.d.What }

// failed records why the evaluation of a file ended. Problems that are recorded
// already (errAbandoned) are not said twice.
func (ld *loader) failed(err error) {
	if errors.Is(err, errAbandoned) {
		return
	}
	d := &diag.Diagnostic{Code: diag.BadDefinition, What: err.Error(), Err: err}
	var eval *starlark.EvalError
	if errors.As(err, &eval) {
		d.What = eval.Msg
		d.Pos, d.Notes = ld.trace(eval.CallStack)
	}
	var f *fatal
	if errors.As(err, &f) {
		notes, pos := d.Notes, d.Pos
		*d = f.d
		d.Notes = append(slices.Clone(f.d.Notes), notes...)
		if !d.Pos.IsValid() {
			d.Pos = pos
		}
	}
	if d.Why == "" && d.Mend == "" {
		d.What, d.Why, d.Mend = explain(d.What)
	}
	ld.add(d)
}

// trace gives the innermost place of a call stack that is in a file, and a note
// for each place that led to it.
func (ld *loader) trace(stack starlark.CallStack) (diag.Pos, []diag.Note) {
	var pos diag.Pos
	var notes []diag.Note
	for i := range stack {
		frame := stack.At(i)
		p := ld.place(frame.Pos)
		switch {
		case !p.IsValid():
		case !pos.IsValid():
			pos = p
		default:
			notes = append(notes, diag.Note{Pos: p, Text: "called here"})
		}
	}
	return pos, notes
}

// explain adds why and mend to messages of the interpreter that people who
// write Python meet.
func explain(msg string) (what, why, mend string) {
	what = msg
	if name, rest, ok := strings.Cut(msg, " (did you mean "); ok {
		return name, "there is no such name here", "did you mean " + strings.TrimSuffix(rest, "?)") + "?"
	}
	switch {
	case strings.Contains(msg, "called recursively"):
		why, mend = "a definition always ends, so functions do not call themselves", "write a loop"
	case strings.Contains(msg, "unhashable"):
		why, mend = "keys of dictionaries must not change", "use text, a number or a tuple as the key"
	case strings.Contains(msg, "frozen"):
		why, mend = "what a loaded file made is fixed once it is loaded", "make a copy: list(x) or dict(x)"
	case strings.Contains(msg, "referenced before assignment"):
		why, mend = "the name gets its value further down, or on another path", "assign it before this line"
	case strings.HasPrefix(msg, "fail: "):
		why, mend = "the definition itself ends here, with fail()", "change what the message names"
	case strings.Contains(msg, "unknown conversion %"), strings.Contains(msg, "format spec features"):
		why, mend = "Starlark's % and format know no width, precision or zeros", `write printf("%02d", x), which formats as Python does; in a function that runs later: ("00" + str(x))[-2:]`
	default:
		why, mend = "the call or the operation can't be done with these values", "change the marked expression"
	}
	return what, why, mend
}

// badSyntax turns the errors of the parser and the resolver into problems.
func (ld *loader) badSyntax(src *source, err error) {
	var one syntax.Error
	var many resolve.ErrorList
	switch {
	case errors.As(err, &one):
		ld.syntaxError(src, one)
	case errors.As(err, &many):
		for _, e := range many {
			ld.resolveError(src, e)
		}
	default:
		ld.add(&diag.Diagnostic{Code: diag.BadDefinition, Pos: diag.Pos{File: src.Name}, What: err.Error(),
			Why: "the file must be Starlark, which is much like Python", Mend: "correct the file", Err: err})
	}
}

func (ld *loader) syntaxError(src *source, e syntax.Error) {
	pos := src.Span(e.Pos, after(e.Pos))
	line := src.Line(int(e.Pos.Line))
	if h := habitIn(line); h != nil {
		at := strings.Index(line, h.word)
		pos = diag.Pos{File: src.Name, Line: int(e.Pos.Line), Column: at + 1, Length: len(h.word)}
		ld.problem(pos, h.what, h.why, h.mend)
		return
	}
	mend := "correct the marked place, or what stands before it"
	if openBracket(e.Msg) {
		mend = "perhaps a bracket before this place is not closed"
	}
	ld.problem(pos, "syntax error: "+e.Msg, "the file must be Starlark, which is much like Python", mend)
}

// openBracket reports whether a syntax error wants a closing bracket.
func openBracket(msg string) bool {
	return strings.Contains(msg, "want ')'") || strings.Contains(msg, "want ']'") || strings.Contains(msg, "want '}'") ||
		strings.Contains(msg, "want ',' or ')'")
}

func (ld *loader) resolveError(src *source, e resolve.Error) {
	pos := src.Span(e.Pos, after(e.Pos))
	if rest, ok := strings.CutPrefix(e.Msg, "undefined: "); ok {
		name, hint, _ := strings.Cut(rest, " (did you mean ")
		pos.Length = len(name)
		why, mend := ld.undefined(name, strings.TrimSuffix(hint, "?)"))
		ld.problem(pos, fmt.Sprintf("undefined name %q", name), why, mend)
		return
	}
	if strings.Contains(e.Msg, "while loops") {
		pos.Length = len("while")
		ld.problem(pos, "a definition has no while loops", "so that every definition ends", "write: for i in range(n):")
		return
	}
	ld.problem(pos, e.Msg, "the names of a file are settled before it is evaluated", "change the name")
}
