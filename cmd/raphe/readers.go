package main

import (
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/monitor"
	"github.com/raphe-org/raphe/internal/ui"
)

// readers are those of a run's events: its history in the store, the screen,
// and the monitor, which has the run's memory to add to them.
type readers struct {
	monitor *monitor.Monitor
	history *history.Writer
	view    ui.Reader
}

// readers begins to write the history and to show the run.
func (s *session) readers() *readers {
	return &readers{
		view: ui.New(s.uiOptions()),
		history: history.NewWriter(s.store, history.Run{
			Command: s.command, Version: version, Total: s.plan.NumInstances(), Estimate: s.estimate(),
			Procs: s.capacity.Procs, Memory: s.capacity.Mem, Limit: s.flags.limit, Measure: s.samples,
		}),
		monitor: monitor.Start(monitor.Options{Running: s.exec.Running, Limit: s.capacity.Mem}),
	}
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
}

// close ends the readers. lost is an error of the store, and so the run's own;
// err is one of showing it.
func (r *readers) close() (lost, err error) {
	return r.history.Close(), r.view.Close()
}
