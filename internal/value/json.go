package value

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The JSON form. What JSON has is written as JSON; what it lacks is an object
// of one key that starts with "$": {"$tuple": [...]}, {"$dict": [[key, value],
// ...]} for keys that are not strings (or start with "$"), {"$float": "nan"}.
// A float always has a point or an exponent, so that 1.0 stays a float.

// AppendJSON writes the JSON form of v after dst. Undefined is null, None is
// {"$none": true}: a reader that can't tell them apart may take both as null.
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
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	return append(dst, bytes.TrimRight(b.Bytes(), "\n")...)
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
		dst = appendJSON(dst, e, exact)
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
		dst = appendJSON(dst, e.Value, exact)
	}
	return append(dst, '}')
}

func plainKeys(d Dict) bool {
	for _, e := range d {
		if s, ok := e.Key.(String); !ok || strings.HasPrefix(string(s), "$") {
			return false
		}
	}
	return true
}

// AppendRecordJSON writes r as a JSON object after dst.
func AppendRecordJSON(dst []byte, r Record, exact bool) []byte {
	d := make(Dict, len(r))
	for i, f := range r {
		d[i] = Entry{String(f.Name), f.Value}
	}
	return appendJSON(dst, d, exact)
}

// ParseJSON reads the JSON form. null is Undefined at the top and in the
// fields of an object at the top, and None deeper inside.
func ParseJSON(text []byte) (Value, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	v, err := parseJSON(dec, 0)
	if err != nil {
		return nil, fmt.Errorf("parse JSON value: %w", err)
	}
	if dec.More() {
		return nil, fmt.Errorf("parse JSON value: more than one value")
	}
	return v, nil
}

// ParseRecordJSON reads a JSON object as a Record; fields that are null stay
// unset.
func ParseRecordJSON(text []byte) (Record, error) {
	v, err := ParseJSON(text)
	if err != nil {
		return nil, err
	}
	d, ok := v.(Dict)
	if !ok {
		return nil, fmt.Errorf("parse JSON value: want an object, got %s", KindOf(v))
	}
	m := make(map[string]Value, len(d))
	for _, e := range d {
		if KindOf(e.Value) != UndefinedKind {
			m[string(e.Key.(String))] = e.Value
		}
	}
	return NewRecord(m), nil
}

func parseJSON(dec *json.Decoder, depth int) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested too deep")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := tok.(type) {
	case nil:
		return nil, nil
	case bool:
		return Bool(t), nil
	case string:
		return String(t), nil
	case json.Number:
		return parseNumber(string(t))
	case json.Delim:
		if t == '[' {
			return parseArray(dec, depth)
		}
		return parseObject(dec, depth)
	}
	return nil, fmt.Errorf("unexpected token %v", tok)
}

func parseNumber(s string) (Value, error) {
	if !strings.ContainsAny(s, ".eE") {
		i, err := strconv.ParseInt(s, 10, 64)
		if err == nil {
			return Int(i), nil
		}
		return nil, fmt.Errorf("integer %s does not fit 64 bits", s)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return nil, fmt.Errorf("number %s is out of range", s)
	}
	return Float(f), nil
}

func parseArray(dec *json.Decoder, depth int) (Value, error) {
	out := List{}
	for dec.More() {
		v, err := parseJSON(dec, depth+1)
		if err != nil {
			return nil, err
		}
		if v == nil {
			v = None{}
		}
		out = append(out, v)
	}
	_, err := dec.Token()
	return out, err
}

func parseObject(dec *json.Decoder, depth int) (Value, error) {
	out := Dict{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := parseJSON(dec, depth+1)
		if err != nil {
			return nil, err
		}
		if v == nil && depth > 0 {
			v = None{}
		}
		out = append(out, Entry{String(key.(string)), v})
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if len(out) == 1 {
		return special(out)
	}
	return out, nil
}

// special turns {"$tuple": ...} and its like into what they stand for.
func special(d Dict) (Value, error) {
	key, v := string(d[0].Key.(String)), d[0].Value
	switch key {
	case "$none":
		return None{}, nil
	case "$tuple":
		if items, ok := v.(List); ok {
			return Tuple(items), nil
		}
		return nil, fmt.Errorf(`"$tuple" wants an array`)
	case "$float":
		switch Text(v) {
		case "nan":
			return Float(math.NaN()), nil
		case "inf":
			return Float(math.Inf(1)), nil
		case "-inf":
			return Float(math.Inf(-1)), nil
		}
		return nil, fmt.Errorf(`"$float" wants "nan", "inf" or "-inf"`)
	case "$dict":
		return specialDict(v)
	}
	return d, nil
}

func specialDict(v Value) (Value, error) {
	pairs, ok := v.(List)
	out := Dict{}
	for _, p := range pairs {
		kv, isList := p.(List)
		if !isList || len(kv) != 2 {
			ok = false
			break
		}
		out = append(out, Entry{kv[0], kv[1]})
	}
	if !ok {
		return nil, fmt.Errorf(`"$dict" wants an array of [key, value]`)
	}
	return out, nil
}
