package value

import "math"

// A Seq is a list of values kept in their binary form, so that a list of a
// million costs its bytes and no heap object for each value. The zero Seq is
// empty. It is safe for concurrent reading.
type Seq struct {
	buf []byte
	end []uint32 // end[i] is where value i ends in buf
}

// NewSeq packs the values.
func NewSeq(items []Value) Seq {
	s := Seq{end: make([]uint32, 0, len(items))}
	for _, v := range items {
		s.Append(v)
	}
	return s
}

// Append adds v at the end. All values together may take 4 GiB.
func (s *Seq) Append(v Value) {
	s.buf = Append(s.buf, v)
	if uint64(len(s.buf)) > math.MaxUint32 {
		panic("a list of values takes more than 4 GiB")
	}
	s.end = append(s.end, uint32(len(s.buf)))
}

// Len is the number of values.
func (s Seq) Len() int { return len(s.end) }

// At gives value i.
func (s Seq) At(i int) Value {
	start := uint32(0)
	if i > 0 {
		start = s.end[i-1]
	}
	v, _, err := Decode(s.buf[start:s.end[i]])
	if err != nil {
		panic("BUG: packed value: " + err.Error())
	}
	return v
}

// Values unpacks all of them.
func (s Seq) Values() []Value {
	out := make([]Value, s.Len())
	for i := range out {
		out[i] = s.At(i)
	}
	return out
}

// Key is a text that is equal for equal sequences only.
func (s Seq) Key() string { return string(s.buf) }
