// Package starlang is the Starlark front end: it evaluates a definition file,
// written in nipype's vocabulary, into a [workflow.Definition].
//
//	Load      evaluates a file
//	Options   what the file is given: arguments, catalogue, current directory
//	Result    the definition, its workflows by name, the arguments it declares
//	Arg       one argument declared with arg()
//	Tools     the catalogue of interfaces
//
// Values of the language: class (an interface such as BET), instance (BET()),
// nodeValue, workflowValue; each is small, since a loop may make a million of
// them: what they say is written straight into the definition.
//
// A wrong call is a problem of the definition, recorded with its place, and
// evaluation goes on, so that all problems are reported together; only what
// Starlark itself can't go on from (syntax, an undefined name, fail()) ends it.
//
// The package reads the definition's files and nothing else. It knows no plan
// and no run.
package starlang

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/workflow"
)

// Tools is the catalogue of interfaces.
type Tools interface {
	// Resolve gives the interface that a reference means. Its error names what
	// is wrong with the reference.
	Resolve(iface.Ref) (*iface.Interface, error)
	// Names gives the interfaces of a package, nil if there is no such package.
	Names(pkg string) []string
	// Packages gives all packages.
	Packages() []string
}

// Options is what a definition file is given.
type Options struct {
	Args  map[string][]string // values for arg(), by name, as written on the command line
	Flags []string            // the program's own options, which a misspelt one may mean
	Tools Tools
	Dir   string    // the current directory: relative paths are made absolute against it; "": the process's
	Print io.Writer // receives print(); nil: standard error

	// Read reads a file; nil: os.ReadFile.
	Read func(string) ([]byte, error)
	// MaxSteps bounds the evaluation; 0: no bound.
	MaxSteps uint64
}

// A Result is what one definition file says.
type Result struct {
	Definition *workflow.Definition // its Problems hold everything that was found
	Workflows  map[string]workflow.Workflow
	Args       []Arg
}

// Load evaluates a definition file. What is wrong with it is in the result's
// Definition.Problems; the error says only that the file can't be read.
func Load(file string, opts Options) (*Result, error) {
	ld, err := newLoader(opts)
	if err != nil {
		return nil, err
	}
	text, err := ld.opts.Read(file)
	if err != nil {
		return nil, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("cannot read the definition %q", file),
			Why: plainError(err), Mend: "check the name of the file", Err: err}
	}
	ld.modules[filepath.Clean(file)] = &module{busy: true}
	if _, err := ld.exec(file, text); err != nil {
		ld.failed(err) // before all its arguments are declared
	} else {
		ld.checkGiven(file)
	}
	res := &Result{Definition: ld.def, Args: ld.args, Workflows: map[string]workflow.Workflow{}}
	for _, w := range ld.def.Top() {
		if _, taken := res.Workflows[w.Name()]; taken {
			ld.problem(w.Pos(), fmt.Sprintf("duplicate workflow name %q", w.Name()), "workflows are chosen by name", "rename one of the two",
				diag.Note{Pos: res.Workflows[w.Name()].Pos(), Text: "the first is made here"})
		}
		res.Workflows[w.Name()] = w
	}
	return res, nil
}

// A loader is one evaluation. Each file has a thread; only the innermost one
// that is being loaded runs.
type loader struct {
	opts    Options
	def     *workflow.Definition
	thread  *starlark.Thread // of the file that is running
	env     starlark.StringDict
	sources map[string]*source
	modules map[string]*module
	classes map[string]*class
	seen    map[problemKey]bool
	args    []Arg
	unnamed int
	texts   starfn.Texts
	lists   bigLists
}

// A module is a loaded file; globals is nil while it is being loaded.
type module struct {
	globals starlark.StringDict
	err     error
	busy    bool
}

func newLoader(opts Options) (*loader, error) {
	if opts.Dir == "" {
		dir, err := os.Getwd()
		if err != nil {
			return nil, fmt.Errorf("find the current directory: %w", err)
		}
		opts.Dir = dir
	}
	if opts.Read == nil {
		opts.Read = os.ReadFile
	}
	if opts.Print == nil {
		opts.Print = os.Stderr
	}
	ld := &loader{
		opts: opts, def: workflow.New(),
		sources: map[string]*source{}, modules: map[string]*module{}, classes: map[string]*class{},
		seen: map[problemKey]bool{},
	}
	ld.texts = starfn.Texts{Module: userFiles{ld}.Module, Hint: textHint}
	ld.env = ld.predeclared()
	return ld, nil
}

// predeclared is what a definition file has without load().
func (ld *loader) predeclared() starlark.StringDict {
	env := ld.toolWords()
	for name, fn := range map[string]func(*site, starlark.Tuple, []starlark.Tuple) (starlark.Value, error){
		"Node": ld.newNode, "MapNode": ld.newMapNode, "JoinNode": ld.newJoinNode,
		"Workflow": ld.newWorkflow, "arg": ld.arg,
	} {
		env[name] = ld.builtin(name, fn)
	}
	env["Undefined"] = undefinedValue{}
	return env
}

// builtin makes a function of the language out of a method of the loader.
func (ld *loader) builtin(name string, fn func(*site, starlark.Tuple, []starlark.Tuple) (starlark.Value, error)) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		return fn(ld.site(b.Name()), args, kwargs)
	})
}

// errAbandoned ends the evaluation of a file whose problems are recorded.
var errAbandoned = errors.New("the file has errors")

// exec parses and evaluates one file.
func (ld *loader) exec(name string, text []byte) (starlark.StringDict, error) {
	text = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	src := newSource(name, text)
	ld.sources[name] = src
	if !ld.parse(src) {
		return nil, errAbandoned
	}
	prog, err := starlark.FileProgram(src.File, ld.env.Has)
	if err != nil {
		ld.badSyntax(src, err)
		return nil, errAbandoned
	}
	thread := &starlark.Thread{Name: name, Load: ld.load, Print: ld.print}
	if ld.opts.MaxSteps > 0 {
		thread.SetMaxExecutionSteps(ld.opts.MaxSteps)
	}
	tools := toolfile.Attach(thread, src.Module, userFiles{ld})
	outer := ld.thread
	ld.thread = thread
	globals, err := prog.Init(thread, ld.env)
	ld.thread = outer
	for _, d := range tools.Faults() {
		ld.add(d)
	}
	return globals, err
}

// parse makes the syntax tree. After an error it drops the statement and reads
// on, so that the later errors are found as well.
func (ld *loader) parse(src *source) bool {
	const most = 50
	text := []byte(src.Text)
	for i := range most {
		tree, err := starfn.Options.Parse(src.Name, text, 0)
		if err == nil {
			src.File = tree
			return i == 0
		}
		ld.badSyntax(src, err)
		rest, ok := blankChunk(text, errorLine(err), openBracket(err.Error()))
		if !ok {
			break
		}
		text = rest
	}
	return false
}

func (ld *loader) print(t *starlark.Thread, msg string) {
	pos := ld.place(t.CallFrame(1).Pos)
	pos.Column = 0
	fmt.Fprintf(ld.opts.Print, "%s: %s\n", pos, msg)
}

// abs makes a relative path absolute against the current directory.
func (ld *loader) abs(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(ld.opts.Dir, path)
}

// plainError gives the last cause of a file error, without the path that the
// message names anyway.
func plainError(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
