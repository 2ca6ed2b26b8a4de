package iface

import "github.com/raphe-org/raphe/internal/value"

// A Pure is a small pure function of a tool file, for what a template can't
// say. It must be safe for concurrent use.
type Pure interface {
	// Call gives the result for the arguments; a function that has one more
	// parameter than there are arguments also gets the inputs.
	Call(args []value.Value, in Inputs) (value.Value, error)
	// Identity is a text that changes when the function does.
	Identity() string
}

// Inputs is what a Pure sees of one use of an interface: every input as it
// will be used, with defaults filled in.
type Inputs interface {
	// Lookup gives the value of an input, nil when it has none, and whether
	// there is such an input.
	Lookup(name string) (v value.Value, declared bool, err error)
	// Names gives the names of all inputs.
	Names() []string
	// Getenv gives a variable of the environment that the interface declares.
	Getenv(name string) (v string, declared bool)
}

// A Cond is a condition on inputs. The parts that are given must all hold; the
// zero Cond holds always.
type Cond struct {
	Any   []string // at least one of these is set, and not False
	Equal []Match  // each of these inputs has one of the values
	Fn    Pure     // gives something true
	Not   bool     // the opposite
}

// Match is an input and the values that it may have.
type Match struct {
	Input  string
	Values []value.Value
}

func (c *Cond) holds(s *scope) (bool, error) {
	if c == nil {
		return true, nil
	}
	ok, err := c.all(s)
	return ok != c.Not, err
}

func (c *Cond) all(s *scope) (bool, error) {
	if len(c.Any) > 0 {
		found := false
		for _, name := range c.Any {
			v, err := s.get(name)
			if err != nil {
				return false, err
			}
			found = found || isOn(v)
		}
		if !found {
			return false, nil
		}
	}
	for _, m := range c.Equal {
		v, err := s.get(m.Input)
		if err != nil {
			return false, err
		}
		if !contains(m.Values, v) {
			return false, nil
		}
	}
	if c.Fn == nil {
		return true, nil
	}
	v, err := c.Fn.Call(nil, s)
	return truth(v), err
}

// isOn reports whether a value is set and not False.
func isOn(v value.Value) bool { return v != nil && v != value.Bool(false) }

// contains compares as Python does between numbers; None stands for unset.
func contains(values []value.Value, v value.Value) bool {
	for _, e := range values {
		if _, none := e.(value.None); none && v == nil {
			return true
		}
		if value.Equal(e, v) {
			return true
		}
		a, ok := toFloat(e)
		if b, ok2 := toFloat(v); ok && ok2 && value.Equal(a, b) {
			return true
		}
	}
	return false
}

// truth is Python's truth of a value.
func truth(v value.Value) bool {
	switch v := v.(type) {
	case nil, value.None:
		return false
	case value.Bool:
		return bool(v)
	case value.Int:
		return v != 0
	case value.Float:
		return v != 0
	case value.String:
		return v != ""
	case value.List:
		return len(v) > 0
	case value.Tuple:
		return len(v) > 0
	case value.Dict:
		return len(v) > 0
	}
	return true
}
