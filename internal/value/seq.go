package value

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"math"
)

// A Seq is a list of values kept small: integers in even steps, as a range
// gives them, as three numbers, and anything else in its binary form, in blocks
// that are never copied to grow. A list of a million costs its bytes and no
// heap object for each value. The zero Seq is empty. It is safe for concurrent
// reading.
type Seq struct {
	n           int
	first, step int64    // without blocks: value i is first + i*step
	blocks      [][]byte // values seqBlock*k and on; the last one may lack some
}

// seqBlock is how many values share a block: reading one value skips 32 others
// on average, a fifth of a microsecond.
const seqBlock = 64

// NewSeq packs the values.
func NewSeq(items []Value) Seq {
	var s Seq
	for _, v := range items {
		s.Append(v)
	}
	return s
}

// Range is the integers first, first+step, ..., n of them.
func Range(first, step int64, n int) Seq {
	switch n {
	case 0:
		return Seq{}
	case 1:
		step = 0 // as Append would have it
	}
	return Seq{n: n, first: first, step: step}
}

// Append adds v at the end.
func (s *Seq) Append(v Value) {
	if s.blocks == nil {
		if s.extend(v) {
			return
		}
		s.spell()
	}
	s.pack(v)
	s.n++
}

// extend adds v to a range, and reports whether it goes on with it.
func (s *Seq) extend(v Value) bool {
	i, ok := v.(Int)
	switch {
	case !ok:
		return false
	case s.n == 0:
		s.first = int64(i)
	case s.n == 1:
		s.step = int64(i) - s.first
	case int64(i) != s.first+int64(s.n)*s.step:
		return false
	}
	s.n++
	return true
}

// spell turns a range into blocks.
func (s *Seq) spell() {
	n := s.n
	s.blocks = make([][]byte, 0, n/seqBlock+1)
	for s.n = 0; s.n < n; s.n++ {
		s.pack(Int(s.first + int64(s.n)*s.step))
	}
	s.first, s.step = 0, 0
}

// pack writes value number s.n. A block begins with as much room as the one
// before took.
func (s *Seq) pack(v Value) {
	last := len(s.blocks) - 1
	if s.n%seqBlock == 0 {
		room := 0
		if last >= 0 {
			room = len(s.blocks[last])
		}
		s.blocks, last = append(s.blocks, make([]byte, 0, room)), last+1
	}
	s.blocks[last] = Append(s.blocks[last], v)
}

// Steps reports whether the values are known to be different integers: in steps
// that don't go round the 64 bits.
func (s Seq) Steps() bool {
	return s.blocks == nil && (s.n < 2 || s.step != 0) && int64(int32(s.step)) == s.step && s.n <= math.MaxInt32
}

// Len is the number of values.
func (s Seq) Len() int { return s.n }

// At gives value i.
func (s Seq) At(i int) Value {
	if s.blocks == nil {
		if uint(i) >= uint(s.n) {
			panic(fmt.Sprintf("BUG: value %d of %d", i, s.n))
		}
		return Int(s.first + int64(i)*s.step)
	}
	b := s.blocks[i/seqBlock]
	for range i % seqBlock {
		b = skip(b)
	}
	v, _ := mustDecode(b)
	return v
}

// mustDecode reads a value that was written here.
func mustDecode(b []byte) (Value, []byte) {
	v, rest, err := Decode(b)
	if err != nil {
		panic("BUG: packed value: " + err.Error())
	}
	return v, rest
}

// All gives each value with its number, without skipping any: the way to read
// all of them.
func (s Seq) All() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		var b []byte
		for i := range s.n {
			var v Value
			if s.blocks == nil {
				v = Int(s.first + int64(i)*s.step)
			} else {
				if i%seqBlock == 0 {
					b = s.blocks[i/seqBlock]
				}
				v, b = mustDecode(b)
			}
			if !yield(i, v) {
				return
			}
		}
	}
}

// Values unpacks all of them.
func (s Seq) Values() []Value {
	out := make([]Value, 0, s.n)
	for _, v := range s.All() {
		out = append(out, v)
	}
	return out
}

// Digest is equal for equal sequences only, for all that SHA-256 knows.
func (s Seq) Digest() [sha256.Size]byte {
	h := sha256.New()
	var head [24]byte
	binary.LittleEndian.PutUint64(head[:], uint64(s.n))
	binary.LittleEndian.PutUint64(head[8:], uint64(s.first))
	binary.LittleEndian.PutUint64(head[16:], uint64(s.step))
	h.Write(head[:])
	for _, b := range s.blocks {
		h.Write(b)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// skip gives the bytes after one value that was written here.
func skip(b []byte) []byte {
	tag, b := b[0], b[1:]
	switch tag {
	case tagInt:
		for b[0] >= 0x80 {
			b = b[1:]
		}
		return b[1:]
	case tagFloat:
		return b[8:]
	case tagString:
		n, k := binary.Uvarint(b)
		return b[k+int(n):]
	case tagList, tagTuple, tagDict:
		n, k := binary.Uvarint(b)
		if b = b[k:]; tag == tagDict {
			n *= 2
		}
		for range n {
			b = skip(b)
		}
	}
	return b
}
