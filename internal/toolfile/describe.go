package toolfile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// Describe gives an interface's help as nipype prints it: what it does, its
// mandatory and optional inputs, its outputs.
func Describe(f *iface.Interface) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", f.Name)
	if f.Help != "" {
		fmt.Fprintf(&b, "\n  %s\n", f.Help)
	}
	fmt.Fprintf(&b, "\n  %s\n", howItRuns(f))
	var mandatory, optional []*iface.Input
	for i := range f.Inputs {
		if in := &f.Inputs[i]; in.Mandatory && in.Default == nil && in.Compute == nil {
			mandatory = append(mandatory, in)
		} else {
			optional = append(optional, in)
		}
	}
	describeInputs(&b, f, "Mandatory inputs", mandatory)
	describeInputs(&b, f, "Optional inputs", optional)
	if f.DynamicInputs {
		b.WriteString("\n  It takes any other input, too.\n")
	}
	if len(f.Outputs) > 0 {
		b.WriteString("\nOutputs\n")
		for i := range f.Outputs {
			describeOutput(&b, &f.Outputs[i])
		}
	}
	return b.String()
}

func howItRuns(f *iface.Interface) string {
	switch {
	case f.Command != nil && len(f.Command.Words) > 0:
		return "Command: " + strings.Join(f.Command.Words, " ")
	case f.Command != nil:
		return "Command: chosen by its inputs"
	case f.Function != nil:
		return "A Starlark function, run inside Raphe."
	case f.Native != nil && f.Native.Child:
		return "Part of Raphe, run in a process of its own."
	}
	return "Part of Raphe."
}

func describeInputs(b *strings.Builder, f *iface.Interface, title string, inputs []*iface.Input) {
	if len(inputs) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, in := range inputs {
		fmt.Fprintf(b, "  %s: %s", in.Name, in.Type)
		if in.Units != "" {
			fmt.Fprintf(b, ", in %s", in.Units)
		}
		b.WriteByte('\n')
		for _, line := range inputDetails(f, in) {
			fmt.Fprintf(b, "      %s\n", line)
		}
	}
}

func inputDetails(f *iface.Interface, in *iface.Input) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if in.Help != "" {
		add("%s", in.Help)
	}
	if in.Argstr != "" {
		add("argument: %s%s", in.Argstr, place(in.Position))
	} else if len(in.Choices) > 0 || in.Format != nil {
		add("argument: depends on the value%s", place(in.Position))
	}
	if in.Default != nil {
		add("default: %s", value.Repr(in.Default))
	} else if in.Compute != nil {
		add("default: %s", describeExpr(in.Compute))
	}
	if rivals := f.Rivals(in.Name); len(rivals) > 0 {
		add("not together with: %s", strings.Join(rivals, ", "))
	}
	if len(in.Requires) > 0 {
		add("requires: %s", strings.Join(in.Requires, ", "))
	}
	if in.MinVer != "" {
		add("since version %s of the tool", in.MinVer)
	}
	if in.MaxVer != "" {
		add("until version %s of the tool", in.MaxVer)
	}
	if in.Deprecated != "" {
		add("deprecated since %s", in.Deprecated)
	}
	return out
}

func place(pos *float64) string {
	if pos == nil {
		return ""
	}
	return fmt.Sprintf(" (position %g)", *pos)
}

func describeOutput(b *strings.Builder, o *iface.Output) {
	fmt.Fprintf(b, "  %s: %s\n", o.Name, strings.Replace(o.Type.String(), "an existing", "a", 1))
	if o.Help != "" {
		fmt.Fprintf(b, "      %s\n", o.Help)
	}
	if where := describeExpr(o.Value); where != "" {
		fmt.Fprintf(b, "      %s\n", where)
	}
	if because := o.Because(); because != "" {
		fmt.Fprintf(b, "      only %s\n", because)
	}
}

// describeExpr says in a few words where a default or an output comes from.
func describeExpr(e iface.Expr) string {
	switch e := e.(type) {
	case *iface.At:
		return "the path of " + e.Input
	case *iface.Same:
		return "the value of " + e.Input
	case *iface.Made:
		if e.Source == "" {
			return "named " + textOf(e.Text)
		}
		return fmt.Sprintf("named after %s: %s%s%s", e.Source, textOf(e.Prefix), "NAME", textOf(e.Suffix))
	case *iface.NameSource:
		return fmt.Sprintf("named after %s: %s", e.Source, strings.Replace(e.Template, "%s", "NAME", 1))
	case *iface.EnvVar:
		if e.Default == nil {
			return "the variable " + e.Name
		}
		return fmt.Sprintf("the variable %s, else %s", e.Name, value.Repr(e.Default))
	case *iface.Glob:
		return "found after the run"
	case *iface.Printed:
		return "read from what the command prints"
	case *iface.Content:
		return "read from a file that the command writes"
	case *iface.Each:
		return "one for each of " + e.Input
	case nil:
		return ""
	}
	return "worked out from the inputs"
}

func textOf(t iface.Text) string {
	var b strings.Builder
	for _, p := range t {
		switch {
		case p.Field == "":
			b.WriteString(p.Literal)
		case p.Spec == "":
			b.WriteString("{" + p.Field + "}")
		default:
			b.WriteString("{" + p.Field + ":" + p.Spec + "}")
		}
	}
	return b.String()
}

// Summary is an interface in one line for lists: name and what it does.
func Summary(f *iface.Interface) string {
	help, _, _ := strings.Cut(f.Help, "\n")
	return strings.TrimSpace(f.Name + "  " + help)
}

// Search gives the names of the interfaces that hold all words, whatever their
// case, sorted.
func (Catalogue) Search(words ...string) []string {
	var out []string
	for _, name := range allNames() {
		lower := strings.ToLower(name)
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(lower, strings.ToLower(w)) }) {
			out = append(out, name)
		}
	}
	return out
}
