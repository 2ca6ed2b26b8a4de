package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/unit"
)

const (
	mostPoints  = 400 // of a line
	tablePoints = 25  // in the table below a picture
	plotTop     = 18.0
	plotHeight  = 180.0
	mostStacked = 7 // nodes that are told apart in the stack
)

// A moment is a stretch of a run's time with the largest of each figure.
type moment struct {
	At time.Duration // its middle, since the run began
	event.Sample
}

// moments gives at most so many stretches of about equal length.
func moments(points []history.Point, began time.Time, most int) []moment {
	out := make([]moment, 0, min(len(points), most))
	per := max(1, (len(points)+most-1)/most)
	for group := range slices.Chunk(points, per) {
		first, last := group[0], group[len(group)-1]
		m := moment{At: (first.Time.Add(-first.Span).Sub(began) + last.Time.Sub(began)) / 2}
		largest := int64(-1)
		for _, p := range group {
			m.Raphe, m.Tools = m.Raphe.Max(p.Raphe), m.Tools.Max(p.Tools)
			m.Processes, m.Commit, m.Limit = max(m.Processes, p.Processes), max(m.Commit, p.Commit), max(m.Limit, p.Limit)
			if p.Tools.RSS > largest {
				largest, m.Nodes = p.Tools.RSS, p.Nodes
			}
		}
		out = append(out, m)
	}
	return out
}

// A series is one line of a plot.
type series struct {
	Class string // how it is drawn: colour and dashes
	Name  string
	At    func(*moment) int64
}

func (s *series) peak(ms []moment) (at time.Duration, v int64) {
	for i := range ms {
		if x := s.At(&ms[i]); x > v {
			at, v = ms[i].At, x
		}
	}
	return at, v
}

var (
	toolsRSS = series{"l-tools", "Tools, RSS", func(m *moment) int64 { return m.Tools.RSS }}
	toolsPSS = series{"l-tools dashed", "Tools, PSS", func(m *moment) int64 { return m.Tools.PSS }}
	rapheRSS = series{"l-raphe", "Raphe, RSS", func(m *moment) int64 { return m.Raphe.RSS }}
	raphePSS = series{"l-raphe dashed", "Raphe, PSS", func(m *moment) int64 { return m.Raphe.PSS }}
	toolsVM  = series{"l-tools", "Tools, address space", func(m *moment) int64 { return m.Tools.VSize }}
	rapheVM  = series{"l-raphe", "Raphe, address space", func(m *moment) int64 { return m.Raphe.VSize }}
	commit   = series{"l-commit dotted", "Commit charge of the machine", func(m *moment) int64 { return m.Commit }}
)

// memoryCharts draws memory over time, as the plots of nipype's issue 2776 do:
// what is resident, the same of Raphe alone (which is a line at the bottom of
// the first), and address space with what the machine has promised.
func memoryCharts(ms []moment, total time.Duration) []chart {
	if len(ms) == 0 {
		return nil
	}
	limit := int64(0)
	for _, m := range ms {
		limit = max(limit, m.Limit)
	}
	return []chart{
		lines(chart{ID: "resident", Title: "Memory in use: tools and Raphe"}, ms, total, limit, toolsRSS, toolsPSS, rapheRSS),
		lines(chart{ID: "coordinator", Title: "Memory in use: Raphe alone"}, ms, total, 0, rapheRSS, raphePSS),
		lines(chart{ID: "space", Title: "Address space and commit charge"}, ms, total, 0, toolsVM, rapheVM, commit),
	}
}

// lines draws series over time.
func lines(c chart, ms []moment, total time.Duration, limit int64, all ...series) chart {
	most := int64(0)
	known := all[:0:0]
	for _, s := range all {
		at, peak := s.peak(ms)
		if peak == 0 {
			continue
		}
		known = append(known, s)
		most = max(most, peak)
		c.Text += fmt.Sprintf("%s: at most %s, after %s. ", s.Name, unit.FormatBytes(peak), unit.FormatDuration(at))
	}
	c.Head, c.Rows = numbers(ms, known)
	if limit > 0 {
		c.Text += fmt.Sprintf("The limit is %s. ", unit.FormatBytes(limit))
	}
	drawn := &plotFrame{c: &c, total: total, most: most}
	if limit > 0 && limit <= 3*most {
		drawn.most = max(most, limit)
	}
	p := drawn.open()
	drawn.limit(limit)
	for _, s := range known {
		p.add(`<path class="line %s" d="%s"/>`, s.Class, drawn.path(ms, s.At))
	}
	c.SVG = drawn.close(known)
	return c
}

// A plotFrame is a plot of memory over time being drawn: its axes and key.
type plotFrame struct {
	picture
	c     *chart
	total time.Duration
	most  int64
	x, y  scale
}

func (f *plotFrame) open() *picture {
	bottom := plotTop + plotHeight
	f.x = scale{0, float64(max(f.total, time.Millisecond)), chartLeft, chartWidth - chartRight}
	f.y = scale{0, float64(f.most) * 1.06, bottom, plotTop}
	f.picture.open("chart", chartWidth, bottom+60, f.c.Title+". "+f.c.Text)
	for _, t := range byteTicks(int64(f.y.hi), 5) {
		f.line("grid", f.x.from, f.y.at(float64(t)), f.x.to, f.y.at(float64(t)))
		f.text("tick end", f.x.from-8, f.y.at(float64(t))+4, unit.FormatBytes(t))
	}
	f.timeAxis(f.x, plotTop, bottom)
	return &f.picture
}

