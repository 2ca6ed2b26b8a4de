package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/unit"
)

const (
	timeFormat    = "2006-01-02 15:04:05"
	mostGroups    = 20 // of failures, in full
	mostGroupList = 12 // instances that a group names
)

// A fact is a line of the summary.
type fact struct{ Name, Value string }

// An outcome is how the run stands, in a word, and in a sentence.
type outcome struct{ Class, Word, Text string }

// A failureGroup is instances of one node that failed for the same cause: the
// first of them in full.
type failureGroup struct {
	Node, Cause string
	Count       int
	Blocked     int
	First       string
	Others      []string
	More        int // instances that are not named
	Parameters  []fact
	Failure     event.Failure
}

func (r *Report) title() string {
	if r.Graph != nil && r.Graph.Workflow != "" {
		return clean(r.Graph.Workflow, 200)
	}
	for _, n := range r.Nodes {
		top, _, _ := strings.Cut(n.Name, ".")
		return top
	}
	return "A run"
}

// outcome says how the run stands, with the status that the process ended with
// where that is known from the counts.
func (r *Report) outcome() outcome {
	h := r.History
	who := fmt.Sprintf("process %d on %s", h.PID, clean(h.Host, 100))
	switch {
	case h.Phase == history.Goes:
		left := ""
		if h.Left > 0 {
			left = "; about " + unit.FormatDuration(h.Left) + " left"
		}
		return outcome{"running", "running", "It was going on when this page was made (" + who + left + "). Make the page again to see more."}
	case h.Phase == history.Died:
		return outcome{"failed", "died", "Its process is gone without an end (" + who + "). The same command goes on where it stopped."}
	case h.Phase == history.Away:
		return outcome{"running", "not ended", "Its machine can't be seen from here (" + who + ")."}
	case h.Complete():
		return outcome{"done", "done", "Everything is done (exit status 0)."}
	case h.Draining != "":
		return outcome{"cutoff", "stopped", "Nothing new was started: " + clean(h.Draining, 300) + ". The same command goes on where it stopped."}
	case h.Counts.Failed > 0:
		return outcome{"failed", "failed", fmt.Sprintf("%s failed (exit status 1). The same command does these again and nothing that is done.", counted(h.Counts.Failed, "instance"))}
	}
	return outcome{"cutoff", "not complete", "It ended before everything was done."}
}

// facts gives what ran, where, with what, and what it took.
func (r *Report) facts(ms []moment) []fact {
	h := r.History
	wall := r.End().Sub(h.Began)
	out := []fact{
		{"Command", clean(h.Command, longCommand)},
		{"Base directory", clean(h.Base, longName)},
		{"Host", clean(h.Host, 100)},
		{"Began", h.Began.Local().Format(timeFormat)},
		{"Wall time", unit.FormatDuration(wall)},
	}
	add := func(name, value string) { out = append(out, fact{name, value}) }
	cpu, largest := r.Beyond.CPU, (*Row)(nil)
	for i := range r.Rows {
		row := &r.Rows[i]
		if !row.inRun() || row.Map {
			continue
		}
		cpu += row.Usage.CPU
		if row.Usage.PeakRSS > 0 && (largest == nil || row.Usage.PeakRSS > largest.Usage.PeakRSS) {
			largest = row
		}
	}
	if wall > 0 && cpu > 0 {
		add("CPU time of the tools", fmt.Sprintf("%s (%.1f processors busy on average)", unit.FormatDuration(cpu), float64(cpu)/float64(wall)))
	}
	if h.Procs > 0 {
		add("Processors", fmt.Sprint(h.Procs))
	}
	if h.Memory > 0 {
		text := unit.FormatBytes(h.Memory)
		if h.Limit != "" {
			text += ", limits: " + clean(h.Limit, 40)
		}
		add("Memory limit", text)
	}
	out = append(out, heldFacts(ms, h.Memory)...)
	switch {
	case r.Beyond.Largest > 0 && (largest == nil || largest.Usage.PeakRSS < r.Beyond.Largest):
		add("Largest instance", unit.FormatBytes(r.Beyond.Largest)+", "+r.Beyond.Name)
	case largest != nil:
		add("Largest instance", unit.FormatBytes(largest.Usage.PeakRSS)+", "+largest.Name)
	}
	if h.Version != "" {
		add("Raphe", clean(h.Version, 60))
	}
	if h.Damage != "" {
		add("Damage", clean(h.Damage, 500))
	}
	return slices.DeleteFunc(out, func(f fact) bool { return f.Value == "" })
}

// heldFacts gives what the tools and Raphe held at most.
func heldFacts(ms []moment, limit int64) (out []fact) {
	raphe, tools := int64(0), int64(0)
	for i := range ms {
		raphe, tools = max(raphe, ms[i].Raphe.RSS), max(tools, ms[i].Tools.RSS)
	}
	if tools > 0 {
		text := unit.FormatBytes(tools)
		if limit > 0 {
			text += ", " + percent(float64(tools)/float64(limit)) + " of the limit"
		}
		out = append(out, fact{"Memory of all tools, at most", text})
	}
	if raphe > 0 {
		out = append(out, fact{"Memory of Raphe, at most", unit.FormatBytes(raphe)})
	}
	return out
}

// percent prints a share that is above nothing.
func percent(share float64) string {
	if share < 0.01 {
		return "under 1%"
	}
	return fmt.Sprintf("%.0f%%", 100*share)
}

// counts gives the figures at the head of the page.
func (r *Report) counts() []fact {
	c := r.History.Counts
	out := []fact{{"planned", count(c.Total)}, {"done", count(c.Done)}, {"taken from earlier runs", count(c.Cached)}}
	for _, f := range []struct {
		name string
		n    int
	}{{"failed", c.Failed}, {"blocked by a failure", c.Blocked}, {"running", len(r.History.Running)}, {"not started", c.Left() - len(r.History.Running)}} {
		if f.n > 0 {
			out = append(out, fact{f.name, count(f.n)})
		}
	}
	return out
}

// failureGroups puts the failures of one node with one cause together, the
// largest groups first.
func (r *Report) failureGroups() (groups []failureGroup, more int) {
	at := map[[2]string]int{}
	for _, f := range r.History.Failed {
		id := [2]string{f.Node, f.Cause}
		k, known := at[id]
		if !known {
			k = len(groups)
			at[id] = k
			groups = append(groups, failureGroup{Node: clean(f.Node, 500), Cause: clean(f.Cause, 500), First: clean(f.Name, longName)})
			if f.Failure != nil {
				groups[k].fill(f.Failure)
			}
		} else if g := &groups[k]; len(g.Others) < mostGroupList {
			g.Others = append(g.Others, clean(f.Name, longName))
		} else {
			g.More++
		}
		groups[k].Count++
		groups[k].Blocked += f.Blocked
	}
	slices.SortStableFunc(groups, func(a, b failureGroup) int {
		return cmp.Compare(b.Count+b.Blocked, a.Count+a.Blocked)
	})
	if len(groups) > mostGroups {
		groups, more = groups[:mostGroups], len(groups)-mostGroups
	}
	return groups, more
}

func (g *failureGroup) fill(f *event.Failure) {
	g.Failure = cleanFailure(f)
	names := make([]string, 0, len(g.Failure.Parameters))
	for name := range g.Failure.Parameters {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		g.Parameters = append(g.Parameters, fact{name, g.Failure.Parameters[name]})
	}
}
