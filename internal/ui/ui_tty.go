package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/unit"
)

// The terminal form keeps a block of a few lines at the bottom and prints
// everything else above it. Three things make it calm and safe:
//
//   - Events only change what is to be shown; a goroutine draws, a few times a
//     second, and only when something has changed. So a terminal that is slow,
//     or stopped with Ctrl-S, never holds up the run.
//   - Each drawing is one write that hides the cursor first and shows it again
//     at its end, with the cursor at the beginning of the line below the block.
//     Whenever Raphe ends, in whatever way, the terminal is in order.
//   - Before it is drawn anew the block is measured in the terminal's present
//     width, in which its lines may have been broken since.

const (
	drawEvery   = 200 * time.Millisecond
	mostRunning = 4 // running instances that are listed
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

// terminal draws on a terminal.
type terminal struct {
	pulse pulse

	mu    sync.Mutex // guards what follows
	story *story
	above strings.Builder // to be printed above the block

	// What is on the screen; the drawing goroutine's own.
	out    io.Writer
	block  []string
	widths []int
	cols   int
	err    error
}

func newTerminal(o Options) *terminal {
	t := &terminal{out: o.Out, story: newStory(o)}
	t.pulse.start(drawEvery, t.draw)
	return t
}

// Event takes in an event; it never waits for the terminal.
func (t *terminal) Event(e event.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	text, _ := t.story.tell(e)
	t.above.WriteString(text)
}

// Close replaces the block by the summary.
func (t *terminal) Close() error {
	t.pulse.end()
	t.mu.Lock()
	now := time.Now()
	t.above.WriteString(t.story.release())
	t.above.WriteString(t.story.summary(now))
	above := t.above.String()
	t.mu.Unlock()
	cols, _ := t.story.Size()
	t.paint(above, nil, cols)
	return t.err
}

// draw brings the screen up to date.
func (t *terminal) draw(now time.Time) {
	cols, rows := t.story.Size()
	var samples []Sample
	if t.story.Running != nil {
		samples = t.story.Running()
	}
	t.mu.Lock()
	t.above.WriteString(t.story.tick(now))
	above := t.above.String()
	t.above.Reset()
	block := t.story.block(now, samples, cols, rows)
	t.mu.Unlock()
	if above == "" && slices.Equal(block, t.block) && cols == t.cols {
		return
	}
	t.paint(above, block, cols)
}

// paint writes a text above the block, and the block below it.
func (t *terminal) paint(above string, block []string, cols int) {
	var b strings.Builder
	b.WriteString(hideCursor)
	if rows := t.height(cols); rows > 0 {
		fmt.Fprintf(&b, "\r\x1b[%dA%s", rows, clearBelow)
	}
	b.WriteString(above)
	if len(block) > 0 {
		b.WriteString(wrapOff + strings.Join(block, "\n") + "\n" + wrapOn)
	}
	b.WriteString(showCursor)
	if _, err := io.WriteString(t.out, b.String()); err != nil && t.err == nil {
		t.err = err
	}
	t.block, t.cols = block, cols
	t.widths = t.widths[:0]
	for _, line := range block {
		t.widths = append(t.widths, width(uncoloured(line)))
	}
}

// height gives how many rows the block on the screen takes when the terminal
// is cols wide: a terminal that got narrower has broken its lines.
func (t *terminal) height(cols int) int {
	rows := 0
	for _, w := range t.widths {
		rows += max(1, (w+cols-1)/max(1, cols))
	}
	return rows
}

// uncoloured leaves escape sequences out.
func uncoloured(s string) string {
	if !strings.Contains(s, "\x1b") {
		return s
	}
	return printable(s)
}

// block gives the lines at the bottom: the counts, and what has run longest.
// They never fill the screen, nor the last column, where terminals differ.
func (s *story) block(now time.Time, samples []Sample, cols, rows int) []string {
	st := s.state
	cols--
	if st.Began.IsZero() || !st.Ended.IsZero() || rows < 2 || cols < 1 {
		return nil
	}
	left, known := st.Left(now)
	lead := unit.FormatDuration(now.Sub(st.Began).Truncate(time.Second)) + "  "
	if bar := barOf(st.Counts); cols >= 100 {
		lead = bar + "  " + lead
	}
	if width(lead) > cols/3 {
		lead = ""
	}
	lines := []string{lead + countsLine(st.Counts, left, known, s.paint, cols-width(lead))}
	running := st.Running()
	// A row is for the counts, one for the cursor, one for what is above.
	return append(lines, s.runningLines(running, max(0, min(mostRunning, rows-3)), now, samples, cols)...)
}

// runningLines gives the instances that have run longest, at most so many
// lines, with their times and their memory. Names are cut where there is no
// room; where there is still none the memory goes, then the time.
func (s *story) runningLines(running []progress.Running, most int, now time.Time, samples []Sample, cols int) []string {
	more := 0
	if len(running) > most {
		more = len(running) - max(0, most-1)
		running = running[:max(0, most-1)]
	}
	memory := map[string]int64{}
	for _, m := range samples {
		memory[m.Name] = m.RSS
	}
	const shortest, took, mem = 12, 9, 10 // columns: of a name that tells something, and of the others
	longest := 0
	for _, r := range running {
		longest = max(longest, width(printable(r.Name)))
	}
	var lines []string
	for _, r := range running {
		name, figures := printable(r.Name), ""
		if cols >= 2+shortest+took {
			figures = fmt.Sprintf("%*s", took, unit.FormatDuration(since(r.Began, now)))
		}
		if rss := memory[r.Name]; rss > 0 && cols >= 2+shortest+took+mem {
			figures += fmt.Sprintf("%*s", mem, unit.FormatBytes(rss))
		}
		room := cols - 2
		if figures != "" {
			room -= took
		}
		if cols >= 2+shortest+took+mem {
			room -= mem
		}
		room = min(room, longest)
		lines = append(lines, cutEnd("  "+pad(cutMiddle(name, room), room), cols)+s.paint.dim(figures))
	}
	if more > 0 && most > 0 {
		lines = append(lines, s.paint.dim(cutEnd(fmt.Sprintf("  and %d more", more), cols)))
	}
	return lines
}

// barOf gives the share of what is settled.
func barOf(c event.Counts) string {
	const cells = 20
	if c.Total == 0 {
		return strings.Repeat("░", cells)
	}
	full := (c.Total - c.Left()) * cells / c.Total
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}
