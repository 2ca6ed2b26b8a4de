package iface

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// A Line is everything that has to be known to run a command. It never passes
// through a shell.
type Line struct {
	Argv   []string
	Env    []string // "NAME=value" that the interface asks for, sorted by name
	Stdout string   // file that receives the standard output, absolute; "" for the log
	Stderr string   // the same for the error output; may equal Stdout
	Stage  []Staged
	Files  []HelperFile
	// Headers are images that get the header of another once the command has
	// ended well, before its outputs are collected.
	Headers []HeaderCopy
	// Derived holds the inputs as they are used: with defaults, computed ones
	// and generated names, and with staged files where they are then.
	Derived value.Record

	redirection []string // operator and name by turns, as nipype writes them
}

// Staged is a file or folder that is brought into place before the command
// runs.
type Staged struct {
	From, To string // absolute
	Copy     bool   // copy it, since the command changes it; else a link will do
	Optional bool   // a companion (the .hdr of an .img) that need not be there
}

// A HelperFile is a small file that is written before the command runs.
type HelperFile struct {
	Name    string // absolute
	Content string
}

// A HeaderCopy gives an image the geometry of another: nipype's copy_header.
type HeaderCopy struct {
	From, To string // absolute
	KeepType bool   // the type of the numbers of To stays; else it becomes that of From
}

// String gives the command line for people: quoted for a POSIX shell, with the
// redirections. Raphe never runs it.
func (l *Line) String() string {
	parts := make([]string, len(l.Argv))
	for i, a := range l.Argv {
		parts[i] = Quote(a)
	}
	for i, w := range l.redirection {
		if i%2 == 1 {
			w = Quote(w)
		}
		parts = append(parts, w)
	}
	return strings.Join(parts, " ")
}

// Words gives the words of nipype's command line: the argument vector and,
// last, the redirections that nipype leaves to a shell.
func (l *Line) Words() []string {
	out := slices.Clone(l.Argv)
	for i, w := range l.redirection {
		if i%2 == 0 {
			out = append(out, strings.Fields(w)...) // "|& tee" is two
		} else {
			out = append(out, w)
		}
	}
	return out
}

// Plain gives the command line as nipype writes it, without quotes. It is not ok
// if a shell, to which nipype hands it, would make something else of it than the
// argument vector.
func (l *Line) Plain() (text string, ok bool) {
	words := l.Words()
	for _, w := range l.Argv {
		if w == "" || w[0] == '#' || w[0] == '~' || HasShellText(w) {
			return "", false
		}
	}
	return strings.Join(words, " "), true
}

// HasShellText reports whether a text holds a character that splits words in a
// shell, or means something to it, wherever it stands.
func HasShellText(s string) bool { return strings.ContainsAny(s, " \t\r\n\v\f\"'\\$`;|&<>()*?") }

