package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
)

const (
	mostListed  = 10                     // failed instances that the summary names
	mostReasons = 100                    // distinct reasons that are counted
	holdFailure = 200 * time.Millisecond // how long a failure waits for the instances that it blocks
)

// A story is what both text forms say of a run. It takes in the events and
// gives the texts that they are worth. Not safe for concurrent use.
type story struct {
	Options
	paint paint
	state *progress.State

	held     *event.Event // a failure whose blocked instances are being counted
	heldAt   time.Time    // when the last of them was
	blocked  int
	reports  reporter
	failures []event.Event  // the first of them, for the summary
	reasons  map[string]int // why instances ran
	always   int            // attempts of nodes that run in every run
	ended    int            // failures that are none: the run was ended
}

func newStory(o Options) *story {
	return &story{Options: o, paint: paint(o.Colour), state: progress.New(o.Estimate), reports: reporter{paint: paint(o.Colour)}, reasons: map[string]int{}}
}

// tell takes in an event and gives what is to be printed for it: whole lines,
// or nothing. was is the running instance that the event settled, nil if none.
func (s *story) tell(e event.Event) (text string, was *progress.Running) {
	if s.held != nil && !(e.Kind == event.Blocked && e.Cause == s.held.Instance) {
		text = s.release()
	}
	if r, ok := s.state.Apply(e); ok {
		was = new(r) // a copy: most events leave nothing behind
	}
	switch e.Kind {
	case event.Started:
		s.countReason(e)
	case event.Failed:
		s.held, s.heldAt, s.blocked = new(e), e.Time, 0
		if isCancelled(&e) {
			s.ended++
		} else if len(s.failures) < mostListed {
			s.failures = append(s.failures, event.Event{Instance: e.Instance, Failure: e.Failure})
		}
	case event.Blocked:
		if s.held != nil {
			s.blocked++
			s.heldAt = e.Time
		}
	case event.Retrying:
		cause := ""
		if e.Failure != nil {
			cause = ": " + printable(e.Failure.Cause)
		}
		text += fmt.Sprintf("repeating %s after attempt %d%s\n", printable(e.Instance), e.Attempt, cause)
	case event.Draining:
		text += s.paint.bold("stopping: "+printable(e.Reason)) + "\n" + s.draining()
	}
	return text, was
}

func (s *story) countReason(e event.Event) {
	if e.Attempt > 1 {
		return
	}
	if s.Always != nil && s.Always(e.Node) {
		s.always++
		return
	}
	reason := e.Reason
	if _, known := s.reasons[reason]; !known && len(s.reasons) >= mostReasons {
		reason = "other reasons"
	}
	s.reasons[reason]++
}

// draining says what happens to the instances that run while no new ones start.
func (s *story) draining() string {
	if s.state.Counts.Running == 0 || s.state.Draining != "interrupted" {
		return ""
	}
	return fmt.Sprintf("  %s may end; interrupt again to end now\n", plural(s.state.Counts.Running, "running instance"))
}

// tick gives the text of a held failure once nothing more is blocked by it.
func (s *story) tick(now time.Time) string {
	if s.held == nil || now.Sub(s.heldAt) < holdFailure {
		return ""
	}
	return s.release()
}

// release gives the text of the held failure, "" if there is none.
func (s *story) release() string {
	if s.held == nil {
		return ""
	}
	e := s.held
	s.held = nil
	cols, _ := s.Size()
	if s.Form == Plain {
		cols = widest
	}
	return s.reports.report(e, s.blocked, cols)
}

// isCancelled tells instances that failed only because the run was ended:
// proc's name of that kind.
func isCancelled(e *event.Event) bool { return e.Failure != nil && e.Failure.Kind == "cancelled" }

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// A segment is a part of the line of counts. Where there is no room those of
// the lowest rank are left out first.
type segment struct {
	text  string
	rank  int
	paint func(string) string
}

// counts gives "done 120 (80 cached) · failed 1 · running 4 · 230 to go · about
// 2m left", or as much of it as fits, and how wide that is.
func countsLine(c event.Counts, left time.Duration, known bool, p paint, cols int) string {
	plain := func(s string) string { return s }
	segs := []segment{{fmt.Sprintf("done %d", c.Done+c.Cached), 9, plain}}
	if c.Cached > 0 {
		segs = append(segs, segment{fmt.Sprintf("(%d cached)", c.Cached), 2, p.dim})
	}
	if c.Failed > 0 {
		segs = append(segs, segment{fmt.Sprintf("failed %d", c.Failed), 8, p.red})
	}
	if c.Blocked > 0 {
		segs = append(segs, segment{fmt.Sprintf("blocked %d", c.Blocked), 3, plain})
	}
	if c.Running > 0 {
		segs = append(segs, segment{fmt.Sprintf("running %d", c.Running), 4, plain})
	}
	if n := c.Left(); n > 0 {
		segs = append(segs, segment{fmt.Sprintf("%d to go", n), 6, plain})
	}
	if known {
		segs = append(segs, segment{progress.About(left) + " left", 5, p.bold})
	}
	return fit(segs, cols)
}

// fit gives as much of the segments as there is room for, the first in any case.
func fit(segs []segment, cols int) string {
	for {
		text, wide := joinSegments(segs)
		if wide <= cols || len(segs) == 1 {
			if wide > cols {
				return cutEnd(segs[0].text, cols)
			}
			return text
		}
		lowest := 0
		for i := range segs {
			if segs[i].rank < segs[lowest].rank {
				lowest = i
			}
		}
		segs = append(segs[:lowest], segs[lowest+1:]...)
	}
}

func joinSegments(segs []segment) (text string, wide int) {
	var b strings.Builder
	for i, s := range segs {
		sep := ""
		switch {
		case i == 0:
		case strings.HasPrefix(s.text, "("):
			sep = " "
		default:
			sep = " · "
		}
		b.WriteString(sep + s.paint(s.text))
		wide += width(sep) + width(s.text)
	}
	return b.String(), wide
}
