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
	pending []uint32
	counts  event.Counts
	ledger  ledger

	roots    cursor // instances that wait for nothing
	looks    fifo
	looking  int
	ready    readyQueue
	passed   int
	running  int // attempts, light ones and collections included
	light    []ready
	lightRun int
	maps     map[plan.Instance]*mapRun
	mapOrder []plan.Instance // maps with elements still to be handed out
	attempts map[Unit]int    // of units that failed at least once

	events    chan any
	toLook    chan Unit
	interrupt <-chan struct{}
	draining  string
	fatal     error
}

// messages to the loop
type (
	lookedMsg struct {
		unit   Unit
		looked Looked
	}
	startedMsg struct {
		unit         Unit
		attempt      int
		reason       string
		command, dir string
	}
	ranMsg struct {
		ready ready
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
		o.Lookers = max(2, runtime.GOMAXPROCS(0))
	}
	if o.Sink == nil {
		o.Sink = func(event.Event) {}
	}
	return &Loop{
		plan: p, work: w, opts: o, interrupt: interrupt,
		state: make([]state, p.NumInstances()), pending: make([]uint32, p.NumInstances()),
		ledger: ledger{capacity: o.Capacity},
		maps:   map[plan.Instance]*mapRun{}, attempts: map[Unit]int{},
		events: make(chan any, 256), toLook: make(chan Unit, o.Lookers),
	}
}

// Run runs the plan to its end.
func (l *Loop) Run(ctx context.Context) Summary {
	l.counts.Total = l.plan.NumInstances()
	for i := range l.pending {
		l.pending[i] = uint32(l.plan.Pending(plan.Instance(i)))
	}
	l.roots = cursor{end: plan.Instance(len(l.pending))}
	l.emit(event.Event{Kind: event.RunStarted, Total: l.counts.Total})
	for range l.opts.Lookers {
		go l.look(ctx)
	}
	interrupt, cancelled := l.interrupt, ctx.Done()
	for {
		l.dispatch(ctx)
		if l.idle() {
			break
		}
		select {
		case m := <-l.events:
			l.handle(ctx, m)
		case <-interrupt:
			interrupt = nil
			l.drain("interrupted")
		case <-cancelled:
			cancelled = nil
			l.drain("ended at once")
		}
	}
	close(l.toLook)
	s := Summary{Counts: l.counts, Fatal: l.fatal, Drained: l.draining != ""}
	l.emit(event.Event{Kind: event.RunFinished, Total: l.counts.Total, Counts: &s.Counts})
	return s
}

// idle reports whether nothing is under way and nothing can be started.
func (l *Loop) idle() bool {
	if l.looking > 0 || l.running > 0 {
		return false
	}
	if l.draining != "" {
		return true
	}
	return l.looks.len() == 0 && l.ready.Len() == 0 && len(l.light) == 0 && len(l.mapOrder) == 0 && l.roots.empty(l.pending)
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

// dispatch hands out whatever can be handed out.
func (l *Loop) dispatch(ctx context.Context) {
	if l.draining != "" {
		return
	}
	l.fill()
	for l.looks.len() > 0 && l.looking < cap(l.toLook)+l.opts.Lookers {
		l.toLook <- l.looks.pop() // never blocks: looking bounds what is in it
		l.looking++
		l.fill()
	}
	for len(l.light) > 0 && l.lightRun < l.opts.Lookers {
		r := l.light[0]
		l.light = l.light[1:]
		l.lightRun++
		l.start(ctx, r)
	}
	for {
		r, ok := l.ready.take(&l.ledger, &l.passed, 2*l.opts.Capacity.Procs+8)
		if !ok {
			return
		}
		l.start(ctx, r)
	}
}

// mostWaiting bounds how many units are looked at in advance of free slots.
const mostWaiting = 1024

// fill takes new units from the elements of maps and from the roots while
// there is little else to look at.
func (l *Loop) fill() {
	for l.looks.len() < l.opts.Lookers && l.ready.Len() < mostWaiting && len(l.light) < mostWaiting {
		if u, ok := l.nextElement(); ok {
			l.looks.push(u)
			continue
		}
		i, ok := l.roots.next(l.pending)
		if !ok {
			return
		}
		l.activate(i)
	}
}

func (l *Loop) activate(i plan.Instance) {
	if l.state[i] == waiting {
		l.state[i] = active
		l.looks.push(Whole(i))
	}
}

// start makes one attempt in a goroutine of its own.
func (l *Loop) start(ctx context.Context, r ready) {
	l.running++
	attempt := l.attempts[r.unit] + 1
	go func() {
		began := false
		ran := l.work.Run(ctx, r.unit, attempt, r.looked, func(command, dir string) {
			began = true
			l.events <- startedMsg{r.unit, attempt, r.looked.Reason, command, dir}
		})
		l.events <- ranMsg{r, ran, began}
	}()
}

// A cursor walks over the instances that wait for nothing from the start.
type cursor struct{ at, end plan.Instance }

func (c *cursor) next(pending []uint32) (plan.Instance, bool) {
	for c.at < c.end {
		c.at++
		if pending[c.at-1] == 0 {
			return c.at - 1, true
		}
	}
	return 0, false
}

func (c *cursor) empty(pending []uint32) bool {
	for c.at < c.end && pending[c.at] != 0 {
		c.at++
	}
	return c.at == c.end
}
