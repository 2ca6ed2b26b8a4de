package value

import (
	"bytes"
	"testing"
)

func seeds() []Value {
	return []Value{
		nil, None{}, Bool(true), Int(-300), Float(0.5), String("é"), List{Int(1), nil}, Tuple{},
		Dict{{String("a"), List{Tuple{None{}}}}, {Int(1), Float(1e300)}},
	}
}

// What decodes is a value like any other, whatever the bytes were.
func FuzzDecode(f *testing.F) {
	for _, v := range seeds() {
		f.Add(Append(nil, v))
	}
	f.Add(bytes.Repeat([]byte{tagList, 0xff, 0x7f}, 400))
	f.Add([]byte{tagDict, 2, tagNone})
	f.Fuzz(func(t *testing.T, b []byte) {
		v, rest, err := Decode(b)
		if err != nil {
			return
		}
		if !bytes.HasSuffix(b, rest) {
			t.Fatalf("what is left, % x, is no end of % x", rest, b)
		}
		again, _, err := Decode(Append(nil, v))
		if err != nil || !bytes.Equal(Append(nil, again), Append(nil, v)) {
			t.Fatalf("%s does not survive: %v", Repr(v), err)
		}
	})
}

func FuzzDecodeRecord(f *testing.F) {
	for _, v := range seeds() {
		f.Add(AppendRecord(nil, Record{{"a", v}, {"b", String("x")}}))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, _, err := DecodeRecord(b)
		if err != nil {
			return
		}
		again, rest, err := DecodeRecord(AppendRecord(nil, r))
		if err != nil || len(rest) > 0 || !bytes.Equal(AppendRecord(nil, again), AppendRecord(nil, r)) {
			t.Fatalf("%v does not survive: %v", r, err)
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, v := range seeds() {
		f.Add(AppendJSON(nil, v))
	}
	f.Add([]byte(`{"a": {"b": null}, "a": [1e5, {"$dict": [[1, 2]]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = ParseRecordJSON(b) // must not panic
		v, err := ParseJSON(b)
		if err != nil {
			return
		}
		again, err := ParseJSON(AppendJSON(nil, v))
		if err != nil || !Equal(again, v) {
			t.Fatalf("%s does not survive: %s, %v", Repr(v), Repr(again), err)
		}
	})
}
