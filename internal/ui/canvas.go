package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// The control sequences that are used: ECMA-48, and xterm's private modes 25
// (cursor) and 7 (wrap at the margin).
const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	wrapOff    = "\x1b[?7l"
	wrapOn     = "\x1b[?7h"
	clearBelow = "\x1b[J"
)

// A canvas is the bottom of a terminal's screen: a block of lines that is drawn
// again and again, and above it what was printed, which stays. Two things make
// it safe:
//
//   - Each drawing is one write that hides the cursor first and shows it again
//     at its end, with the cursor at the beginning of the line below the block.
//     Whenever Raphe ends, in whatever way, the terminal is in order.
//   - Before it is drawn anew the block is measured in the terminal's present
//     width, in which its lines may have been broken since.
type canvas struct {
	out   io.Writer
	ascii bool // the terminal shows nothing else

	// What is on the screen.
	block  []string
	widths []int
	cols   int
	err    error // the first one of writing
}

// update paints where something has changed.
func (c *canvas) update(above string, block []string, cols int) {
	if above == "" && slices.Equal(block, c.block) && cols == c.cols {
		return
	}
	c.paint(above, block, cols)
}

// paint writes a text above the block, and the block below it.
func (c *canvas) paint(above string, block []string, cols int) {
	var b strings.Builder
	b.WriteString(hideCursor)
	if rows := c.height(cols); rows > 0 {
		fmt.Fprintf(&b, "\r\x1b[%dA%s", rows, clearBelow)
	}
	b.WriteString(above)
	if len(block) > 0 {
		b.WriteString(wrapOff + strings.Join(block, "\n") + "\n" + wrapOn)
	}
	b.WriteString(showCursor)
	text := b.String()
	if c.ascii {
		text = asciiOnly(text)
	}
	if _, err := io.WriteString(c.out, text); err != nil && c.err == nil {
		c.err = err
	}
	c.block, c.cols = block, cols
	c.widths = c.widths[:0]
	for _, line := range block {
		c.widths = append(c.widths, width(uncoloured(line)))
	}
}

// height gives how many rows the block on the screen takes when the terminal
// is cols wide: a terminal that got narrower has broken its lines.
func (c *canvas) height(cols int) int {
	rows := 0
	for _, w := range c.widths {
		rows += max(1, (w+cols-1)/max(1, cols))
	}
	return rows
}

// leave lets the block stand: others have written below it. The next one
// begins where the cursor is.
func (c *canvas) leave() { c.block, c.widths = nil, nil }

// uncoloured leaves escape sequences out.
func uncoloured(s string) string {
	if !strings.Contains(s, "\x1b") {
		return s
	}
	return printable(s)
}