// limit draws the line of --memory, or says that it is above the plot.
func (f *plotFrame) limit(limit int64) {
	switch {
	case limit <= 0:
	case limit <= f.most:
		y := f.y.at(float64(limit))
		f.line("limit", f.x.from, y, f.x.to, y)
		f.text("limittext end", f.x.to-4, y-4, "--memory "+unit.FormatBytes(limit))
	default:
		f.text("limittext end", f.x.to-4, 12, "↑ --memory "+unit.FormatBytes(limit)+" is above this plot")
	}
}

// path gives a line through all moments.
func (f *plotFrame) path(ms []moment, at func(*moment) int64) string {
	var b []byte
	for i := range ms {
		letter := byte('L')
		if i == 0 {
			letter = 'M'
		}
		b = append(b, letter)
		b = append(b, num(f.x.at(float64(ms[i].At)))...)
		b = append(b, ' ')
		b = append(b, num(f.y.at(float64(at(&ms[i]))))...)
	}
	if len(ms) == 1 { // a dot
		b = append(b, "h3"...)
	}
	return string(b)
}

// close writes the key below the plot.
func (f *plotFrame) close(all []series) markup {
	x, y := chartLeft, plotTop+plotHeight+36
	for _, s := range all {
		f.add(`<path class="line %s" d="M%s %sh28"/>`, s.Class, num(x), num(y-4))
		f.text("linekey", x+34, y, s.Name)
		x += 34 + 7*float64(len(s.Name)) + 26
	}
	return f.picture.close()
}

// numbers gives a table of some moments.
func numbers(ms []moment, all []series) (head []string, rows [][]string) {
	head = []string{"after"}
	for _, s := range all {
		head = append(head, s.Name)
	}
	step := max(1, (len(ms)+tablePoints-1)/tablePoints)
	for i := 0; i < len(ms); i += step {
		row := []string{unit.FormatDuration(ms[i].At)}
		for _, s := range all {
			row = append(row, unit.FormatBytes(s.At(&ms[i])))
		}
		rows = append(rows, row)
	}
	return head, rows
}

// stackChart draws the tools' RSS over time, stacked by node.
func stackChart(ms []moment, total time.Duration) chart {
	c := chart{ID: "stack", Title: "Memory in use by the tools of each node"}
	names := stackedNodes(ms)
	if len(names) == 0 {
		return chart{}
	}
	top := make([]int64, len(ms)) // of what is stacked so far
	most := int64(0)
	for i := range ms {
		most = max(most, ms[i].Tools.RSS)
	}
	f := &plotFrame{c: &c, total: total, most: most}
	all := make([]series, 0, len(names)+1)
	for k, name := range names {
		all = append(all, series{fmt.Sprintf("c%d", k), clean(name, longNode), func(m *moment) int64 { return m.Nodes[name] }})
	}
	rest := series{"other", "Everything else", func(m *moment) int64 {
		rest := m.Tools.RSS
		for _, name := range names {
			rest -= m.Nodes[name]
		}
		return max(0, rest)
	}}
	if _, peak := rest.peak(ms); peak > 0 {
		all = append(all, rest)
	}
	for i := range all {
		at, peak := all[i].peak(ms)
		c.Text += fmt.Sprintf("%s: at most %s, after %s. ", all[i].Name, unit.FormatBytes(peak), unit.FormatDuration(at))
	}
	c.Head, c.Rows = numbers(ms, all)
	p := f.open()
	for k := range all {
		p.add(`<path class="area %s" d="%s"/>`, all[k].Class, f.area(ms, top, all[k].At))
	}
	f.stackKey(all)
	c.SVG = f.picture.close()
	return c
}

// area gives the outline of a layer of the stack, and raises top by it.
func (f *plotFrame) area(ms []moment, top []int64, at func(*moment) int64) string {
	var there, back []byte
	for i := range ms {
		letter := byte('L')
		if i == 0 {
			letter = 'M'
		}
		x := num(f.x.at(float64(ms[i].At)))
		low := num(f.y.at(float64(top[i])))
		top[i] += at(&ms[i])
		there = fmt.Appendf(there, "%c%s %s", letter, x, num(f.y.at(float64(top[i]))))
		back = append([]byte("L"+x+" "+low), back...)
	}
	return string(there) + string(back) + "z"
}

// stackKey names the layers, two rows of four.
func (f *plotFrame) stackKey(all []series) {
	for k, s := range all {
		x, y := chartLeft+float64(k%4)*250, plotTop+plotHeight+30+float64(k/4)*16
		f.add(`<path class="bar %s" d="M%s %sh14v10h-14z"/>`, s.Class, num(x), num(y-9))
		f.text("linekey", x+20, y, shortenLabel(s.Name, 32))
	}
}

// stackedNodes gives the nodes that hold most at any time.
func stackedNodes(ms []moment) []string {
	peaks := map[string]int64{}
	for i := range ms {
		for name, v := range ms[i].Nodes {
			peaks[name] = max(peaks[name], v)
		}
	}
	names := slices.SortedFunc(maps.Keys(peaks), func(a, b string) int {
		return cmp.Or(cmp.Compare(peaks[b], peaks[a]), cmp.Compare(a, b))
	})
	return names[:min(len(names), mostStacked)]
}
