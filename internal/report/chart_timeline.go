package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/unit"
)

const (
	chartWidth  = 1080.0
	chartLeft   = 74.0
	chartRight  = 14.0
	mostBars    = 20_000 // in one picture
	mostTitles  = 3_000  // bars that say their name when pointed at
	mostLegends = kinds
)

// A legendEntry says what a colour of the timeline is. Number stands in the
// bars, too, so that nothing hangs on the colour alone.
type legendEntry struct {
	Number    string
	Kind      int // of the fill; -1: what all other nodes have
	Name      string
	Instances int // attempts
	Time      time.Duration
}

// timeline draws which instances ran when, one lane for each that ran at the
// same time; lanes are filled from the top. total is the length of the run, beyond
// how many attempts followed that are not among the spans.
func timeline(spans []span, nodes []Node, total time.Duration, beyond int) (chart, []legendEntry) {
	c := chart{ID: "timeline", Title: "Instances over time"}
	if len(spans) == 0 {
		c.Text = "Nothing ran in this run."
		return c, nil
	}
	covered := time.Millisecond
	for _, s := range spans {
		covered = max(covered, s.To)
	}
	total = max(total, covered)
	slots, inside, without := assignLanes(spans)
	lanes := slots + inside
	legend, kind := rankNodes(spans, nodes)
	px := total / time.Duration(chartWidth-chartLeft-chartRight)
	bars := mergeSpans(spans, lanes, max(px/2, px*time.Duration(2*lanes)*time.Duration(chartWidth)/mostBars))
	if beyond == 0 {
		covered = total
	}
	c.Text = timelineText(spans, slots, without, len(bars), covered, legend)
	if beyond > 0 {
		c.Text = fmt.Sprintf("Only the first of %s: the others are too many for this page. %s", counted(len(spans)+beyond, "attempt"), c.Text)
	}
	tall := min(22, max(3, 480/float64(lanes)))
	bottom := 6 + tall*float64(lanes)
	x := scale{0, float64(total), chartLeft, chartWidth - chartRight}
	var p picture
	p.open("chart", chartWidth, bottom+24, c.Title+". "+c.Text)
	p.timeAxis(x, 4, bottom)
	laneLabels(&p, slots, lanes, tall)
	for _, b := range bars {
		p.bar(b, x, tall, kind[b.Node], nodes, len(bars) <= mostTitles)
	}
	c.SVG = p.close()
	return c, legend
}

// laneLabels numbers the slots, as many of them as there is room for, and names
// the first lane of what ran within Raphe.
func laneLabels(p *picture, slots, lanes int, tall float64) {
	every := max(1, int(14/tall+0.99))
	for l := range lanes {
		y := 6 + tall*(float64(l)+0.5) + 4
		switch {
		case l == slots:
			p.text("tick end", chartLeft-8, y, "in Raphe")
		case l < slots && l%every == 0:
			p.text("tick end", chartLeft-8, y, fmt.Sprintf("slot %d", l+1))
		}
	}
}

