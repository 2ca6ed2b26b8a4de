package main

import (
	"fmt"
	"os"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/monitor"
	"github.com/raphe-org/raphe/internal/ui"
)

// readers are those of a run's events: its history in the store, the screen, a
// file of events where one is named, and the monitor, which has the run's
// memory to add to them.
type readers struct {
	monitor *monitor.Monitor
	history *history.Writer
	view    ui.Reader
	events  ui.Reader // nil: no file is named
}

// readers begins to write the history and to show the run.
func (s *session) readers() *readers {
	r := &readers{
		view: ui.New(s.uiOptions()),
		history: history.NewWriter(s.store, history.Run{
			Command: s.command, Version: version, Total: s.plan.NumInstances(), Estimate: s.estimate(),
			Procs: s.capacity.Procs, Memory: s.capacity.Mem, Limit: s.flags.limit, Measure: s.samples,
		}),
		monitor: monitor.Start(monitor.Options{Running: s.exec.Running, Limit: s.capacity.Mem}),
	}
	if s.events != nil {
		r.events = ui.New(ui.Options{Out: s.events, Form: ui.JSONLines})
	}
	return r
}

// openEvents opens the file of --events, nil if none is named. A pipe that
// nobody reads yet is waited for.
func (f *runFlags) openEvents() (*os.File, error) {
	if f.events == "" {
		return nil, nil
	}
	file, err := os.OpenFile(f.events, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("cannot write events to %q", f.events), Why: err.Error(), Mend: "name a file that can be written: --events FILE", Err: err}
	}
	return file, nil
}

// event takes the next event of the run. The last sample of the memory stands
// right before the end.
func (r *readers) event(e event.Event) {
	r.monitor.Event(e)
	if e.Kind == event.RunFinished {
		last := r.monitor.Stop()
		last.Time = e.Time
		r.pass(last)
	}
	r.pass(e)
}

func (r *readers) pass(e event.Event) {
	r.history.Event(e)
	r.view.Event(e)
	if r.events != nil {
		r.events.Event(e)
	}
}

// close ends the readers. lost is an error of the store, and so the run's own;
// err is one of showing it. Whoever reads the file of events may go away
// before the end: that is told, and changes nothing.
func (r *readers) close() (lost, err error) {
	lost = r.history.Close()
	if r.events != nil {
		if err := r.events.Close(); err != nil {
			fmt.Fprintf(os.Stderr, "warning: the events are not complete: %v\n", err)
		}
	}
	return lost, r.view.Close()
}
