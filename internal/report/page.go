package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
)

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// WriteHTML writes the report as one HTML page.
func (r *Report) WriteHTML(w io.Writer) error {
	page, data := r.page()
	buf := bufio.NewWriterSize(w, 1<<16) // keeps the first error
	buf.WriteString(page)
	buf.WriteString(`<script type="application/json" id="data">`)
	buf.Write(data) // encoding/json writes no <, so nothing in it can end its element
	buf.WriteString("</script>\n<script>" + pageJS + "</script>\n</body>\n</html>\n")
	if err := buf.Flush(); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// page gives the page up to the table's data, and those.
func (r *Report) page() (text string, data []byte) {
	h := r.History
	total := r.End().Sub(h.Began)
	ms := moments(r.Memory, h.Began, mostPoints)
	groups, moreGroups := r.failureGroups()
	charts, stack := memoryCharts(ms, total), stackChart(ms, total)
	bars, legend := timeline(r.spans(), r.Nodes, total, r.Beyond.Attempts)
	graphs, boxOf := graphCharts(r.Graph, r.Nodes, h.Counts.Left())
	uses, moreUses := r.uses() // of the rows

	var w writer
	w.head(r.title(), r.outcome(), []part{
		{"summary", "Summary", true}, {"failures", "Failures", len(groups) > 0}, {"memory", "Memory", len(charts) > 0},
		{"timeline", "Timeline", true}, {"graph", "Workflow", len(graphs) > 0}, {"use", "Asked and used", len(uses) > 0},
		{"instances", "Instances", true},
	})
	w.summary(r.outcome(), r.counts(), r.facts(ms))
	w.failures(groups, moreGroups)
	w.memory(charts, stack)
	w.timeline(bars, legend)
	w.graphs(graphs)
	w.uses(uses, moreUses, r.Beyond.Attempts)
	w.table(r)
	w.add("</main>\n<footer><p>Made by raphe %s, %s.</p></footer>\n", r.Version, h.Read.Local().Format(timeFormat))
	return w.String(), r.rowsJSON(boxOf)
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

// A part of the page, which the head leads to if it is there.
type part struct {
	id, name string
	there    bool
}

// head writes the page's head, its title and the way to its parts.
func (w *writer) head(title string, o outcome, parts []part) {
	w.add(`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="%s">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>%s: %s – Raphe</title>
<style>%s</style>
</head>
<body>
`, policy(), title, o.Word, markup(pageCSS))
	w.WriteString(hatchings)
	w.add(`<a class="skip" href="#main">Skip to the report</a>
<header>
<div class="head">
<h1>%s <span class="tag %s">%s</span></h1>
<button type="button" id="theme" class="script" aria-pressed="false">Dark</button>
</div>
<nav aria-label="Parts of this report">
<ul>
`, title, o.Class, o.Word)
	for _, p := range parts {
		if p.there {
			w.add(`<li><a href="#%s">%s</a></li>`, p.id, p.name)
		}
	}
	w.WriteString("\n</ul>\n</nav>\n</header>\n<main id=\"main\" tabindex=\"-1\">\n")
}

// hatchings are the patterns that the fills above the eighth lay over a
// colour. They stand once in the page, where they are never hidden.
const hatchings = `<svg class="patterns" width="0" height="0" aria-hidden="true"><defs>
<pattern id="h1" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch" d="M0 0V6"/></pattern>
<pattern id="h2" width="5" height="5" patternUnits="userSpaceOnUse"><circle class="dot" cx="1.5" cy="1.5" r="1"/></pattern>
</defs></svg>
`

// section writes a part of the page under a heading.
func (w *writer) section(id, heading string, inside func()) {
	w.add("\n<section id=\"%[1]s\" aria-labelledby=\"%[1]s-h\">\n<h2 id=\"%[1]s-h\" tabindex=\"-1\">%[2]s</h2>\n", id, heading)
	inside()
	w.WriteString("</section>\n")
}

// scroll opens a frame that scrolls by itself; label names it.
func (w *writer) scroll(label string) {
	w.add(`<div class="scroll" tabindex="0" role="region" aria-label="%s">`, label)
}

// facts writes names and values, the values as code where they are such.
func (w *writer) facts(code bool, facts []fact) {
	class := map[bool]markup{true: ` class="mono"`}[code]
	w.WriteString(`<dl class="facts">`)
	for _, f := range facts {
		w.add(`<div><dt>%s</dt><dd%s>%s</dd></div>`, f.Name, class, f.Value)
	}
	w.WriteString("</dl>\n")
}
