package draw

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/unit"
	"github.com/raphe-org/raphe/workflow"
)

// Summary writes the nodes of a plan in topological order, each with its
// interface, the number of its instances, and the resources that its author
// asked for; then the sweeps and the totals.
func Summary(w io.Writer, p *plan.Plan) error {
	nodes, _ := p.Graph()
	buf := bufio.NewWriter(w)
	fmt.Fprintf(buf, "workflow %s\n\n", p.Top.FullName())
	table := tabwriter.NewWriter(buf, 0, 0, 2, ' ', tabwriter.TabIndent)
	fmt.Fprintln(table, "NODE\tINTERFACE\tINSTANCES\tPROCS\tMEMORY\t")
	maps := 0
	var sweeps []string
	for _, n := range nodes {
		if len(n.Fields) > 0 {
			sweeps = append(sweeps, fmt.Sprintf("  %s: %s, %s", n.Node.FullName(), strings.Join(n.Fields, ", "), count(n.Points, "point")))
		}
		if n.Identity {
			continue
		}
		o := n.Node.Options()
		instances := strconv.Itoa(n.Instances)
		if o.Kind == workflow.MapNode {
			maps += n.Instances
			instances += " × list"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", n.Node.FullName(), n.Node.Interface().Name, instances, procs(o), memory(o), remarks(o))
	}
	table.Flush() // into buf, which keeps the error
	if len(sweeps) > 0 {
		fmt.Fprintf(buf, "\nsweeps:\n%s\n", strings.Join(sweeps, "\n"))
	}
	fmt.Fprintf(buf, "\n%s, %s", count(p.NumNodes(), "node"), count(p.NumInstances(), "instance"))
	if maps > 0 {
		fmt.Fprintf(buf, ", and the elements of %s, known when their lists are", count(maps, "map"))
	}
	fmt.Fprintln(buf)
	return buf.Flush()
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
