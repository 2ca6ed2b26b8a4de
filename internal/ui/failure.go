package ui

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
)

// The report of a failure has always the same parts in the same order: node
// and instance, parameters, cause, command, the last lines of what the tool
// printed, folder, nipype's crash file, mend, the command that repeats it alone, and what will not
// run for it.

const (
	mostReports = 10 // failures of one node that are reported in full
	mostDetail  = 20 // lines of a failure's detail that are shown
	mostPrinted = 20 // lines of a tool's output that are shown
	labelWidth  = 10
	widest      = 100 // columns that a report uses, even where there are more
)

// A reporter words failures one after another: the first of a node in full, the
// others on a line.
type reporter struct {
	paint paint
	told  map[string]int // by node
}

// report gives the text of a failure, blocked being the number of instances
// that depend on it.
func (r *reporter) report(e *event.Event, blocked, cols int) string {
	if isCancelled(e) {
		return fmt.Sprintf("ended: %s\n", printable(e.Instance))
	}
	if r.told == nil {
		r.told = map[string]int{}
	}
	r.told[e.Node]++
	switch n := r.told[e.Node]; {
	case n <= mostReports:
		return failureReport(*e, blocked, r.paint, cols)
	case n == mostReports+1:
		return fmt.Sprintf("further failures of %s, shorter:\n%s", printable(e.Node), r.line(e, blocked))
	}
	return r.line(e, blocked)
}

func (r *reporter) line(e *event.Event, blocked int) string {
	line := r.paint.red("FAILED") + "  " + printable(e.Instance)
	if e.Failure != nil {
		line += ": " + printable(e.Failure.Cause)
	}
	if blocked > 0 {
		line += "; " + willNotRun(blocked)
	}
	return line + "\n"
}

// failureReport gives the report of a failed instance, blocked being the number
// of instances that depend on it.
func failureReport(e event.Event, blocked int, p paint, cols int) string {
	f := e.Failure
	if f == nil {
		f = &event.Failure{Cause: "no cause was told"}
	}
	r := report{paint: p, cols: max(40, min(cols, widest))}
	title := printable(e.Instance)
	if e.Node != "" {
		title = printable(e.Node) + "  " + title
	}
	r.line(p.red("FAILED") + "  " + p.bold(title))
	r.part("parameters", parameters(f.Parameters))
	cause := f.Cause
	if e.Attempt > 1 && !strings.Contains(cause, " attempts: ") { // which tells as much
		cause += fmt.Sprintf(" (attempt %d)", e.Attempt)
	}
	r.part("cause", append([]string{cause}, detail(f)...))
	r.part("command", splitLines(strings.Join(wrapCommand(f.Command, r.cols-labelWidth-4), "\n")))
	r.printed("stderr", f.Stderr)
	r.printed("stdout", f.Stdout)
	r.part("folder", splitLines(e.Dir))
	r.part("crash file", splitLines(f.CrashFile))
	r.part("mend", splitLines(f.Mend))
	r.part("rerun", splitLines(f.Rerun))
	if blocked > 0 {
		r.line("  " + willNotRun(blocked))
	}
	return r.b.String()
}

func willNotRun(n int) string {
	if n == 1 {
		return "1 instance that depends on it will not run"
	}
	return fmt.Sprintf("%d instances that depend on it will not run", n)
}

// A report is the text of one failure.
type report struct {
	paint paint
	cols  int
	b     strings.Builder
}

func (r *report) line(s string) { r.b.WriteString(s + "\n") }

// part writes a label and its lines, the later ones below the first; nothing
// for no lines. Values stand unwrapped, so that a path or a command may be
// copied.
func (r *report) part(label string, lines []string) {
	for i, l := range lines {
		name := ""
		if i == 0 {
			name = label
		}
		r.line(strings.TrimRight("  "+r.paint.dim(name)+strings.Repeat(" ", labelWidth+2-len(name))+printable(l), " "))
	}
}

// printed writes the end of what a tool printed, as a block of its own.
func (r *report) printed(label, text string) {
	lines := splitLines(text)
	if len(lines) == 0 {
		return
	}
	if len(lines) > mostPrinted {
		lines = lines[len(lines)-mostPrinted:]
	}
	r.part(label, []string{"its last lines:"})
	for _, l := range lines {
		r.line(strings.TrimRight("    "+r.paint.dim("|")+" "+printable(l), " "))
	}
}

// parameters gives the values that an instance lies under, one a line when
// they are many.
func parameters(m map[string]string) []string {
	out := make([]string, 0, len(m))
	for _, name := range slices.Sorted(maps.Keys(m)) {
		out = append(out, name+" = "+m[name])
	}
	if len(out) > 0 && width(strings.Join(out, ", ")) <= 60 {
		return []string{strings.Join(out, ", ")}
	}
	return out
}

// detail gives the lines that tell more of a failure: of a backtrace of Python's
// the last ones, which say where it went wrong.
func detail(f *event.Failure) []string {
	lines := slices.DeleteFunc(splitLines(f.Detail), func(l string) bool { return strings.TrimSpace(l) == "" })
	if cut := len(lines) - mostDetail; f.Kind == "python" && cut > 0 {
		return append([]string{fmt.Sprintf("(%d lines before)", cut)}, lines[cut:]...)
	}
	return first(lines, mostDetail)
}

// splitLines gives the lines of a text, none for an empty one.
func splitLines(s string) []string {
	s = strings.Trim(s, "\n")
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// first gives the first n lines, and says how many more there are.
func first(lines []string, n int) []string {
	if len(lines) <= n {
		return lines
	}
	return append(slices.Clone(lines[:n]), fmt.Sprintf("... and %d more lines", len(lines)-n))
}

// wrapCommand breaks a shell-quoted command line between words, so that the
// lines can still be pasted into a shell. Words are never broken, whatever
// their length.
func wrapCommand(command string, cols int) []string {
	var lines []string
	line := ""
	for _, word := range shellWords(command) {
		switch {
		case line == "":
			line = word
		case width(line)+1+width(word)+2 <= cols: // 2: the continuation mark
			line += " " + word
		default:
			lines = append(lines, line+" \\")
			line = "    " + word
		}
	}
	if line == "" {
		return lines
	}
	return append(lines, line)
}

// shellWords splits a quoted command line at the spaces outside of quotes; the
// quotes stay.
func shellWords(s string) []string {
	var words []string
	var word strings.Builder
	quote := rune(0)
	escaped := false
	for _, r := range s {
		space := quote == 0 && !escaped && r == ' '
		if space {
			if word.Len() > 0 {
				words = append(words, word.String())
				word.Reset()
			}
			continue
		}
		word.WriteRune(r)
		switch {
		case escaped:
			escaped = false
		case r == '\\' && quote != '\'':
			escaped = true
		case quote == r:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		}
	}
	if word.Len() > 0 {
		words = append(words, word.String())
	}
	return words
}
