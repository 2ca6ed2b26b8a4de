package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/unit"
)

const mostRunning = 4 // running instances that are listed

// A moment is what the block shows of a run.
type moment struct {
	now     time.Time
	elapsed time.Duration
	counts  event.Counts
	left    time.Duration
	known   bool               // left is
	running []progress.Running // the longest first, with what they hold
	tools   int64              // bytes that all tools hold
	held    *progress.Held     // of late, and at most
	note    string             // a line of its own; "": none
}

// moment gives what is to be shown now, nil before the run and after its end.
func (s *story) moment(now time.Time, samples []progress.Sample) *moment {
	st := s.state
	if st.Began.IsZero() || !st.Ended.IsZero() {
		return nil
	}
	m := &moment{now: now, elapsed: now.Sub(st.Began), counts: st.Counts, running: st.Running(), held: &st.Held}
	m.left, m.known = st.Left(now)
	progress.Measured(m.running, samples)
	for _, r := range samples {
		m.tools += r.RSS
	}
	return m
}

// block gives the lines at the bottom: the counts, the memory, and what has
// run longest. They never fill the screen, nor the last column, where terminals
// differ.
func (m *moment) block(p paint, cols, rows int) []string {
	cols--
	if rows < 2 || cols < 1 {
		return nil
	}
	lead := unit.FormatDuration(m.elapsed.Truncate(time.Second)) + "  "
	if bar := barOf(m.counts); cols >= 100 {
		lead = bar + "  " + lead
	}
	if width(lead) > cols/3 {
		lead = ""
	}
	lines := []string{lead + countsLine(m.counts, m.left, m.known, p, cols-width(lead))}
	rows -= 3 // one for the counts, one for the cursor, one for what is above
	if m.note != "" && rows > 0 {
		lines = append(lines, p.bold(cutEnd("  "+m.note, cols)))
		rows--
	}
	if line := m.memoryLine(p, cols-2); line != "" && rows >= 3 {
		lines = append(lines, "  "+line)
		rows--
	}
	return append(lines, m.runningLines(max(0, min(mostRunning, rows)), p, cols)...)
}

// runningLines gives the instances that have run longest, at most so many
// lines, with their times and their memory. Names are cut where there is no
// room; where there is still none the memory goes, then the time.
func (m *moment) runningLines(most int, p paint, cols int) []string {
	running, more := m.running, 0
	if len(running) > most {
		more = len(running) - max(0, most-1)
		running = running[:max(0, most-1)]
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
			figures = fmt.Sprintf("%*s", took, unit.FormatDuration(since(r.Began, m.now)))
		}
		if r.RSS > 0 && cols >= 2+shortest+took+mem {
			figures += fmt.Sprintf("%*s", mem, unit.FormatBytes(r.RSS))
		}
		room := cols - 2
		if figures != "" {
			room -= took
		}
		if cols >= 2+shortest+took+mem {
			room -= mem
		}
		room = min(room, longest)
		lines = append(lines, cutEnd("  "+pad(cutMiddle(name, room), room), cols)+p.dim(figures))
	}
	if more > 0 && most > 0 {
		lines = append(lines, p.dim(cutEnd(fmt.Sprintf("  and %d more", more), cols)))
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
