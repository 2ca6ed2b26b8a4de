package diag

import (
	"bytes"
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

// excerpt gives the source line of pos with its span underlined, or nothing
// when the file can't be read any more.
func excerpt(pos Pos, p Painter, source func(string) ([]byte, error)) string {
	if pos.Line == 0 {
		return ""
	}
	if source == nil {
		source = os.ReadFile
	}
	text, err := source(pos.File)
	if err != nil {
		return ""
	}
	lines := bytes.SplitN(text, []byte("\n"), pos.Line+1)
	if pos.Line > len(lines) {
		return ""
	}
	line := strings.TrimRight(string(lines[pos.Line-1]), "\r")
	const most = 160 // longer lines (JSON records) are cut around the span
	if len(line) > most {
		return ""
	}
	out := fmt.Sprintf("%5d | %s\n", pos.Line, strings.ReplaceAll(line, "\t", " "))
	if pos.Column > 0 && pos.Column <= len(line)+1 {
		n := max(1, min(pos.Length, len(line)-pos.Column+1))
		out += fmt.Sprintf("      | %s%s\n", strings.Repeat(" ", pos.Column-1), p.paint("31", strings.Repeat("^", n)))
	}
	return out
}

// Render gives every diagnostic of the list, sorted by place.
func (l List) Render(p Painter, source func(string) ([]byte, error)) string {
	var b strings.Builder
	for _, d := range l.Sorted() {
		b.WriteString(d.Render(p, source))
	}
	return b.String()
}
