package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/unit"
)

// A chart is a picture, and the same in words and in numbers for those who
// can't see it.
type chart struct {
	ID    string
	Title string
	Text  string // a sentence or two: what it shows
	SVG   markup
	Head  []string // of the table below it; none: there is no table
	Rows  [][]string
}

// A picture is SVG being written. Colours are the style sheet's, by class: the
// page's policy allows no style attributes.
type picture struct{ writer }

// open begins a picture that is w by h; label names it to a screen reader.
func (p *picture) open(class string, w, h float64, label string) {
	p.add(`<svg class="%s" role="img" width="%s" height="%s" viewBox="0 0 %s %s" aria-label="%s">`,
		class, num(w), num(h), num(w), num(h), label)
}

// text writes a label.
func (p *picture) text(class string, x, y float64, text string) {
	p.add(`<text class="%s" x="%s" y="%s">%s</text>`, class, num(x), num(y), text)
}

func (p *picture) line(class string, x1, y1, x2, y2 float64) {
	p.add(`<path class="%s" d="M%s %sL%s %s"/>`, class, num(x1), num(y1), num(x2), num(y2))
}

// close ends the picture.
func (p *picture) close() markup {
	p.WriteString("</svg>")
	return p.markup()
}

// num prints a coordinate with at most one decimal.
func num(x float64) string {
	s := strconv.FormatFloat(x, 'f', 1, 64)
	return strings.TrimSuffix(s, ".0")
}

// A scale maps values from lo to hi to coordinates.
type scale struct{ lo, hi, from, to float64 }

func (s scale) at(v float64) float64 {
	if s.hi <= s.lo {
		return s.from
	}
	return s.from + (v-s.lo)/(s.hi-s.lo)*(s.to-s.from)
}

// byteTicks gives up to about n round sizes from 0 to most: multiples of a power of 2.
func byteTicks(most int64, n int) []int64 {
	step := int64(1)
	for most/step > int64(n) {
		step *= 2
	}
	ticks := []int64{}
	for v := int64(0); v <= most && len(ticks) <= 2*n; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

var timeSteps = []time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour,
}

// timeTicks gives up to about n round times from 0 to most.
func timeTicks(most time.Duration, n int) []time.Duration {
	step := timeSteps[len(timeSteps)-1]
	for _, s := range timeSteps {
		if most/s <= time.Duration(n) {
			step = s
			break
		}
	}
	for most/step > time.Duration(n) {
		step *= 2
	}
	ticks := []time.Duration{}
	for v := time.Duration(0); v <= most; v += step {
		ticks = append(ticks, v)
	}
	return ticks
}

// timeAxis draws the axis of a run's time below a plot, and its grid.
func (p *picture) timeAxis(x scale, top, bottom float64) {
	for _, t := range timeTicks(time.Duration(x.hi), 8) {
		at := x.at(float64(t))
		p.line("grid", at, top, at, bottom)
		p.text("tick mid", at, bottom+15, unit.FormatDuration(t))
	}
}

// kinds is how many ways there are to fill a shape: eight colours, plain and
// in two hatchings. The style sheet has the colours, page.go the hatchings.
const kinds = 24
