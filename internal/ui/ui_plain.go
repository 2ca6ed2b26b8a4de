package ui

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/pulse"
	"github.com/raphe-org/raphe/internal/unit"
)

// A log wants to be read later: a line when an instance ends, with its time and
// its memory; nothing when one starts, and nothing for those that are taken
// from the store. Where very many end at once their lines are folded into a
// count. Now and then, the more seldom the longer the run takes, a line says
// where it stands, so that a reader of a silent log knows that it is alive.

const (
	mostLines     = 50 // lines of finished instances in a second
	firstProgress = 30 * time.Second
	lastProgress  = 10 * time.Minute
	timeFormat    = "2006-01-02 15:04:05"
)

// plain writes lines.
type plain struct {
	pulse *pulse.Pulse

	mu     sync.Mutex
	out    io.Writer
	story  *story
	next   time.Time // of the next line of progress
	second time.Time // the present second, in which
	lines  int       // so many lines of finished instances were written
	folded int       // and so many were not
	err    error
}

func newPlain(o Options) *plain {
	o.Form = Plain
	p := &plain{out: o.Out, story: newStory(o)}
	p.pulse = pulse.Start(time.Second, p.tick)
	return p
}

// Event writes the lines that an event is worth.
func (p *plain) Event(e event.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	text, was := p.story.tell(e)
	if e.Kind == event.RunStarted {
		p.next = e.Time.Add(firstProgress)
		text += plural(e.Total, "instance") + " planned\n"
	}
	p.write(e.Time, text)
	if e.Kind == event.Finished && was != nil {
		p.ended(e, was)
	}
}

// ended writes the line of an instance that has finished.
func (p *plain) ended(e event.Event, was *progress.Running) {
	if second := e.Time.Truncate(time.Second); !second.Equal(p.second) {
		p.unfold(e.Time)
		p.second, p.lines = second, 0
	}
	if p.lines++; p.lines > mostLines {
		p.folded++
		return
	}
	took := e.Time.Sub(was.Began)
	memory := ""
	if e.Usage != nil {
		took = e.Usage.Wall
		if e.Usage.PeakRSS > 0 {
			memory = ", " + unit.FormatBytes(e.Usage.PeakRSS)
		}
	}
	attempt := ""
	if was.Attempt > 1 {
		attempt = fmt.Sprintf(", attempt %d", was.Attempt)
	}
	p.write(e.Time, fmt.Sprintf("%s  %s  (%s%s%s)\n", p.story.paint.green("done"), printable(e.Instance), unit.FormatDuration(took), memory, attempt))
}

// unfold says how many instances ended without a line.
func (p *plain) unfold(now time.Time) {
	if p.folded > 0 {
		p.write(now, fmt.Sprintf("done  %d more in the same second\n", p.folded))
	}
	p.folded = 0
}

// tick writes what time alone brings.
func (p *plain) tick(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(now, p.story.tick(now))
	if now.Sub(p.second) >= time.Second {
		p.unfold(now)
	}
	st := p.story.state
	if p.next.IsZero() || now.Before(p.next) || !st.Ended.IsZero() {
		return
	}
	elapsed := now.Sub(st.Began)
	p.next = now.Add(min(max(elapsed/10, firstProgress), lastProgress))
	left, known := st.Left(now)
	line := "progress: " + countsLine(st.Counts, left, known, p.story.paint, 1000)
	if running := st.Running(); len(running) > 0 {
		line += "; longest " + printable(running[0].Name) + " " + unit.FormatDuration(since(running[0].Began, now))
	}
	p.write(now, line+"\n")
}

// write writes a text with its time, if there is any.
func (p *plain) write(now time.Time, text string) {
	if text == "" {
		return
	}
	if _, err := io.WriteString(p.out, timed(now, text)); err != nil && p.err == nil {
		p.err = err
	}
}

// timed puts the time before each line of a text; the later lines of a
// failure's report begin with two spaces and have none.
func timed(now time.Time, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "  ") {
			b.WriteString(now.Format(timeFormat) + "  ")
		}
		b.WriteString(line)
	}
	return b.String()
}

// Close writes the summary.
func (p *plain) Close() error {
	p.pulse.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.unfold(now)
	p.write(now, p.story.release())
	if _, err := io.WriteString(p.out, p.story.summary(now)); err != nil && p.err == nil {
		p.err = err
	}
	return p.err
}
