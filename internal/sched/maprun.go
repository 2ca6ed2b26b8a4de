package sched

import (
	"context"
	"fmt"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
)

// A mapRun is a MapNode's instance whose list is known. Its elements are handed
// out one by one as there is room, so a million of them cost one of these.
type mapRun struct {
	total  int
	next   int // the next element to be handed out
	left   int // elements not settled yet
	serial bool
	failed []string // the first few elements that failed
	fails  int
}

const mostNamed = 10 // failed elements that a MapNode's failure names

// expand makes the elements of a MapNode's instance known.
func (l *Loop) expand(i plan.Instance, k Looked) {
	name, node := l.work.Name(Whole(i))
	l.counts.Total += k.Elements
	l.emit(event.Event{Kind: event.Expanded, Node: node, Instance: name, Total: k.Elements})
	if k.Elements == 0 {
		l.collects = append(l.collects, i)
		return
	}
	l.maps[Whole(i)] = &mapRun{total: k.Elements, left: k.Elements, serial: k.Serial}
	l.elements.push(entry{Whole(i), l.plan.Priority(i)})
}

// nextElement takes the next element of the most urgent map that has some to
// hand out; the pile of these must not be empty. A serial map comes back when
// the element is done.
func (l *Loop) nextElement() entry {
	e := *l.elements.top()
	m := l.maps[e.unit]
	e.unit.Element = int32(m.next)
	m.next++
	if m.next == m.total || m.serial {
		l.elements.pop()
	}
	return e
}

// elementDone settles one element, and the map with its last.
func (l *Loop) elementDone(ctx context.Context, u Unit, isFailed bool) {
	whole := Whole(u.Instance)
	m := l.maps[whole]
	m.left--
	if isFailed {
		m.fails++
		if len(m.failed) < mostNamed {
			m.failed = append(m.failed, fmt.Sprint(u.Element))
		}
		if l.opts.StopAtFirst {
			name, _ := l.work.Name(u)
			l.drain(name + " failed, and the run stops at the first failure")
		}
	}
	switch {
	case m.left > 0 && m.serial:
		l.elements.push(entry{whole, l.plan.Priority(u.Instance)})
	case m.left > 0:
	case m.fails == 0:
		delete(l.maps, whole)
		l.collects = append(l.collects, u.Instance)
	default:
		delete(l.maps, whole)
		l.work.Forget(u.Instance)
		l.finish(ctx, whole, event.Failed, 0, Ran{Failure: m.failure()})
	}
}

// failure words the failure of a map with failed elements.
func (m *mapRun) failure() *event.Failure {
	more := ""
	if m.fails > len(m.failed) {
		more = ", ..."
	}
	return &event.Failure{
		Kind:  "elements",
		Cause: fmt.Sprintf("%d of %d elements failed: %s%s", m.fails, m.total, strings.Join(m.failed, ", "), more),
		Mend:  "the failures of the elements are reported above; finished elements are kept",
	}
}

// dispatchCollects starts collections, a few at a time. They are done while the
// run drains, too: all that they need is there.
func (l *Loop) dispatchCollects(ctx context.Context) {
	for len(l.collects) > 0 && l.collected < l.opts.Lookers && l.fatal == nil && ctx.Err() == nil {
		i := l.collects[len(l.collects)-1]
		l.collects = l.collects[:len(l.collects)-1]
		l.running++
		l.collected++
		go func() { l.events <- collectedMsg{i, l.work.Collect(ctx, i)} }()
	}
}
