package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/unit"
)

const (
	mostUses = 120  // nodes in the table
	headroom = 1.1  // of what is proposed over the largest use that was seen
	worth    = 0.8  // a proposal above this share of what was asked is not made
	gibStep  = 0.1  // proposals are multiples of this
	useWidth = 180. // of a bar
)

// A use is what a node asked for against what its instances used.
type use struct {
	Node     string
	Measured int   // instances
	Asked    int64 // bytes of memory that were set aside for the last one; 0: not recorded
	From     event.From
	Typical  int64 // the median of the peaks
	Largest  int64
	Procs    int
	Busy     float64 // processors that were busy on average
	Wall     time.Duration
	Advice   string
	Saves    int64 // bytes, were the advice followed; below 0: it needs more
	Bar      markup
}

// uses gives what each node asked and used, those first where most can be
// mended, and how many nodes are left out.
func (r *Report) uses() (list []use, more int) {
	peaks := make([][]int64, len(r.Nodes))
	all := make([]use, len(r.Nodes))
	newest := make([]time.Time, len(r.Nodes))
	cpu := make([]time.Duration, len(r.Nodes))
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Map || row.Usage.PeakRSS <= 0 {
			continue
		}
		n, u := row.Node, &all[row.Node]
		peaks[n] = append(peaks[n], row.Usage.PeakRSS)
		u.Largest = max(u.Largest, row.Usage.PeakRSS)
		u.Wall += row.Usage.Wall
		cpu[n] += row.Usage.CPU
		if a := row.Usage.Asked; !row.Began.Before(newest[n]) {
			newest[n] = row.Began
			u.Asked, u.From, u.Procs = a.Mem, a.From, a.Procs
		}
	}
	scale := int64(0)
	for i := range all {
		u := &all[i]
		if u.Measured = len(peaks[i]); u.Measured == 0 {
			continue
		}
		slices.Sort(peaks[i])
		u.Node, u.Typical = r.Nodes[i].Name, peaks[i][len(peaks[i])/2]
		if u.Wall > 0 {
			u.Busy = float64(cpu[i]) / float64(u.Wall)
		}
		u.Advice, u.Saves = advice(u)
		scale = max(scale, u.Asked, u.Largest)
		list = append(list, *u)
	}
	slices.SortStableFunc(list, func(a, b use) int {
		return cmp.Or(cmp.Compare(min(a.Saves, 0), min(b.Saves, 0)), cmp.Compare(b.Saves, a.Saves), cmp.Compare(b.Largest, a.Largest), strings.Compare(a.Node, b.Node))
	})
	if len(list) > mostUses {
		list, more = list[:mostUses], len(list)-mostUses
	}
	for i := range list {
		list[i].Bar = useBar(&list[i], scale)
	}
	return list, more
}

// advice says what mem_gb would do: the largest use and a tenth, rounded up.
func advice(u *use) (text string, saves int64) {
	proposed := math.Max(gibStep, math.Ceil(float64(u.Largest)*headroom/float64(unit.GiB)/gibStep)*gibStep)
	bytes := int64(proposed * float64(unit.GiB))
	asked := float64(u.Asked) / float64(unit.GiB)
	switch {
	case u.Asked <= 0:
		return "", 0
	case u.Largest > u.Asked:
		return fmt.Sprintf("used more than was set aside: mem_gb = %s", gib(proposed)), u.Asked - bytes
	case u.From != event.FromUser:
		return "", 0
	case float64(bytes) <= worth*float64(u.Asked):
		return fmt.Sprintf("mem_gb %s → %s saves %.0f%%", gib(asked), gib(proposed), 100*(1-float64(bytes)/float64(u.Asked))), u.Asked - bytes
	}
	return "fits", 0
}

func gib(v float64) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", v), ".0")
}

// askedText says how much was set aside, and where that figure comes from.
func (u *use) askedText() string {
	if u.Asked <= 0 {
		return "not recorded"
	}
	from := map[event.From]string{
		event.FromUser: "mem_gb", event.FromLearned: "learned", event.FromDefault: "by default", event.FromRetry: "for a retry",
	}[u.From]
	return strings.TrimSuffix(unit.FormatBytes(u.Asked)+", "+from, ", ")
}

// busyText says how many processors were busy, of how many.
func (u *use) busyText() string {
	if u.Procs > 0 {
		return fmt.Sprintf("%.1f of %d", u.Busy, u.Procs)
	}
	return fmt.Sprintf("%.1f", u.Busy)
}

// useBar draws the largest use as a bar, the typical one as a mark in it, and
// what was asked as a frame. The numbers stand beside it.
func useBar(u *use, most int64) markup {
	x := scale{0, float64(max(most, 1)), 1, useWidth - 1}
	var p picture
	p.add(`<svg width="%s" height="18" viewBox="0 0 %s 18" aria-hidden="true">`, num(useWidth), num(useWidth))
	class := "used"
	if u.Asked > 0 && u.Largest > u.Asked {
		class = "used over"
	}
	p.add(`<rect class="%s" x="1" y="4" width="%s" height="10"/>`, class, num(max(1, x.at(float64(u.Largest))-1)))
	p.line("typical", x.at(float64(u.Typical)), 4, x.at(float64(u.Typical)), 14)
	if u.Asked > 0 {
		p.add(`<rect class="asked" x="1" y="1.5" width="%s" height="15"/>`, num(max(1, x.at(float64(u.Asked))-1)))
	}
	return p.close()
}
