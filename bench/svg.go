package main

import (
	"fmt"
	"strings"
	"time"
)

// Measures of the plot, in its own units.
const (
	plotWidth, panelHeight = 760, 150
	plotLeft, plotRight    = 70, 20
	panelGap, plotTop      = 50, 50
)

// A line of the plot: what it is called, its colour, and what it takes of a
// sample.
type line struct {
	name, colour string
	of           func(Sample) int64
}

var memoryLines = []line{
	{"commit charge of the whole tree", "#c2410c", Sample.Commit},
	{"of the tools alone", "#0369a1", func(s Sample) int64 { return s.Tools.Data }},
	{"RSS of the engine", "#15803d", func(s Sample) int64 { return s.Engine.RSS }},
}

// memorySVG draws memory over time, one panel for each peer, all of one scale:
// like the plots of nipype issue 2776.
func memorySVG(runs []shapeRun) string {
	var drawn []shapeRun
	var top int64 = 1
	var end time.Duration = 1
	for _, r := range runs {
		if len(r.out.Samples) == 0 {
			continue
		}
		drawn = append(drawn, r)
		for _, s := range r.out.Samples {
			top, end = max(top, s.Commit()), max(end, s.At)
		}
	}
	height := plotTop + len(drawn)*(panelHeight+panelGap)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12" role="img" aria-label="memory over time">`+"\n", plotWidth, height)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", plotWidth, height)
	for i, l := range memoryLines {
		x := plotLeft + i*230
		fmt.Fprintf(&b, `<line x1="%d" y1="20" x2="%d" y2="20" stroke="%s" stroke-width="2"/><text x="%d" y="24">%s</text>`+"\n", x, x+20, l.colour, x+26, l.name)
	}
	for i, r := range drawn {
		panel(&b, r, plotTop+i*(panelHeight+panelGap), float64(top), end)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// panel draws one peer's lines and axes.
func panel(b *strings.Builder, r shapeRun, y int, top float64, end time.Duration) {
	bottom, right := y+panelHeight, plotWidth-plotRight
	fmt.Fprintf(b, `<text x="%d" y="%d" font-weight="bold">%s, %d instances</text>`+"\n", plotLeft, y-6, escape(r.name), r.instances)
	for i := range 3 {
		at, label := bottom-i*panelHeight/2, "0"
		if i > 0 {
			label = showMB(int64(top) * int64(i) / 2)
		}
		fmt.Fprintf(b, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#d4d4d4"/><text x="%d" y="%d" text-anchor="end">%s</text>`+"\n",
			plotLeft, at, right, at, plotLeft-6, at+4, label)
	}
	fmt.Fprintf(b, `<text x="%d" y="%d">0</text><text x="%d" y="%d" text-anchor="end">%s</text>`+"\n",
		plotLeft, bottom+16, right, bottom+16, end.Round(time.Second/10))
	for _, l := range memoryLines {
		fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="1.3" points="`, l.colour)
		for _, s := range thin(r.out.Samples, right-plotLeft) {
			fmt.Fprintf(b, "%.1f,%.1f ", plotLeft+float64(right-plotLeft)*float64(s.At)/float64(end), float64(bottom)-panelHeight*float64(l.of(s))/top)
		}
		b.WriteString(`"/>` + "\n")
	}
}

// thin leaves as many samples as there are places, of each group the one with
// the highest commit charge: a peak must not vanish.
func thin(samples []Sample, places int) []Sample {
	if len(samples) <= places {
		return samples
	}
	out := make([]Sample, 0, places)
	for i := range places {
		group := samples[i*len(samples)/places : (i+1)*len(samples)/places]
		highest := group[0]
		for _, s := range group {
			if s.Commit() > highest.Commit() {
				highest = s
			}
		}
		out = append(out, highest)
	}
	return out
}

func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
