package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/raphe-org/raphe/internal/unit"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// firstRows is how many rows stand in the page without its script.
const firstRows = 200

// A page is what page.html shows.
type page struct {
	Title    string
	Outcome  outcome
	Facts    []fact
	Counts   []fact
	Failures []failureGroup
	More     int // groups of failures that are not shown

	Memory      []chart
	Stack       chart
	Timeline    chart
	Legend      []legendEntry
	Graphs      []chart // one, or the nested workflows and all nodes
	Uses        []use
	MoreUses    int
	First       []rowView
	Rows        int
	Left        int
	States      []string
	Policy      string
	Style       template.CSS
	Script      template.JS
	Data        template.JS
	GeneratedBy string
}

// A rowView is a row as the page shows it without its script.
type rowView struct {
	Name, Node, Class, State, Began, Wall, CPU, Peak, Asked, Read, Write, Tries, Reason string
}

// policy allows the page its own style sheet and script and nothing else: no
// network, no frames, no forms, no inline handlers.
func policy() string {
	hash := func(s string) string {
		sum := sha256.Sum256([]byte(s))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return fmt.Sprintf("default-src 'none'; style-src %s; script-src %s; base-uri 'none'; form-action 'none'", hash(pageCSS), hash(pageJS))
}

// WriteHTML writes the report as one HTML page.
func (r *Report) WriteHTML(w io.Writer) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"bytes": unit.FormatBytes, "duration": unit.FormatDuration, "count": count, "counted": counted,
		"fill": fillClass, "hatch": hatchOf, "pictured": func(c chart) bool { return c.SVG != "" },
	}).Parse(pageHTML)
	if err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	buf := bufio.NewWriterSize(w, 1<<16)
	if err := t.Execute(buf, r.page()); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

func (r *Report) page() *page {
	h := r.History
	total := r.End().Sub(h.Began)
	ms := moments(r.Memory, h.Began, mostPoints)
	p := &page{
		Title: r.title(), Outcome: r.outcome(), Facts: r.facts(ms), Counts: r.counts(),
		Memory: memoryCharts(ms, total), Stack: stackChart(ms, total),
		Rows: len(r.Rows), Left: r.Left,
		Policy: policy(), Style: template.CSS(pageCSS), Script: template.JS(pageJS),
		GeneratedBy: fmt.Sprintf("raphe %s, %s", r.Version, h.Read.Local().Format(timeFormat)),
	}
	var boxOf [][]int
	p.Graphs, boxOf = graphCharts(r.Graph, r.Nodes, h.Counts.Left())
	p.Data = template.JS(r.rowsJSON(boxOf)) // encoding/json leaves no <, so nothing in it can end its element
	p.Failures, p.More = r.failureGroups()
	p.Timeline, p.Legend = timeline(r.spans(), r.Nodes, total)
	p.Uses, p.MoreUses = r.uses()
	for i := range r.Rows[:min(firstRows, len(r.Rows))] {
		p.First = append(p.First, r.view(&r.Rows[i]))
	}
	for s := range numStates {
		p.States = append(p.States, s.String())
	}
	return p
}

// view gives a row in words. page.js says the same in the same words.
func (r *Report) view(w *Row) rowView {
	v := rowView{
		Name: w.Name, Node: r.Nodes[w.Node].Name, Class: w.State.class(), State: w.State.String(),
		Tries: fmt.Sprint(w.Attempt), Reason: r.Reasons[w.Reason], Wall: unit.FormatDuration(w.wall(r).Truncate(time.Microsecond)),
		CPU: "–", Peak: "–", Asked: "–", Read: "–", Write: "–",
	}
	if v.Began = w.Began.Local().Format(timeFormat); w.inRun() {
		v.Began = "+" + unit.FormatDuration(max(0, w.Began.Sub(r.History.Began).Truncate(time.Millisecond)))
	}
	if w.Usage.CPU > 0 {
		v.CPU = unit.FormatDuration(w.Usage.CPU.Truncate(time.Microsecond))
	}
	for _, size := range []struct {
		text *string
		n    int64
	}{{&v.Peak, w.Usage.PeakRSS}, {&v.Asked, w.Usage.Asked.Mem}, {&v.Read, w.Usage.ReadBytes}, {&v.Write, w.Usage.WriteBytes}} {
		if kib := size.n >> 10; kib > 0 {
			*size.text = unit.FormatBytes(kib << 10)
		}
	}
	return v
}
