package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wide are the runes that take two columns of a terminal: those that Unicode's
// EastAsianWidth.txt lists as W or F, small gaps between them ignored.
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{0x1100, 0x115f, 1}, {0x231a, 0x231b, 1}, {0x2329, 0x232a, 1}, {0x23e9, 0x23ec, 1}, {0x25fd, 0x25fe, 1},
		{0x2614, 0x2615, 1}, {0x2648, 0x2653, 1}, {0x26a1, 0x26a1, 1}, {0x2705, 0x2705, 1}, {0x274c, 0x274c, 1},
		{0x2e80, 0x303e, 1}, {0x3041, 0x33ff, 1}, {0x3400, 0x4dbf, 1}, {0x4e00, 0xa4cf, 1}, {0xa960, 0xa97f, 1},
		{0xac00, 0xd7a3, 1}, {0xf900, 0xfaff, 1}, {0xfe10, 0xfe19, 1}, {0xfe30, 0xfe6f, 1}, {0xff00, 0xff60, 1},
		{0xffe0, 0xffe6, 1},
	},
	R32: []unicode.Range32{
		{0x16fe0, 0x18aff, 1}, {0x1b000, 0x1b2ff, 1}, {0x1f300, 0x1f64f, 1}, {0x1f680, 0x1f6ff, 1},
		{0x1f900, 0x1f9ff, 1}, {0x1fa70, 0x1faff, 1}, {0x20000, 0x3fffd, 1},
	},
}

// runeWidth gives the columns that a rune takes.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), r >= 0x1160 && r <= 0x11ff:
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// width gives the columns that a text without control characters takes.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

// cutEnd gives s in at most cols columns, with an ellipsis for what is cut off
// its end.
func cutEnd(s string, cols int) string {
	if width(s) <= cols {
		return s
	}
	if cols <= 0 {
		return ""
	}
	return head(s, cols-1) + "…"
}

// cutMiddle gives s in at most cols columns, with an ellipsis for its middle.
// Of a path the end tells more than the beginning, so it gets two thirds.
func cutMiddle(s string, cols int) string {
	if width(s) <= cols {
		return s
	}
	if cols <= 0 {
		return ""
	}
	front := (cols - 1) / 3
	return head(s, front) + "…" + tail(s, cols-1-front)
}

// head gives as much of the beginning of s as fits, marks that combine with the
// last rune included.
func head(s string, cols int) string {
	for i, r := range s {
		if cols -= runeWidth(r); cols < 0 {
			return s[:i]
		}
	}
	return s
}

// tail gives as much of the end of s as fits, never beginning with a mark that
// combines with a rune before it.
func tail(s string, cols int) string {
	start := len(s)
	for i := len(s); i > 0; {
		r, n := utf8.DecodeLastRuneInString(s[:i])
		i -= n
		if cols -= runeWidth(r); cols < 0 {
			break
		}
		if runeWidth(r) > 0 {
			start = i
		}
	}
	return s[start:]
}

// pad gives s with spaces up to cols columns.
func pad(s string, cols int) string { return s + strings.Repeat(" ", max(0, cols-width(s))) }

// printable gives one line of text as it may be written to a terminal: escape
// sequences left out, of a line that was overwritten with carriage returns the
// last state, tabs as spaces, other control characters and what is no UTF-8 as
// U+FFFD.
func printable(line string) string {
	line = strings.TrimRight(line, "\r")
	line = line[strings.LastIndexByte(line, '\r')+1:]
	if strings.IndexFunc(line, unprintable) < 0 {
		return line
	}
	var b strings.Builder
	for i := 0; i < len(line); {
		if line[i] == 0x1b {
			i += escapeLength(line[i:])
			continue
		}
		r, n := utf8.DecodeRuneInString(line[i:])
		switch {
		case r == '\t':
			b.WriteString("    ")
		case unprintable(r):
			b.WriteRune(utf8.RuneError)
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// unprintable tells the runes that change a terminal's state or the order of
// what it shows (bidirectional controls), and what is no UTF-8.
func unprintable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// escapeLength gives the length of the escape sequence that s begins with
// (ECMA-48: CSI sequences, OSC and other strings, and the short ones).
func escapeLength(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
		}
		return len(s)
	case ']', 'P', 'X', '^', '_':
		for i := 2; i < len(s); i++ {
			if s[i] == 0x07 {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return len(s)
	}
	i := 1
	for i < len(s)-1 && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}

// plainSigns are the signs that Raphe uses, and what stands for them where
// only ASCII is shown.
var plainSigns = map[rune]byte{
	'█': '#', '░': '.', '…': '~', '·': '|',
	'▁': '_', '▂': '.', '▃': ':', '▄': '-', '▅': '=', '▆': '+', '▇': '*',
}

// asciiOnly gives a text of the same width in ASCII.
func asciiOnly(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch c, known := plainSigns[r]; {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case known:
			b.WriteByte(c)
		default:
			b.WriteString(strings.Repeat("?", runeWidth(r)))
		}
	}
	return b.String()
}
