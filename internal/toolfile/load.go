package toolfile

import (
	"errors"
	"fmt"
	"path"
	"sync"

	"go.starlark.net/resolve"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"

	"github.com/raphe-org/raphe/interfaces"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starfn"
)

// loader evaluates files of the catalogue, each once, when something of them
// is asked for.
type loader struct {
	mu     sync.Mutex
	loaded map[string]*loadedFile
	// read gives the text of a file, find the file that defines a name.
	read func(file string) ([]byte, error)
	find func(pkg, name string) (string, bool)
}

type loadedFile struct {
	globals starlark.StringDict
	err     error
	busy    bool // being evaluated: asking for it again is a circle
}

// catalogue is the loader of the embedded files.
var catalogue = &loader{loaded: map[string]*loadedFile{}, read: interfaces.Source, find: interfaces.Find}

// global gives what a package's file defines under a name.
func (l *loader) global(pkg, name string) (starlark.Value, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lookup(pkg, name)
}

func (l *loader) lookup(pkg, name string) (starlark.Value, error) {
	file, ok := l.find(pkg, name)
	if !ok {
		return nil, unknownName(pkg, name)
	}
	globals, err := l.file(file)
	if err != nil {
		return nil, err
	}
	v, ok := globals[name]
	if !ok {
		return nil, fmt.Errorf("%s does not define %s", displayName(file), name)
	}
	return v, nil
}

// Helper gives what a package of the catalogue defines beside its interfaces:
// a profile, or a function.
func Helper(pkg, name string) (starlark.Value, bool) {
	if _, ok := interfaces.Find(pkg, name); !ok {
		return nil, false
	}
	v, err := catalogue.global(pkg, name)
	if _, isTool := v.(*Tool); err != nil || isTool {
		return nil, false
	}
	return v, true
}

// displayName is what positions in a file of the catalogue call it.
func displayName(file string) string { return "interfaces/" + file }

// file evaluates a file, once. The caller holds l.mu.
func (l *loader) file(file string) (starlark.StringDict, error) {
	f := l.loaded[file]
	switch {
	case f == nil:
	case f.busy:
		return nil, fmt.Errorf("%s is loaded while it is loading", displayName(file))
	default:
		return f.globals, f.err
	}
	f = &loadedFile{busy: true}
	l.loaded[file] = f
	text, err := l.read(file)
	if err == nil {
		f.globals, err = l.exec(displayName(file), path.Dir(file), text)
	}
	f.err, f.busy = err, false
	return f.globals, f.err
}

// exec evaluates a file that may load others. Its error, for faults of the
// file, is a diag.List.
func (l *loader) exec(name, folder string, text []byte) (starlark.StringDict, error) {
	module, err := starfn.ParseModule(name, text)
	if err != nil {
		return nil, syntaxFaults(err)
	}
	if folder != "" {
		modules.Store(name, module)
	}
	s := newSession(module, folder, embedded{module})
	thread := &starlark.Thread{
		Name:  name,
		Print: func(*starlark.Thread, string) {},
		Load:  l.loadFor(module),
	}
	thread.SetLocal(sessionKey, s)
	program, err := starlark.FileProgram(module.File, func(n string) bool { return predeclared.Has(n) })
	if err != nil {
		return nil, syntaxFaults(err)
	}
	globals, err := program.Init(thread, predeclared)
	if err != nil {
		s.faults = append(s.faults, evalFault(err)...)
	}
	globals.Freeze()
	if err := s.faults.Err(); err != nil {
		return nil, s.faults.Sorted()
	}
	return globals, nil
}

// loadFor gives load() for a file: of each package only the names that the
// file mentions, since a package is many files.
func (l *loader) loadFor(module *starfn.Module) func(*starlark.Thread, string) (starlark.StringDict, error) {
	return func(_ *starlark.Thread, pkg string) (starlark.StringDict, error) {
		out := starlark.StringDict{}
		for _, stmt := range module.File.Stmts {
			load, ok := stmt.(*syntax.LoadStmt)
			if !ok || load.Module.Value != pkg {
				continue
			}
			for _, from := range load.From {
				v, err := l.lookup(pkg, from.Name)
				if err != nil {
					return nil, err
				}
				out[from.Name] = v
			}
		}
		return out, nil
	}
}

// syntaxFaults turns the errors of parser and resolver into diagnostics.
func syntaxFaults(err error) error {
	var list diag.List
	add := func(p syntax.Position, msg string) {
		list.Add(&diag.Diagnostic{Code: diag.BadDefinition, What: msg, Pos: position(p), Err: err,
			Why: "the file must be Starlark, which is much like Python", Mend: "correct the marked place, or what stands before it"})
	}
	var parse syntax.Error
	var names resolve.ErrorList
	switch {
	case errors.As(err, &parse):
		add(parse.Pos, parse.Msg)
	case errors.As(err, &names):
		for _, e := range names {
			add(e.Pos, e.Msg)
		}
	default:
		return err
	}
	return list.Sorted()
}

// evalFault turns an error of the evaluation into diagnostics: those of a file
// that was loaded as they are.
func evalFault(err error) diag.List {
	var list diag.List
	if errors.As(err, &list) {
		return list
	}
	d := &diag.Diagnostic{Code: diag.BadDefinition, What: err.Error(), Err: err,
		Why: "the call or the operation can't be done with these values", Mend: "change the marked line"}
	var eval *starlark.EvalError
	if errors.As(err, &eval) {
		for i := len(eval.CallStack) - 1; i >= 0; i-- {
			if p := eval.CallStack[i].Pos; p.IsValid() && p.Filename() != "<builtin>" {
				d.Pos = position(p)
				break
			}
		}
	}
	return diag.List{d}
}
