package sched

import "context"

// mostWaiting is how many units may be ready before no more are looked at: what
// is known of a ready unit takes memory, and there is no hurry to know more.
const mostWaiting = 1024

// mostMisses is how many units in a row are looked at beyond that in search of
// such as have a record, which need not wait for anything.
const mostMisses = 2 * mostWaiting

// mostHandedOut is how many units wait for those who look. With few the loop and
// the lookers would wake each other for each unit, which costs as much as a look.
const mostHandedOut = 16

// dispatch hands out whatever can be handed out.
func (l *Loop) dispatch(ctx context.Context) {
	l.dispatchCollects(ctx)
	if l.draining != "" {
		return
	}
	// This never blocks: what is in toLook, or in the hands of those who look, is
	// at most what both can hold.
	for l.looking < cap(l.toLook)+l.opts.Lookers {
		u, ok := l.nextLook()
		if !ok {
			break
		}
		l.toLook <- u
		l.looking++
	}
	for l.light.len() > 0 && l.lightRun < l.opts.Lookers {
		l.lightRun++
		l.start(ctx, l.light.pop())
	}
	for {
		r, ok := l.ready.take(&l.ledger)
		if !ok {
			return
		}
		l.start(ctx, r)
	}
}

// nextLook takes the unit that is to be looked at next.
func (l *Loop) nextLook() (Unit, bool) {
	if len(l.collects) >= mostWaiting {
		return Unit{}, false // maps that are done hold their lists until they are collected
	}
	for {
		l.fill()
		if later := l.putOff(); later != nil && (l.looks.len() == 0 || sooner(later.top(), l.looks.top())) {
			return later.pop().unit, true
		}
		if l.looks.len() == 0 || l.misses >= mostMisses && (l.full() || l.enough()) && !l.isUrgent(l.looks.top().priority) {
			return Unit{}, false
		}
		var e entry
		if l.goesOn() {
			e = l.nextElement()
		} else {
			e = l.looks.pop()
		}
		if !l.enough() || l.isUrgent(e.priority) || !l.work.IsFresh(e.unit) {
			return e.unit, true
		}
		l.misses++
		l.fresh.push(e)
	}
}

// putOff gives the pile of units that were put off whose turn it may be, nil if
// there is none.
func (l *Loop) putOff() *pile[entry] {
	parked, fresh := l.parked.len() > 0 && !l.full(), l.fresh.len() > 0 && !l.enough()
	switch {
	case parked && fresh && sooner(l.fresh.top(), l.parked.top()), fresh && !parked:
		return &l.fresh
	case parked:
		return &l.parked
	}
	return nil
}

// goesOn reports whether an element of an open map is to be looked at before the
// instance that would be the next. A map that is open holds its lists until its
// elements are done, one that waits next to nothing: so of maps that are equally
// urgent those that were begun are done with before others are opened.
func (l *Loop) goesOn() bool {
	return l.elements.len() > 0 && l.looks.top().unit.Element < 0 && l.elements.top().priority >= l.looks.top().priority
}

// full reports whether so many units wait to be run that others are parked.
func (l *Loop) full() bool { return l.ready.len() >= mostWaiting || l.light.len() >= mostWaiting }

// enough reports whether so many units are ready that those that never ran can
// wait to be looked at.
func (l *Loop) enough() bool { return l.ready.len() >= l.opts.enough }

// isUrgent reports whether a unit of that priority goes before all that are
// ready.
func (l *Loop) isUrgent(priority int32) bool {
	return l.ready.len() > 0 && priority > l.ready.top().priority
}

// fill takes new units from the elements of maps and from the roots while
// there is little else to look at.
func (l *Loop) fill() {
	for l.looks.len() < l.opts.Lookers {
		root, more := l.roots.top()
		switch {
		case l.elements.len() > 0 && (!more || !sooner(&root, l.elements.top())):
			l.looks.push(l.nextElement())
		case more:
			l.roots.drop()
			l.activate(root)
		default:
			return
		}
	}
}

// activate puts an instance that waits for nothing any more among those to be
// looked at.
func (l *Loop) activate(e entry) {
	if i := e.unit.Instance; l.state[i] == waiting {
		l.state[i] = active
		l.looks.push(e)
	}
}

// start makes one attempt, in a goroutine that has made others if one is free:
// its stack has grown to what that needs.
func (l *Loop) start(ctx context.Context, r ready) {
	l.running++
	attempt := l.repeats[r.unit].attempts + 1
	r.looked.Claim = r.claim
	select {
	case l.toRun <- toRun{r, attempt}:
	default: // nobody waits for work
		go l.run(ctx, toRun{r, attempt})
	}
}

// run makes one attempt after the other.
func (l *Loop) run(ctx context.Context, t toRun) {
	for more := true; more; t, more = <-l.toRun {
		began := false
		ran := l.work.Run(ctx, t.unit, t.attempt, t.looked, func(s Start) {
			began = true
			l.events <- startedMsg{t.unit, t.attempt, t.looked.Reason, s}
		})
		t.looked.Prepared = nil
		l.events <- ranMsg{t, ran, began}
		t = toRun{} // not to be kept while it waits
	}
}
