package ui

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/unit"
)

// A Watcher shows a run that another process makes, as its history grows: in
// the forms of a Reader, and without asking anything of the run. On a terminal
// the block stands for the run; what has failed, and what else happens once, is
// printed above it. Of a Reader's Options it wants Out, Form, Colour, ASCII and
// Size.
type Watcher struct {
	Options
	paint   paint
	canvas  canvas
	reports reporter

	begun    bool
	began    time.Time // of the run that is shown
	failed   int       // failures of it that were told
	draining string
	counts   event.Counts // as they were told, in lines
	err      error
}

// NewWatcher makes a Watcher.
func NewWatcher(o Options) *Watcher {
	if o.Size == nil {
		o.Size = func() (int, int) { return 80, 24 }
	}
	p := paint(o.Colour)
	return &Watcher{Options: o, paint: p, canvas: canvas{out: o.Out, ascii: o.ASCII}, reports: reporter{paint: p}}
}

// Show shows how the run stands; changed says whether that is otherwise than
// before. The first error of writing stays.
func (w *Watcher) Show(h *history.History, changed bool) error {
	if w.Form == JSONLines {
		return w.object(h, changed)
	}
	news := w.news(h)
	if w.Form == Plain {
		return w.line(h, news)
	}
	cols, rows := w.Size()
	w.canvas.update(news, momentOf(h).block(w.paint, cols, rows), cols)
	return w.canvas.err
}

// End puts the status in the place of the block: the run has come to its end,
// or its process is gone.
func (w *Watcher) End(h *history.History, changed bool) error {
	if w.Form == JSONLines {
		return w.object(h, changed)
	}
	news := w.news(h)
	if w.Form == Plain {
		if err := w.line(h, news); err != nil {
			return err
		}
		return Status(w.Out, h, w.Colour)
	}
	var status strings.Builder
	if err := Status(&status, h, w.Colour); err != nil {
		return err
	}
	return w.last(news + status.String())
}

// Leave takes the block away: nobody watches any longer, and the run goes on.
func (w *Watcher) Leave() error {
	if w.Form != Terminal {
		return w.err
	}
	return w.last("the run goes on\n")
}

// Resume says that others have written to the terminal: the block is drawn anew
// below that.
func (w *Watcher) Resume() { w.canvas.leave() }

func (w *Watcher) last(text string) error {
	cols, _ := w.Size()
	w.canvas.paint(text, nil, cols)
	return w.canvas.err
}

// momentOf gives what the block shows of a history.
func momentOf(h *history.History) *moment {
	m := &moment{
		now: h.Read, elapsed: max(0, h.Read.Sub(h.Began)), counts: h.Counts, left: h.Left, known: h.Left > 0,
		running: h.Running, tools: h.ToolsRSS, held: h.Held,
	}
	if h.Phase == history.Away {
		m.note = fmt.Sprintf("process %d on %s can't be seen from here; it last wrote %s ago",
			h.PID, printable(h.Host), unit.FormatDuration(since(h.Seen, h.Read)))
	}
	return m
}

// news gives what has happened since the last call and is said once.
func (w *Watcher) news(h *history.History) string {
	var b strings.Builder
	if !w.begun || !w.began.Equal(h.Began) {
		w.begun, w.began, w.failed, w.draining = true, h.Began, 0, ""
		fmt.Fprintf(&b, "watching the run of process %d on %s in %s, begun at %s\n",
			h.PID, printable(h.Host), printable(h.Base), h.Began.Local().Format(timeFormat))
		w.earlier(&b, h)
	}
	cols, _ := w.Size()
	if w.Form == Plain {
		cols = widest
	}
	for ; w.failed < len(h.Failed); w.failed++ {
		f := &h.Failed[w.failed]
		b.WriteString(w.reports.report(failedEvent(f, h.Base), f.Blocked, cols))
	}
	if h.Draining != w.draining {
		w.draining = h.Draining
		b.WriteString(w.paint.bold("stopping: "+printable(h.Draining)) + "\n")
	}
	return b.String()
}

// earlier names what failed before anybody watched.
func (w *Watcher) earlier(b *strings.Builder, h *history.History) {
	for i := range h.Failed {
		if i == mostListed {
			fmt.Fprintf(b, "and %d more\n", len(h.Failed)-i)
			break
		}
		b.WriteString(w.reports.line(failedEvent(&h.Failed[i], h.Base), h.Failed[i].Blocked))
	}
	w.failed = len(h.Failed)
}

// failedEvent gives the event that a failure once was.
func failedEvent(f *history.Failed, base string) *event.Event {
	e := &event.Event{Kind: event.Failed, Node: f.Node, Instance: f.Name, Failure: f.Failure}
	switch {
	case e.Failure == nil:
		e.Failure = &event.Failure{Kind: f.Kind, Cause: f.Cause}
	case e.Failure.Command != "":
		e.Dir = filepath.Join(base, f.Name)
	}
	return e
}

// line writes the news, and where the run stands when the counts have changed.
func (w *Watcher) line(h *history.History, news string) error {
	if h.Counts != w.counts {
		w.counts = h.Counts
		line := countsLine(h.Counts, h.Left, h.Left > 0, w.paint, 1000)
		if h.ToolsRSS > 0 {
			line += "; memory " + ofLimit(h.ToolsRSS, h.Memory)
		}
		news += line + "\n"
	}
	return w.write(timed(h.Read.Local(), news))
}

// object writes the history as `raphe status --json` does, but of the
// failures only those that were not written before.
func (w *Watcher) object(h *history.History, changed bool) error {
	if !changed {
		return w.err
	}
	if !w.began.Equal(h.Began) {
		w.began, w.failed = h.Began, 0
	}
	short := *h
	short.Failed = h.Failed[w.failed:]
	w.failed = len(h.Failed)
	if err := StatusJSON(w.Out, &short); err != nil && w.err == nil {
		w.err = err
	}
	return w.err
}

func (w *Watcher) write(text string) error {
	if text == "" {
		return w.err
	}
	if _, err := io.WriteString(w.Out, text); err != nil && w.err == nil {
		w.err = err
	}
	return w.err
}
