// Package progress follows the event stream of a run and keeps what a person
// asks about it: how many are done, what runs now and for how long, and how
// much time is left. The screen and the run history are built on it.
//
//	State     the counts and the instances that run, folded from the events
//	Node      how many instances a node has, for the estimate of the time left
//	Running   one instance that runs
//	Held      the run's memory
//	estimate  the time left, from the times of what has finished
//
// A State costs memory for what runs now and, up to mostNodes nodes, for each
// node; never for each instance. It imports only the vocabulary of events; it
// prints nothing, and knows no plan, no store and no clock but the times that
// events carry.
package progress

import (
	"iter"
	"maps"
	"time"

	"github.com/raphe-org/raphe/internal/event"
)

// A Node is what the estimate of the time left must know of a node.
type Node struct {
	Name      string // full name, as in events
	Instances int
	Procs     int // processors that one instance claims; 0 counts as 1

	Took time.Duration // what instances took in earlier runs; 0: not known
}

// Options says what is known before the run.
type Options struct {
	// Nodes gives the nodes of the plan; nil: all instances count as alike.
	// It is read up to mostNodes: where a workflow has more, nearly every node
	// differs from the next, and the mean of all is the better guess.
	Nodes iter.Seq[Node]
}

// A State is where a run stands. It is not safe for concurrent use.
type State struct {
	Counts   event.Counts
	Began    time.Time // zero before RunStarted
	Ended    time.Time // zero before RunFinished
	Draining string    // why nothing new starts; "" while the run goes on
	Ran      int       // attempts that were started
	Held     Held      // its memory, as far as there were samples

	running  map[string]Running
	estimate estimate
}

// New makes the state of a run that has not begun.
func New(o Options) *State {
	s := &State{running: map[string]Running{}}
	s.estimate.init(o.Nodes)
	return s
}

// Apply takes in one event. Of an event that settles a running instance it
// gives what was known of it, and true.
func (s *State) Apply(e event.Event) (Running, bool) {
	var was Running
	var found bool
	switch e.Kind {
	case event.RunStarted:
		s.Began = e.Time
		s.Counts.Total = e.Total
	case event.Expanded:
		s.Counts.Total += e.Total
		s.estimate.expanded(e)
	case event.Started:
		s.Ran++
		s.start(e)
	case event.Retrying:
		was, found = s.stop(e, false)
	case event.Cached, event.Finished, event.Failed, event.Blocked:
		was, found = s.stop(e, e.Kind == event.Finished)
		s.estimate.settled(e)
		s.count(e.Kind)
	case event.Draining:
		s.Draining = e.Reason
	case event.Sampled:
		s.Held.Add(e.Sample)
	case event.RunFinished:
		s.Ended = e.Time
		if e.Counts != nil {
			s.Counts = *e.Counts
		}
	}
	return was, found
}

func (s *State) count(k event.Kind) {
	switch k {
	case event.Cached:
		s.Counts.Cached++
	case event.Finished:
		s.Counts.Done++
	case event.Failed:
		s.Counts.Failed++
	case event.Blocked:
		s.Counts.Blocked++
	}
}

func (s *State) start(e event.Event) {
	s.stop(e, false) // an attempt whose end was not told
	s.running[e.Instance] = Running{Name: e.Instance, Node: e.Node, Began: e.Time, Attempt: e.Attempt, Reason: e.Reason}
	s.Counts.Running = len(s.running)
	s.estimate.started(e)
}

// stop takes an instance from those that run. counts says that its time is
// one that the next instances may be expected to take.
func (s *State) stop(e event.Event, counts bool) (Running, bool) {
	r, ok := s.running[e.Instance]
	if !ok {
		return Running{}, false
	}
	delete(s.running, e.Instance)
	s.Counts.Running = len(s.running)
	s.estimate.stopped(e, e.Time.Sub(r.Began), counts)
	return r, true
}

// Running gives what runs now, the longest first.
func (s *State) Running() []Running {
	return Longest(maps.Values(s.running))
}

// Left estimates how long the run will go on from now; ok is false while that
// can't be known. The answer is smoothed over the calls, so that it does not jump.
func (s *State) Left(now time.Time) (left time.Duration, ok bool) {
	if s.Draining != "" || !s.Ended.IsZero() {
		return 0, false
	}
	return s.estimate.left(now, s.running, s.Counts.Left())
}
