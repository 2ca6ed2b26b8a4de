package value

import (
	"encoding/binary"
	"fmt"
	"math"
)

// The binary form: one tag byte, then what the tag says. Integers are zig-zag
// varints, floats 8 bytes little endian, strings and containers a length and
// the content. The form is canonical but for the order of dictionaries: equal
// bytes mean equal values. It is written into stores: a change of it is a new
// store version.
const (
	tagUndefined = iota
	tagNone
	tagFalse
	tagTrue
	tagInt
	tagFloat
	tagString
	tagList
	tagTuple
	tagDict
)

// maxDepth bounds how deep a decoded value may nest, so that damaged or
// hostile bytes can't exhaust the stack.
const maxDepth = 1000

// Append writes the binary form of v after dst.
func Append(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, tagUndefined)
	case None:
		return append(dst, tagNone)
	case Bool:
		if v {
			return append(dst, tagTrue)
		}
		return append(dst, tagFalse)
	case Int:
		return binary.AppendVarint(append(dst, tagInt), int64(v))
	case Float:
		return binary.LittleEndian.AppendUint64(append(dst, tagFloat), math.Float64bits(float64(v)))
	case String:
		return appendString(append(dst, tagString), string(v))
	case List:
		return appendItems(append(dst, tagList), v)
	case Tuple:
		return appendItems(append(dst, tagTuple), v)
	case Dict:
		dst = binary.AppendUvarint(append(dst, tagDict), uint64(len(v)))
		for _, e := range v {
			dst = Append(Append(dst, e.Key), e.Value)
		}
		return dst
	}
	panic(fmt.Sprintf("BUG: value of type %T", v))
}

func appendString(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// AppendList writes the head of a list of n values after dst; their own forms
// are to follow, so that a list can be written that nobody holds.
func AppendList(dst []byte, n int) []byte {
	return binary.AppendUvarint(append(dst, tagList), uint64(n))
}

func appendItems(dst []byte, items []Value) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(items)))
	for _, e := range items {
		dst = Append(dst, e)
	}
	return dst
}

// AppendRecord writes the binary form of r after dst.
func AppendRecord(dst []byte, r Record) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(r)))
	for _, f := range r {
		dst = Append(appendString(dst, f.Name), f.Value)
	}
	return dst
}

// Decode reads one value and gives the bytes after it.
func Decode(b []byte) (Value, []byte, error) {
	d := decoder{b: b}
	v := d.value(0)
	if d.err != nil {
		return nil, nil, d.err
	}
	return v, d.b, nil
}

// DecodeRecord reads one record and gives the bytes after it.
func DecodeRecord(b []byte) (Record, []byte, error) {
	d := decoder{b: b}
	n := d.count()
	r := make(Record, 0, min(n, plentiful))
	for range n {
		name := d.string()
		v := d.value(0)
		if d.err != nil {
			break
		}
		r = append(r, Field{name, v})
	}
	if d.err != nil {
		return nil, nil, d.err
	}
	return r, d.b, nil
}

// plentiful is how many elements a decoder makes room for on the word of a
// length alone: 16 bytes for each byte of input, once at every level of nesting,
// would let some kilobytes of damage ask for gigabytes.
const plentiful = 1024

// A decoder consumes b; after the first error it gives zero values.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("decode value: %s", what)
	}
	d.b = nil
}

func (d *decoder) value(depth int) Value {
	if depth > maxDepth {
		d.fail("nested too deep")
		return nil
	}
	if len(d.b) == 0 {
		d.fail("unexpected end")
		return nil
	}
	tag := d.b[0]
	d.b = d.b[1:]
	switch tag {
	case tagUndefined:
		return nil
	case tagNone:
		return None{}
	case tagFalse, tagTrue:
		return Bool(tag == tagTrue)
	case tagInt:
		return d.int()
	case tagFloat:
		return d.float()
	case tagString:
		return String(d.string())
	case tagList:
		return List(d.items(depth))
	case tagTuple:
		return Tuple(d.items(depth))
	case tagDict:
		return d.dict(depth)
	}
	d.fail(fmt.Sprintf("unknown tag %d", tag))
	return nil
}

func (d *decoder) int() Int {
	i, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("bad integer")
		return 0
	}
	d.b = d.b[n:]
	return Int(i)
}

func (d *decoder) float() Float {
	if len(d.b) < 8 {
		d.fail("bad float")
		return 0
	}
	f := math.Float64frombits(binary.LittleEndian.Uint64(d.b))
	d.b = d.b[8:]
	return Float(f)
}

// count reads a length; every counted thing takes at least one byte, so a
// length beyond what is left is damage.
func (d *decoder) count() int {
	u, n := binary.Uvarint(d.b)
	if n <= 0 || u > uint64(len(d.b)-n) {
		d.fail("bad length")
		return 0
	}
	d.b = d.b[n:]
	return int(u)
}

func (d *decoder) string() string {
	n := d.count()
	if d.err != nil {
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) items(depth int) []Value {
	n := d.count()
	out := make([]Value, 0, min(n, plentiful))
	for range n {
		v := d.value(depth + 1)
		if d.err != nil {
			return nil
		}
		out = append(out, v)
	}
	return out
}

func (d *decoder) dict(depth int) Dict {
	n := d.count()
	out := make(Dict, 0, min(n, plentiful))
	for range n {
		k := d.value(depth + 1)
		v := d.value(depth + 1)
		if d.err != nil {
			return nil
		}
		out = append(out, Entry{k, v})
	}
	return out
}
