// Package sched runs a plan: one loop owns the whole state of the run, and
// workers only send it events.
//
//	Loop     the state of every instance, the queues, the ledger
//	Unit     an instance, or one element of a MapNode's instance
//	Work     what the loop asks to be done for a unit (package task does it)
//	Ledger   processors and memory: promised, claimed, free
//
// The life of a unit, each arrow an event that the loop handles:
//
//	waiting --(last predecessor done)--> looking --hit--> done (cached)
//	                                        |  \--expand--> its elements --> collecting --> done
//	                                        |
//	                                       miss --> ready --(fits the ledger)--> running --> done
//	                                        |         ^------------retry------------/  \--> failed
//	                                        \--(very many are ready)--> parked, looked at again later
//	waiting --(last predecessor done, it never ran, enough are ready)--> fresh, looked at later
//	waiting --(a predecessor failed)--> blocked
//
// Looking (inputs, key, record) takes no slot, so cached instances take no time
// from those that run, and do not wait for them. What is kept for an instance
// is one byte of state and four of a count, and twelve more while it waits to be
// looked at; everything else is computed again when it is needed. Among what
// waits, the longest chain of nodes that follows comes first. The package knows
// no store, no key and no process.
package sched

import (
	"context"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/plan"
)

// A Unit is what is looked at and run: an instance, or one element of a
// MapNode's instance.
type Unit struct {
	Instance plan.Instance
	Element  int32 // -1: the instance itself
}

// Whole gives the unit that is an instance itself.
func Whole(i plan.Instance) Unit { return Unit{i, -1} }

// Verdict is what looking at a unit found.
type Verdict uint8

const (
	Run    Verdict = iota // must run, for Looked.Reason
	Hit                   // a complete record was found
	Expand                // a MapNode: Looked.Elements units follow
	Fail                  // can't run: Looked.Failure
)

// Looked is what [Work.Look] found.
type Looked struct {
	Verdict  Verdict
	Reason   string // Run: why
	Claim    Claim  // Run: what it needs; when it runs: what it was granted
	Light    bool   // Run: works inside Raphe and needs no slot
	Retries  int    // Run: how often a failed attempt may be repeated
	Elements int    // Expand
	Serial   bool   // Expand: the elements run one after another
	Failure  *event.Failure
	Prepared any // handed to Run when it follows at once; nil costs a second look
	Carry    any // handed to Run in any case; of a repeated attempt Again.Carry
}

// A Start is what is told of an attempt when its work begins.
type Start struct {
	Command, Dir string
	Asked        event.Asked // zero: it takes nothing of its own
}

// Ran is what an attempt led to; a nil Failure is success.
type Ran struct {
	Usage   event.Usage
	Failure *event.Failure
	Dir     string
	// Repeat: the failure is of a kind that another attempt may not meet. It is
	// repeated as it was, as often as Looked.Retries allows.
	Repeat bool
	// Again, if not nil: the work wants another attempt, whatever Looked.Retries
	// says. That it ends at last is for the work to see to.
	Again *Again
	// Same: a MapNode's instance whose elements are all as they were.
	Same bool
	// Fatal: the run can't go on (the store can't be written).
	Fatal error
}

// Again is how an attempt is to be made once more.
type Again struct {
	Claim Claim // of all that there is: it runs alone
	Carry any   // Looked.Carry of that attempt
}

// Work is what the loop asks for. All methods are called from many goroutines
// at once, each unit in one state only.
type Work interface {
	// Look resolves a unit's inputs and looks for its record.
	Look(ctx context.Context, u Unit) Looked
	// IsFresh reports, without reading anything, that a unit must run, in a slot:
	// there is no record of it.
	IsFresh(u Unit) bool
	// Run makes one attempt and records it. started is called once when the work
	// really begins.
	Run(ctx context.Context, u Unit, attempt int, l Looked, started func(Start)) Ran
	// Collect makes the record of a MapNode's instance from those of its elements.
	Collect(ctx context.Context, i plan.Instance) Ran
	// Name gives the name of a unit and of its node, for events.
	Name(u Unit) (unit, node string)
	// Forget drops what is kept for a MapNode's instance that will not be collected.
	Forget(i plan.Instance)
}

// Options says how a run goes.
type Options struct {
	Capacity    Claim             // what may be claimed at once
	StopAtFirst bool              // no new starts after the first failure
	Sink        func(event.Event) // called from the loop only, in order
	Lookers     int               // goroutines that look; 0: one more than there are processors, since one waits for the file system

	enough int // enoughReady, save in tests

	// Beside gives events that others than the loop have to tell; they are
	// passed on in between, until nothing is left to do. nil: none.
	Beside <-chan event.Event
}

// Summary is how a run ended.
type Summary struct {
	event.Counts
	Drained bool  // stopped before all was done: interrupted, or at the first failure
	Fatal   error // why the run could not go on
}

// OK reports whether everything is done.
func (s Summary) OK() bool { return s.Fatal == nil && !s.Drained && s.Failed == 0 && s.Blocked == 0 }
