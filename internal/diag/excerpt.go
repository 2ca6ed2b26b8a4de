package diag

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Longer lines (JSON records) are cut around the span.
const (
	longest = 160 // bytes of a line that are shown
	before  = 40  // of them, before the span
)

// excerpt gives the source line of pos with its span underlined, or nothing
// when the file can't be read any more.
func excerpt(pos Pos, p Painter, source func(string) ([]byte, error)) string {
	if pos.Line <= 0 {
		return ""
	}
	if source == nil {
		source = os.ReadFile
	}
	text, err := source(pos.File)
	if err != nil {
		return ""
	}
	line, ok := nthLine(text, pos.Line)
	if !ok {
		return ""
	}
	at := min(max(pos.Column-1, 0), len(line))
	span := max(1, pos.Length)
	head, tail := "", ""
	if len(line) > longest {
		line, at, head, tail = cut(line, at)
	}
	end := min(at+span, len(line))
	out := fmt.Sprintf("%5d | %s%s%s\n", pos.Line, head, show(line), tail)
	if pos.Column > 0 {
		marks := max(1, cells(show(line[at:end])))
		gap := len(head) + cells(show(line[:at]))
		out += fmt.Sprintf("      | %s%s\n", strings.Repeat(" ", gap), p.paint("31", strings.Repeat("^", marks)))
	}
	return out
}

// nthLine gives line n of text, counted from 1, without its end.
func nthLine(text []byte, n int) (string, bool) {
	for ; n > 1; n-- {
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return "", false
		}
		text = text[i+1:]
	}
	if i := bytes.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return strings.TrimRight(string(text), "\r"), true
}

// cut gives the part of a line around offset at, the offset in that part, and
// what stands for the parts that were left out.
func cut(line string, at int) (part string, offset int, head, tail string) {
	from := max(0, min(at-before, len(line)-longest))
	to := min(len(line), from+longest)
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	if from > 0 {
		head = "..."
	}
	if to < len(line) {
		tail = "..."
	}
	return line[from:to], at - from, head, tail
}

// show gives a line as it can be printed: tabs as four spaces, and nothing that
// a terminal would obey.
func show(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ReplaceAll(line, "\t", "    "))
}

// cells is how many columns of a terminal the text takes.
func cells(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		case unicode.Is(wide, r):
			n += 2
		default:
			n++
		}
	}
	return n
}

// wide are the blocks whose characters take two columns (Unicode Standard Annex
// 11, East Asian Width, classes W and F, blocks as a whole).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x2e80, 0x303e, 1}, {0x3041, 0xa4cf, 1}, {0xa960, 0xa97f, 1}, {0xac00, 0xd7a3, 1},
		{0xf900, 0xfaff, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1}, {0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1}, {0x1f900, 0x1f9ff, 1}, {0x20000, 0x3fffd, 1},
	},
}
