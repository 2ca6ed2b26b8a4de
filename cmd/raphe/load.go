package main

import (
	"bufio"
	"cmp"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/internal/wire"
	"github.com/raphe-org/raphe/workflow"
)

// A definition is a loaded definition file.
type definition struct {
	file      string
	def       *workflow.Definition
	workflows []workflow.Workflow // those that are no other's part
	args      []starlang.Arg
}

// load reads a definition: Starlark, or JSON lines where the name ends in
// .jsonl or is "-". Everything wrong with it is in def.Problems.
func load(file string, args theirArgs) (*definition, error) {
	if file == "-" || strings.HasSuffix(file, ".jsonl") {
		return loadJSONLines(file, args)
	}
	if strings.HasSuffix(file, ".py") {
		return nil, &diag.Diagnostic{Code: diag.Usage, What: file + " is a Python script", Why: "only running it makes its workflow",
			Mend: "run it: raphe run " + file + "; then see raphe why BASE_DIR, or name the graph that it left: BASE_DIR/" + store.Folder + "/nipype/NAME/graph.jsonl"}
	}
	res, err := starlang.Load(file, starlang.Options{Args: args.values, Flags: args.flags, Tools: toolfile.Catalogue{}})
	if err != nil {
		return nil, err
	}
	return &definition{file, res.Definition, res.Definition.Top(), res.Args}, nil
}

func loadJSONLines(file string, args theirArgs) (*definition, error) {
	if given := slices.Sorted(maps.Keys(args.values)); len(given) > 0 {
		name := strings.ReplaceAll(given[0], "_", "-")
		mend := "leave it out; see: raphe run --help"
		if near := diag.Nearest(name, args.flags); near != "" {
			mend = "did you mean --" + near + "?"
		}
		return nil, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("unknown option --%s", name),
			Why: "a definition in JSON lines takes no arguments of its own", Mend: mend}
	}
	in := os.Stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("cannot read the definition %q", file), Why: err.Error(), Mend: "check the name of the file", Err: err}
		}
		defer f.Close()
		in = f
	}
	def, err := wire.Read(file, bufio.NewReaderSize(in, 1<<16), toolfile.Catalogue{})
	if err != nil {
		return nil, err
	}
	return &definition{file, def, def.Top(), nil}, nil
}

// choose gives the workflow to run: the only one, or the one that is named.
func (d *definition) choose(name string) (workflow.Workflow, error) {
	var names []string
	for _, w := range d.workflows {
		if w.Name() == name {
			return w, nil
		}
		names = append(names, w.Name())
	}
	bad := &diag.Diagnostic{Code: diag.Usage, Pos: diag.Pos{File: d.file}}
	switch {
	case len(names) == 0:
		bad.Code, bad.What = diag.BadDefinition, "the definition makes no workflow"
		bad.Why, bad.Mend = "a workflow is what is run", `make one: wf = Workflow("name", base_dir = "work")`
	case name != "":
		bad.What, bad.Why, bad.Mend = fmt.Sprintf("no workflow %q to run", name), "the definition makes "+strings.Join(names, ", "), diag.DidYouMean(name, names)
	case len(names) == 1:
		return d.workflows[0], nil
	default:
		bad.What, bad.Why = "which workflow to run?", "the definition makes "+strings.Join(names, ", ")
		bad.Mend = "name one, such as the last: --workflow " + names[len(names)-1]
	}
	return workflow.Workflow{}, bad
}

// planned loads, checks and plans a definition; all that is wrong with it is
// reported together.
func planned(file, name string, args theirArgs) (*plan.Plan, *definition, error) {
	d, err := load(file, args)
	if err != nil {
		return nil, nil, err
	}
	if d.def.Err() != nil && len(d.workflows) != 1 && name == "" {
		return nil, d, d.def.Problems
	}
	top, err := d.choose(name)
	if err != nil {
		if d.def.Err() != nil {
			return nil, d, d.def.Problems
		}
		return nil, d, err
	}
	problems := slices.Concat(d.def.Problems, check.Definition(top))
	d.def.Unindex()
	p, graph := plan.Build(top)
	problems = append(problems, graph...)
	if err := problems.Err(); err != nil {
		return nil, d, err
	}
	if len(problems) > 0 { // warnings
		fmt.Fprint(os.Stderr, problems.Render(diag.Painter{Colour: colourOf(os.Stderr)}, nil))
	}
	d.def.Settle()
	debug.FreeOSMemory() // what only reading needed: a Starlark heap, the tables of names
	return p, d, nil
}

// defaultBaseDir is where working directories go when neither the definition
// nor the command line says.
const defaultBaseDir = "work"

// baseDir gives the base directory of a run: absolute, made if it was not there.
func baseDir(flag string, top workflow.Workflow) (string, error) {
	dir := cmp.Or(flag, top.Options().BaseDir, defaultBaseDir)
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(abs, 0o777); err != nil {
		return "", &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("cannot make the base directory %q", dir), Why: err.Error(), Mend: "choose another with --base-dir", Err: err}
	}
	return filepath.EvalSymlinks(abs)
}
