package iface

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// Context is what a command line depends on beside the inputs. The zero
// Context knows nothing.
type Context struct {
	Dir     string                      // the working directory, absolute
	Getenv  func(string) (string, bool) // environment; only what an interface declares is asked for; nil: empty
	Version string                      // the tool's version, "" if not known
	NProcs  int                         // processors granted; 0: leave thread counts to the defaults
	Stage   bool                        // bring inputs marked with CopyFile into Dir and use them there
}

// A scope is one use of an interface while its command line or outputs are
// worked out: it gives each input the value that it has in the end.
type scope struct {
	f    *Interface
	c    Context
	in   value.Record // what was set, accepted
	memo map[string]value.Value
	busy []string // inputs being worked out, to name a circle
	// bound holds the variables of each() and count(), innermost last.
	bound []value.Field
	// left gives what the command left behind; nil before it has run.
	left *leavings
}

func newScope(f *Interface, in value.Record, c Context) *scope {
	return &scope{f: f, c: c, in: in, memo: map[string]value.Value{}}
}

// Lookup implements Inputs.
func (s *scope) Lookup(name string) (value.Value, bool, error) {
	if _, bound := s.binding(name); !bound && s.f.Input(name) == nil {
		return nil, false, nil
	}
	v, err := s.get(name)
	return v, true, err
}

// Names implements Inputs.
func (s *scope) Names() []string { return s.f.InputNames() }

// Getenv implements Inputs.
func (s *scope) Getenv(name string) (string, bool) {
	if !slices.Contains(s.f.EnvReads(), name) {
		return "", false
	}
	if s.c.Getenv == nil {
		return "", true
	}
	v, _ := s.c.Getenv(name)
	return v, true
}

func (s *scope) binding(name string) (value.Value, bool) {
	for i := len(s.bound) - 1; i >= 0; i-- {
		if s.bound[i].Name == name {
			return s.bound[i].Value, true
		}
	}
	return nil, false
}

// with runs fn with variables bound.
func (s *scope) with(vars []value.Field, fn func() error) error {
	n := len(s.bound)
	s.bound = append(s.bound, vars...)
	defer func() { s.bound = s.bound[:n] }()
	return fn()
}

// get gives the value that an input has in the end, nil for none.
func (s *scope) get(name string) (value.Value, error) {
	if v, ok := s.binding(name); ok {
		return v, nil
	}
	if v, ok := s.memo[name]; ok {
		return v, nil
	}
	in := s.f.Input(name)
	if in == nil {
		return nil, fmt.Errorf("there is no input %q", name)
	}
	if slices.Contains(s.busy, name) {
		return nil, fmt.Errorf("the defaults of %s depend on each other", strings.Join(append(s.busy, name), ", "))
	}
	s.busy = append(s.busy, name)
	bound := s.bound
	s.bound = nil // a default does not depend on where it is asked for
	v, err := s.resolve(in)
	s.bound = bound
	s.busy = s.busy[:len(s.busy)-1]
	if err != nil {
		return nil, err
	}
	s.memo[name] = v
	return v, nil
}

func (s *scope) resolve(in *Input) (value.Value, error) {
	v := s.in.Get(in.Name)
	switch {
	case v == nil:
		return s.fallback(in)
	case in.Auto != nil && v == value.Bool(true):
		return s.eval(in, in.Auto)
	}
	if ns, ok := in.Compute.(*NameSource); ok {
		if text, isString := v.(value.String); isString && strings.Contains(string(text), "%s") {
			return ns.fill(s, in, string(text))
		}
	}
	return v, nil
}

// fallback gives the value of an input that nobody set.
func (s *scope) fallback(in *Input) (value.Value, error) {
	if in.Default == nil && in.Compute == nil && !(in.Threads && s.c.NProcs > 0) {
		return nil, nil
	}
	if !s.f.available(in, s.c.Version) || s.displaced(in) {
		return nil, nil
	}
	for _, c := range []*Cond{in.When, in.Unless} {
		ok, err := c.holds(s)
		if err != nil {
			return nil, fmt.Errorf("condition of %q: %w", in.Name, err)
		}
		if !ok {
			return nil, nil
		}
	}
	switch {
	case in.Threads && s.c.NProcs > 0:
		return value.Int(s.c.NProcs), nil
	case in.Compute != nil:
		v, err := s.eval(in, in.Compute)
		if err != nil || v == nil {
			return nil, err
		}
		if v, err = in.Type.Accept(v); err != nil {
			return nil, fmt.Errorf("default of %q: %w", in.Name, err)
		}
		return v, nil
	}
	return in.Default, nil
}

// displaced reports whether an alternative of in has been set, so that its
// default must stand back.
func (s *scope) displaced(in *Input) bool {
	return slices.ContainsFunc(s.f.Rivals(in.Name), s.in.Has)
}

func (s *scope) eval(in *Input, e Expr) (value.Value, error) {
	v, err := e.eval(s)
	if err != nil {
		return nil, fmt.Errorf("input %q: %w", in.Name, err)
	}
	if _, none := v.(value.None); none {
		return nil, nil
	}
	return v, nil
}

// abs makes a path absolute below the working directory.
func (s *scope) abs(p string) string { return cleanJoin(s.c.Dir, p) }

// relative gives a path from the working directory.
func (s *scope) relative(p string) string {
	if rel, err := filepath.Rel(s.c.Dir, s.abs(p)); err == nil {
		return rel
	}
	return p
}

// cleanJoin joins as JoinPath does and takes "./" and "x/.." out, as Python's
// os.path.abspath.
func cleanJoin(dir, p string) string {
	if p = JoinPath(dir, p); p == "" {
		return ""
	}
	return path.Clean(p)
}

// extension gives the extension of generated names, where there is a rule.
func (f *Interface) extension(s *scope) (string, bool, error) {
	if f.Command == nil || f.Command.Ext == nil {
		return "", false, nil
	}
	v, err := f.Command.Ext.eval(s)
	if err != nil || v == nil {
		return "", false, err
	}
	return value.Text(v), true, nil
}

// runChecks asks the interface's own checks.
func (s *scope) runChecks(*Line) error {
	var problems []Problem
	for _, check := range s.f.Command.Checks {
		v, err := check.Call(nil, s)
		if err != nil {
			return fmt.Errorf("check of the inputs: %w", err)
		}
		if text, bad := v.(value.String); bad {
			problems = append(problems, Problem{What: string(text)})
		}
	}
	if len(problems) > 0 {
		return &InputError{Interface: s.f.Name, Problems: problems}
	}
	return nil
}
