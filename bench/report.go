package main

import (
	"fmt"
	"time"
)

// A Report is the whole result: what `make bench` prints and writes.
type Report struct {
	Command  string
	Machine  []Fact
	Peers    []Presence
	Sections []Section
	Took     time.Duration
}

// A Fact is one line of a description.
type Fact struct{ Name, Value string }

// A Presence says whether a peer is there.
type Presence struct {
	Name, Version string
	Missing       string // why it is not there; empty: it is
	Debian        string // the package that has it
}

// A Section is the result of one scenario.
type Section struct {
	ID, Title string
	Work      string // what was run
	Tables    []Table
	Targets   []Target
	Notes     []string
	Failed    string // what kept the scenario from its end
	Took      time.Duration
}

// A Table is a table of texts.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

func (t *Table) add(cells ...string) { t.Rows = append(t.Rows, cells) }

// A Target is a figure that Raphe has to reach.
type Target struct {
	What, Want, Got string
	Met             bool
}

// atMost makes a target of a number that must not exceed another one.
func atMost(what string, got, want float64, show func(float64) string) Target {
	return Target{what, "<= " + show(want), show(got), got > 0 && got <= want}
}

// Formats of numbers in tables. Sizes are in millions of bytes, as in the
// design's table.

func showMB(n int64) string {
	switch {
	case n == 0:
		return "-"
	case n < 9_950_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n >= 9_995_000_000:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.0f MB", float64(n)/1e6)
}

func showRatio(r float64) string {
	if r < 0.0995 {
		return fmt.Sprintf("%.2g", r)
	}
	return fmt.Sprintf("%.2f", r)
}

func showSeconds(s float64) string {
	switch {
	case s < 0.0995:
		return fmt.Sprintf("%.1f ms", s*1000)
	case s < 0.9995:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 99.95:
		return fmt.Sprintf("%.2f s", s)
	}
	return fmt.Sprintf("%.0f s", s)
}

func showMBFloat(n float64) string { return showMB(int64(n)) }

// showSpread gives a median and, of more than one measurement, the range.
func showSpread(s spread, show func(float64) string) string {
	switch s.N {
	case 0:
		return "-"
	case 1:
		return show(s.Median)
	}
	return fmt.Sprintf("%s (%s to %s)", show(s.Median), show(s.Low), show(s.High))
}

// showCount writes a number with commas.
func showCount(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
