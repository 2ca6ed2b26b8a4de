package sched

import (
	"context"
	"fmt"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
)

// handle changes the state of the run by one message.
func (l *Loop) handle(ctx context.Context, m any) {
	switch m := m.(type) {
	case lookedMsg:
		l.looking--
		l.looked(ctx, m.unit, m.looked)
	case startedMsg:
		name, node := l.work.Name(m.unit)
		l.counts.Running++
		l.emit(event.Event{Kind: event.Started, Node: node, Instance: name, Dir: m.dir, Attempt: m.attempt, Reason: m.reason, Command: m.command})
	case ranMsg:
		l.running--
		if m.ready.looked.Light {
			l.lightRun--
		} else {
			l.ledger.release(m.ready.claim)
		}
		l.ran(ctx, m)
	case collectedMsg:
		l.running--
		kind := event.Finished
		if m.ran.Same {
			kind = event.Cached
		}
		l.finish(ctx, Whole(m.instance), kind, m.ran)
	}
}

func (l *Loop) looked(ctx context.Context, u Unit, k Looked) {
	switch k.Verdict {
	case Hit:
		l.finish(ctx, u, event.Cached, Ran{})
	case Fail:
		l.finish(ctx, u, event.Failed, Ran{Failure: k.Failure})
	case Expand:
		l.expand(ctx, u.Instance, k)
	case Run:
		r := ready{unit: u, priority: l.plan.Priority(u.Instance), claim: k.Claim.clip(l.opts.Capacity), looked: k}
		if k.Light {
			l.light = append(l.light, r)
		} else {
			l.ready.add(r)
		}
	}
}

// ran settles one attempt: it is done, is repeated, or has failed.
func (l *Loop) ran(ctx context.Context, m ranMsg) {
	u := m.ready.unit
	if m.began {
		l.counts.Running--
	}
	if m.ran.Fatal != nil && l.fatal == nil {
		l.fatal = m.ran.Fatal
		l.drain(m.ran.Fatal.Error())
	}
	if m.ran.Failure == nil {
		delete(l.attempts, u)
		l.finish(ctx, u, event.Finished, m.ran)
		return
	}
	if m.ran.Repeat && l.draining == "" && l.attempts[u] < m.ready.looked.Retries {
		l.attempts[u]++
		name, node := l.work.Name(u)
		l.emit(event.Event{Kind: event.Retrying, Node: node, Instance: name, Attempt: l.attempts[u], Failure: m.ran.Failure})
		m.ready.looked.Prepared = nil
		m.ready.looked.Reason = fmt.Sprintf("attempt %d failed: %s", l.attempts[u], m.ran.Failure.Cause)
		if m.ready.looked.Light {
			l.light = append(l.light, m.ready)
		} else {
			l.ready.add(m.ready)
		}
		return
	}
	l.finish(ctx, u, event.Failed, m.ran)
}

// finish settles a unit for good.
func (l *Loop) finish(ctx context.Context, u Unit, kind event.Kind, r Ran) {
	if r.Fatal != nil && l.fatal == nil {
		l.fatal = r.Fatal
		l.drain(r.Fatal.Error())
	}
	if r.Failure != nil {
		kind = event.Failed
	}
	name, node := l.work.Name(u)
	e := event.Event{Kind: kind, Node: node, Instance: name, Dir: r.Dir, Attempt: l.attempts[u] + 1, Failure: r.Failure}
	if kind == event.Finished {
		e.Usage = &r.Usage
	}
	switch kind {
	case event.Cached:
		l.counts.Cached++
	case event.Failed:
		l.counts.Failed++
	default:
		l.counts.Done++
	}
	l.emit(e)
	if u.Element >= 0 {
		l.elementDone(ctx, u, kind == event.Failed)
		return
	}
	if kind == event.Failed {
		l.fail(u.Instance, name)
		return
	}
	l.state[u.Instance] = done
	l.plan.Successors(u.Instance, func(s plan.Instance) {
		if l.pending[s]--; l.pending[s] == 0 {
			l.activate(s)
		}
	})
}

// fail marks everything that depends on a failed instance.
func (l *Loop) fail(i plan.Instance, cause string) {
	l.state[i] = failed
	queue := []plan.Instance{i}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		l.plan.Successors(at, func(s plan.Instance) {
			if l.state[s] != waiting {
				return
			}
			l.state[s] = blocked
			l.counts.Blocked++
			name, node := l.work.Name(Whole(s))
			l.emit(event.Event{Kind: event.Blocked, Node: node, Instance: name, Cause: cause})
			queue = append(queue, s)
		})
	}
	if l.opts.StopAtFirst {
		l.drain(cause + " failed, and the run stops at the first failure")
	}
}
