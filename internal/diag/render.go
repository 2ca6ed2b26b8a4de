package diag

import (
	"fmt"
	"os"
	"strings"
)

// A Painter wraps a part of a message in colour. The zero Painter paints
// nothing.
type Painter struct{ Colour bool }

func (p Painter) paint(code, s string) string {
	if !p.Colour {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

// Render gives a diagnostic as the lines that a person reads: place and
// clause, the source line with the span underlined, then why, mend and notes.
// source reads a file's bytes; nil means os.ReadFile.
func (d *Diagnostic) Render(p Painter, source func(string) ([]byte, error)) string {
	var b strings.Builder
	word, colour := "error", "31;1"
	if d.Code == Warning {
		word, colour = "warning", "33;1"
	}
	if d.Pos.IsValid() {
		fmt.Fprintf(&b, "%s: ", d.Pos)
	}
	fmt.Fprintf(&b, "%s %s\n", p.paint(colour, word+":"), d.What)
	b.WriteString(excerpt(d.Pos, p, source))
	if d.Why != "" {
		fmt.Fprintf(&b, "  why:  %s\n", indent(d.Why))
	}
	if d.Mend != "" {
		fmt.Fprintf(&b, "  %s %s\n", p.paint("32", "mend:"), indent(d.Mend))
	}
	for _, n := range d.Notes {
		if n.Pos.IsValid() {
			fmt.Fprintf(&b, "  note: %s: %s\n", n.Pos, indent(n.Text))
		} else {
			fmt.Fprintf(&b, "  note: %s\n", indent(n.Text))
		}
	}
	return b.String()
}

// indent keeps the later lines of a text under its first.
func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n        ") }

// mostAlike is how many diagnostics are named of those that differ in nothing but
// what they are about: a wrong line in a loop makes a thousand.
const mostAlike = 10

// Render gives every diagnostic of the list, sorted by place. Of those that one
// line of a loop causes the first is given whole, the next by a line each, and
// the others by their number.
func (l List) Render(p Painter, source func(string) ([]byte, error)) string {
	var b strings.Builder
	source = remembering(source)
	for rest := l.Sorted(); len(rest) > 0; {
		alike := 1
		for alike < len(rest) && rest[0].isLike(rest[alike]) {
			alike++
		}
		b.WriteString(rest[0].Render(p, source))
		for _, d := range rest[1:min(alike, mostAlike)] {
			fmt.Fprintf(&b, "  also: %s\n", indent(d.What))
		}
		if more := alike - mostAlike; more > 0 {
			fmt.Fprintf(&b, "  also: %d more like these, of the same place\n", more)
		}
		rest = rest[alike:]
	}
	return b.String()
}

// isLike reports whether two diagnostics of one place, down to the column, break
// one rule and are mended alike.
func (d *Diagnostic) isLike(o *Diagnostic) bool {
	return d.Pos == o.Pos && d.Pos.Column > 0 && d.Code == o.Code && d.Why == o.Why && d.Mend == o.Mend && len(d.Notes)+len(o.Notes) == 0
}

// remembering reads a file once for all diagnostics in a row that are about it.
func remembering(source func(string) ([]byte, error)) func(string) ([]byte, error) {
	if source == nil {
		source = os.ReadFile
	}
	var last string
	var text []byte
	err := os.ErrNotExist
	return func(file string) ([]byte, error) {
		if file != last {
			last = file
			text, err = source(file)
		}
		return text, err
	}
}
