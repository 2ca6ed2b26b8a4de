package report

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// clean gives text that can stand in a page: valid UTF-8, no control
// characters but line ends and tabs, none of the characters that turn the
// direction of the text around them, and no more than about most bytes.
func clean(s string, most int) string {
	cut := ""
	if len(s) > most {
		end := most
		for end > max(0, most-utf8.UTFMax) && !utf8.RuneStart(s[end]) {
			end--
		}
		cut = fmt.Sprintf(" … (%s more bytes)", count(len(s)-end))
		s = s[:end]
	}
	if isPlain(s) {
		return s + cut
	}
	return strings.Map(visible, strings.ToValidUTF8(s, "\uFFFD")) + cut
}

// isPlain reports whether there is nothing to be replaced; most texts are so.
func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// visible gives the picture of a control character (Unicode's block 2400), and
// the replacement character for one that overrides the direction of text.
func visible(r rune) rune {
	switch {
	case r == '\n' || r == '\t':
		return r
	case r < ' ':
		return 0x2400 + r
	case r == 0x7f:
		return 0x2421
	case r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return utf8.RuneError
	}
	return r
}

// lastBytes gives the end of a text, from the beginning of a line where it can.
func lastBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[len(s)-most:]
	if i := strings.IndexByte(s, '\n'); i >= 0 && i < len(s)-1 {
		s = s[i+1:]
	}
	return "…\n" + s
}

// shortenLabel cuts a label to about most characters, keeping both ends, which
// is where names differ.
func shortenLabel(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	head := (most - 1) / 2
	return string(r[:head]) + "…" + string(r[len(r)-(most-1-head):])
}

// count prints a number with a thin separator for thousands.
func count(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return s
}

// counted prints a number and what it counts.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return count(n) + " " + noun + "s"
}
