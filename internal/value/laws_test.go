package value

import (
	"bytes"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyString draws text, file names that are no UTF-8 among it.
func anyString() *rapid.Generator[string] {
	return rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"", "$tuple", "$none", "$x", "\xff", "a\x00b", "é", "</b>&\u2028", `"\`}),
		rapid.Custom(func(t *rapid.T) string { return string(rapid.SliceOfN(rapid.Byte(), 0, 6).Draw(t, "bytes")) }),
	)
}

// anyValue draws a value nested up to depth, Undefined and NaN included. Keys
// of dictionaries are distinct.
func anyValue(depth int) *rapid.Generator[Value] {
	return rapid.Custom(func(t *rapid.T) Value {
		kinds := 6
		if depth > 0 {
			kinds = 9
		}
		switch Kind(rapid.IntRange(0, kinds-1).Draw(t, "kind")) {
		case UndefinedKind:
			return nil
		case NoneKind:
			return None{}
		case BoolKind:
			return Bool(rapid.Bool().Draw(t, "bool"))
		case IntKind:
			return Int(rapid.Int64().Draw(t, "int"))
		case FloatKind:
			return Float(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Inf(1), math.Inf(-1), 1, 1e300})).Draw(t, "float"))
		case StringKind:
			return String(anyString().Draw(t, "string"))
		case ListKind:
			return List(rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "list"))
		case TupleKind:
			return Tuple(rapid.SliceOfN(anyValue(depth-1), 0, 4).Draw(t, "tuple"))
		}
		d := Dict{}
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			if k := anyValue(min(depth-1, 1)).Draw(t, "key"); d.find(k) < 0 {
				d = append(d, Entry{k, anyValue(depth-1).Draw(t, "value")})
			}
		}
		return d
	})
}

func anyRecord() *rapid.Generator[Record] {
	return rapid.Custom(func(t *rapid.T) Record {
		return NewRecord(rapid.MapOfN(rapid.StringMatching(`[a-d]{1,2}|\$tuple`), anyValue(3), 0, 6).Draw(t, "record"))
	})
}

func TestBinaryRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v, rest := anyValue(4).Draw(t, "v"), rapid.SliceOf(rapid.Byte()).Draw(t, "rest")
		got, after, err := Decode(append(Append(nil, v), rest...))
		if err != nil || !Equal(got, v) || !bytes.Equal(after, rest) {
			t.Fatalf("Decode gave %s, %q, %v; want %s, %q", Repr(got), after, err, Repr(v), rest)
		}
		r := anyRecord().Draw(t, "r")
		back, after, err := DecodeRecord(append(AppendRecord(nil, r), rest...))
		if err != nil || !back.Equal(r) || !bytes.Equal(after, rest) {
			t.Fatalf("DecodeRecord gave %v, %q, %v; want %v", back, after, err, r)
		}
	})
}

// No bytes short of all of them decode.
func TestTruncatedBinary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Append(nil, anyValue(3).Draw(t, "v"))
		cut := rapid.IntRange(0, len(b)-1).Draw(t, "cut")
		if v, rest, err := Decode(b[:cut]); err == nil || v != nil || rest != nil {
			t.Fatalf("Decode(% x) gave %s, %v", b[:cut], Repr(v), err)
		}
	})
}

func TestJSONRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(4).Draw(t, "v")
		text := AppendJSON(nil, v)
		got, err := ParseJSON(text)
		if err != nil || !Equal(got, v) {
			t.Fatalf("%s gave %s, %v; want %s", text, Repr(got), err, Repr(v))
		}
		r := anyRecord().Draw(t, "r")
		text = AppendRecordJSON(nil, r, true)
		back, err := ParseRecordJSON(text)
		if err != nil || !back.Equal(r) {
			t.Fatalf("%s gave %v, %v; want %v", text, back, err, r)
		}
	})
}

// Equal is an equivalence, told apart by nothing but the order of dictionaries.
func TestEqual(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyValue(2).Draw(t, "a"), anyValue(2).Draw(t, "b")
		if !Equal(a, a) || !Equal(b, b) || Equal(a, b) != Equal(b, a) {
			t.Fatalf("Equal of %s and %s is no equivalence", Repr(a), Repr(b))
		}
		if bytes.Equal(Append(nil, a), Append(nil, b)) && !Equal(a, b) {
			t.Fatalf("%s and %s have one binary form and are not equal", Repr(a), Repr(b))
		}
		if d, ok := a.(Dict); ok {
			turned := slices.Clone(d)
			slices.Reverse(turned)
			if !Equal(d, turned) {
				t.Fatalf("%s does not equal itself in another order", Repr(d))
			}
		}
	})
	for _, pair := range [][2]Value{
		{Int(1), Float(1)}, {Int(1), Bool(true)}, {List{}, Tuple{}}, {nil, None{}}, {String(""), nil},
		{Dict{{String("a"), nil}}, Dict{{String("b"), nil}}},
	} {
		if Equal(pair[0], pair[1]) {
			t.Errorf("%s equals %s", Repr(pair[0]), Repr(pair[1]))
		}
	}
}

// A Record behaves as a map from names to defined values.
func TestRecordLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		model, r := map[string]Value{}, Record(nil)
		for range rapid.IntRange(0, 12).Draw(t, "steps") {
			name, v := rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "name"), anyValue(1).Draw(t, "value")
			model[name] = v
			if v == nil {
				delete(model, name)
			}
			before := fmt.Sprint(r)
			with := r.With(name, v)
			if got := fmt.Sprint(r); got != before {
				t.Fatalf("With changed its receiver: %s, was %s", got, before)
			}
			r.Set(name, v)
			if !with.Equal(r) || !r.Equal(NewRecord(model)) {
				t.Fatalf("With gave %v, Set %v, want %v", with, r, model)
			}
		}
		for _, name := range []string{"a", "b", "c", "d"} {
			if !Equal(r.Get(name), model[name]) || r.Has(name) != (model[name] != nil) {
				t.Fatalf("%q is %v, want %v", name, r.Get(name), model[name])
			}
		}
		if want := slices.Sorted(maps.Keys(model)); !slices.Equal(r.Names(), want) {
			t.Fatalf("names %v, want %v", r.Names(), want)
		}
	})
}

// RecordOf sets its fields one after the other, but does not unset any.
func TestRecordOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var fields []Field
		want := Record{}
		for range rapid.IntRange(0, 12).Draw(t, "fields") {
			f := Field{rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"), anyValue(1).Draw(t, "value")}
			fields = append(fields, f)
			if f.Value != nil {
				want.Set(f.Name, f.Value)
			}
		}
		if got := RecordOf(fields); !got.Equal(want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestMap(t *testing.T) {
	v := Dict{{String("k"), List{String("a"), Int(1), Tuple{String("b")}}}, {String("l"), List{String("c")}}}
	got := Map(v, func(s string) string {
		if s == "b" {
			return "B"
		}
		return s
	})
	want := Dict{{String("k"), List{String("a"), Int(1), Tuple{String("B")}}}, {String("l"), List{String("c")}}}
	if d := cmp.Diff(Value(want), got); d != "" {
		t.Errorf("Map (-want +got):\n%s", d)
	}
	if Repr(v) != `{'k': ['a', 1, ('b',)], 'l': ['c']}` {
		t.Errorf("Map changed its argument: %s", Repr(v))
	}
	if &got.(Dict)[1].Value.(List)[0] != &v[1].Value.(List)[0] {
		t.Error("Map copied a part that did not change")
	}
	var seen []string
	Walk(v, func(s string) { seen = append(seen, s) })
	if d := cmp.Diff([]string{"a", "b", "c"}, seen); d != "" {
		t.Errorf("Walk (-want +got):\n%s", d)
	}
}

func TestAccess(t *testing.T) {
	r := NewRecord(map[string]Value{"s": String("x"), "b": Bool(true), "n": Int(1), "u": nil})
	if r.Str("s") != "x" || r.Str("n") != "" || r.Str("u") != "" || !r.Bool("b") || r.Bool("s") || len(r) != 3 {
		t.Errorf("got %v", r)
	}
	for _, v := range []Value{List{Int(1)}, Tuple{Int(1)}} {
		if items, ok := Items(v); !ok || len(items) != 1 {
			t.Errorf("items of %s: %v", Repr(v), items)
		}
	}
	if _, ok := Items(String("ab")); ok {
		t.Error("a string has items")
	}
	d := Dict{{Int(1), String("one")}, {Float(1), String("float")}}
	if d.Get(Float(1)) != String("float") || d.Get(Bool(true)) != nil {
		t.Errorf("got %v", d.Get(Float(1)))
	}
	if Repr(Strings("a", "b")) != "['a', 'b']" || KindOf(Strings()).String() != "list" {
		t.Errorf("got %v", Strings("a", "b"))
	}
}
