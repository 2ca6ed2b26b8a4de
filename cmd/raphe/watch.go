package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/ui"
)

// watchEvery is how often a run is looked at: as often as it writes.
const watchEvery = time.Second

// watchRun is `raphe status --watch`: it shows the run that goes on until that
// ends, and ends as that does. Where none goes on it shows the last one.
func watchRun(s *store.Store, base string, asJSON bool) error {
	f := history.Follow(s, base)
	h, _, err := f.Read(time.Now())
	if err != nil {
		return err
	}
	if over(h) {
		fmt.Fprintln(os.Stderr, "no run is going on; the last one:")
		return showStatus(h, asJSON)
	}
	if h, err = watchToEnd(f, h, ui.NewWatcher(watchOptions(asJSON))); err != nil {
		return err
	}
	if !h.Complete() {
		return exitStatus(exitFailed)
	}
	return nil
}

// watchToEnd shows a run that stands as h says, and gives how it stood at its
// end.
func watchToEnd(f *history.Follower, h *history.History, w *ui.Watcher) (*history.History, error) {
	signals, redraw := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	signal.Notify(redraw, syscall.SIGWINCH, syscall.SIGCONT)
	defer signal.Stop(signals)
	defer signal.Stop(redraw)
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for changed := true; !over(h); {
		err := w.Show(h, changed)
		changed = false
		if err != nil {
			return h, err
		}
		select {
		case <-signals:
			if err := w.Leave(); err != nil {
				return h, err
			}
			return h, exitStatus(exitInterrupted)
		case sig := <-redraw:
			if sig == syscall.SIGCONT {
				w.Resume() // the shell has written meanwhile
			}
		case now := <-tick.C:
			if h, changed, err = f.Read(now); err != nil {
				return h, err
			}
		}
	}
	return h, w.End(h, true)
}

// over reports whether nothing is to be watched any longer.
func over(h *history.History) bool { return h.Phase == history.Ended || h.Phase == history.Died }

func watchOptions(asJSON bool) ui.Options {
	o := ui.Options{Out: os.Stdout, Size: ui.SizeOf(os.Stdout), ASCII: ui.ASCII(os.Getenv)}
	o.Form, o.Colour = ui.Choose(os.Stdout, os.Getenv)
	if asJSON {
		o.Form = ui.JSONLines
	}
	return o
}
