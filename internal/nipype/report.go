package nipype

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/value"
)

// appendReport writes _report/report.rst as it is after the run.
//
// Source: write_node_report, get_print_name and the write_rst functions.
func (n *Node) appendReport(dst []byte) []byte {
	w := rst{dst}
	w.header("Node: "+n.printName(), '=')
	w.list("Hierarchy : "+n.fullName(), "Exec ID : "+n.ExecID)
	inputs := n.inputNames(n.used())
	for _, title := range []string{"Original Inputs", "Execution Inputs"} {
		w.header(title, '-')
		w.record(inputs, n.used())
	}
	w.header("Execution Outputs", '-')
	if n.Class.OutputSpec == "" {
		w.line("None")
		return w.done()
	}
	w.record(sortedNames(n.Class.Outputs), n.Outputs)
	if n.Map != nil {
		w.header("Subnode reports", '-')
		w.list(n.subnodes()...)
		return w.done()
	}
	n.reportRuntime(&w)
	return w.done()
}

func (n *Node) reportRuntime(w *rst) {
	r := &n.Runtime
	stdout, stderr, merged := r.terminal()
	w.header("Runtime info", '-')
	if n.Class.runsCommand() {
		w.pair("cmdline", r.CommandLine)
	}
	w.pair("duration", value.FloatText(r.seconds()))
	w.pair("hostname", r.Hostname)
	w.pair("prev_wd", n.Settings.Cwd)
	w.pair("working_dir", n.Dir)
	w.line("\n")
	if n.Class.runsCommand() {
		w.header("Terminal output", '~')
		w.list(merged)
		w.header("Terminal - standard output", '~')
		w.list(stdout)
		w.header("Terminal - standard error", '~')
		w.list(stderr)
	}
	w.header("Environment", '~')
	for _, e := range sortedEnviron(r.Environ) {
		name, v, _ := strings.Cut(e, "=")
		w.pair(name, v)
	}
	w.line("\n")
}

// sortedEnviron sorts by name: "A=1" before "A_B=2", though "=" is before "_".
// What is sorted already, as all nodes may share it, is given as it is.
func sortedEnviron(env []string) []string {
	byName := func(a, b string) int {
		x, _, _ := strings.Cut(a, "=")
		y, _, _ := strings.Cut(b, "=")
		return strings.Compare(x, y)
	}
	if !slices.IsSortedFunc(env, byName) {
		env = slices.Clone(env)
		slices.SortStableFunc(env, byName)
	}
	return env
}

// inputNames gives the names of all inputs, sorted, or where the class does not
// tell them, of those that are set.
func (n *Node) inputNames(set value.Record) []string {
	if len(n.Class.Inputs) == 0 {
		return set.Names()
	}
	return sortedNames(n.Class.Inputs)
}

// sortedNames is names, sorted.
func sortedNames(names []string) []string {
	if slices.IsSorted(names) {
		return names
	}
	return slices.Sorted(slices.Values(names))
}

// subnodes names the reports of the elements of a MapNode: one for each value
// of the first input that it iterates over, as many as there are of them
// outside if they are nested.
func (n *Node) subnodes() []string {
	count := 1
	if items, ok := value.Items(n.Inputs.Get(n.Map.IterFields[0])); ok {
		count = len(items)
	}
	out := make([]string, count)
	for i := range out {
		out[i] = "subnode " + strconv.Itoa(i) + " : " + n.elementDir(i) + "/_report/report.rst"
	}
	return out
}

// elementDir is where an element of a MapNode lies.
func (n *Node) elementDir(i int) string {
	return n.Dir + "/mapflow/_" + n.Name + strconv.Itoa(i)
}

// fullName is the name with the workflows around it.
func (n *Node) fullName() string {
	if n.Element != nil {
		return n.Name
	}
	return n.FullName
}

// printName is the name that stands above the report: without the workflow,
// with the package of the class, the dots as nipype puts them.
func (n *Node) printName() string {
	parts := strings.Split(n.fullName(), ".")
	if module := strings.Split(n.Class.Name, "."); len(module) > 3 {
		parts = append(parts, module[2])
	}
	switch {
	case len(parts) > 2:
		return strings.Join(parts[1:], " (") + ")"
	case len(parts) == 2:
		return parts[1]
	}
	return n.fullName()
}

// An rst is a report that is being written: parts that are ended by an empty
// line and joined by line ends.
type rst struct{ out []byte }

func (w *rst) header(title string, mark byte) {
	w.out = append(append(w.out, title...), '\n')
	for range utf8.RuneCountInString(title) {
		w.out = append(w.out, mark)
	}
	w.line("\n\n")
}

func (w *rst) list(items ...string) {
	for _, item := range items {
		w.out = append(append(append(w.out, ' '), item...), '\n')
	}
	w.line("\n")
}

func (w *rst) record(names []string, r value.Record) {
	for _, name := range names {
		w.pair(name, value.Text(r.Get(name)))
	}
	if len(names) == 0 {
		w.line("")
	}
	w.line("\n")
}

func (w *rst) pair(name, v string) {
	w.out = append(append(w.out, "* "...), name...)
	w.out = append(append(append(w.out, " : "...), v...), '\n')
}

func (w *rst) line(s string) { w.out = append(append(w.out, s...), '\n') }

// done gives the report, without the line end after its last part.
func (w *rst) done() []byte { return w.out[:len(w.out)-1] }