// bar draws one bar.
func (p *picture) bar(b bar, x scale, tall float64, kind int, nodes []Node, titled bool) {
	left, width := x.at(float64(b.From)), x.at(float64(b.To))-x.at(float64(b.From))
	width = max(width, 0.6)
	top, high := 6+tall*float64(b.Lane), max(2, tall-2)
	shape := fmt.Sprintf(`M%s %sh%sv%sh-%sz`, num(left), num(top), fmt.Sprintf("%.2f", width), num(high), fmt.Sprintf("%.2f", width))
	if titled {
		title := nodes[b.Node].Name + " · " + b.State.String()
		if b.N == 1 {
			title = b.Name + " · " + b.State.String() + " · " + unit.FormatDuration(b.To-b.From) + ", from " + unit.FormatDuration(b.From)
		} else {
			title = fmt.Sprintf("%s instances, most of them of %s", count(b.N), title)
		}
		p.add(`<g><title>%s</title>`, title)
	}
	class := fillClass(kind)
	if width >= 4 { // an outline would be all there is to see of a narrow one
		class = "bar " + class
	}
	p.add(`<path class="%s" d="%s"/>`, class, shape)
	if hatch := hatchOf(kind); hatch != "" {
		p.add(`<path fill="url(#%s)" d="%s"/>`, hatch, shape)
	}
	if b.State == Failed || b.State == Stopped || b.State == Retrying {
		p.add(`<path class="bad" d="M%s %sv%sM%s %sh%s"/>`, num(left+0.8), num(top), num(high), num(left), num(top+high), fmt.Sprintf("%.2f", max(width, 2)))
		if width >= 12 && tall >= 12 {
			p.text("cross mid", left+width-7, top+high/2+4, "✕")
		}
	}
	if width >= 26 && tall >= 14 && kind >= 0 {
		p.text("inbar mid", left+min(width/2, 14), top+high/2+4, fmt.Sprint(kind+1))
	}
	if titled {
		p.WriteString("</g>")
	}
}

// fillClass gives the colour of a fill, hatchOf the hatching over it.
func fillClass(kind int) string {
	if kind < 0 {
		return "other"
	}
	return fmt.Sprintf("c%d", kind%8)
}

func hatchOf(kind int) string {
	if kind < 8 {
		return ""
	}
	return fmt.Sprintf("h%d", kind/8)
}

// rankNodes gives the nodes their fills, those that took most time first, and
// the legend.
func rankNodes(spans []span, nodes []Node) (legend []legendEntry, kind []int) {
	times, counts := make([]time.Duration, len(nodes)), make([]int, len(nodes))
	for _, s := range spans {
		times[s.Node] += s.To - s.From
		counts[s.Node]++
	}
	order := make([]int, 0, len(nodes))
	for i := range nodes {
		if counts[i] > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(times[b], times[a]), strings.Compare(nodes[a].Name, nodes[b].Name))
	})
	kind = make([]int, len(nodes))
	for i := range kind {
		kind[i] = -1
	}
	rest := legendEntry{Number: "–", Kind: -1}
	for k, i := range order {
		if k < mostLegends {
			kind[i] = k
			legend = append(legend, legendEntry{fmt.Sprint(k + 1), k, nodes[i].Name, counts[i], times[i]})
			continue
		}
		rest.Instances += counts[i]
		rest.Time += times[i]
	}
	if more := len(order) - mostLegends; more > 0 {
		rest.Name = counted(more, "other node")
		legend = append(legend, rest)
	}
	return legend, kind
}

func timelineText(spans []span, slots, without, bars int, total time.Duration, legend []legendEntry) string {
	sum, bad, inside := time.Duration(0), 0, 0
	for _, s := range spans {
		sum += s.To - s.From
		if s.Inside {
			inside++
		}
		if s.State == Failed || s.State == Stopped {
			bad++
		}
	}
	where := ""
	if slots > 0 {
		where = " and " + counted(slots, "slot")
	}
	text := fmt.Sprintf("%s in %s%s, %.1f at once on average.",
		counted(len(spans), "attempt"), unit.FormatDuration(total), where, float64(sum)/float64(total))
	if inside > 0 {
		text += fmt.Sprintf(" %s of them took no slot: they ran within Raphe.", count(inside))
	}
	if len(legend) > 0 && sum > 0 {
		text += fmt.Sprintf(" Of their time %s went to %s, the most.", percent(float64(legend[0].Time)/float64(sum)), legend[0].Name)
	}
	if bad > 0 {
		text += fmt.Sprintf(" %s failed or were cut off: marked by ✕ and a red edge.", counted(bad, "attempt"))
	}
	if bars < len(spans) {
		text += " Very short neighbours are drawn as one bar."
	}
	if without > 0 {
		text += fmt.Sprintf(" %s beyond slot %d are not drawn.", counted(without, "attempt"), mostLanes)
	}
	return text
}
