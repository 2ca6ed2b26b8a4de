package main

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"time"
)

// A strictWatch makes the kernel strict at the moment when an engine has its
// ballast, and no earlier: to touch gigabytes can take long, and the limit is
// that of the whole machine. The engine is stopped for that moment, so that it
// can't have started tools before.
type strictWatch struct {
	lab           *lab
	ballast       int64
	before, limit int64         // commit charges; 0: the limit was never set
	since         time.Duration // from the start until it was set
	giveUp        func()        // is called when the engine has had its time
	set           *strict
	err           error

	cancel  context.CancelFunc
	stopped chan struct{}
}

func newStrictWatch(l *lab, ballast int64, giveUp func()) *strictWatch {
	return &strictWatch{lab: l, ballast: ballast, giveUp: giveUp, stopped: make(chan struct{})}
}

// start begins to watch a process; it does not wait.
func (w *strictWatch) start(pid int) {
	ctx, cancel := context.WithCancel(w.lab.ctx)
	w.cancel = cancel
	go func() {
		defer close(w.stopped)
		w.err = w.follow(ctx, pid)
	}()
}

func (w *strictWatch) follow(ctx context.Context, pid int) error {
	proc, began := procfs{"/proc"}, time.Now()
	ticks := time.NewTicker(5 * time.Millisecond)
	defer ticks.Stop()
	for {
		_, m, err := proc.memory(pid, false)
		if err != nil {
			return nil // it has ended; that its ballast was never there is said elsewhere
		}
		if m.RSS >= w.ballast/10*9 {
			break
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return nil
		}
	}
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return fmt.Errorf("stop process %d: %w", pid, err)
	}
	defer func() { _ = syscall.Kill(pid, syscall.SIGCONT) }()
	charge, _ := proc.committed()
	limit := charge + w.ballast/2
	set, err := setStrict(limit)
	if err != nil {
		return err
	}
	w.set, w.before, w.limit, w.since = set, charge, limit, time.Since(began)
	time.AfterFunc(commitWait, w.giveUp)
	w.lab.say("   set vm.overcommit_memory=2 vm.overcommit_kbytes=%d (were: %s)", limit>>10, strings.Join(set.Old, " "))
	return nil
}

// stop ends the watch and puts the settings back.
func (w *strictWatch) stop() error {
	if w.cancel == nil {
		return nil // the engine did not start
	}
	w.cancel()
	<-w.stopped
	if w.set == nil {
		return w.err
	}
	if err := w.set.restore(); err != nil {
		return fmt.Errorf("put back %s: %w", strings.Join(w.set.Old, " "), err)
	}
	w.lab.say("   put back %s", strings.Join(w.set.Old, " "))
	return w.err
}
