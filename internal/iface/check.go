package iface

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
)

// A Problem is one thing that is wrong with how an interface's inputs are set.
type Problem struct {
	Input   string // the input that it is about
	What    string // one clause
	Why     string // the rule
	Mend    string // what to do
	Warning bool   // worth saying, stops nothing
}

// Errors leaves the warnings out.
func Errors(problems []Problem) []Problem {
	return slices.DeleteFunc(slices.Clone(problems), func(p Problem) bool { return p.Warning })
}

// An InputError says why the inputs of an interface can't be used.
type InputError struct {
	Interface string
	Problems  []Problem
}

// Error gives all problems, one a line.
func (e *InputError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = e.Interface + ": " + p.What
		if p.Why != "" {
			lines[i] += ": " + p.Why
		}
	}
	return strings.Join(lines, "\n")
}

// Accept gives the inputs as their types keep them, and what is wrong with
// them one by one: unknown names, wrong types. A deprecated input that has a
// new name moves there.
func (f *Interface) Accept(in value.Record) (value.Record, []Problem) {
	var problems []Problem
	out := make(value.Record, 0, len(in))
	for _, field := range in {
		input := f.Input(field.Name)
		if input == nil {
			if f.DynamicInputs {
				out.Set(field.Name, field.Value)
				continue
			}
			problems = append(problems, f.unknown(field.Name))
			continue
		}
		v, err := input.Accept(field.Value)
		if err != nil {
			problems = append(problems, Problem{
				Input: field.Name,
				What:  fmt.Sprintf("input %q has the wrong value", field.Name),
				Why:   err.Error(),
				Mend:  "see: raphe interface show " + f.Name,
			})
			continue
		}
		if input.Deprecated != "" && input.NewName != "" && f.Input(input.NewName) != nil && !in.Has(input.NewName) {
			out.Set(input.NewName, v)
			continue
		}
		out.Set(field.Name, v)
	}
	return out, problems
}

// Accept gives v as the input's type keeps it. A template for nipype's
// name_source ("%s_brain") is accepted whatever extension it lacks.
func (in *Input) Accept(v value.Value) (value.Value, error) {
	if _, ok := in.Compute.(*NameSource); ok {
		if text, isText := v.(value.String); isText && strings.Contains(string(text), "%s") {
			return v, nil
		}
	}
	return in.Type.Accept(v)
}

func (f *Interface) unknown(name string) Problem {
	return Problem{
		Input: name,
		What:  fmt.Sprintf("interface %s has no input %q", f.Name, name),
		Mend:  diag.DidYouMean(name, f.InputNames()),
	}
}

// Check finds what is wrong among the inputs that are set: mandatory ones that
// are missing, alternatives that exclude each other, requirements that are not
// met, deprecated ones (a warning). connected tells which inputs a connection
// will set; nil: none. Names and types are not its business (see Accept).
func (f *Interface) Check(set value.Record, connected func(string) bool) []Problem {
	has := func(name string) bool { return set.Has(name) || connected != nil && connected(name) }
	var out []Problem
	for i := range f.Inputs {
		in := &f.Inputs[i]
		if in.Mandatory && !has(in.Name) && in.Default == nil && in.Compute == nil {
			if p, missing := f.checkMandatory(in, has); missing {
				out = append(out, p)
			}
		}
		if has(in.Name) {
			out = append(out, f.checkSet(in, has)...)
		}
	}
	return append(out, f.checkExclusive(has)...)
}

func (f *Interface) checkMandatory(in *Input, has func(string) bool) (Problem, bool) {
	rivals := f.Rivals(in.Name)
	if slices.ContainsFunc(rivals, has) {
		return Problem{}, false
	}
	if len(rivals) == 0 {
		return Problem{
			Input: in.Name,
			What:  fmt.Sprintf("interface %s needs a value for input %q", f.Name, in.Name),
			Why:   "it is mandatory",
			Mend:  "set it, or connect something to it",
		}, true
	}
	choice := slices.Insert(slices.Clone(rivals), 0, in.Name)
	if slices.Min(choice) != in.Name && slices.ContainsFunc(rivals, func(n string) bool { return n < in.Name && f.Input(n).Mandatory }) {
		return Problem{}, false // said once, for the first of the alternatives
	}
	return Problem{
		Input: in.Name,
		What:  fmt.Sprintf("interface %s needs a value for one of the inputs %s", f.Name, quoted(choice)),
		Why:   "one of them is mandatory",
		Mend:  "set one of them, or connect something to it",
	}, true
}

