package sched

// A ready unit waits for the ledger.
type ready struct {
	unit     Unit
	priority int32
	claim    Claim
	looked   Looked
}

// enoughReady is how many units may be ready before those that never ran are put
// off: looking at one of them finds no more than that it must run.
const enoughReady = 64

// keepPrepared bounds how many waiting units keep what looking prepared for
// them; the others are looked at again when their turn comes. It leaves room for
// those that are being looked at when enough are ready.
const keepPrepared = 2 * enoughReady

// lookPast bounds how many units are tried past a first one that does not fit.
const lookPast = 64

// readyQueue gives the unit with the longest chain below it first, then the
// larger claim, then in order of the plan.
type readyQueue struct {
	pile[ready]
	stuck  Unit // the first unit that did not fit last
	passed int  // how many were admitted past it
	passes int  // how many may be
}

func newReadyQueue(passes int) readyQueue {
	return readyQueue{pile: pile[ready]{before: readySooner}, passes: passes}
}

func readySooner(a, b *ready) bool {
	switch {
	case a.priority != b.priority:
		return a.priority > b.priority
	case a.claim.Mem != b.claim.Mem:
		return a.claim.Mem > b.claim.Mem
	case a.claim.Procs != b.claim.Procs:
		return a.claim.Procs > b.claim.Procs
	}
	return a.unit.less(b.unit)
}

func (q *readyQueue) add(r ready) {
	if q.len() >= keepPrepared {
		r.looked.Prepared = nil
	}
	q.push(r)
}

// take removes and gives the first unit that the ledger admits. It looks a
// little past a first one that does not fit, so that small units fill the gaps,
// but not for ever: after so many have passed the same first unit nothing less
// urgent is admitted until it fits, so that a large one is not starved. One that
// lacks a GPU alone is not: what others take is nothing that it waits for.
func (q *readyQueue) take(l *ledger) (ready, bool) {
	if q.len() == 0 {
		return ready{}, false
	}
	if l.admit(q.top().claim) {
		return q.pop(), true
	}
	if first := q.top().unit; first != q.stuck {
		q.stuck, q.passed = first, 0
	}
	if l.lacksGPUs(q.top().claim) {
		q.passed = 0
	}
	if q.passed >= q.passes {
		return ready{}, false
	}
	for k := 1; k < min(q.len(), lookPast); k++ {
		if l.admit(q.items[k].claim) {
			q.passed++
			return q.remove(k), true
		}
	}
	return ready{}, false
}
