package column

import "hash/maphash"

// Distinct keeps equal rows once, numbered from 0: what the rows of a large
// column have in common. The zero Distinct is empty.
type Distinct[T comparable] struct {
	rows Of[T]
	set  Set
	last uint32 // what was put last: in a loop mostly the same again
}

var rowSeed = maphash.MakeSeed()

// Len is the number of rows.
func (d *Distinct[T]) Len() int { return d.rows.Len() }

// At gives row i, which must not be changed.
func (d *Distinct[T]) At(i uint32) *T { return d.rows.At(int(i)) }

// Put gives the number of a row, which is added if it is not there.
func (d *Distinct[T]) Put(row T) uint32 {
	if d.rows.Len() > 0 && *d.At(d.last) == row {
		return d.last
	}
	hash := maphash.Comparable(rowSeed, row)
	id, ok := d.set.Find(hash, func(i uint32) bool { return *d.At(i) == row })
	if !ok {
		id = uint32(d.rows.Add(row))
		d.set.Add(hash, id, func(i uint32) uint64 { return maphash.Comparable(rowSeed, *d.At(i)) })
	}
	d.last = id
	return id
}

// Settle gives the room back that only putting rows needs: a row that is put
// later may then be there twice.
func (d *Distinct[T]) Settle() { d.set = Set{} }
