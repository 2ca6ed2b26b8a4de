package iface

import (
	"fmt"
	"os"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// leavings is what a command left behind: what it printed, read when asked for.
type leavings struct {
	stdout, stderr func() ([]byte, error)
}

func (l *leavings) read(stream string) (string, error) {
	fn := l.stdout
	if stream == "stderr" {
		fn = l.stderr
	}
	if fn == nil {
		return "", nil
	}
	text, err := fn()
	if err != nil {
		return "", fmt.Errorf("read %s of the command: %w", stream, err)
	}
	return string(text), nil
}

// A MissingOutput is an output that was promised and is not there.
type MissingOutput struct {
	Output  string
	Path    string
	Because string // the condition that promised it, "" if it always is
}

// A MissingError lists all promised outputs that are not there.
type MissingError struct {
	Interface string
	Missing   []MissingOutput
}

// Error gives one line for each missing output.
func (e *MissingError) Error() string {
	lines := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		lines[i] = fmt.Sprintf("%s did not make its output %q: there is no %s", e.Interface, m.Output, m.Path)
		if m.Because != "" {
			lines[i] += " (promised " + m.Because + ")"
		}
	}
	return strings.Join(lines, "\n")
}

// Collect gives the outputs of a command that has ended well: absolute paths,
// and values read from what it printed or wrote. in is what the line was made
// from. A promised output that is not there is a [*MissingError], beside which the
// outputs are given all the same.
func (f *Interface) Collect(in value.Record, line *Line, dir string, stdout, stderr func() ([]byte, error)) (value.Record, error) {
	s := f.scopeAfter(in, line, dir)
	s.left = &leavings{stdout, stderr}
	out, missing, err := s.outputs(true)
	if err != nil {
		return nil, fmt.Errorf("outputs of %s: %w", f.Name, err)
	}
	for i := range out {
		if o := f.Output(out[i].Name); o != nil && o.Type.Kind == Multi {
			if list, ok := out[i].Value.(value.List); ok && len(list) == 1 {
				out[i].Value = list[0]
			}
		}
	}
	if len(missing) > 0 {
		return out, &MissingError{Interface: f.Name, Missing: missing}
	}
	return out, nil
}

// Promise gives the outputs that a command is going to make, as far as they
// follow from its inputs; nothing needs to have run. Outputs that are present
// only if a file exists are looked for.
func (f *Interface) Promise(in value.Record, line *Line, dir string) (value.Record, error) {
	out, _, err := f.scopeAfter(in, line, dir).outputs(false)
	if err != nil {
		return nil, fmt.Errorf("outputs of %s: %w", f.Name, err)
	}
	return out, nil
}

// scopeAfter gives a scope in which every input has the value that the line
// was made with.
func (f *Interface) scopeAfter(in value.Record, line *Line, dir string) *scope {
	s := newScope(f, in, Context{Dir: dir})
	for i := range f.Inputs {
		name := f.Inputs[i].Name
		s.memo[name] = line.Derived.Get(name)
	}
	return s
}

func (s *scope) outputs(check bool) (value.Record, []MissingOutput, error) {
	values := map[string]value.Value{}
	var missing []MissingOutput
	if err := s.parsed(values); err != nil {
		return nil, nil, err
	}
	for i := range s.f.Outputs {
		o := &s.f.Outputs[i]
		v, err := s.output(o)
		if err != nil {
			return nil, nil, fmt.Errorf("%q: %w", o.Name, err)
		}
		if v == nil {
			continue
		}
		if o.Optional {
			v = present(v)
		} else if check {
			missing = append(missing, o.missing(v)...)
		}
		if v != nil {
			values[o.Name] = v
		}
	}
	return value.NewRecord(values), missing, nil
}

// parsed runs the interface's own parser over what the command printed.
func (s *scope) parsed(into map[string]value.Value) error {
	parse := s.f.Command.Parse
	if parse == nil || s.left == nil {
		return nil
	}
	stdout, err := s.left.read("stdout")
	if err != nil {
		return err
	}
	stderr, err := s.left.read("stderr")
	if err != nil {
		return err
	}
	v, err := parse.Call([]value.Value{value.String(stdout), value.String(stderr)}, s)
	if err != nil {
		return fmt.Errorf("parse what the command printed: %w", err)
	}
	d, ok := v.(value.Dict)
	if !ok && !isNone(v) {
		return fmt.Errorf("parse what the command printed: its function gave %s, want a dictionary", describe(v))
	}
	for _, e := range d {
		o := s.f.Output(value.Text(e.Key))
		if o == nil {
			return fmt.Errorf("parse what the command printed: there is no output %q", value.Text(e.Key))
		}
		if isNone(e.Value) {
			continue
		}
		if into[o.Name], err = o.Type.Accept(e.Value); err != nil {
			return fmt.Errorf("%q: %w", o.Name, err)
		}
	}
	return nil
}

// output gives the value of one output, nil where its conditions don't hold.
func (s *scope) output(o *Output) (value.Value, error) {
	if o.Value == nil {
		return nil, nil
	}
	for _, c := range []*Cond{o.When, o.Unless} {
		if ok, err := c.holds(s); err != nil || !ok {
			return nil, err
		}
	}
	v, err := o.Value.eval(s)
	if err != nil || v == nil || isNone(v) {
		return nil, err
	}
	if o.Type.IsPath() {
		v = value.Map(v, s.abs)
	}
	return convert(o.Type, v)
}

// missing gives the promised paths that do not exist.
func (o *Output) missing(v value.Value) []MissingOutput {
	var out []MissingOutput
	o.Type.Paths(v, func(p string, t Type) {
		if t.Exists && !exists(p) {
			out = append(out, MissingOutput{Output: o.Name, Path: p, Because: o.Because()})
		}
	})
	return out
}

func exists(p string) bool { _, err := os.Stat(p); return err == nil }

// present leaves out the paths that do not exist.
func present(v value.Value) value.Value {
	list, isList := v.(value.List)
	if !isList {
		if s, ok := v.(value.String); ok && !exists(string(s)) {
			return nil
		}
		return v
	}
	kept := value.List{}
	for _, e := range list {
		if p := present(e); p != nil {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	return kept
}

// Because says in words which condition promised the output.
func (o *Output) Because() string {
	var parts []string
	for _, c := range []*Cond{o.When, o.Unless} {
		if c == nil {
			continue
		}
		for _, m := range c.Equal {
			word := "is"
			if c.Not {
				word = "is not"
			}
			parts = append(parts, fmt.Sprintf("%s %s %s", m.Input, word, Type{Kind: Enum, Enum: m.Values}))
		}
		if len(c.Any) > 0 && c.Not {
			parts = append(parts, "none of "+strings.Join(c.Any, ", ")+" is set")
		} else if len(c.Any) > 0 {
			parts = append(parts, strings.Join(c.Any, " or ")+" is set")
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "because " + strings.Join(parts, " and ")
}
