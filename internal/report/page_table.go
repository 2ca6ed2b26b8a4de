package report

import (
	"fmt"
	"time"

	"github.com/raphe-org/raphe/internal/unit"
)

// firstRows is how many rows stand in the page without its script.
const firstRows = 200

// tableHead are the columns of the table, by the names that page.js sorts by.
var tableHead = []struct {
	by, name string
	number   bool
}{
	{"name", "Instance", false}, {"node", "Node", false}, {"state", "State", false}, {"began", "Began", true}, {"wall", "Wall", true},
	{"cpu", "CPU", true}, {"peak", "Peak memory", true}, {"asked", "Set aside", true}, {"read", "Read", true}, {"write", "Written", true},
	{"attempt", "Attempt", true}, {"reason", "Ran because", false},
}

// table writes the instances: the first of them, and what the script needs for
// the others.
func (w *writer) table(r *Report) {
	w.section("instances", "Instances", func() {
		w.filter()
		shown := min(firstRows, len(r.Rows))
		said := counted(len(r.Rows), "instance")
		if shown < len(r.Rows) {
			said = fmt.Sprintf("The first %s of %s", count(shown), said)
		}
		w.add("<p id=\"said\" class=\"note\" role=\"status\">%s.</p>\n", said)
		if r.Left > 0 {
			w.add("<p class=\"note\">%s have records that are not in this page: <code>raphe show</code> has them.</p>\n", counted(r.Left, "more instance"))
		}
		w.scroll("Instances")
		w.WriteString("<table id=\"table\">\n<thead><tr>")
		for _, c := range tableHead {
			class := map[bool]markup{true: ` class="num"`}[c.number]
			w.add(`<th scope="col" data-by="%s"%s>%s</th>`, c.by, class, c.name)
		}
		w.WriteString("</tr></thead>\n<tbody>")
		for i := range r.Rows[:shown] {
			w.row(r, &r.Rows[i])
		}
		w.WriteString(`</tbody>
</table>
</div>
<nav class="script tools" id="pages" aria-label="Pages of the table">
<button type="button" data-go="first">First</button> <button type="button" data-go="before">Before</button> <span id="page"></span>
<button type="button" data-go="next">Next</button> <button type="button" data-go="last">Last</button>
<label>Rows <select id="size"><option>50</option><option selected>100</option><option>500</option></select></label>
</nav>
`)
	})
}

// filter writes what the script reads to choose rows.
func (w *writer) filter() {
	w.WriteString(`<form class="script tools" id="filter" role="search" aria-label="Instances">
<label>Filter <input type="search" id="words" autocomplete="off" placeholder="words of name, node, reason"></label>
<label>State <select id="state"><option value="">all</option>`)
	for s := range numStates {
		w.add(`<option value="%d">%s</option>`, int(s), s.String())
	}
	w.WriteString(`</select></label>
<button type="button" id="node" hidden></button>
<button type="button" id="clear">Clear</button>
</form>
`)
}

// row writes a row in words. page.js says the same in the same words.
func (w *writer) row(r *Report, row *Row) {
	w.add(`<tr><th scope="row">%s</th><td>%s</td><td><span class="state %s">%s</span></td>`,
		row.Name, r.Nodes[row.Node].Name, row.State.class(), row.State.String())
	cpu := "–"
	if row.Usage.CPU > 0 {
		cpu = unit.FormatDuration(row.Usage.CPU.Truncate(time.Microsecond))
	}
	for _, cell := range []string{
		r.beganText(row), unit.FormatDuration(row.wall(r).Truncate(time.Microsecond)), cpu,
		sizeText(row.Usage.PeakRSS), sizeText(row.Usage.Asked.Mem), sizeText(row.Usage.ReadBytes), sizeText(row.Usage.WriteBytes),
		fmt.Sprint(row.Attempt),
	} {
		w.add(`<td class="num">%s</td>`, cell)
	}
	w.add("<td>%s</td></tr>\n", r.Reasons[row.Reason])
}

// beganText gives when a row began: within the run since its beginning, else
// the time of the clock.
func (r *Report) beganText(row *Row) string {
	if !row.inRun() {
		return row.Began.Local().Format(timeFormat)
	}
	return "+" + unit.FormatDuration(max(0, row.Began.Sub(r.History.Began).Truncate(time.Millisecond)))
}

// sizeText gives a size in whole KiB, as rowsJSON has it.
func sizeText(bytes int64) string {
	if bytes < 1<<10 {
		return "–"
	}
	return unit.FormatBytes(bytes >> 10 << 10)
}
