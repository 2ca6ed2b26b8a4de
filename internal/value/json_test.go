package value

import (
	"strings"
	"testing"
)

func TestParseJSON(t *testing.T) {
	tests := []struct{ text, want string }{ // want: Repr of the value, or the error after "!"
		{`null`, `<undefined>`},
		{`{"a": null, "b": {"c": null}}`, `{'a': <undefined>, 'b': {'c': None}}`},
		{`[null]`, `[None]`},
		{`[{"$undefined": true}, {"$none": true}]`, `[<undefined>, None]`},
		{`[1, 1.0, 1e0, -0, -0.0]`, `[1, 1.0, 1.0, 0, -0.0]`},
		{`{"a": 1, "b": 2, "a": 3}`, `{'a': 3, 'b': 2}`},
		{`{"$dict": [[1, "x"], [null, 2], [1, "y"]]}`, `{1: 'y', None: 2}`},
		{`{"$tuple": [{"$tuple": []}]}`, `((),)`},
		{`{"$float": "-inf"}`, `-inf`},
		{`{"$bytes": "/w=="}`, `'\udcff'`},
		{`{"$other": 1}`, `{'$other': 1}`},
		{` "x" `, `'x'`},
		{``, `!unexpected EOF`},
		{`[1`, `!unexpected EOF`},
		{`{"a"`, `!unexpected EOF`},
		{`1]`, `!something follows it`},
		{`1 2`, `!something follows it`},
		{`]`, `!invalid character ']'`},
		{`9223372036854775808`, `!integer 9223372036854775808 does not fit 64 bits`},
		{`1e999`, `!number 1e999 is out of range`},
		{`{"$tuple": 1}`, `!"$tuple" wants an array`},
		{`{"$float": "1"}`, `!"$float" wants "nan", "inf" or "-inf"`},
		{`{"$float": ["nan"]}`, `!"$float" wants`},
		{`{"$bytes": "?"}`, `!"$bytes" wants text in base64`},
		{`{"$dict": [[1]]}`, `!"$dict" wants an array of [key, value]`},
		{`{"$dict": 1}`, `!"$dict" wants an array of [key, value]`},
		{strings.Repeat("[", 2000), `!nested too deep`},
	}
	for _, tt := range tests {
		v, err := ParseJSON([]byte(tt.text))
		want, wrong := strings.CutPrefix(tt.want, "!")
		switch {
		case wrong && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("ParseJSON(%.40s): got %s, %v; want error %q", tt.text, Repr(v), err, want)
		case !wrong && (err != nil || Repr(v) != want):
			t.Errorf("ParseJSON(%s) = %s, %v; want %s", tt.text, Repr(v), err, want)
		}
	}
}

func TestParseRecordJSON(t *testing.T) {
	r, err := ParseRecordJSON([]byte(`{"b": 1, "a": [2], "c": null}`))
	if err != nil || !r.Equal(Record{{"a", List{Int(2)}}, {"b", Int(1)}}) {
		t.Errorf("got %v, %v", r, err)
	}
	for _, text := range []string{`[]`, `null`, `{"$dict": [[1, 2]]}`, `{"a": `} {
		if r, err := ParseRecordJSON([]byte(text)); err == nil {
			t.Errorf("ParseRecordJSON(%s) gave %v, want an error", text, r)
		}
	}
}

func TestPlainJSON(t *testing.T) {
	v := Dict{{Int(1), Tuple{None{}, nil}}, {String("$x"), List{Float(1), Bool(true), String("a\"\xff")}}}
	want := `{"1":[null,null],"$x":[1.0,true,"a\"\ufffd"]}`
	if got := string(AppendPlainJSON(nil, v)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
