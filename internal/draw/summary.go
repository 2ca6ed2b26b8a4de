package draw

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/unit"
	"github.com/raphe-org/raphe/workflow"
)

// Summary writes the nodes of a plan in topological order, each with its
// interface, the number of its instances, and the resources that its author
// asked for; then the sweeps and the totals.
func Summary(w io.Writer, p *plan.Plan) error {
	buf := bufio.NewWriter(w) // keeps the first error
	fmt.Fprintf(buf, "workflow %s\n", p.Top.FullName())
	if p.NumNodes() > 0 {
		fmt.Fprintln(buf)
		writeTable(buf, p)
	}
	title := "\nsweeps:\n"
	maps := 0
	for _, n := range p.GraphNodes() {
		if len(n.Fields) > 0 {
			fmt.Fprintf(buf, "%s  %s: %s, %s\n", title, n.Node.FullName(), strings.Join(n.Fields, ", "), count(n.Points, "point"))
			title = ""
		}
		if isMap(n) {
			maps += n.Instances
		}
	}
	fmt.Fprintf(buf, "\n%s, %s", count(p.NumNodes(), "node"), count(p.NumInstances(), "instance"))
	if maps > 0 {
		fmt.Fprintf(buf, ", and the elements of %s, known when their lists are", count(maps, "map"))
	}
	fmt.Fprintln(buf)
	return buf.Flush()
}

func isMap(n plan.GraphNode) bool { return n.Node.Options().Kind == workflow.MapNode }

// A row is one line of the table.
type row [6]string

func rowOf(n plan.GraphNode) row {
	o := n.Node.Options()
	instances := strconv.Itoa(n.Instances)
	if isMap(n) {
		instances += " × list"
	}
	return row{n.Node.Label(), n.Node.Interface().Name, instances, procs(o), memory(o), remarks(o)}
}

// writeTable writes the nodes that run. Rows are made twice, once to measure
// and once to write, instead of being kept.
func writeTable(w io.Writer, p *plan.Plan) {
	head := row{"NODE", "INTERFACE", "INSTANCES", "PROCS", "MEMORY"}
	var widths [len(head)]int
	each := func(fn func(row)) {
		fn(head)
		for _, n := range p.GraphNodes() {
			if !n.Identity {
				fn(rowOf(n))
			}
		}
	}
	each(func(r row) {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	})
	each(func(r row) {
		var b strings.Builder
		for i, cell := range r {
			b.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	})
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// procs gives the processors that the author asked for.
func procs(o *workflow.Options) string {
	if o.NProcs == 0 {
		return "-"
	}
	return strconv.Itoa(o.NProcs)
}

// memory gives the memory that the author asked for.
func memory(o *workflow.Options) string {
	if o.MemGB == 0 {
		return "-"
	}
	return unit.FormatBytes(int64(o.MemGB * float64(unit.GiB)))
}

// remarks gives what else is particular about a node.
func remarks(o *workflow.Options) string {
	var out []string
	switch o.Kind {
	case workflow.MapNode:
		text := "MapNode over " + strings.Join(o.IterField, ", ")
		if o.Nested {
			text += ", nested"
		}
		if o.Serial {
			text += ", serial"
		}
		out = append(out, text)
	case workflow.JoinNode:
		out = append(out, "JoinNode of "+o.JoinSource)
	}
	if o.Timeout > 0 {
		out = append(out, "timeout "+unit.FormatDuration(o.Timeout))
	}
	if o.Retries > 0 {
		out = append(out, fmt.Sprintf("retries %d", o.Retries))
	}
	return strings.Join(out, "; ")
}
