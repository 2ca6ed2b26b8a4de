package report

import (
	"cmp"
	"slices"
	"time"

	"github.com/raphe-org/raphe/internal/event"
)

// A span is a stretch of a run in which an attempt ran.
type span struct {
	From, To time.Duration // since the run began
	Node     int32
	State    State
	Inside   bool // it ran within Raphe: no process, and no slot
	Name     string
	Lane     int
}

const mostLanes = 400 // of either kind

// assignLanes sorts spans by their beginning and puts each into the first lane
// that is free, so that spans of one lane never overlap; there are as few lanes
// as there ever are spans at once. What ran within Raphe has lanes of its own,
// below the slots. Spans beyond mostLanes get -1. It gives the numbers of lanes,
// and how many spans have none.
func assignLanes(spans []span) (slots, inside, without int) {
	slices.SortStableFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	var ends [2][]time.Duration // by kind and lane: when its last span ends
	for i := range spans {
		s := &spans[i]
		free := &ends[0]
		if s.Inside {
			free = &ends[1]
		}
		s.Lane = slices.IndexFunc(*free, func(t time.Duration) bool { return t <= s.From })
		switch {
		case s.Lane >= 0:
			(*free)[s.Lane] = s.To
		case len(*free) < mostLanes:
			s.Lane = len(*free)
			*free = append(*free, s.To)
		default:
			without++
		}
	}
	for i := range spans {
		if s := &spans[i]; s.Inside && s.Lane >= 0 {
			s.Lane += len(ends[0])
		}
	}
	return len(ends[0]), len(ends[1]), without
}

// A bar is one or several spans of a lane, as they are drawn.
type bar struct {
	From, To time.Duration
	Lane     int
	Node     int32 // of the span that takes most of it
	State    State // the one that most needs looking at
	N        int   // spans
	Name     string
}

// mergeSpans gives the bars for spans that assignLanes has put in lanes. Spans
// of a lane that are shorter than least, and nearer than that to each other,
// are one bar, so that no lane has more than two bars for each least.
func mergeSpans(spans []span, lanes int, least time.Duration) []bar {
	bars := make([]bar, 0, min(len(spans), 4096))
	open := make([]int, lanes) // by lane: its last bar, counted from 1
	longest := make([]time.Duration, lanes)
	for _, s := range spans {
		if s.Lane < 0 {
			continue
		}
		if k := open[s.Lane] - 1; k >= 0 && s.To-s.From < least {
			if b := &bars[k]; s.From-b.To < least && s.To-b.From < least {
				b.To, b.N, b.Name = max(b.To, s.To), b.N+1, ""
				b.State = min(b.State, s.State)
				if s.To-s.From > longest[s.Lane] {
					b.Node, longest[s.Lane] = s.Node, s.To-s.From
				}
				continue
			}
		}
		bars = append(bars, bar{From: s.From, To: s.To, Lane: s.Lane, Node: s.Node, State: s.State, N: 1, Name: s.Name})
		open[s.Lane], longest[s.Lane] = len(bars), s.To-s.From
	}
	return bars
}

// spans gives what of the run is drawn over time: the last attempt of each
// instance that ran in it, and the failed ones before.
func (r *Report) spans() []span {
	began, end := r.History.Began, r.End()
	var out []span
	add := func(row *Row, from time.Time, u *event.Usage, wall time.Duration, state State) {
		if from.IsZero() {
			return
		}
		start := max(0, from.Sub(began))
		out = append(out, span{
			From: start, To: max(start, start+wall), Node: row.Node, State: state, Name: row.Name,
			Inside: state != Running && state != Stopped && u.CPU == 0 && u.PeakRSS == 0,
		})
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.inRun() || row.Map {
			continue
		}
		for k := range row.Before {
			a := &row.Before[k]
			add(row, a.Began, &a.Usage, a.Usage.Wall, Failed)
		}
		wall := row.Usage.Wall
		if row.State == Running || row.State == Stopped {
			wall = end.Sub(row.Began)
		}
		add(row, row.Began, &row.Usage, wall, row.State)
	}
	return out
}
