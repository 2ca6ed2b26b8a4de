package pytext

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A translator turns Python's syntax of regular expressions into RE2's.
//
// Source: the Python library reference, "re", and RE2's syntax page.
type translator struct {
	in  string
	out strings.Builder
}

// What Python's letters mean for text that is Unicode, within a class and, for
// the negative ones, as a class of what is left.
var classes = map[byte]string{
	'd': `\p{Nd}`,
	'D': `\P{Nd}`,
	'w': `\p{L}\p{N}_`,
	'W': `\p{M}\p{Pd}\p{Ps}\p{Pe}\p{Pi}\p{Pf}\p{Po}\x{203F}\x{2040}\x{2054}\x{FE33}\x{FE34}\x{FE4D}-\x{FE4F}\x{FF3F}\p{S}\p{Z}\p{C}`,
	's': `\t-\r\x1c- \x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}`,
	'S': `\x00-\x08\x0e-\x1b!-\x{84}\x{86}-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{10ffff}`,
}

func (t *translator) run() (string, error) {
	for t.in != "" {
		var err error
		switch c := t.in[0]; c {
		case '\\':
			err = t.escape(false)
		case '[':
			err = t.class()
		case '(':
			err = t.open()
		case '{':
			t.brace()
		case '*', '+', '?':
			err = t.repeat(1)
		default:
			t.copy(1)
		}
		if err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

func (t *translator) copy(n int) {
	t.out.WriteString(t.in[:n])
	t.in = t.in[n:]
}

// repeat copies the n bytes of a repetition. A + behind it is possessive.
func (t *translator) repeat(n int) error {
	op := t.in[:n]
	t.copy(n)
	switch {
	case strings.HasPrefix(t.in, "+"):
		return fmt.Errorf("a possessive %s+ is not supported", op)
	case strings.HasPrefix(t.in, "?"):
		t.copy(1)
	}
	return nil
}

// brace copies {n}, {n,}, {n,m}, makes {0,m} of {,m}, and takes any other
// brace as a character.
func (t *translator) brace() {
	low, rest := cutRun(t.in[1:], true)
	high := ""
	comma := strings.HasPrefix(rest, ",")
	if comma {
		high, rest = cutRun(rest[1:], true)
	}
	if !strings.HasPrefix(rest, "}") || (low == "" && high == "") {
		t.out.WriteString(`\{`)
		t.in = t.in[1:]
		return
	}
	if low == "" {
		low = "0"
	}
	if comma {
		low += "," + high
	}
	t.out.WriteString("{" + low + "}")
	t.in = rest[1:]
}

// open copies the start of a group, or refuses it.
func (t *translator) open() error {
	if !strings.HasPrefix(t.in, "(?") {
		t.copy(1)
		return nil
	}
	rest := t.in[2:]
	for _, no := range []struct{ start, what string }{
		{"=", "look-ahead (?=...)"},
		{"!", "look-ahead (?!...)"},
		{"<=", "look-behind (?<=...)"},
		{"<!", "look-behind (?<!...)"},
		{"P=", "the backreference (?P=name)"},
		{"(", "the condition (?(group)...)"},
		{">", "the atomic group (?>...)"},
	} {
		if strings.HasPrefix(rest, no.start) {
			return fmt.Errorf("%s is not supported; write the pattern without it", no.what)
		}
	}
	if strings.HasPrefix(rest, "#") {
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return fmt.Errorf("a comment (?# is not closed")
		}
		t.in = rest[end+1:]
		return nil
	}
	if strings.HasPrefix(rest, "P<") {
		t.copy(4)
		return nil
	}
	return t.flags(rest)
}

// flags copies (?i), (?i:...) or (?:...); a and u are what Python has anyway.
func (t *translator) flags(rest string) error {
	end := strings.IndexAny(rest, ":)")
	if end < 0 {
		return fmt.Errorf("(? is not closed")
	}
	kept := ""
	for _, c := range rest[:end] {
		switch c {
		case 'i', 'm', 's', '-':
			kept += string(c)
		case 'a', 'u':
		default:
			return fmt.Errorf("the flag (?%c) is not supported", c)
		}
	}
	t.in = rest[end+1:]
	switch {
	case rest[end] == ':':
		t.out.WriteString("(?" + kept + ":")
	case kept != "":
		t.out.WriteString("(?" + kept + ")")
	}
	return nil
}

// escape translates a backslash and what follows it.
func (t *translator) escape(inClass bool) error {
	if len(t.in) == 1 {
		return fmt.Errorf(`it ends in a single \`)
	}
	c := t.in[1]
	if set := classes[c]; set != "" {
		if !inClass {
			set = "[" + set + "]"
		}
		t.out.WriteString(set)
		t.in = t.in[2:]
		return nil
	}
	switch {
	case c >= '0' && c <= '9':
		n, text, rest := numericEscape(t.in[1:])
		if n >= 0 {
			return fmt.Errorf(`the backreference \%d within a pattern is not supported`, n)
		}
		r, _ := utf8.DecodeRuneInString(text)
		fmt.Fprintf(&t.out, `\x{%x}`, r)
		t.in = rest
	case c == 'x' || c == 'u' || c == 'U':
		return t.hex(map[byte]int{'x': 2, 'u': 4, 'U': 8}[c])
	case c == 'b' && inClass:
		t.out.WriteString(`\x08`)
		t.in = t.in[2:]
	case c == 'Z' && !inClass:
		t.out.WriteString(`\z`)
		t.in = t.in[2:]
	case strings.IndexByte("afnrtv", c) >= 0 || !inClass && strings.IndexByte("AbB", c) >= 0:
		t.copy(2)
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return fmt.Errorf(`\%c means nothing`, c)
	case c < utf8.RuneSelf:
		t.copy(2)
	default: // a backslash before another letter is nothing
		t.in = t.in[1:]
		_, n := utf8.DecodeRuneInString(t.in)
		t.copy(n)
	}
	return nil
}

func (t *translator) hex(digits int) error {
	code := uint32(0)
	if len(t.in) < 2+digits {
		return fmt.Errorf(`\%c wants %d digits`, t.in[1], digits)
	}
	if _, err := fmt.Sscanf(t.in[2:2+digits], "%x", &code); err != nil {
		return fmt.Errorf(`\%c wants %d digits`, t.in[1], digits)
	}
	fmt.Fprintf(&t.out, `\x{%x}`, code)
	t.in = t.in[2+digits:]
	return nil
}

// class copies [...]. A [ within is a character, never the start of one of
// RE2's names such as [:alpha:].
func (t *translator) class() error {
	t.copy(1)
	if strings.HasPrefix(t.in, "^") {
		t.copy(1)
	}
	for first := true; t.in != ""; first = false {
		switch c := t.in[0]; {
		case c == ']' && !first:
			t.copy(1)
			return nil
		case c == ']' || c == '[':
			t.out.WriteByte('\\')
			t.copy(1)
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		default:
			t.copy(1)
		}
	}
	return fmt.Errorf("a [ is not closed")
}
