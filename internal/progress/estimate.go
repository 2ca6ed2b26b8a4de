package progress

import (
	"iter"
	"math"
	"time"

	"github.com/raphe-org/raphe/internal/event"
)

// The estimate takes for every node the mean time of its instances that have
// finished, and divides the work that is left by the number of processors that
// were busy of late. That number is measured, not read from the options: memory,
// dependencies and the machine decide how many instances really run at once.
// It is never less than what the slowest instance that is left must take.

const (
	mostNodes    = 1000             // nodes whose times are kept apart
	fewest       = 3                // instances that must have finished before anything is said
	enoughKnown  = 0.8              // share of the instances left whose node's time is known
	busyMemory   = time.Minute      // how fast the measure of busy processors forgets
	shownMemory  = 10 * time.Second // how fast what is shown follows what is computed
	soonestGuess = 2 * time.Second  // how long something must have run before anything is said
)

// nodeTimes is what is known of one node.
type nodeTimes struct {
	left     int // instances, not yet settled and not expanded
	elements int // elements of expanded MapNodes, not yet settled
	expanded int // instances that were expanded so far, into
	into     int // so many elements
	ran      int
	sum      time.Duration // what these took
	before   time.Duration // what they took in earlier runs
	procs    float64
}

func (n *nodeTimes) mean() float64 { return n.sum.Seconds() / float64(n.ran) }

// takes gives the seconds that an instance is expected to take: the mean of this
// run, or else of earlier ones; not known is other.
func (n *nodeTimes) takes(other float64) (seconds float64, known bool) {
	switch {
	case n.ran > 0:
		return n.mean(), true
	case n.before > 0:
		return n.before.Seconds(), true
	}
	return other, false
}

// units is how many units are still to run. An instance of a MapNode that is
// not expanded yet counts as many as the others had elements.
func (n *nodeTimes) units() float64 {
	each := 1.0
	if n.expanded > 0 {
		each = float64(n.into) / float64(n.expanded)
	}
	return float64(n.left)*each + float64(n.elements)
}

type estimate struct {
	nodes map[string]*nodeTimes // nil: only all is kept
	maps  map[string]bool       // MapNodes' instances that are expanded and not settled
	all   nodeTimes

	busy     float64 // processors, now
	sum, of  float64 // their decaying mean is sum/of
	at       time.Time
	first    time.Time
	shown    float64 // seconds
	shownAt  time.Time
	hasShown bool
}

func (e *estimate) init(nodes iter.Seq[Node]) {
	e.maps = map[string]bool{}
	e.all.procs = 1
	if nodes == nil {
		return
	}
	e.nodes = map[string]*nodeTimes{}
	for n := range nodes {
		if have := e.nodes[n.Name]; have != nil { // a node that was handed over as its instances
			have.left += n.Instances
			continue
		}
		if len(e.nodes) == mostNodes {
			e.nodes = nil
			return
		}
		e.nodes[n.Name] = &nodeTimes{left: n.Instances, before: n.Took, procs: float64(max(1, n.Procs))}
	}
}

// node gives what is kept of a node, which is that of all where nodes are not
// kept apart.
func (e *estimate) node(name string) *nodeTimes {
	if n := e.nodes[name]; n != nil {
		return n
	}
	return &e.all
}

func (e *estimate) expanded(ev event.Event) {
	n := e.node(ev.Node)
	n.left--
	n.elements += ev.Total
	n.expanded++
	n.into += ev.Total
	e.maps[ev.Instance] = true
}

// settled counts a unit off. A MapNode's instance was counted off when it was
// expanded; what else settles while a node has open maps is an element of one,
// save an instance that is blocked.
func (e *estimate) settled(ev event.Event) {
	if e.maps[ev.Instance] {
		delete(e.maps, ev.Instance)
		return
	}
	n := e.node(ev.Node)
	if n.elements > 0 && ev.Kind != event.Blocked {
		n.elements--
		return
	}
	n.left--
}

func (e *estimate) started(ev event.Event) {
	e.advance(ev.Time)
	if e.first.IsZero() {
		e.first = ev.Time
	}
	e.busy += e.node(ev.Node).procs
}

func (e *estimate) stopped(ev event.Event, took time.Duration, counts bool) {
	e.advance(ev.Time)
	n := e.node(ev.Node)
	e.busy -= n.procs
	if !counts {
		return
	}
	n.ran++
	n.sum += took
	if n != &e.all {
		e.all.ran++
		e.all.sum += took
	}
}

// advance brings the mean of busy processors up to a time.
func (e *estimate) advance(now time.Time) {
	if !e.at.IsZero() && now.After(e.at) {
		keep := math.Exp(-now.Sub(e.at).Seconds() / busyMemory.Seconds())
		e.sum = e.sum*keep + e.busy*(1-keep)
		e.of = e.of*keep + (1 - keep)
	}
	if e.at.IsZero() || now.After(e.at) {
		e.at = now
	}
}

// left gives the time left, smoothed.
func (e *estimate) left(now time.Time, running map[string]Running, units int) (time.Duration, bool) {
	e.advance(now)
	if e.all.ran < fewest || e.of == 0 || e.sum <= 0 || now.Sub(e.first) < soonestGuess {
		return 0, false
	}
	work, longest, ok := e.work(now, running, units)
	if !ok {
		e.hasShown = false
		return 0, false
	}
	guess := max(work/(e.sum/e.of), longest)
	if !e.hasShown {
		e.shown, e.hasShown = guess, true
	} else {
		dt := now.Sub(e.shownAt).Seconds()
		e.shown = max(0, e.shown-dt)
		e.shown += (guess - e.shown) * (1 - math.Exp(-dt/shownMemory.Seconds()))
	}
	e.shownAt = now
	if e.shown <= 0 || e.shown > (10*365*24*time.Hour).Seconds() {
		return 0, false
	}
	return time.Duration(e.shown * float64(time.Second)), true
}

// work gives the processor-seconds that are left and the time of the slowest
// unit among them; not ok where too little of it is known.
func (e *estimate) work(now time.Time, running map[string]Running, units int) (work, longest float64, ok bool) {
	known, total := 0.0, 0.0
	mean := e.all.mean()
	if e.nodes == nil {
		work, known, total = mean*float64(units), 1, 1
		if units > len(running) {
			longest = mean
		}
	}
	waiting := map[string]float64{}
	for _, r := range running {
		waiting[r.Node]--
	}
	for name, n := range e.nodes {
		u := n.units()
		if u <= 0 {
			continue
		}
		total += u
		took, isKnown := n.takes(mean)
		if isKnown {
			known += u
		}
		work += u * took * n.procs
		if u+waiting[name] >= 1 {
			longest = max(longest, took)
		}
	}
	if total == 0 || known < enoughKnown*total {
		return 0, 0, false
	}
	spent, rest := e.begun(now, running)
	return max(0, work-spent), max(longest, rest), true
}

// begun gives the processor-seconds that what runs has had already, and the
// longest time that one of them still needs.
func (e *estimate) begun(now time.Time, running map[string]Running) (spent, rest float64) {
	for _, r := range running {
		n := e.node(r.Node)
		took, _ := n.takes(e.all.mean())
		had := min(now.Sub(r.Began).Seconds(), took)
		spent += had * n.procs
		rest = max(rest, took-had)
	}
	return spent, rest
}
