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

// A field is one name of a JSON object with its value as it is written. Both are
// pieces of the line.
type field struct {
	name []byte
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
		name, ok := fieldName(text[at:end])
		if !ok {
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

// fieldName gives the text of a JSON string.
func fieldName(raw []byte) ([]byte, bool) {
	if isPlain(raw) {
		return raw[1 : len(raw)-1], true
	}
	var name string
	err := json.Unmarshal(raw, &name)
	return []byte(name), err == nil
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
				for at < len(b) && !endsWord(b[at]) {
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

// endsWord reports whether a byte ends a number, true, false or null.
func endsWord(c byte) bool {
	switch c {
	case ',', ']', '}', ':', ' ', '\t', '\r', '\n':
		return true
	}
	return false
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
	if !isPlain(raw) {
		return "", false
	}
	return string(raw[1 : len(raw)-1]), true
}

// isPlain reports whether raw is a JSON string that holds no escape.
func isPlain(raw []byte) bool {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return false
	}
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c < 0x20 || c == '\\' || c == '"' {
			return false
		}
	}
	return utf8.Valid(inner)
}

// eachItem calls fn for each element of a JSON array, as it is written; what
// the elements hold is fn's to check.
func eachItem(raw []byte, fn func(item []byte) error) error {
	if len(raw) < 2 || raw[0] != '[' {
		return errList
	}
	at := skipSpace(raw, 1)
	if at < len(raw) && raw[at] == ']' {
		return endOfList(raw, at+1)
	}
	for {
		end := skipValue(raw, at)
		if end <= at {
			return errList
		}
		if err := fn(raw[at:end]); err != nil {
			return err
		}
		at = skipSpace(raw, end)
		switch {
		case at < len(raw) && raw[at] == ',':
			at = skipSpace(raw, at+1)
		case at < len(raw) && raw[at] == ']':
			return endOfList(raw, at+1)
		default:
			return errList
		}
	}
}

func endOfList(raw []byte, at int) error {
	if skipSpace(raw, at) < len(raw) {
		return errList
	}
	return nil
}

var errList = errors.New("it is no list")

// parseValue is value.ParseJSON with a short way for text, numbers and lists of
// them.
func parseValue(raw []byte) (value.Value, error) {
	if v, ok := plainValue(raw); ok {
		return v, nil
	}
	if len(raw) > 0 && raw[0] == '[' {
		if list, ok := plainList(raw); ok {
			return list, nil
		}
	}
	return value.ParseJSON(raw)
}

// plainList gives a list of plain values.
func plainList(raw []byte) (value.List, bool) {
	list := value.List{}
	err := eachItem(raw, func(item []byte) error {
		v, ok := plainValue(item)
		switch {
		case ok:
		case string(item) == "null":
			v = value.None{}
		default:
			return errList
		}
		list = append(list, v)
		return nil
	})
	return list, err == nil
}

// plainValue gives a text without escapes, a number without an exponent, true or
// false.
func plainValue(raw []byte) (value.Value, bool) {
	if s, ok := plainText(raw); ok {
		return value.String(s), true
	}
	switch string(raw) {
	case "true":
		return value.Bool(true), true
	case "false":
		return value.Bool(false), true
	}
	whole, fraction, isFloat := bytes.Cut(bytes.TrimPrefix(raw, []byte("-")), []byte("."))
	if len(raw) >= 18 || !isDigits(whole) || len(whole) > 1 && whole[0] == '0' || isFloat && !isDigits(fraction) {
		return nil, false
	}
	if isFloat {
		f, err := strconv.ParseFloat(string(raw), 64)
		return value.Float(f), err == nil
	}
	i, err := strconv.ParseInt(string(raw), 10, 64)
	return value.Int(i), err == nil
}

func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}
