package value

import (
	"encoding/json"
	"os"
	"testing"
)

// Texts are Python's, as testdata/repr.py took them down.
func TestTextIsPythons(t *testing.T) {
	text, err := os.ReadFile("testdata/repr.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Value json.RawMessage
		Str   string
		Repr  string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 500 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		v, err := ParseJSON(c.Value)
		if err != nil {
			t.Errorf("%s: %v", c.Value, err)
			continue
		}
		if got := Text(v); got != c.Str {
			t.Errorf("str(%s) = %q, want %q", c.Value, got, c.Str)
		}
		if got := Repr(v); got != c.Repr {
			t.Errorf("repr(%s) = %q, want %q", c.Value, got, c.Repr)
		}
	}
}

func TestReprBeyondPythonsValues(t *testing.T) {
	for _, c := range []struct {
		v    Value
		want string
	}{
		{nil, "<undefined>"},
		{List{nil}, "[<undefined>]"},
		{String("caf\xe9"), `'caf\udce9'`}, // os.fsdecode(b"caf\xe9")
	} {
		if got := Repr(c.v); got != c.want {
			t.Errorf("Repr(%#v) = %s, want %s", c.v, got, c.want)
		}
	}
	if got := Text(String("caf\xe9")); got != "caf\xe9" {
		t.Errorf("Text changed a file name: %q", got)
	}
}

func TestBrief(t *testing.T) {
	long := make(List, 100000)
	for i := range long {
		long[i] = Dict{{Int(i), Tuple{Int(i)}}}
	}
	got := Brief(long, 30)
	if len(got) < 30 || len(got) > 60 || got != Repr(long)[:len(got)] {
		t.Errorf("got %q", got)
	}
	if got := Brief(List{Int(1), Int(2)}, 30); got != "[1, 2]" {
		t.Errorf("got %q", got)
	}
}
