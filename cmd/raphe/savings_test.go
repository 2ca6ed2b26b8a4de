package main

import (
	"fmt"
	"testing"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/unit"
)

func TestSavings(t *testing.T) {
	used := func(node string, asked, peak int64, from event.From) event.Event {
		return event.Event{Kind: event.Finished, Node: node, Usage: &event.Usage{PeakRSS: peak, Asked: event.Asked{Mem: asked, From: from}}}
	}
	const g, m = unit.GiB, unit.MiB
	user := event.FromUser
	for _, tt := range []struct {
		name   string
		events []event.Event
		want   string
	}{
		{"nothing", nil, ""},
		{"far too much", []event.Event{used("wf.a", 8*g, 1200*m, user)}, "mem_gb could be lower: wf.a 8 -> 1.5"},
		{"the largest counts", []event.Event{used("wf.a", 8*g, 1*m, user), used("wf.a", 8*g, 6*g, user), used("wf.a", 8*g, 1*m, user)}, ""},
		{"less than half would do, but it is little", []event.Event{used("wf.a", g, 100*m, user)}, ""},
		{"much, but less than half", []event.Event{used("wf.a", 32*g, 15*g, user)}, ""},
		{"nobody asked for it", []event.Event{used("wf.a", 8*g, g, event.FromLearned), used("wf.b", 8*g, g, event.FromRetry)}, ""},
		{"too short to be measured", []event.Event{used("wf.a", 8*g, 0, user)}, ""},
		{"some too short to be measured", []event.Event{used("wf.a", 8*g, 0, user), used("wf.a", 8*g, 1200*m, user)}, "mem_gb could be lower: wf.a 8 -> 1.5"},
		{"it failed", []event.Event{{Kind: event.Failed, Node: "wf.a", Usage: &event.Usage{PeakRSS: 1, Asked: event.Asked{Mem: 8 * g, From: user}}}}, ""},
		{"the worst first, and few", []event.Event{used("wf.a", 3*g, m, user), used("wf.b", 9*g, m, user), used("wf.c", 5*g, m, user), used("wf.d", 4*g, m, user), used("wf.e", 4*g, m, user)},
			"mem_gb could be lower: wf.b 9 -> 0.1, wf.c 5 -> 0.1, wf.d 4 -> 0.1, and 2 more"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var s savings
			for _, e := range tt.events {
				s.event(e)
			}
			if got := s.line(); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	var s savings
	for k := range 10 * mostSavings {
		s.event(used(fmt.Sprint(k), 8*g, m, user))
	}
	if len(s.nodes) > mostSavings {
		t.Errorf("%d nodes are kept", len(s.nodes))
	}
}

func TestEnough(t *testing.T) {
	for _, tt := range []struct {
		peak int64
		want string
	}{{1, "0.1"}, {80 * unit.MiB, "0.1"}, {700 * unit.MiB, "0.9"}, {unit.GiB, "1.5"}, {3500 * unit.MiB, "4.5"}, {5 * unit.GiB, "6"}, {0, "0"}} {
		if got := gibibytes(enough(tt.peak)); got != tt.want {
			t.Errorf("%s: mem_gb=%s, want %s", unit.FormatBytes(tt.peak), got, tt.want)
		}
	}
}
