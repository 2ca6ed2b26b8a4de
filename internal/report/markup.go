package report

import (
	"fmt"
	"html"
	"strings"
)

// markup is HTML or SVG that may stand in a page as it is.
type markup string

// A writer puts markup together. What comes from a run gets into it by add
// alone, which escapes it: so nothing of that can be taken for markup, in text
// as in quoted attributes, which is all there is in these pages.
//
// It is used in place of html/template, since that calls methods by name: with
// it the linker keeps every method of the program, 1.7 MB, and each run of a
// workflow holds 1.4 MB more (Go 1.26, amd64).
type writer struct{ strings.Builder }

// add writes a format of package fmt: texts are escaped, numbers and markup are
// written as they are.
func (w *writer) add(format string, args ...any) {
	safe := make([]any, len(args))
	for i, a := range args {
		switch a := a.(type) {
		case string:
			safe[i] = html.EscapeString(a)
		case markup, int, float64:
			safe[i] = a
		default:
			panic(fmt.Sprintf("BUG: report: %T in markup", a))
		}
	}
	fmt.Fprintf(w, format, safe...)
}

// markup gives what was written.
func (w *writer) markup() markup { return markup(w.String()) }