// CommandLine works out the command for these inputs. in holds what is set, by
// the user and by connections. Inputs that don't go together are an
// [*InputError].
func (f *Interface) CommandLine(in value.Record, c Context) (*Line, error) {
	if f.Command == nil {
		return nil, fmt.Errorf("interface %s runs no command", f.Name)
	}
	set, problems := f.Accept(in)
	problems = append(problems, f.Check(set, nil)...)
	problems = append(problems, f.checkVersions(set, c.Version)...)
	if errs := Errors(problems); len(errs) > 0 {
		return nil, &InputError{Interface: f.Name, Problems: errs}
	}
	line := &Line{}
	if c.Stage {
		var err error
		if set, err = f.stageInputs(set, c.Dir, line); err != nil {
			return nil, err
		}
	}
	s := newScope(f, set, c)
	if err := s.derive(line); err != nil {
		return nil, err
	}
	for _, fill := range []func(*Line) error{s.runChecks, s.argv, s.stdout, s.env, s.stage, s.helperFiles, s.headers} {
		if err := fill(line); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return line, nil
}

// derive resolves every input.
func (s *scope) derive(line *Line) error {
	values := map[string]value.Value{}
	for i := range s.f.Inputs {
		name := s.f.Inputs[i].Name
		v, err := s.get(name)
		if err != nil {
			return fmt.Errorf("%s: %w", s.f.Name, err)
		}
		values[name] = v
	}
	line.Derived = value.NewRecord(values)
	if s.f.DynamicInputs {
		for _, field := range s.in {
			line.Derived.Set(field.Name, field.Value)
		}
	}
	return nil
}

// argv lays the arguments out in nipype's order: positions from 0 on, then
// those without a position by name, then negative positions up to -1.
func (s *scope) argv(line *Line) error {
	command, err := s.command()
	if err != nil {
		return err
	}
	line.Argv = command
	for _, i := range s.f.order {
		in := &s.f.Inputs[i]
		v, err := s.get(in.Name)
		if err != nil {
			return err
		}
		if v == nil || !in.onLine() {
			continue
		}
		if ok, err := s.emitted(in); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		if in.arg.stream != noStream {
			if err := s.redirect(line, in, v); err != nil {
				return err
			}
			continue
		}
		args, err := s.arguments(in, v)
		if err != nil {
			return fmt.Errorf("input %q: %w", in.Name, err)
		}
		line.Argv = append(line.Argv, args...)
	}
	return nil
}

func (in *Input) onLine() bool {
	return in.Argstr != "" || in.Format != nil || len(in.Choices) > 0
}

func (s *scope) emitted(in *Input) (bool, error) {
	for _, c := range []*Cond{in.When, in.Unless} {
		if ok, err := c.holds(s); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (s *scope) command() ([]string, error) {
	c := s.f.Command
	if c.Choose == nil {
		return slices.Clone(c.Words), nil
	}
	v, err := c.Choose.Call(nil, s)
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	words, err := formatted(v)
	if err == nil && len(words) == 0 {
		err = fmt.Errorf("its function gave nothing")
	}
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	return words, nil
}

// redirect sends output to the file that an input names.
func (s *scope) redirect(line *Line, in *Input, v value.Value) error {
	line.Argv = append(line.Argv, splitWords(literal(&in.arg))...)
	name, ok := firstOf(v).(value.String)
	if !ok {
		return fmt.Errorf("input %q: want the name of a file for what the command prints, got %s", in.Name, describe(v))
	}
	operator := map[stream]string{stdoutFile: ">", stderrFile: "2>", bothFile: "|& tee"}
	line.redirection = append(line.redirection, operator[in.arg.stream], string(name))
	p := s.abs(string(name))
	if in.arg.stream != stderrFile {
		line.Stdout = p
	}
	if in.arg.stream != stdoutFile {
		line.Stderr = p
	}
	return nil
}

// stdout sends the output where the tool file says, if no input did.
func (s *scope) stdout(line *Line) error {
	if s.f.Command.Stdout == nil || line.Stdout != "" {
		return nil
	}
	v, err := s.f.Command.Stdout.eval(s)
	if err != nil {
		return fmt.Errorf("stdout: %w", err)
	}
	if isOn(v) && !isNone(v) {
		line.Stdout = s.abs(value.Text(v))
	}
	return nil
}

// env gives the variables that the interface asks for; the user's own environ
// wins.
func (s *scope) env(line *Line) error {
	vars := map[string]string{}
	for _, e := range s.f.Command.Env {
		v, err := e.Value.eval(s)
		if err != nil {
			return fmt.Errorf("variable %s: %w", e.Name, err)
		}
		if isOn(v) && !isNone(v) {
			vars[e.Name] = value.Text(v)
		}
	}
	own, _ := s.get("environ") // an interface need not have it
	if d, ok := own.(value.Dict); ok {
		for _, e := range d {
			vars[value.Text(e.Key)] = value.Text(e.Value)
		}
	}
	for name, v := range vars {
		line.Env = append(line.Env, name+"="+v)
	}
	slices.Sort(line.Env)
	return nil
}

func isNone(v value.Value) bool { _, none := v.(value.None); return none }

func (s *scope) helperFiles(line *Line) error {
	for _, w := range s.f.Command.Writes {
		if ok, err := w.When.holds(s); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		name, err := w.Name.eval(s)
		if err != nil || name == nil {
			return firstError(err, fmt.Errorf("a helper file has no name"))
		}
		content, err := w.Fn.Call(nil, s)
		if err != nil {
			return fmt.Errorf("helper file %s: %w", value.Text(name), err)
		}
		if content == nil || isNone(content) {
			continue
		}
		line.Files = append(line.Files, HelperFile{s.abs(value.Text(name)), value.Text(content)})
	}
	return nil
}

func (s *scope) headers(line *Line) error {
	for _, r := range s.f.Command.Headers {
		if ok, err := r.When.holds(s); err != nil || !ok {
			if err != nil {
				return err
			}
			continue
		}
		to, err := s.output(s.f.Output(r.Output))
		if err != nil {
			return fmt.Errorf("header of %q: %w", r.Output, err)
		}
		from, err := s.get(r.Like)
		if err != nil {
			return err
		}
		if to != nil && isOn(from) {
			line.Headers = append(line.Headers, HeaderCopy{s.abs(value.Text(firstOf(from))), value.Text(firstOf(to)), r.KeepType})
		}
	}
	return nil
}

// argOrder gives the indices of inputs in the order of the argument vector.
func argOrder(inputs []Input) []int {
	order := make([]int, len(inputs))
	for i := range order {
		order[i] = i
	}
	rank := func(p *float64) int {
		switch {
		case p == nil:
			return 1
		case *p < 0:
			return 2
		}
		return 0
	}
	slices.SortStableFunc(order, func(a, b int) int {
		p, q := inputs[a].Position, inputs[b].Position
		if r := cmp.Compare(rank(p), rank(q)); r != 0 {
			return r
		}
		if p != nil && *p != *q {
			return cmp.Compare(*p, *q)
		}
		return strings.Compare(inputs[a].Name, inputs[b].Name)
	})
	return order
}
