package workflow

import "github.com/raphe-org/raphe/internal/diag"

// spotID is a place in a definition file, or a pair of places near each other,
// in 4 bytes: a line of the first file, or the number of a spot; 0 is none. A
// node of a definition in JSON lines has its line, and what a loop makes has one
// place.
type spotID uint32

const lineBit = 1 << 31

// A spot is a place and a second one: the two ports of a connection.
type spot struct {
	from packedPos
	to   packedEnd
}

func (d *Definition) packSpot(from, to diag.Pos) spotID {
	s := spot{from: d.packPos(from)}
	if to.IsValid() {
		s.to = packEnd(from, to)
	}
	switch {
	case s == spot{}:
		return 0
	case s.to == 0 && s.from>>52 == 1 && s.from&(1<<24-1) == 0:
		return lineBit | spotID(s.from>>24&(1<<28-1))
	}
	return spotID(d.spots.Put(s) + 1)
}

// unpackSpot gives both places; the second is the first where there is none.
func (d *Definition) unpackSpot(id spotID) (from, to diag.Pos) {
	switch {
	case id == 0:
		return diag.Pos{}, diag.Pos{}
	case id&lineBit != 0:
		from = diag.Pos{File: d.files[0], Line: int(id &^ lineBit)}
		return from, from
	}
	s := d.spots.At(uint32(id - 1))
	from = d.unpackPos(s.from)
	return from, s.to.unpack(from)
}

func (d *Definition) spotPos(id spotID) diag.Pos {
	pos, _ := d.unpackSpot(id)
	return pos
}

// packedPos is a place in 8 bytes: file 12 bits, line 28, column 14, length 10.
// What does not fit is cut: a wrong column is better than a fat row.
type packedPos uint64

func (d *Definition) packPos(p diag.Pos) packedPos {
	if !p.IsValid() {
		return 0
	}
	file := -1
	for i, f := range d.files {
		if f == p.File {
			file = i
			break
		}
	}
	if file < 0 {
		d.files = append(d.files, p.File)
		file = len(d.files) - 1
	}
	fit := func(v, bits int) uint64 { return uint64(min(max(v, 0), 1<<bits-1)) }
	return packedPos(fit(file+1, 12)<<52 | fit(p.Line, 28)<<24 | fit(p.Column, 14)<<10 | fit(p.Length, 10))
}

func (d *Definition) unpackPos(p packedPos) diag.Pos {
	if p == 0 {
		return diag.Pos{}
	}
	return diag.Pos{
		File: d.files[int(p>>52)-1], Line: int(p >> 24 & (1<<28 - 1)),
		Column: int(p >> 10 & (1<<14 - 1)), Length: int(p & (1<<10 - 1)),
	}
}

// packedEnd is a second place near a first in 4 bytes: lines further down 10
// bits, column 14, length 8; 0 means the first place itself.
type packedEnd uint32

func packEnd(from, to diag.Pos) packedEnd {
	down := to.Line - from.Line
	if to == from || to.File != from.File || down < 0 || down >= 1<<10 || to.Column < 1 || to.Column >= 1<<14 {
		return 0
	}
	return packedEnd(down<<22 | to.Column<<8 | min(max(to.Length, 0), 1<<8-1))
}

func (p packedEnd) unpack(from diag.Pos) diag.Pos {
	if p == 0 {
		return from
	}
	return diag.Pos{File: from.File, Line: from.Line + int(p>>22), Column: int(p >> 8 & (1<<14 - 1)), Length: int(p & (1<<8 - 1))}
}
