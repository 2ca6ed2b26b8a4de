package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/value"
)

// A definition of a million nodes is two million records, so the records are
// taken apart by hand: fields are slices of the line, and only values that are
// not plain text or numbers go through encoding/json.

// A field is one name of a JSON object with its value as it is written.
type field struct {
	name string
	raw  json.RawMessage
}

var errObject = errors.New("it is no object")

// splitObject gives the fields of a JSON object, after those of dst. What the
// values hold is checked when they are read.
func splitObject(dst []field, text []byte) ([]field, error) {
	text = bytes.TrimSpace(text)
	if len(text) < 2 || text[0] != '{' {
		return dst, complain(text)
	}
	at := skipSpace(text, 1)
	if at < len(text) && text[at] == '}' {
		return dst, trailing(text, at+1)
	}
	for {
		end := skipValue(text, at)
		if end < 0 || text[at] != '"' {
			return dst, complain(text)
		}
		name, ok := plainText(text[at:end])
		if !ok && json.Unmarshal(text[at:end], &name) != nil {
			return dst, complain(text)
		}
		at = skipSpace(text, end)
		if at >= len(text) || text[at] != ':' {
			return dst, complain(text)
		}
		at = skipSpace(text, at+1)
		if end = skipValue(text, at); end < 0 {
			return dst, complain(text)
		}
		dst = append(dst, field{name, json.RawMessage(text[at:end])})
		at = skipSpace(text, end)
		switch {
		case at < len(text) && text[at] == ',':
			at = skipSpace(text, at+1)
		case at < len(text) && text[at] == '}':
			return dst, trailing(text, at+1)
		default:
			return dst, complain(text)
		}
	}
}

// complain gives the error that encoding/json has about a text that did not
// split.
func complain(text []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	return errObject
}

func trailing(text []byte, at int) error {
	if skipSpace(text, at) < len(text) {
		return complain(text)
	}
	return nil
}

func skipSpace(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\t' || b[at] == '\r' || b[at] == '\n') {
		at++
	}
	return at
}

// skipValue gives where the value at an offset ends, -1 if it does not.
func skipValue(b []byte, at int) int {
	depth := 0
	for at < len(b) {
		switch b[at] {
		case '"':
			if at = skipString(b, at); at < 0 {
				return -1
			}
		case '{', '[':
			depth++
			at++
		case '}', ']':
			depth--
			at++
		default:
			at++
			if depth == 0 {
				for at < len(b) && !bytes.ContainsRune([]byte(",]} \t\r\n:"), rune(b[at])) {
					at++
				}
			}
		}
		if depth <= 0 {
			if depth < 0 {
				return -1
			}
			return at
		}
	}
	return -1
}

func skipString(b []byte, at int) int {
	for at++; at < len(b); at++ {
		switch b[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return -1
}

// plainText gives a JSON string that holds no escape.
func plainText(raw []byte) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c < 0x20 || c == '\\' || c == '"' {
			return "", false
		}
	}
	return string(inner), utf8.Valid(inner)
}

// parseValue is value.ParseJSON with a short way for text and integers.
func parseValue(raw []byte) (value.Value, error) {
	if s, ok := plainText(raw); ok {
		return value.String(s), nil
	}
	if len(raw) < 18 && (len(raw) == 1 || raw[0] != '0') && isDigits(raw) {
		i, err := strconv.ParseInt(string(raw), 10, 64)
		return value.Int(i), err
	}
	return value.ParseJSON(raw)
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}
