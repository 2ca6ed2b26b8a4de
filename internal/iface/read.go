package iface

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// Glob is the files that match a pattern after the run, numbers in their names
// in the order of numbers; without One an
// empty list where there are none.
type Glob struct {
	Pattern Expr
	One     bool // the first alone
}

func (e *Glob) refs(fn func(string)) { e.Pattern.refs(fn) }
func (e *Glob) eval(s *scope) (value.Value, error) {
	v, err := e.Pattern.eval(s)
	if err != nil || v == nil {
		return nil, err
	}
	found, err := filepath.Glob(s.abs(value.Text(v)))
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", value.Text(v), err)
	}
	slices.SortFunc(found, naturally)
	if e.One {
		if len(found) == 0 {
			return nil, nil
		}
		return value.String(found[0]), nil
	}
	return value.Strings(found...), nil
}

// naturally compares names as people do: numbers in them by their value, so
// that pe10 comes after pe9.
func naturally(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		m, n := digits(x), digits(y)
		if m == 0 || n == 0 {
			if x[0] != y[0] {
				break
			}
			x, y = x[1:], y[1:]
			continue
		}
		p, q := strings.TrimLeft(x[:m], "0"), strings.TrimLeft(y[:n], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), strings.Compare(p, q)); c != 0 {
			return c
		}
		x, y = x[m:], y[n:]
	}
	return cmp.Or(strings.Compare(x, y), strings.Compare(a, b))
}

// digits counts the digits that s starts with.
func digits(s string) int { return len(s) - len(strings.TrimLeft(s, "0123456789")) }

// Printed is read from what the command printed. Before the run it has no
// value.
type Printed struct {
	Stream  string // "stdout" or "stderr"
	Extract Extract
}

func (e *Printed) refs(func(string)) {}
func (e *Printed) eval(s *scope) (value.Value, error) {
	if s.left == nil {
		return nil, nil
	}
	text, err := s.left.read(e.Stream)
	if err != nil {
		return nil, err
	}
	return e.Extract.from(s, text)
}

// maxContent bounds how much of a result file is read for a value.
const maxContent = 64 << 20

// Content is read from a file that the command wrote. Before the run it has no
// value.
type Content struct {
	Of      Expr
	Extract Extract
}

func (e *Content) refs(fn func(string)) { e.Of.refs(fn) }
func (e *Content) eval(s *scope) (value.Value, error) {
	if s.left == nil {
		return nil, nil
	}
	v, err := e.Of.eval(s)
	if err != nil || v == nil {
		return nil, err
	}
	text, err := readBounded(s.abs(value.Text(v)))
	if err != nil {
		return nil, fmt.Errorf("read result: %w", err)
	}
	return e.Extract.from(s, text)
}

// Reading is read from the file that an input names, before the run: such a
// file is part of the key. Without the file there is no value.
type Reading struct {
	Input   string
	Extract Extract
}

func (e *Reading) refs(fn func(string)) { fn(e.Input) }
func (e *Reading) eval(s *scope) (value.Value, error) {
	v, err := s.get(e.Input)
	if err != nil || !isOn(v) {
		return nil, err
	}
	text, err := readBounded(s.abs(value.Text(firstOf(v))))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil // before the run, when commands are only looked at
	case err != nil:
		return nil, fmt.Errorf("read input: %w", err)
	}
	return e.Extract.from(s, text)
}

// readBounded reads a file for the value that it holds.
func readBounded(name string) (string, error) {
	info, err := os.Stat(name)
	if err != nil {
		return "", err
	}
	if info.Size() > maxContent {
		return "", fmt.Errorf("%s has %d bytes, too many to read a value from", name, info.Size())
	}
	text, err := os.ReadFile(name)
	return string(text), err
}

// Extract says how a value is read from a text: by a regular expression (its
// first group, or all of the match), or by a function. The zero Extract gives
// the text itself without the spaces around it.
type Extract struct {
	Pattern *regexp.Regexp
	All     bool // every match: a list
	Fn      Pure
}

func (x *Extract) from(s *scope, text string) (value.Value, error) {
	switch {
	case x.Fn != nil:
		v, err := x.Fn.Call([]value.Value{value.String(text)}, s)
		if isNone(v) {
			return nil, err
		}
		return v, err
	case x.Pattern == nil:
		return value.String(strings.TrimSpace(text)), nil
	case x.All:
		out := value.List{}
		for _, m := range x.Pattern.FindAllStringSubmatch(text, -1) {
			out = append(out, groups(m))
		}
		return out, nil
	}
	m := x.Pattern.FindStringSubmatch(text)
	if m == nil {
		return nil, nil
	}
	return groups(m), nil
}

// groups gives the match, its one group, or the list of its groups.
func groups(m []string) value.Value {
	if len(m) <= 2 {
		return value.String(m[len(m)-1])
	}
	return value.Strings(m[1:]...)
}

// convert accepts v for an output; text that was read becomes a number where
// the type wants one.
func convert(t Type, v value.Value) (value.Value, error) {
	got, err := t.Accept(v)
	if err == nil {
		return got, nil
	}
	if n, ok := fromText(t, v); ok {
		return t.Accept(n)
	}
	return nil, err
}

func fromText(t Type, v value.Value) (value.Value, bool) {
	if items, ok := value.Items(v); ok {
		out := make(value.List, len(items))
		for i, e := range items {
			n, ok := fromText(t.elementAt(i), e)
			if !ok {
				return nil, false
			}
			out[i] = n
		}
		return out, true
	}
	text, ok := v.(value.String)
	if !ok {
		return v, true
	}
	switch t.Kind {
	case Int:
		n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		return value.Int(n), err == nil
	case Float, Range:
		f, err := strconv.ParseFloat(strings.TrimSpace(string(text)), 64)
		return value.Float(f), err == nil
	case List, Multi:
		fields := strings.Fields(string(text))
		return fromText(t, value.Strings(fields...))
	case Either:
		for _, alt := range t.Of {
			if n, ok := fromText(alt, v); ok {
				return n, true
			}
		}
	}
	return v, true
}
