package store

import "slices"

// An Index finds a place by a hash of 64 bits: 16 bytes an entry and an eighth
// of room to grow, in small sorted buckets, so that it never has to be copied
// as a whole and holds nothing that the garbage collector must look at. The
// zero Index is empty. It is not safe for concurrent use.
type Index struct {
	buckets [][]indexEntry // by the first bits of the mixed hash; their number is a power of two
	shift   uint           // what is left of a mixed hash after this shift is its bucket
	used    int
}

// indexEntry is sorted by its hash, mixed.
type indexEntry struct {
	mixed uint64
	ref   Ref
}

// mostInBucket is how many entries a bucket has on average when their number is
// doubled: moving the half of them makes room for a new one.
const mostInBucket = 256

// mix spreads what differs in a hash to its first bits; no two hashes become
// the same one.
func mix(hash uint64) uint64 {
	hash ^= hash >> 32
	return hash * 0x9e3779b97f4a7c15
}

// Len is the number of entries.
func (x *Index) Len() int { return x.used }

// Get gives the place under a hash, 0 if there is none.
func (x *Index) Get(hash uint64) Ref {
	if x.used == 0 {
		return 0
	}
	mixed := mix(hash)
	b := x.buckets[mixed>>x.shift]
	if k, found := search(b, mixed); found {
		return b[k].ref
	}
	return 0
}

// Put sets the place under a hash.
func (x *Index) Put(hash uint64, ref Ref) {
	if x.buckets == nil {
		x.buckets, x.shift = make([][]indexEntry, 1), 64
	}
	mixed := mix(hash)
	b := &x.buckets[mixed>>x.shift]
	k, found := search(*b, mixed)
	if found {
		(*b)[k].ref = ref
		return
	}
	if len(*b) == cap(*b) {
		*b = append(make([]indexEntry, 0, len(*b)+len(*b)/8+4), *b...)
	}
	*b = slices.Insert(*b, k, indexEntry{mixed, ref})
	if x.used++; x.used > mostInBucket*len(x.buckets) {
		x.split()
	}
}

// search gives where an entry is in a bucket, or would be.
func search(b []indexEntry, mixed uint64) (int, bool) {
	lo, hi := 0, len(b)
	for lo < hi {
		mid := (lo + hi) / 2
		if b[mid].mixed < mixed {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(b) && b[lo].mixed == mixed
}

// split halves every bucket. A bucket is sorted, so its halves lie behind one
// another and stay where they are until they grow.
func (x *Index) split() {
	x.shift--
	halves := make([][]indexEntry, 0, 2*len(x.buckets))
	for n, b := range x.buckets {
		k, _ := search(b, uint64(2*n+1)<<x.shift)
		halves = append(halves, b[:k:k], b[k:])
	}
	x.buckets = halves
}
