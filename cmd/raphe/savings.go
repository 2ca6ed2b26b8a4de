package main

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/unit"
)

// savings watches a run for nodes that claim far more memory than any of their
// instances uses: less could run at once than might.
type savings struct {
	nodes map[string]*saving
}

// A saving is what a node asked for by mem_gb, and used at most.
type saving struct{ asked, peak int64 }

// mostSavings bounds the nodes that are watched.
const mostSavings = 1000

// event takes in an event of the run.
func (s *savings) event(e event.Event) {
	if e.Kind != event.Finished || e.Usage == nil || e.Usage.Asked.From != event.FromUser || e.Usage.PeakRSS == 0 {
		return
	}
	n := s.nodes[e.Node]
	switch {
	case n == nil && len(s.nodes) >= mostSavings:
		return
	case n == nil:
		if s.nodes == nil {
			s.nodes = map[string]*saving{}
		}
		n = &saving{}
		s.nodes[e.Node] = n
	}
	n.asked, n.peak = max(n.asked, e.Usage.Asked.Mem), max(n.peak, e.Usage.PeakRSS)
}

// shown is how many nodes the line names.
const shownSavings = 3

// line says what could be saved, where it is worth a word: half, and a GiB.
func (s *savings) line() string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(s.nodes)) {
		n := s.nodes[name]
		if would := enough(n.peak); n.asked >= 2*would && n.asked-would >= unit.GiB {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(s.nodes[b].asked-s.nodes[b].peak, s.nodes[a].asked-s.nodes[a].peak)
	})
	var parts []string
	for _, name := range names[:min(shownSavings, len(names))] {
		n := s.nodes[name]
		parts = append(parts, fmt.Sprintf("%s %s -> %s", name, gibibytes(n.asked), gibibytes(enough(n.peak))))
	}
	text := "mem_gb could be lower: " + strings.Join(parts, ", ")
	if more := len(names) - len(parts); more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

// enough gives the memory that one may claim for what used so much at most: a
// fifth more, in tenths of a GiB below one and halves above.
func enough(peak int64) int64 {
	n := float64(peak) * 1.2
	step := float64(unit.GiB) / 10
	if n > float64(unit.GiB) {
		step = float64(unit.GiB) / 2
	}
	return int64(math.Ceil(n/step) * step)
}

// gibibytes writes a size as mem_gb takes it.
func gibibytes(n int64) string {
	return strings.TrimSuffix(strconv.FormatFloat(float64(n)/float64(unit.GiB), 'f', 1, 64), ".0")
}
