package value

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// ParseJSON reads the JSON form. null is Undefined at the top and in the
// fields of an object at the top, and None deeper inside. Of two fields with
// one name the later counts, as in Python.
func ParseJSON(text []byte) (Value, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	v, err := parseJSON(dec, 0, nil)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("parse JSON value: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("parse JSON value: something follows it")
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
	fields := make([]Field, len(d))
	for i, e := range d {
		name, ok := e.Key.(String)
		if !ok {
			return nil, fmt.Errorf("parse JSON value: the name of a field is %s, want str", KindOf(e.Key))
		}
		fields[i] = Field{string(name), e.Value}
	}
	return RecordOf(fields), nil
}

// parseJSON reads one value; null is what JSON's null means at this place.
func parseJSON(dec *json.Decoder, depth int, null Value) (Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested too deep")
	}
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch t := tok.(type) {
	case nil:
		return null, nil
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
		v, err := parseJSON(dec, depth+1, None{})
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	_, err := dec.Token()
	return out, err
}

func parseObject(dec *json.Decoder, depth int) (Value, error) {
	var null Value
	if depth > 0 {
		null = None{}
	}
	out := Dict{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, err
		}
		v, err := parseJSON(dec, depth+1, null)
		if err != nil {
			return nil, err
		}
		out = append(out, Entry{String(key.(string)), v})
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if len(out) == 1 {
		return special(out)
	}
	return dropRepeats(out), nil
}

// dropRepeats keeps the last value of each key, at the place of its first.
func dropRepeats(d Dict) Dict {
	at := make(map[string]int, len(d))
	out := d[:0]
	var key []byte
	for _, e := range d {
		key = Append(key[:0], e.Key)
		if i, repeated := at[string(key)]; repeated {
			out[i].Value = e.Value
			continue
		}
		at[string(key)] = len(out)
		out = append(out, e)
	}
	return out
}

// special turns {"$tuple": ...} and its like into what they stand for.
func special(d Dict) (Value, error) {
	v := d[0].Value
	switch string(d[0].Key.(String)) {
	case "$undefined":
		return nil, nil
	case "$none":
		return None{}, nil
	case "$tuple":
		if items, ok := v.(List); ok {
			return Tuple(items), nil
		}
		return nil, fmt.Errorf(`"$tuple" wants an array`)
	case "$float":
		return specialFloat(v)
	case "$bytes":
		s, _ := v.(String)
		b, err := base64.StdEncoding.DecodeString(string(s))
		if err != nil {
			return nil, fmt.Errorf(`"$bytes" wants text in base64`)
		}
		return String(b), nil
	case "$dict":
		return specialDict(v)
	}
	return d, nil
}

func specialFloat(v Value) (Value, error) {
	switch v {
	case String("nan"):
		return Float(math.NaN()), nil
	case String("inf"):
		return Float(math.Inf(1)), nil
	case String("-inf"):
		return Float(math.Inf(-1)), nil
	}
	return nil, fmt.Errorf(`"$float" wants "nan", "inf" or "-inf"`)
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
	return dropRepeats(out), nil
}
