package sched

import "container/heap"

// A ready unit waits for the ledger.
type ready struct {
	unit     Unit
	priority int32
	claim    Claim
	looked   Looked
}

// readyQueue gives the unit with the longest chain below it first, then the
// larger claim, then in order of the plan.
type readyQueue []ready

func (q readyQueue) Len() int { return len(q) }
func (q readyQueue) Less(i, j int) bool {
	a, b := &q[i], &q[j]
	if a.priority != b.priority {
		return a.priority > b.priority
	}
	if a.claim.Mem != b.claim.Mem {
		return a.claim.Mem > b.claim.Mem
	}
	if a.unit.Instance != b.unit.Instance {
		return a.unit.Instance < b.unit.Instance
	}
	return a.unit.Element < b.unit.Element
}
func (q readyQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *readyQueue) Push(x any)   { *q = append(*q, x.(ready)) }
func (q *readyQueue) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	(*q)[last] = ready{}
	*q = (*q)[:last]
	return x
}

// keepPrepared bounds how many waiting units keep what looking prepared for
// them; the others are looked at again when their turn comes.
const keepPrepared = 64

func (q *readyQueue) add(r ready) {
	if q.Len() >= keepPrepared {
		r.looked.Prepared = nil
	}
	heap.Push(q, r)
}

// take removes and gives the first unit that the ledger admits. It looks a
// little past a first one that does not fit, so that small units fill the gaps,
// but not for ever: after passes admissions past the same first unit nothing
// else is admitted until it fits, so that a large one is not starved.
func (q *readyQueue) take(l *ledger, passed *int, passes int) (ready, bool) {
	if q.Len() == 0 {
		return ready{}, false
	}
	if l.admit((*q)[0].claim) {
		*passed = 0
		return heap.Pop(q).(ready), true
	}
	if *passed >= passes {
		return ready{}, false
	}
	for k := 1; k < min(q.Len(), lookPast); k++ {
		if l.admit((*q)[k].claim) {
			*passed++
			return heap.Remove(q, k).(ready), true
		}
	}
	return ready{}, false
}

const lookPast = 64

// A fifo is a queue of units to be looked at; what lies before head is free.
type fifo struct {
	units []Unit
	head  int
}

func (f *fifo) len() int    { return len(f.units) - f.head }
func (f *fifo) push(u Unit) { f.units = append(f.units, u) }
func (f *fifo) pop() Unit {
	u := f.units[f.head]
	f.head++
	if f.head > 1024 && f.head*2 > len(f.units) {
		f.units = append(f.units[:0], f.units[f.head:]...)
		f.head = 0
	}
	return u
}
