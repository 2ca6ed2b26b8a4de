package learn

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"time"
)

// A bucket is what is known of inputs of one power of two: those of bits.Len
// log2, so from 2^(log2-1) bytes to just below 2^log2; 0 is no input at all.
type bucket struct {
	log2 int
	n    int64   // attempts that succeeded
	top  int64   // the largest peak ever, of such as needed more than they had too
	high int64   // what peaks at most come to of late: rises at once, falls slowly
	wall float64 // mean, seconds
}

// sizes are the buckets of one subject, smallest first.
type sizes []bucket

const (
	// margin is what is added to the usual peak.
	margin = 1.2
	// decay is the share of the way to a lower peak that high goes at once.
	decay = 1.0 / 16
	// steepest is how many bytes of memory a byte of input is taken to need
	// where only one size was ever seen: compressed integers that become
	// floating-point numbers grow about so much.
	steepest = 8
	// enough is how many attempts a mean is made of at most, so that it follows.
	enough = 64
)

// mostMem bounds an estimate, so that sums of some can't overflow.
const mostMem = math.MaxInt64 / 1024

func log2Of(input int64) int { return bits.Len64(uint64(max(0, input))) }

// lowest and highest give the bounds of a bucket; of the last the highest is
// that of an int64.
func lowest(log2 int) float64 {
	if log2 == 0 {
		return 0
	}
	return math.Ldexp(1, log2-1)
}

func highest(log2 int) float64 {
	if log2 == 0 {
		return 0
	}
	return math.Ldexp(1, log2)
}

// add takes in one attempt.
func (s *sizes) add(seen Seen) {
	b := bucket{log2: log2Of(seen.Input), top: min(seen.Peak, mostMem), high: min(seen.Peak, mostMem)}
	if !seen.Short {
		b.n, b.wall = 1, max(0, seen.Wall.Seconds())
	}
	s.merge(b)
}

// merge takes in a bucket that is newer.
func (s *sizes) merge(b bucket) {
	k, found := slices.BinarySearchFunc(*s, b.log2, func(x bucket, log2 int) int { return cmp.Compare(x.log2, log2) })
	if !found {
		*s = slices.Insert(*s, k, b)
		return
	}
	old := &(*s)[k]
	old.top = max(old.top, b.top)
	if b.high >= old.high {
		old.high = b.high
	} else if b.n > 0 {
		keep := math.Pow(1-decay, float64(b.n))
		old.high = b.high + int64(float64(old.high-b.high)*keep)
	}
	if b.n > 0 {
		was := min(old.n, enough)
		old.wall += (b.wall - old.wall) * float64(b.n) / float64(was+b.n)
		old.n = min(old.n+b.n, math.MaxInt32)
	}
}

// needs is what the bucket alone says: a fifth more than is usual, and never
// less than was seen.
func (b *bucket) needs() float64 { return max(float64(b.top), margin*float64(b.high)) }

// covers reports whether the size is no larger than what was seen.
func (s sizes) covers(input int64) bool { return log2Of(input) <= s[len(s)-1].log2 }

// estimate gives what an input of that size will need; there must be a bucket.
// It never falls with the size.
func (s sizes) estimate(input int64) Estimate {
	log2, x := log2Of(input), float64(max(0, input))
	var below *bucket // the nearest bucket that is smaller
	need := 0.0       // of what is not larger
	for k := range s {
		b := &s[k]
		if b.log2 > log2 {
			if below == nil {
				return Estimate{toMem(b.needs()), b.time()}
			}
			above := max(need, b.needs())
			share := (x - highest(below.log2)) / (lowest(b.log2) - highest(below.log2))
			return Estimate{toMem(need + (above-need)*share), below.time()}
		}
		need = max(need, b.needs())
		if b.log2 == log2 {
			return Estimate{toMem(need), b.time()}
		}
		below = b
	}
	return Estimate{toMem(need + s.slope(need)*(x-highest(below.log2))), below.time()}
}

// slope gives how many bytes of memory a byte of input needs beyond the largest
// bucket, which needs so much: on the line from the smallest one, or, where
// there is one only, in proportion, with what every program needs anyway in
// mind.
func (s sizes) slope(need float64) float64 {
	first, last := &s[0], &s[len(s)-1]
	if first == last {
		return min(steepest, need/max(1, highest(last.log2)))
	}
	return max(0, need-first.needs()) / (highest(last.log2) - highest(first.log2))
}

func (b *bucket) time() time.Duration { return time.Duration(b.wall * float64(time.Second)) }

// wall gives the mean time of all sizes.
func (s sizes) wall() time.Duration {
	var sum, n float64
	for _, b := range s {
		sum += b.wall * float64(b.n)
		n += float64(b.n)
	}
	if n == 0 {
		return 0
	}
	return time.Duration(sum / n * float64(time.Second))
}

// mebibyte is what estimates are rounded up to.
const mebibyte = 1 << 20

func toMem(need float64) int64 {
	if need >= mostMem-mebibyte {
		return mostMem
	}
	n := int64(math.Ceil(need))
	return (n + mebibyte - 1) / mebibyte * mebibyte
}
