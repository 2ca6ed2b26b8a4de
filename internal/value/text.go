package value

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text gives v as Python's str() does: nipype puts it into command lines and
// into the names of parameter directories.
func Text(v Value) string {
	if s, ok := v.(String); ok {
		return string(s)
	}
	return Repr(v)
}

// Repr gives v as Python's repr() does.
func Repr(v Value) string {
	return Brief(v, math.MaxInt)
}

// Brief gives as much of Repr as is needed to show the first most bytes of it:
// a list of a million is not written out to be cut.
func Brief(v Value, most int) string {
	var b strings.Builder
	writeRepr(&b, v, most)
	return b.String()
}

func writeRepr(b *strings.Builder, v Value, most int) {
	switch v := v.(type) {
	case nil:
		b.WriteString("<undefined>")
	case None:
		b.WriteString("None")
	case Bool:
		if v {
			b.WriteString("True")
		} else {
			b.WriteString("False")
		}
	case Int:
		b.WriteString(strconv.FormatInt(int64(v), 10))
	case Float:
		b.WriteString(FloatText(float64(v)))
	case String:
		b.WriteString(quote(string(v)))
	case List:
		writeItems(b, v, "[", "]", most)
	case Tuple:
		if len(v) == 1 {
			writeItems(b, v, "(", ",)", most)
		} else {
			writeItems(b, v, "(", ")", most)
		}
	case Dict:
		b.WriteByte('{')
		for i, e := range v {
			if b.Len() > most {
				return
			}
			if i > 0 {
				b.WriteString(", ")
			}
			writeRepr(b, e.Key, most)
			b.WriteString(": ")
			writeRepr(b, e.Value, most)
		}
		b.WriteByte('}')
	}
}

func writeItems(b *strings.Builder, items []Value, open, end string, most int) {
	b.WriteString(open)
	for i, e := range items {
		if b.Len() > most {
			return
		}
		if i > 0 {
			b.WriteString(", ")
		}
		writeRepr(b, e, most)
	}
	b.WriteString(end)
}

// FloatText gives f as Python's repr(float) does: the shortest digits that
// read back as f, an exponent below 1e-4 and from 1e16 on, always a point or
// an exponent.
func FloatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// quote gives s as Python's repr(str) does. Bytes that are not UTF-8, as file
// names may hold, appear as the surrogates that Python's os.fsdecode makes of
// them.
func quote(s string) string {
	mark := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		mark = '"'
	}
	var b strings.Builder
	b.WriteByte(mark)
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\udc%02x`, s[i])
		case r == rune(mark) || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			writeEscape(&b, r)
		}
		i += n
	}
	b.WriteByte(mark)
	return b.String()
}

// writeEscape writes what Python's repr has for a character that can't be seen.
func writeEscape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\t':
		b.WriteString(`\t`)
	case r == '\r':
		b.WriteString(`\r`)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}
