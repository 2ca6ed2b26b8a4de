package ui

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/unit"
)

const mostReasonsShown = 5

// summary gives what stands at the end of a run: how it ended, what failed,
// where the results are, and how to go on.
func (s *story) summary(now time.Time) string {
	if s.state.Began.IsZero() {
		return "" // why nothing was begun is for others to say
	}
	var b strings.Builder
	b.WriteString(s.verdict(now) + "\n")
	for _, e := range s.failures {
		cause := ""
		if e.Failure != nil {
			cause = ": " + printable(e.Failure.Cause)
		}
		fmt.Fprintf(&b, "  %s %s%s\n", s.paint.red("failed"), printable(e.Instance), cause)
		if e.Failure != nil && e.Failure.CrashFile != "" {
			fmt.Fprintf(&b, "         crash file: %s\n", printable(e.Failure.CrashFile))
		}
	}
	if more := s.state.Counts.Failed - s.ended - len(s.failures); more > 0 {
		fmt.Fprintf(&b, "  and %d more\n", more)
	}
	if s.complete() {
		b.WriteString(s.whyItRan())
		for _, dir := range s.places() {
			b.WriteString("results: " + dir + "\n")
		}
		return b.String()
	}
	if s.Command != "" {
		first := ""
		if len(s.failures) > 0 {
			first = "mend what failed, then "
		}
		fmt.Fprintf(&b, "to go on: %sstart it again; what is done is kept\n  %s\n", first, s.Command)
	}
	return b.String()
}

// complete reports whether everything is done.
func (s *story) complete() bool {
	c := s.state.Counts
	return s.state.Draining == "" && !s.state.Ended.IsZero() && c.Failed == 0 && c.Blocked == 0 && c.Left() == 0
}

// places gives where the results are: where the workflow says, or else the
// working directories.
func (s *story) places() []string {
	if len(s.Results) > 0 {
		return s.Results
	}
	if s.BaseDir != "" {
		return []string{s.BaseDir}
	}
	return nil
}

// verdict says in a sentence how the run ended.
func (s *story) verdict(now time.Time) string {
	c := s.state.Counts
	end := s.state.Ended
	if end.IsZero() {
		end = now
	}
	took := unit.FormatDuration(end.Sub(s.state.Began))
	switch {
	case s.state.Draining != "":
		return s.paint.bold("stopped") + " (" + printable(s.state.Draining) + "): " + s.tally() + ", in " + took
	case c.Failed > 0:
		return s.paint.red("not complete") + ": " + s.tally() + ", in " + took
	case !s.complete():
		return s.paint.red("not complete") + ": " + s.tally() + ", in " + took + "; the run did not come to its end"
	case c.Total == 0:
		return s.paint.green("done") + ": the workflow has no instances"
	case s.state.Ran == s.always:
		return s.paint.green("nothing had to run") + ": " + s.upToDate(c.Cached+c.Done-s.always)
	}
	text := s.paint.green("done") + ": " + plural(c.Total, "instance") + " in " + took
	if c.Cached > 0 {
		text += fmt.Sprintf(" (%d ran, %d up to date before)", c.Total-c.Cached, c.Cached)
	}
	return text
}

// upToDate says why nothing ran, and what did all the same.
func (s *story) upToDate(n int) string {
	text := plural(n, "instance") + " are up to date (records complete, outputs in place, inputs unchanged)"
	if n == 1 {
		text = "1 instance is up to date (record complete, outputs in place, inputs unchanged)"
	}
	if s.always > 0 {
		text += fmt.Sprintf(";\n  %d looked at the world outside or wrote to it, as in every run", s.always)
	}
	return text
}

// tally says what became of the instances of a run that is not complete.
func (s *story) tally() string {
	c := s.state.Counts
	parts := []string{fmt.Sprintf("%d of %s done", c.Done+c.Cached, plural(c.Total, "instance"))}
	if c.Cached > 0 {
		parts[0] += fmt.Sprintf(" (%d up to date before)", c.Cached)
	}
	for _, p := range []struct {
		n    int
		text string
	}{{c.Failed - s.ended, "failed"}, {s.ended, "ended early"}, {c.Blocked, "blocked by failures"}, {c.Left(), "not reached"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	return strings.Join(parts, ", ")
}

// whyItRan gives the commonest reasons why instances ran although others were
// up to date.
func (s *story) whyItRan() string {
	if s.state.Counts.Cached == 0 || len(s.reasons) == 0 {
		return ""
	}
	reasons := slices.SortedFunc(maps.Keys(s.reasons), func(a, b string) int {
		return cmp.Or(cmp.Compare(s.reasons[b], s.reasons[a]), cmp.Compare(a, b))
	})
	var b strings.Builder
	b.WriteString("what ran, and why:\n")
	for i, r := range reasons {
		if i == mostReasonsShown {
			fmt.Fprintf(&b, "  and for %d other reasons\n", len(reasons)-i)
			break
		}
		fmt.Fprintf(&b, "  %6d  %s\n", s.reasons[r], printable(r))
	}
	return b.String()
}
