package sched

import (
	"context"
	"fmt"

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
	failed []int // the first few elements that failed
	fails  int
}

const mostNamed = 10 // failed elements that a MapNode's failure names

func (l *Loop) expand(ctx context.Context, i plan.Instance, k Looked) {
	name, node := l.work.Name(Whole(i))
	l.counts.Total += k.Elements
	l.emit(event.Event{Kind: event.Expanded, Node: node, Instance: name, Total: k.Elements})
	if k.Elements == 0 {
		l.collect(ctx, i)
		return
	}
	l.maps[i] = &mapRun{total: k.Elements, left: k.Elements, serial: k.Serial}
	l.mapOrder = append(l.mapOrder, i)
}

// nextElement gives the next element of the maps that have some to hand out.
func (l *Loop) nextElement() (Unit, bool) {
	for k := 0; k < len(l.mapOrder); k++ {
		i := l.mapOrder[k]
		m := l.maps[i]
		if m.serial && m.next > m.total-m.left {
			continue // the one before is still under way
		}
		u := Unit{i, int32(m.next)}
		m.next++
		if m.next == m.total {
			l.mapOrder = append(l.mapOrder[:k], l.mapOrder[k+1:]...)
		}
		return u, true
	}
	return Unit{}, false
}

// elementDone settles one element, and the map with its last.
func (l *Loop) elementDone(ctx context.Context, u Unit, isFailed bool) {
	m := l.maps[u.Instance]
	m.left--
	if isFailed {
		m.fails++
		if len(m.failed) < mostNamed {
			m.failed = append(m.failed, int(u.Element))
		}
		if l.opts.StopAtFirst {
			name, _ := l.work.Name(u)
			l.drain(name + " failed, and the run stops at the first failure")
		}
	}
	if m.left > 0 {
		return
	}
	delete(l.maps, u.Instance)
	if m.fails == 0 {
		l.collect(ctx, u.Instance)
		return
	}
	l.work.Forget(u.Instance)
	more := ""
	if m.fails > len(m.failed) {
		more = ", ..."
	}
	l.finish(ctx, Whole(u.Instance), event.Failed, Ran{Failure: &event.Failure{
		Kind:  "elements",
		Cause: fmt.Sprintf("%d of %d elements failed: %s%s", m.fails, m.total, joinInts(m.failed), more),
		Mend:  "the failures of the elements are reported above; finished elements are kept",
	}})
}

func joinInts(list []int) string {
	s := ""
	for k, n := range list {
		if k > 0 {
			s += ", "
		}
		s += fmt.Sprint(n)
	}
	return s
}

func (l *Loop) collect(ctx context.Context, i plan.Instance) {
	l.running++
	go func() { l.events <- collectedMsg{i, l.work.Collect(ctx, i)} }()
}
