package confounds

import "math"

// medianOf is the exact median of more values than fit into memory. values
// calls its argument with each of them, in any order, and is called twice; none
// may be NaN. Of an even number it is the mean of the middle two, in float32.
//
// It counts values by the upper half of their bits, which tells where the
// middle is, then those by the lower half. Memory: 1.5 MB.
func medianOf(values func(visit func(float32)) error) (float32, error) {
	upper := make([]int64, 1<<16)
	total := int64(0)
	if err := values(func(v float32) {
		upper[order(v)>>16]++
		total++
	}); err != nil || total == 0 {
		return 0, err
	}
	var key [2]uint32 // of the middle two, first their upper halves
	var rank [2]int64
	for i, r := range [2]int64{(total - 1) / 2, total / 2} {
		key[i], rank[i] = bucket(upper, r)
	}
	lower := [2][]int64{make([]int64, 1<<16), make([]int64, 1<<16)}
	if err := values(func(v float32) {
		k := order(v)
		for i := range key {
			if k>>16 == key[i] {
				lower[i][k&0xffff]++
			}
		}
	}); err != nil {
		return 0, err
	}
	var middle [2]float32
	for i := range key {
		low, _ := bucket(lower[i], rank[i])
		middle[i] = disorder(key[i]<<16 | low)
	}
	return (middle[0] + middle[1]) / 2, nil
}

// bucket finds the bucket that the value of a rank lies in, and its rank there.
func bucket(counts []int64, rank int64) (uint32, int64) {
	for i, n := range counts {
		if rank < n {
			return uint32(i), rank
		}
		rank -= n
	}
	panic("BUG: rank beyond all values")
}

// order maps floating-point numbers to whole ones of the same order.
func order(v float32) uint32 {
	bits := math.Float32bits(v)
	if bits>>31 == 1 {
		return ^bits
	}
	return bits | 1<<31
}

// disorder is the inverse of order.
func disorder(k uint32) float32 {
	if k>>31 == 1 {
		return math.Float32frombits(k &^ (1 << 31))
	}
	return math.Float32frombits(^k)
}
