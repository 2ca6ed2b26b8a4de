package nipype

import (
	"strconv"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/value"
)

// appendHashJSON writes v as nipype's save_json does: four spaces of indent,
// nothing but ASCII, tuples as arrays. Hashed inputs hold no float and no
// dictionary.
func appendHashJSON(dst []byte, v value.Value, depth int) []byte {
	switch v := v.(type) {
	case value.Bool:
		return strconv.AppendBool(dst, bool(v))
	case value.Int:
		return strconv.AppendInt(dst, int64(v), 10)
	case value.Float: // the key of a dictionary
		return append(dst, value.FloatText(float64(v))...)
	case value.String:
		return appendASCII(dst, string(v))
	}
	items, ok := value.Items(v)
	if !ok {
		return append(dst, "null"...)
	}
	if len(items) == 0 {
		return append(dst, "[]"...)
	}
	dst = append(dst, '[')
	for i, e := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendIndent(dst, depth+1)
		dst = appendHashJSON(dst, e, depth+1)
	}
	return append(appendIndent(dst, depth), ']')
}

func appendIndent(dst []byte, depth int) []byte {
	dst = append(dst, '\n')
	for range depth {
		dst = append(dst, "    "...)
	}
	return dst
}

// appendASCII writes s as Python's JSON does without ensure_ascii=False: all
// but printable ASCII is escaped, beyond 16 bits as two surrogates. Bytes that
// are not UTF-8 are the surrogates that Python's file names hold for them.
func appendASCII(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = appendUnit(dst, 0xdc00+uint16(s[i]))
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r >= ' ' && r <= '~':
			dst = append(dst, byte(r))
		case r >= 0x10000:
			r -= 0x10000
			dst = appendUnit(dst, uint16(0xd800+r>>10))
			dst = appendUnit(dst, uint16(0xdc00+r&0x3ff))
		default:
			dst = appendControl(dst, r)
		}
		i += n
	}
	return append(dst, '"')
}

func appendControl(dst []byte, r rune) []byte {
	switch r {
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	case '\f':
		return append(dst, `\f`...)
	case '\b':
		return append(dst, `\b`...)
	}
	return appendUnit(dst, uint16(r))
}

func appendUnit(dst []byte, u uint16) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[u>>12], hex[u>>8&15], hex[u>>4&15], hex[u&15])
}
