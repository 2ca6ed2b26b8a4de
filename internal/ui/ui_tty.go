package ui

import (
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/pulse"
)

// The terminal form keeps a block of a few lines at the bottom and prints
// everything else above it. Events only change what is to be shown; a goroutine
// draws, a few times a second, and only when something has changed. So a
// terminal that is slow, or stopped with Ctrl-S, never holds up the run.

const drawEvery = 200 * time.Millisecond

// terminal draws on a terminal.
type terminal struct {
	pulse  *pulse.Pulse
	canvas canvas // the drawing goroutine's own

	mu    sync.Mutex // guards what follows
	story *story
	above strings.Builder // to be printed above the block
}

func newTerminal(o Options) *terminal {
	t := &terminal{canvas: canvas{out: o.Out, ascii: o.ASCII}, story: newStory(o)}
	t.pulse = pulse.Start(drawEvery, t.draw)
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
	t.pulse.Stop()
	t.mu.Lock()
	now := time.Now()
	t.above.WriteString(t.story.release())
	t.above.WriteString(t.story.summary(now))
	above := t.above.String()
	t.mu.Unlock()
	cols, _ := t.story.Size()
	t.canvas.paint(above, nil, cols)
	return t.canvas.err
}

// draw brings the screen up to date.
func (t *terminal) draw(now time.Time) {
	cols, rows := t.story.Size()
	var samples []progress.Sample
	if t.story.Running != nil {
		samples = t.story.Running()
	}
	t.mu.Lock()
	t.above.WriteString(t.story.tick(now))
	above := t.above.String()
	t.above.Reset()
	var block []string
	if m := t.story.moment(now, samples); m != nil {
		block = m.block(t.story.paint, cols, rows)
	}
	t.mu.Unlock()
	t.canvas.update(above, block, cols)
}
