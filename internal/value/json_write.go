package value

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The JSON form. What JSON has is written as JSON; what it lacks is an object
// of one key that starts with "$": {"$none": true}, {"$tuple": [...]}, {"$dict":
// [[key, value], ...]} for keys that are no plain strings, {"$float": "nan"},
// {"$bytes": "<base64>"} for text that is not UTF-8, {"$undefined": true} for
// Undefined within a value. A float always has a point or an exponent, so that
// 1.0 stays a float.

// AppendJSON writes the JSON form of v after dst; [ParseJSON] gives v again.
// Undefined itself is null.
func AppendJSON(dst []byte, v Value) []byte { return appendJSON(dst, v, true) }

// AppendPlainJSON is AppendJSON for readers that know only JSON: tuples are
// arrays, None is null, keys are text.
func AppendPlainJSON(dst []byte, v Value) []byte { return appendJSON(dst, v, false) }

func appendJSON(dst []byte, v Value, exact bool) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case None:
		if exact {
			return append(dst, `{"$none":true}`...)
		}
		return append(dst, "null"...)
	case Bool:
		return strconv.AppendBool(dst, bool(v))
	case Int:
		return strconv.AppendInt(dst, int64(v), 10)
	case Float:
		return appendJSONFloat(dst, float64(v), exact)
	case String:
		if exact && !utf8.ValidString(string(v)) {
			dst = base64.StdEncoding.AppendEncode(append(dst, `{"$bytes":"`...), []byte(v))
			return append(dst, `"}`...)
		}
		return appendJSONString(dst, string(v))
	case List:
		return appendJSONItems(dst, v, exact)
	case Tuple:
		if !exact {
			return appendJSONItems(dst, v, exact)
		}
		return append(appendJSONItems(append(dst, `{"$tuple":`...), v, exact), '}')
	case Dict:
		return appendJSONDict(dst, v, exact)
	}
	panic(fmt.Sprintf("BUG: value of type %T", v))
}

func appendJSONString(dst []byte, s string) []byte {
	if isSimple(s) {
		return append(append(append(dst, '"'), s...), '"')
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
}

// isSimple reports whether s stands in JSON as it is: nearly all names and paths.
func isSimple(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendJSONFloat(dst []byte, f float64, exact bool) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		if exact {
			return append(append(append(dst, `{"$float":"`...), FloatText(f)...), `"}`...)
		}
		return appendJSONString(dst, FloatText(f))
	}
	return append(dst, FloatText(f)...)
}

func appendJSONItems(dst []byte, items []Value, exact bool) []byte {
	dst = append(dst, '[')
	for i, e := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendInner(dst, e, exact)
	}
	return append(dst, ']')
}

func appendJSONDict(dst []byte, d Dict, exact bool) []byte {
	if exact && !plainKeys(d) {
		dst = append(dst, `{"$dict":[`...)
		for i, e := range d {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSONItems(dst, []Value{e.Key, e.Value}, exact)
		}
		return append(dst, "]}"...)
	}
	dst = append(dst, '{')
	for i, e := range d {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, Text(e.Key)), ':')
		dst = appendInner(dst, e.Value, exact)
	}
	return append(dst, '}')
}

// appendInner writes a part of a value: there, null is None when it is read.
func appendInner(dst []byte, v Value, exact bool) []byte {
	if v == nil && exact {
		return append(dst, `{"$undefined":true}`...)
	}
	return appendJSON(dst, v, exact)
}

// plainKeys reports whether the keys can stand as names in an object.
func plainKeys(d Dict) bool {
	for _, e := range d {
		if s, ok := e.Key.(String); !ok || strings.HasPrefix(string(s), "$") || !utf8.ValidString(string(s)) {
			return false
		}
	}
	return true
}

// AppendRecordJSON writes r as a JSON object after dst: exact for
// [ParseRecordJSON], else for readers that know only JSON.
func AppendRecordJSON(dst []byte, r Record, exact bool) []byte {
	d := make(Dict, len(r))
	for i, f := range r {
		d[i] = Entry{String(f.Name), f.Value}
	}
	return appendJSON(dst, d, exact)
}
