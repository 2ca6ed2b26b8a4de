package report

import "github.com/raphe-org/raphe/internal/unit"

// figure writes a chart: words, picture, numbers.
func (w *writer) figure(c *chart) {
	w.add("<figure id=\"chart-%s\">\n<figcaption><strong>%s.</strong> %s</figcaption>\n", c.ID, c.Title, c.Text)
	if c.SVG != "" {
		w.scroll(c.Title + ", picture")
		w.add("%s</div>\n", c.SVG)
	}
	if len(c.Rows) > 0 {
		w.WriteString(`<details class="numbers"><summary>The same as a table</summary>`)
		w.scroll(c.Title + ", table")
		w.WriteString("<table>\n<thead><tr>")
		for _, cell := range c.Head {
			w.add(`<th scope="col">%s</th>`, cell)
		}
		w.WriteString("</tr></thead>\n<tbody>")
		for _, row := range c.Rows {
			w.add(`<tr><th scope="row">%s</th>`, row[0])
			for _, cell := range row[1:] {
				w.add("<td>%s</td>", cell)
			}
			w.WriteString("</tr>\n")
		}
		w.WriteString("</tbody></table></div></details>\n")
	}
	w.WriteString("</figure>\n")
}

// memory writes memory over time; the first chart gives way to the stack where
// the reader wants it by node.
func (w *writer) memory(charts []chart, stack chart) {
	if len(charts) == 0 {
		return
	}
	w.section("memory", "Memory over time", func() {
		w.WriteString("<p class=\"note\">RSS counts pages that processes share once for each of them, PSS once in all. " +
			"Address space is what is reserved, commit charge what the whole machine has promised to back.</p>\n")
		if stack.SVG != "" {
			w.choice("Show the tools", "tools", "together", "together", "stacked", "by node")
			w.WriteString(`<div class="bynode">`)
			w.figure(&stack)
			w.WriteString("</div>\n")
		}
		w.WriteString(`<div class="alltools">`)
		w.figure(&charts[0])
		w.WriteString("</div>\n")
		for i := range charts[1:] {
			w.figure(&charts[1+i])
		}
	})
}

// choice writes a choice between two, which the style sheet follows.
func (w *writer) choice(legend, name, firstID, first, otherID, other string) {
	w.add(`<fieldset class="choice"><legend>%[1]s</legend>
<label><input type="radio" name="%[2]s" id="%[3]s" checked> %[4]s</label>
<label><input type="radio" name="%[2]s" id="%[5]s"> %[6]s</label>
</fieldset>
`, legend, name, firstID, first, otherID, other)
}

// timeline writes which instance ran when, and what the colours are.
func (w *writer) timeline(c chart, legend []legendEntry) {
	w.section("timeline", "Timeline", func() {
		w.figure(&c)
		if len(legend) == 0 {
			return
		}
		w.WriteString("<h3>Nodes in the timeline</h3>\n<ol class=\"legend\">")
		for _, l := range legend {
			w.add(`<li><svg class="swatch" width="26" height="14" viewBox="0 0 26 14" aria-hidden="true"><path class="bar %s" d="M.5 .5h25v13h-25z"/>`, fillClass(l.Kind))
			if hatch := hatchOf(l.Kind); hatch != "" {
				w.add(`<path fill="url(#%s)" d="M.5 .5h25v13h-25z"/>`, hatch)
			}
			w.add("<text class=\"inbar mid\" x=\"13\" y=\"11\">%s</text></svg>\n<span class=\"name\">%s</span> <span class=\"soft\">%s, %s in all</span></li>\n",
				l.Number, l.Name, counted(l.Instances, "attempt"), unit.FormatDuration(l.Time))
		}
		w.WriteString("</ol>\n")
	})
}

// graphs writes the pictures of the workflow.
func (w *writer) graphs(charts []chart) {
	if len(charts) == 0 {
		return
	}
	w.section("graph", "Workflow", func() {
		if len(charts) > 1 {
			w.choice("Show", "view", "nested", "nested workflows", "allnodes", "all nodes")
		}
		w.WriteString(`<div class="script tools" role="group" aria-label="Size of the picture">
<button type="button" data-zoom="fit">Fit</button> <button type="button" data-zoom="1">Full size</button>
<button type="button" data-zoom="+" aria-label="Larger">+</button> <button type="button" data-zoom="-" aria-label="Smaller">−</button>
</div>
`)
		for i := range charts {
			w.add(`<div class="view%d">`, i)
			w.figure(&charts[i])
			w.WriteString("</div>\n")
		}
		w.WriteString(`<ul class="key" aria-label="States in the boxes">`)
		for _, s := range []State{Done, Earlier, Running, Failed, Retrying, Stopped} {
			w.add(`<li><i class="s-%s"></i>%s</li>`, s.class(), s.String())
		}
		w.WriteString("<li><i class=\"s-none\"></i>no record</li></ul>\n")
	})
}

// uses writes what nodes asked for against what they used.
func (w *writer) uses(list []use, more, beyond int) {
	if len(list) == 0 {
		return
	}
	w.section("use", "Asked and used", func() {
		w.WriteString("<p class=\"note\">Memory that was set aside for each instance of a node (frame), against the largest peak (bar) and the typical one (mark). " +
			"A proposal is the largest peak and a tenth.</p>\n")
		if beyond > 0 {
			w.add("<p class=\"note\">%s that are not in the table below are not counted here.</p>\n", counted(beyond, "attempt"))
		}
		w.scroll("Asked and used")
		w.WriteString(`<table class="uses">
<thead><tr><th scope="col">Node</th><th scope="col" class="num">Instances</th><th scope="col">Set aside</th><th scope="col" class="num">Typical</th><th scope="col" class="num">Largest</th><th scope="col">Asked and used</th><th scope="col">What mem_gb would do</th><th scope="col" class="num">CPUs busy</th></tr></thead>
<tbody>`)
		for i := range list {
			u := &list[i]
			w.add(`<tr><th scope="row">%s</th><td class="num">%s</td><td>%s</td><td class="num">%s</td><td class="num">%s</td><td>%s</td><td>%s</td><td class="num">%s</td></tr>`,
				u.Node, count(u.Measured), u.askedText(), unit.FormatBytes(u.Typical), unit.FormatBytes(u.Largest), u.Bar, u.Advice, u.busyText())
			w.WriteByte('\n')
		}
		w.WriteString("</tbody>\n</table>\n</div>\n")
		if more > 0 {
			w.add("<p>%s with less to mend.</p>\n", counted(more, "more node"))
		}
	})
}
