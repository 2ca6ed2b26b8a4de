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
		e := event.Event{Kind: event.Started, Node: node, Instance: name, Dir: m.start.Dir, Attempt: m.attempt, Reason: m.reason, Command: m.start.Command}
		if m.start.Asked != (event.Asked{}) {
			e.Asked = &m.start.Asked
		}
		l.emit(e)
	case ranMsg:
		l.running--
		if m.looked.Light {
			l.lightRun--
		} else {
			l.ledger.release(m.claim)
		}
		if m.began {
			l.counts.Running--
		}
		l.ran(ctx, m)
	case collectedMsg:
		l.running--
		l.collected--
		kind := event.Finished
		if m.ran.Same {
			kind = event.Cached
		}
		l.finish(ctx, Whole(m.instance), kind, 1, m.ran)
	}
}

// looked settles what was found out about a unit. While the run drains, only
// what needs nothing more is settled; the rest stays to be done.
func (l *Loop) looked(ctx context.Context, u Unit, k Looked) {
	switch k.Verdict {
	case Hit:
		l.misses = 0
		l.finish(ctx, u, event.Cached, 0, Ran{})
	case Fail:
		l.finish(ctx, u, event.Failed, 0, Ran{Failure: k.Failure})
	case Expand:
		if l.draining != "" {
			l.work.Forget(u.Instance)
			return
		}
		l.expand(u.Instance, k)
	case Run:
		if l.draining == "" {
			l.mustRun(u, k)
		}
	}
}

// mustRun puts a unit among those that are ready, or, when these are many and
// it is no more urgent, puts it off: then it is looked at again.
func (l *Loop) mustRun(u Unit, k Looked) {
	l.misses++
	r := ready{unit: u, priority: l.plan.Priority(u.Instance), claim: l.ledger.clip(k.Claim), looked: k}
	switch {
	case k.Light && l.light.len() < mostWaiting:
		l.light.push(r)
	case !k.Light && (l.ready.len() < mostWaiting || l.isUrgent(r.priority)):
		l.ready.add(r)
	default:
		l.parked.push(entry{u, r.priority})
	}
}

// ran settles one attempt: it is done, is repeated, or has failed.
func (l *Loop) ran(ctx context.Context, m ranMsg) {
	u, f := m.unit, m.ran.Failure
	if f == nil || !l.mayRepeat(&m) {
		delete(l.repeats, u)
		l.finish(ctx, u, event.Finished, m.attempt, m.ran)
		return
	}
	before := l.repeats[u]
	if again := m.ran.Again; again != nil {
		m.claim, m.looked.Carry = l.ledger.clip(again.Claim), again.Carry
	} else {
		before.counted++
	}
	l.repeats[u] = repeat{m.attempt, before.counted}
	name, node := l.work.Name(u)
	l.emit(event.Event{Kind: event.Retrying, Node: node, Instance: name, Attempt: m.attempt, Usage: used(&m.ran), Failure: f})
	m.looked.Reason = fmt.Sprintf("attempt %d failed: %s", m.attempt, f.Cause)
	if m.looked.Light {
		l.light.push(m.ready)
	} else {
		l.ready.add(m.ready)
	}
}

// mayRepeat reports whether another attempt follows one that failed.
func (l *Loop) mayRepeat(m *ranMsg) bool {
	switch {
	case m.ran.Fatal != nil || l.draining != "":
		return false
	case m.ran.Again != nil:
		return true
	}
	return m.ran.Repeat && l.repeats[m.unit].counted < m.looked.Retries
}

// used gives what an attempt used, nil for one that did not begin.
func used(r *Ran) *event.Usage {
	if r.Usage == (event.Usage{}) {
		return nil
	}
	return new(r.Usage)
}

// finish settles a unit for good: kind says how, but for a failure in r.
func (l *Loop) finish(ctx context.Context, u Unit, kind event.Kind, attempt int, r Ran) {
	if r.Fatal != nil && l.fatal == nil {
		l.fatal = r.Fatal
		l.drain(r.Fatal.Error())
	}
	name, node := l.work.Name(u)
	e := event.Event{Kind: kind, Node: node, Instance: name, Dir: r.Dir, Attempt: attempt, Failure: r.Failure}
	switch {
	case r.Failure != nil:
		e.Kind, e.Usage = event.Failed, used(&r)
		l.counts.Failed++
	case kind == event.Cached:
		l.counts.Cached++
	default:
		e.Usage = new(r.Usage) // of a copy: r is on the stack, as for all that are up to date
		l.counts.Done++
	}
	l.emit(e)
	switch {
	case u.Element >= 0:
		l.elementDone(ctx, u, e.Kind == event.Failed)
	case e.Kind == event.Failed:
		l.fail(ctx, u.Instance, name)
	default:
		l.release(u.Instance)
	}
}

// release counts an instance as done for all that wait for it.
func (l *Loop) release(i plan.Instance) {
	l.state[i] = done
	l.plan.Successors(i, func(s plan.Instance) {
		if l.pending[s]--; l.pending[s] == 0 {
			l.activate(entry{Whole(s), l.plan.Priority(s)})
		}
	})
}

// fail marks everything that depends on a failed instance. What did not get
// its turn since the run was ended at once is not blocked, but left.
func (l *Loop) fail(ctx context.Context, i plan.Instance, cause string) {
	l.state[i] = failed
	if ctx.Err() != nil {
		return
	}
	queue := []plan.Instance{i}
	for len(queue) > 0 {
		at := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
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
