package sched

import (
	"context"
	"runtime"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
)

// state is where an instance stands; see the package comment.
type state uint8

const (
	waiting state = iota
	active        // looking, ready, running, or expanded into elements
	done
	failed
	blocked
)

// A Loop is one run of a plan.
type Loop struct {
	plan *plan.Plan
	work Work
	opts Options

	state   []state
	pending []uint32 // predecessors that are not done
	counts  event.Counts
	ledger  ledger

	roots     *roots      // instances that wait for nothing from the start
	looks     pile[entry] // to be looked at
	parked    pile[entry] // looked at and must run, but too many wait already
	fresh     pile[entry] // never ran, and not looked at since enough are ready
	looking   int
	misses    int // units since the last hit that must run, looked at or put off
	ready     readyQueue
	light     pile[ready] // to be run inside Raphe, whatever the ledger says
	lightRun  int
	running   int              // attempts, light ones and collections included
	maps      map[Unit]*mapRun // by the MapNode's instance
	elements  pile[entry]      // maps with elements to be handed out
	collects  []plan.Instance  // maps whose elements are all done
	collected int              // collections under way
	repeats   map[Unit]repeat  // of units that are repeated

	events    chan any
	toLook    chan Unit
	toRun     chan toRun
	interrupt <-chan struct{}
	draining  string
	fatal     error
}

// A repeat is how often a unit has failed.
type repeat struct {
	attempts int // in all
	counted  int // of these, such as count against its retries
}

// A toRun is an attempt to be made.
type toRun struct {
	ready
	attempt int
}

// messages to the loop
type (
	lookedMsg struct {
		unit   Unit
		looked Looked
	}
	startedMsg struct {
		unit    Unit
		attempt int
		reason  string
		start   Start
	}
	ranMsg struct {
		toRun
		ran   Ran
		began bool // a startedMsg came before
	}
	collectedMsg struct {
		instance plan.Instance
		ran      Ran
	}
)

// New prepares a run. interrupt asks, when it is closed, for a calm end: no new
// starts, what runs may end. The context of [Loop.Run] ends everything at once.
func New(p *plan.Plan, w Work, o Options, interrupt <-chan struct{}) *Loop {
	if o.Lookers == 0 {
		o.Lookers = runtime.GOMAXPROCS(0) + 1
	}
	if o.enough == 0 {
		o.enough = enoughReady
	}
	if o.Sink == nil {
		o.Sink = func(event.Event) {}
	}
	return &Loop{
		plan: p, work: w, opts: o, interrupt: interrupt,
		state: make([]state, p.NumInstances()), ledger: ledger{capacity: o.Capacity},
		looks: pile[entry]{before: sooner}, parked: pile[entry]{before: sooner}, fresh: pile[entry]{before: sooner}, elements: pile[entry]{before: sooner},
		ready: newReadyQueue(2*o.Capacity.Procs + 8), light: pile[ready]{before: readySooner},
		maps: map[Unit]*mapRun{}, repeats: map[Unit]repeat{},
		events: make(chan any, 256), toLook: make(chan Unit, mostHandedOut), toRun: make(chan toRun),
	}
}

// Run runs the plan to its end. A Loop runs once.
func (l *Loop) Run(ctx context.Context) Summary {
	l.counts.Total = l.plan.NumInstances()
	l.pending = l.plan.AllPending()
	l.roots = newRoots(l.plan, l.pending)
	l.emit(event.Event{Kind: event.RunStarted, Total: l.counts.Total})
	for range l.opts.Lookers {
		go l.look(ctx)
	}
	interrupt, cancelled, beside := l.interrupt, ctx.Done(), l.opts.Beside
	for {
		if ctx.Err() != nil && l.counts.Left() > 0 {
			l.drain("ended at once")
		}
		l.dispatch(ctx)
		if l.looking == 0 && l.running == 0 {
			break // nothing is under way, and dispatch found nothing to start
		}
		select {
		case m := <-l.events:
			l.handle(ctx, m)
		case e, more := <-beside:
			if !more {
				beside = nil
				break
			}
			l.emit(e)
		case <-interrupt:
			interrupt = nil
			l.drain("interrupted")
		case <-cancelled:
			cancelled = nil
		}
	}
	close(l.toLook)
	close(l.toRun)
	s := Summary{Counts: l.counts, Fatal: l.fatal, Drained: l.draining != ""}
	l.emit(event.Event{Kind: event.RunFinished, Total: l.counts.Total, Counts: &s.Counts})
	return s
}

func (l *Loop) emit(e event.Event) {
	e.Time = time.Now()
	l.opts.Sink(e)
}

func (l *Loop) drain(reason string) {
	if l.draining == "" {
		l.draining = reason
		l.emit(event.Event{Kind: event.Draining, Reason: reason})
	}
}

// look answers for the units that the loop hands out.
func (l *Loop) look(ctx context.Context) {
	for u := range l.toLook {
		l.events <- lookedMsg{u, l.work.Look(ctx, u)}
	}
}
