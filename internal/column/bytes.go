package column

import "math"

// A piece begins at a page and an offset in it, in one number; a page is 64 KiB
// or, for a piece that is longer, as long as that piece.
const (
	blockBits = 16
	blockSize = 1 << blockBits
)

// Bytes keeps pieces of bytes that say themselves where they end. The zero Bytes
// is empty.
type Bytes struct {
	pages [][]byte
}

// Put adds a copy of a piece and gives where it begins. All pieces together may
// take 4 GiB.
func (c *Bytes) Put(piece []byte) uint32 {
	last := len(c.pages) - 1
	switch {
	case last < 0:
		c.pages, last = append(c.pages, nil), 0 // grows, so that a few pieces are small
	case len(c.pages[last])+len(piece) >= blockSize: // so that no piece begins at the very end
		c.pages, last = append(c.pages, make([]byte, 0, max(blockSize, len(piece)))), last+1
	}
	checkPages(last)
	at := len(c.pages[last])
	c.pages[last] = append(c.pages[last], piece...)
	return uint32(last<<blockBits | at)
}

func checkPages(last int) {
	if last > math.MaxUint32>>blockBits {
		panic("column: more than 4 GiB of bytes")
	}
}

// From gives the bytes from the beginning of a piece on; they must not be
// changed.
func (c *Bytes) From(at uint32) []byte { return c.pages[at>>blockBits][at&(blockSize-1):] }

// Drop takes back the piece that begins at a place, if it is the last one and
// has that length.
func (c *Bytes) Drop(at uint32, length int) {
	page := int(at >> blockBits)
	if from := int(at & (blockSize - 1)); page == len(c.pages)-1 && from+length == len(c.pages[page]) {
		c.pages[page] = c.pages[page][:from]
	}
}
