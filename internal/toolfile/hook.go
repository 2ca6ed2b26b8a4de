package toolfile

import (
	"errors"
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// A hook is a function of a tool file as iface sees it. Its module is frozen
// before it is called, so it is safe for concurrent use.
type hook struct {
	fn       starlark.Callable
	identity string
	params   int // how many it takes by position; -1: a builtin, which takes its arguments only
}

// maxHookSteps bounds one call: a tool's function puts some text together.
const maxHookSteps = 50_000_000

func (s *Session) hook(c starlark.Callable) *hook {
	h := &hook{fn: c, params: -1, identity: "builtin " + c.Name()}
	if fn, ok := c.(*starlark.Function); ok {
		h.params = fn.NumParams() - fn.NumKwonlyParams()
		if fn.HasVarargs() {
			h.params--
		}
		if fn.HasKwargs() {
			h.params--
		}
		h.identity = s.identity(fn)
	}
	return h
}

// Identity implements iface.Pure.
func (h *hook) Identity() string { return h.identity }

// Call implements iface.Pure.
func (h *hook) Call(args []value.Value, in iface.Inputs) (value.Value, error) {
	thread := &starlark.Thread{Name: "tool file", Print: func(*starlark.Thread, string) {}}
	thread.SetMaxExecutionSteps(maxHookSteps)
	tuple := make(starlark.Tuple, len(args), len(args)+1)
	for i, a := range args {
		tuple[i] = starfn.ToStarlark(a)
	}
	if h.params > len(args) {
		tuple = append(tuple, inputsValue{in})
	}
	result, err := starlark.Call(thread, h.fn, tuple, nil)
	if err != nil {
		return nil, hookError(err)
	}
	v, err := starfn.FromStarlark(result)
	if err != nil {
		return nil, fmt.Errorf("result of %s: %w", h.fn.Name(), err)
	}
	return v, nil
}

// hookError puts the place in the tool file before the cause.
func hookError(err error) error {
	var eval *starlark.EvalError
	if errors.As(err, &eval) {
		for i := len(eval.CallStack) - 1; i >= 0; i-- {
			if p := eval.CallStack[i].Pos; p.IsValid() && p.Filename() != "<builtin>" {
				return fmt.Errorf("%s: %w", p, err)
			}
		}
	}
	return err
}

// inputsValue is what a function of a tool file sees as its last argument: an
// attribute for each input, None where it has no value, and env for the
// variables of the environment that the interface reads.
type inputsValue struct{ in iface.Inputs }

func (v inputsValue) String() string        { return "<inputs>" }
func (v inputsValue) Type() string          { return "inputs" }
func (v inputsValue) Freeze()               {}
func (v inputsValue) Truth() starlark.Bool  { return true }
func (v inputsValue) Hash() (uint32, error) { return 0, fmt.Errorf("unhashable type: inputs") }
func (v inputsValue) AttrNames() []string   { return append(v.in.Names(), "env", "get") }

func (v inputsValue) Attr(name string) (starlark.Value, error) {
	got, declared, err := v.in.Lookup(name)
	switch {
	case err != nil:
		return nil, err
	case declared:
		return starfn.ToStarlark(got), nil
	case name == "env":
		return starlark.NewBuiltin("env", v.getenv), nil
	case name == "get":
		return starlark.NewBuiltin("get", v.get), nil
	}
	return nil, starlark.NoSuchAttrError(fmt.Sprintf("there is no input %q: %s", name, diag.DidYouMean(name, v.in.Names())))
}

// getenv is inputs.env("FSLDIR").
func (v inputsValue) getenv(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name string
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &name); err != nil {
		return nil, err
	}
	text, declared := v.in.Getenv(name)
	if !declared {
		return nil, fmt.Errorf("env: the interface does not say that it reads %s: add reads = [%q]", name, name)
	}
	return starlark.String(text), nil
}

// get is inputs.get("name"), for a name that is computed.
func (v inputsValue) get(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var name string
	if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &name); err != nil {
		return nil, err
	}
	if !slices.Contains(v.in.Names(), name) {
		return nil, fmt.Errorf("get: there is no input %q", name)
	}
	got, _, err := v.in.Lookup(name)
	return starfn.ToStarlark(got), err
}
