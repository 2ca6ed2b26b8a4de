package store

import "fmt"

// Ref says where a record lies: segment and offset in eight bytes without a
// pointer, so that a million of them cost eight megabytes and the garbage
// collector nothing. Zero is no place. Of two refs the larger was written
// later.
type Ref uint64

// A segment's number has 20 bits, an offset 44.
const (
	offsetBits = 44
	maxSegment = 1<<(64-offsetBits) - 1
)

func makeRef(segment int, offset int64) Ref {
	return Ref(segment)<<offsetBits | Ref(offset)
}

func (r Ref) segment() int  { return int(r >> offsetBits) }
func (r Ref) offset() int64 { return int64(r & (1<<offsetBits - 1)) }

// String gives the segment's number and the offset, as in "000003.seg+4096".
func (r Ref) String() string {
	if r == 0 {
		return "none"
	}
	return fmt.Sprintf("%s+%d", segmentName(r.segment()), r.offset())
}

func segmentName(number int) string { return fmt.Sprintf("%06d.seg", number) }