func (f *Interface) checkSet(in *Input, has func(string) bool) []Problem {
	var out []Problem
	var missing []string
	for _, r := range in.Requires {
		if n := f.Input(r); !has(r) && n != nil && n.Default == nil && (n.Compute == nil || isName(n.Compute)) {
			missing = append(missing, r)
		}
	}
	if len(missing) > 0 {
		out = append(out, Problem{
			Input: in.Name,
			What:  fmt.Sprintf("interface %s needs a value for %s, because %q is set", f.Name, quoted(missing), in.Name),
			Why:   fmt.Sprintf("%q requires it", in.Name),
			Mend:  fmt.Sprintf("set %s, or leave %q unset", quoted(missing), in.Name),
		})
	}
	if in.Deprecated != "" {
		mend := "leave it unset"
		if in.NewName != "" {
			mend = fmt.Sprintf("set %q instead", in.NewName)
		}
		out = append(out, Problem{
			Input: in.Name, Warning: true,
			What: fmt.Sprintf("input %q of interface %s is deprecated", in.Name, f.Name),
			Why:  "since version " + in.Deprecated, Mend: mend,
		})
	}
	return out
}

// isName reports whether a default is but a name made up for a file: what
// requires the input wants it to be given, as nipype has it.
func isName(e Expr) bool {
	switch e.(type) {
	case *Made, *NameSource:
		return true
	}
	return false
}

// checkExclusive reports each set of clashing inputs once.
func (f *Interface) checkExclusive(has func(string) bool) []Problem {
	var out []Problem
	seen := map[string]bool{}
	for i := range f.Inputs {
		name := f.Inputs[i].Name
		if !has(name) || seen[name] {
			continue
		}
		clash := []string{name}
		for _, rival := range f.Rivals(name) {
			if has(rival) {
				clash = append(clash, rival)
				seen[rival] = true
			}
		}
		if len(clash) == 1 {
			continue
		}
		out = append(out, Problem{
			Input: clash[1],
			What:  fmt.Sprintf("inputs %s of interface %s exclude each other", quoted(clash), f.Name),
			Why:   "only one of them may be set",
			Mend:  "leave all but one unset",
		})
	}
	return out
}

// Rivals gives the inputs that must not be set together with name, whichever
// of the two says so.
func (f *Interface) Rivals(name string) []string { return f.xor[name] }

// rivalTable works out Rivals for all inputs.
func (f *Interface) rivalTable() map[string][]string {
	out := map[string][]string{}
	add := func(a, b string) {
		if a != b && !slices.Contains(out[a], b) {
			out[a] = append(out[a], b)
		}
	}
	for i := range f.Inputs {
		for _, other := range f.Inputs[i].Xor {
			if f.Input(other) != nil { // one of nipype's 155 references to nothing
				add(f.Inputs[i].Name, other)
				add(other, f.Inputs[i].Name)
			}
		}
	}
	for _, group := range f.Rules.Exclusive {
		for _, a := range group {
			for _, b := range group {
				add(a, b)
			}
		}
	}
	return out
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = `"` + n + `"`
	}
	return strings.Join(out, ", ")
}

// MissingFiles gives a problem for each file or folder that the types of the
// inputs want to exist and that does not. Relative paths are taken below dir;
// stat is os.Stat, or one that remembers.
func (f *Interface) MissingFiles(in value.Record, dir string, stat func(path string) (fs.FileInfo, error)) []Problem {
	var out []Problem
	for i := range f.Inputs {
		input := &f.Inputs[i]
		v := in.Get(input.Name)
		if v == nil {
			continue
		}
		input.Type.Paths(v, func(p string, t Type) {
			if !t.Exists {
				return
			}
			info, err := stat(cleanJoin(dir, p))
			what, want := "", "file"
			if t.Kind == Dir {
				want = "folder"
			}
			switch {
			case err != nil:
				what = fmt.Sprintf("input %q of interface %s: there is no %s %s", input.Name, f.Name, want, p)
			case !t.FileOrDir && t.Kind == Dir != info.IsDir():
				what = fmt.Sprintf("input %q of interface %s: %s is not a %s", input.Name, f.Name, p, want)
			}
			if what != "" {
				out = append(out, Problem{Input: input.Name, What: what, Why: "it must exist before anything runs", Mend: "check the path"})
			}
		})
	}
	return out
}
