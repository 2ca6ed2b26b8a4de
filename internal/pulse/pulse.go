// Package pulse calls a function at intervals from a goroutine of its own.
// Pulse is its only type. What it calls is the caller's business: the package
// knows nothing else.
package pulse

import (
	"sync"
	"time"
)

// A Pulse is the goroutine that calls.
type Pulse struct {
	stop chan struct{}
	done sync.WaitGroup
}

// Start begins to call beat at intervals. A call that takes longer than the
// interval is not interrupted; the beats that fall into it are left out.
func Start(every time.Duration, beat func(now time.Time)) *Pulse {
	p := &Pulse{stop: make(chan struct{})}
	p.done.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for !p.stopped() { // after a slow beat, whatever is due
			select {
			case now := <-tick.C:
				beat(now)
			case <-p.stop:
				return
			}
		}
	})
	return p
}

func (p *Pulse) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// Stop ends the calls and returns when the last has returned. It is called
// once, and not by beat.
func (p *Pulse) Stop() {
	close(p.stop)
	p.done.Wait()
}
