package report

import (
	"encoding/json"
	"strconv"
	"time"
)

// rowsJSON gives the table for the page's script: one list for each column,
// which is a third of the size of a list of objects. A name is written as the
// number of UTF-16 units that it shares with the one before, and the rest.
//
// began is in milliseconds since the run began, wall and cpu in microseconds,
// sizes in KiB. encoding/json writes <, > and & as \u escapes, so that nothing
// in a text can end the element that holds it. boxOf says for each picture
// of the graph which box a node is part of.
func (r *Report) rowsJSON(boxOf [][]int) []byte {
	b := make([]byte, 0, 1<<16+200*len(r.Rows))
	b = append(b, `{"base":`...)
	b = appendJSON(b, clean(r.History.Base, longName))
	names := make([]string, len(r.Nodes))
	for i := range r.Nodes {
		names[i] = r.Nodes[i].Name
	}
	b = strconv.AppendInt(append(b, `,"start":`...), r.History.Began.UnixMilli(), 10)
	b = append(append(b, `,"nodes":`...), marshal(names)...)
	b = append(append(b, `,"reasons":`...), marshal(r.Reasons)...)
	b = append(append(b, `,"box":`...), marshal(boxOf)...)
	var states, classes []string
	for s := range numStates {
		states, classes = append(states, s.String()), append(classes, s.class())
	}
	b = append(append(b, `,"states":`...), marshal(states)...)
	b = append(append(b, `,"classes":`...), marshal(classes)...)
	b = r.appendNames(append(b, `,"name":[`...))
	for _, c := range columns {
		b = append(append(append(b, "],\""...), c.name...), "\":["...)
		for i := range r.Rows {
			if i > 0 {
				b = append(b, ',')
			}
			b = strconv.AppendInt(b, c.of(&r.Rows[i], r), 10)
		}
	}
	b = append(b, `],"detail":[`...)
	for i := range r.Rows {
		if i > 0 {
			b = append(b, ',')
		}
		if d := r.Rows[i].Detail; d != nil {
			b = append(b, d...)
		} else {
			b = append(b, '0')
		}
	}
	return append(b, "]}"...)
}

// columns are the numbers of a row.
var columns = []struct {
	name string
	of   func(*Row, *Report) int64
}{
	{"node", func(w *Row, _ *Report) int64 { return int64(w.Node) }},
	{"state", func(w *Row, _ *Report) int64 { return int64(w.State) }},
	{"reason", func(w *Row, _ *Report) int64 { return int64(w.Reason) }},
	{"attempt", func(w *Row, _ *Report) int64 { return int64(w.Attempt) }},
	{"began", func(w *Row, r *Report) int64 { return w.Began.Sub(r.History.Began).Milliseconds() }},
	{"wall", func(w *Row, r *Report) int64 { return w.wall(r).Microseconds() }},
	{"cpu", func(w *Row, _ *Report) int64 { return w.Usage.CPU.Microseconds() }},
	{"peak", func(w *Row, _ *Report) int64 { return w.Usage.PeakRSS >> 10 }},
	{"asked", func(w *Row, _ *Report) int64 { return w.Usage.Asked.Mem >> 10 }},
	{"read", func(w *Row, _ *Report) int64 { return w.Usage.ReadBytes >> 10 }},
	{"write", func(w *Row, _ *Report) int64 { return w.Usage.WriteBytes >> 10 }},
}

// wall gives how long a row's attempt took, or has taken so far.
func (w *Row) wall(r *Report) time.Duration {
	if w.State == Running || w.State == Stopped {
		return max(0, r.End().Sub(w.Began))
	}
	return w.Usage.Wall
}

// appendNames writes the names' column.
func (r *Report) appendNames(b []byte) []byte {
	before := ""
	for i := range r.Rows {
		name := r.Rows[i].Name
		at, units := shared(before, name)
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(b, int64(units), 10), ',')
		b = appendJSON(b, name[at:])
		before = name
	}
	return b
}

// shared gives how long the beginning is that two texts share: in bytes, and in
// the units in which JavaScript counts.
func shared(a, b string) (bytes, units int) {
	for i, c := range b {
		n := len(string(c))
		if i+n > len(a) || i+n > len(b) || a[i:i+n] != b[i:i+n] {
			return i, units
		}
		units++
		if c > 0xffff {
			units++
		}
	}
	return len(b), units
}

// marshal is json.Marshal of what always marshals.
func marshal(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic("BUG: report: " + err.Error())
	}
	return b
}

func appendJSON(b []byte, s string) []byte { return append(b, marshal(s)...) }
