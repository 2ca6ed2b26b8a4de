// Package starfn runs pure Starlark functions that are kept as text: the
// functions on connections, Function nodes, and the small functions of tool
// files.
//
//	Program     one function, compiled once and shared
//	Params      what the function can be called with
//	Error       why a call failed, with the function's own lines
//	Universe    the helpers that such a function may use without load()
//	Texts       writes a function of a file down, with all that it uses
//	Module      a file with its text: its places, and the part that defines a name
//
// A function sees its arguments and the Universe; it reads no file, no clock
// and no environment, so the same text and arguments always give the same
// value. The package knows values; it knows no workflow and no tool.
package starfn

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// Options is the dialect of Starlark that definitions, tool files and
// functions are written in: for and if at the top level, reassignment and
// sets; no while and no recursion, so that every program ends.
var Options = &syntax.FileOptions{Set: true, TopLevelControl: true, GlobalReassign: true}

// maxSteps bounds the work of one call: about a minute of Starlark. A runaway
// function is a mistake that must be named, not waited for.
const maxSteps = 2_000_000_000

// A Program is one function, compiled. It is immutable and safe for concurrent
// use.
type Program struct {
	fn     iface.Func
	call   starlark.Callable
	params Params
	steps  uint64
}

// Params describes the parameters of a function.
type Params struct {
	Names    []string        // in order, without *args and **kwargs
	Required int             // how many of the first Names have no default and may be given by position
	Default  map[string]bool // those of Names that have a default
	Args     bool            // takes *args
	Kwargs   bool            // takes **kwargs
}

// cache holds compiled programs by their text. A workflow built by a loop may
// make very many functions, so a full cache is simply emptied.
var cache = struct {
	sync.Mutex
	programs map[iface.Func]*Program
}{programs: map[iface.Func]*Program{}}

const maxCached = 4096

// Compile compiles a function, or gives the one compiled earlier from the same
// text. An error in the text is an *[Error].
func Compile(fn iface.Func) (*Program, error) {
	cache.Lock()
	p := cache.programs[fn]
	cache.Unlock()
	if p != nil {
		return p, nil
	}
	p, err := compile(fn)
	if err != nil {
		return nil, err
	}
	cache.Lock()
	defer cache.Unlock()
	if len(cache.programs) >= maxCached {
		clear(cache.programs)
	}
	cache.programs[fn] = p
	return p, nil
}

func compile(fn iface.Func) (*Program, error) {
	universe := Universe()
	thread := newThread(nil)
	globals, err := starlark.ExecFileOptions(Options, thread, "function "+fn.Name, fn.Source, universe)
	if err != nil {
		return nil, newError(fn.Name, err)
	}
	globals.Freeze()
	v, ok := globals[fn.Name]
	if !ok {
		return nil, &Error{Name: fn.Name, Msg: fmt.Sprintf("the text does not define %q", fn.Name)}
	}
	call, ok := v.(starlark.Callable)
	if !ok {
		return nil, &Error{Name: fn.Name, Msg: fmt.Sprintf("%q is of type %s, not a function", fn.Name, v.Type())}
	}
	return &Program{fn: fn, call: call, params: ParamsOf(call), steps: maxSteps}, nil
}

// ParamsOf gives the parameters of a Starlark callable; a builtin's are not
// known, so it takes anything.
func ParamsOf(c starlark.Callable) Params {
	f, ok := c.(*starlark.Function)
	if !ok {
		return Params{Args: true, Kwargs: true}
	}
	p := Params{Default: map[string]bool{}, Args: f.HasVarargs(), Kwargs: f.HasKwargs()}
	n := f.NumParams()
	if p.Args {
		n--
	}
	if p.Kwargs {
		n--
	}
	positional := n - f.NumKwonlyParams()
	for i := range n {
		name, _ := f.Param(i)
		p.Names = append(p.Names, name)
		switch {
		case f.ParamDefault(i) != nil:
			p.Default[name] = true
		case i < positional:
			p.Required++
		}
	}
	return p
}

// Params gives what the function can be called with.
func (p *Program) Params() Params { return p.params }

// Func gives the text that p was compiled from.
func (p *Program) Func() iface.Func { return p.fn }

// Call runs the function. It ends soon after ctx does, and after a fixed
// number of steps at the latest; an error is an *[Error].
func (p *Program) Call(ctx context.Context, args []value.Value, kwargs value.Record) (value.Value, error) {
	return p.CallPrint(ctx, args, kwargs, nil)
}

// CallPrint is Call with a receiver for what the function prints, a line at a
// time; nil drops it.
func (p *Program) CallPrint(ctx context.Context, args []value.Value, kwargs value.Record, print func(string)) (value.Value, error) {
	if err := ctx.Err(); err != nil {
		return nil, &Error{Name: p.fn.Name, Msg: "not called: " + err.Error(), Err: err}
	}
	thread := newThread(print)
	thread.SetMaxExecutionSteps(p.steps)
	stop := context.AfterFunc(ctx, func() { thread.Cancel(ctx.Err().Error()) })
	defer stop()

	tuple := make(starlark.Tuple, len(args))
	for i, a := range args {
		tuple[i] = ToStarlark(a)
	}
	named := make([]starlark.Tuple, len(kwargs))
	for i, f := range kwargs {
		named[i] = starlark.Tuple{starlark.String(f.Name), ToStarlark(f.Value)}
	}
	result, err := starlark.Call(thread, p.call, tuple, named)
	if err != nil {
		e := newError(p.fn.Name, err)
		if ctx.Err() != nil {
			e.Err = ctx.Err()
		}
		return nil, e
	}
	v, err := FromStarlark(result)
	if err != nil {
		return nil, &Error{Name: p.fn.Name, Msg: "result: " + err.Error(), Err: err}
	}
	return v, nil
}

func newThread(print func(string)) *starlark.Thread {
	return &starlark.Thread{
		Print: func(_ *starlark.Thread, msg string) {
			if print != nil {
				print(msg)
			}
		},
		Load: func(*starlark.Thread, string) (starlark.StringDict, error) {
			return nil, errors.New("a function cannot load(): it must hold all that it uses")
		},
	}
}

// An Error says why a function's text could not be compiled or its call
// failed.
type Error struct {
	Name      string // the function
	Msg       string // the cause in one line
	Backtrace string // the active calls with their lines, outermost first; empty where none ran
	Err       error
}

func newError(name string, err error) *Error {
	e := &Error{Name: name, Msg: err.Error(), Err: err}
	var eval *starlark.EvalError
	if errors.As(err, &eval) {
		e.Backtrace = eval.Backtrace()
	}
	return e
}

// Error gives the cause, and the backtrace on the lines below it.
func (e *Error) Error() string {
	s := fmt.Sprintf("function %s: %s", e.Name, e.Msg)
	if e.Backtrace != "" {
		s += "\n" + e.Backtrace
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
