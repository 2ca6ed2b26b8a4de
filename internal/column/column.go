// Package column keeps large tables in pages: what grows by a row at a time
// never has to be copied into something larger, which for a moment would need
// the room of both, and no row is a heap object of its own.
//
//	Of        rows of one type, by number
//	Distinct  rows of one type, each once, by number
//	Texts     texts, each once, by number
//	Bytes     pieces of bytes, by where they begin
//	Set       numbers, found by what they stand for
//
// Nothing here is safe for use by several goroutines while one of them writes.
// The package knows nothing of what the rows mean.
package column

// pageRows is how many rows a page has: with rows of some twenty bytes a page
// is about as large as the runtime's own unit for large objects.
const (
	pageBits = 12
	pageRows = 1 << pageBits
)

// Of is a column of rows, numbered from 0. The zero Of is empty.
type Of[T any] struct {
	pages [][]T // all full but the last
}

// Len is the number of rows.
func (c *Of[T]) Len() int {
	if len(c.pages) == 0 {
		return 0
	}
	last := len(c.pages) - 1
	return last<<pageBits + len(c.pages[last])
}

// Add adds a row and gives its number.
func (c *Of[T]) Add(row T) int {
	last := len(c.pages) - 1
	switch {
	case last < 0:
		c.pages, last = append(c.pages, nil), 0 // the first page grows, so that a small column is small
	case len(c.pages[last]) == pageRows:
		c.pages, last = append(c.pages, make([]T, 0, pageRows)), last+1
	}
	c.pages[last] = append(c.pages[last], row)
	return last<<pageBits + len(c.pages[last]) - 1
}

// At gives row i, to be read or changed; the pointer holds until the next Add.
func (c *Of[T]) At(i int) *T { return &c.pages[i>>pageBits][i&(pageRows-1)] }

// Cut drops all rows from n on.
func (c *Of[T]) Cut(n int) {
	if n >= c.Len() {
		return
	}
	keep := (n + pageRows - 1) >> pageBits
	clear(c.pages[keep:])
	c.pages = c.pages[:keep]
	if keep > 0 {
		last := c.pages[keep-1]
		end := n - (keep-1)<<pageBits
		clear(last[end:])
		c.pages[keep-1] = last[:end]
	}
}
