package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/python"
)

// takeScript takes a command line apart that names a Python script: everything
// before it is raphe's own, everything behind it the script's. ok is false
// where the first thing that is no option is no script.
func takeScript(flags *pflag.FlagSet, args []string) (own []string, script string, theirs []string, ok bool) {
	for k := 0; k < len(args); k++ {
		a := args[k]
		if !strings.HasPrefix(a, "-") || a == "-" {
			return args[:k], a, args[k+1:], strings.HasSuffix(a, ".py")
		}
		name, _, hasValue := strings.Cut(strings.TrimPrefix(a, "--"), "=")
		f := flags.Lookup(name)
		takesNext := f != nil && needsValue(f) || f == nil && k+1 < len(args) && !strings.HasPrefix(args[k+1], "-") // as splitArgs has it
		if takesNext && !hasValue {
			k++
		}
	}
	return nil, "", nil, false
}

// notForScripts are options of `raphe run` that a script of nipype's decides
// itself, with what to do instead.
var notForScripts = map[string]string{
	"base-dir": "set base_dir of the workflow in the script",
	"workflow": "the script runs the workflow that it wants to",
	"hash":     "set hash_method in nipype's configuration (section execution)",
	"json":     "use --events FILE: a script prints what it likes to standard output",
	"dry-run":  "run the script, then see: raphe why BASE_DIR",
}

// runScript is `raphe run SCRIPT.py`: a script that uses nipype is run by
// Python, as it stands, with Raphe in place of the plugin that it names. This
// process becomes Python's, so it comes back with an error only.
func runScript(f *runFlags, script string, args []string, command string) error {
	if err := f.checkScript(script); err != nil {
		return err
	}
	options, err := f.forEveryWorkflow(cmp.Or(f.command, command))
	if err != nil {
		return err
	}
	interpreter, err := findPython(os.Getenv)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return &diag.Diagnostic{Code: diag.Usage, What: "no place for the Python package", Why: err.Error(), Mend: "set HOME or XDG_CACHE_HOME", Err: err}
	}
	folder, err := python.Unpack(filepath.Join(cache, "raphe"))
	if err != nil {
		return &diag.Diagnostic{Code: diag.Usage, What: "no place for the Python package", Why: err.Error(), Mend: "set XDG_CACHE_HOME to a folder that can be written", Err: err}
	}
	environ := append(os.Environ(),
		"RAPHE_BINARY="+self,
		"RAPHE_RUN_ARGS="+options,
		"PYTHONPATH="+strings.Trim(folder+string(filepath.ListSeparator)+os.Getenv("PYTHONPATH"), string(filepath.ListSeparator)))
	argv := append([]string{interpreter, "-m", python.Package + ".script", script}, args...)
	return fmt.Errorf("start %s: %w", interpreter, syscall.Exec(interpreter, argv, lastOfEach(environ)))
}

// forEveryWorkflow gives the options that were given as a JSON list: those with
// which each workflow that the script runs is to be run.
func (f *runFlags) forEveryWorkflow(command string) (string, error) {
	options := []string{"--command=" + command}
	var err error
	f.given.Visit(func(given *pflag.Flag) {
		text := given.Value.String()
		if given.Name == "command" {
			return
		}
		if given.Name == "events" { // wherever the script goes
			text, err = filepath.Abs(text)
		}
		options = append(options, "--"+given.Name+"="+text)
	})
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(options)
	return string(text), err
}

// checkScript refuses options that mean nothing for a script, and one that is
// not there.
func (f *runFlags) checkScript(script string) error {
	var problems diag.List
	f.given.Visit(func(given *pflag.Flag) {
		if mend, is := notForScripts[given.Name]; is {
			problems.Add(&diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("--%s is not for scripts", given.Name), Mend: mend})
		}
	})
	if info, err := os.Stat(script); err != nil || info.IsDir() {
		problems.Add(&diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("no script %q", script), Mend: "check the name of the file"})
	}
	if err := problems.Err(); err != nil {
		return err
	}
	if err := f.checkOptions(); err != nil {
		return err
	}
	if _, err := f.capacity(); err != nil {
		return err
	}
	_, _, err := f.memoryPolicy(0)
	return err
}

// lastOfEach keeps of variables that are set more than once the last.
func lastOfEach(environ []string) []string {
	seen := map[string]bool{}
	out := make([]string, 0, len(environ))
	for _, v := range slices.Backward(environ) {
		name, _, _ := strings.Cut(v, "=")
		if !seen[name] {
			seen[name] = true
			out = append(out, v)
		}
	}
	slices.Reverse(out)
	return out
}

// findPython gives the Python that has nipype: the one that RAPHE_PYTHON names,
// else the first of PATH. getenv is os.Getenv.
func findPython(getenv func(string) string) (string, error) {
	var tried []string
	for _, p := range pythons(getenv) {
		why := lacksNipype(p)
		if why == "" {
			return p, nil
		}
		tried = append(tried, p+": "+why)
	}
	d := &diag.Diagnostic{Code: diag.Missing, What: "no Python with nipype", Mend: "activate the environment that has nipype, or name its Python: RAPHE_PYTHON=/path/to/python3"}
	if len(tried) == 0 {
		d.Why = "there is no python3 on PATH"
	} else {
		d.Why = "tried " + strings.Join(tried, "; ")
	}
	return "", d
}

// pythons gives the paths that are tried, in order.
func pythons(getenv func(string) string) []string {
	if named := getenv("RAPHE_PYTHON"); named != "" {
		if path, err := exec.LookPath(named); err == nil {
			named, _ = filepath.Abs(path)
		}
		return []string{named}
	}
	var out []string
	for _, dir := range filepath.SplitList(getenv("PATH")) {
		for _, name := range []string{"python3", "python"} {
			path, err := filepath.Abs(filepath.Join(dir, name))
			if err != nil || slices.Contains(out, path) {
				continue
			}
			if _, err := exec.LookPath(path); err == nil {
				out = append(out, path)
			}
		}
	}
	return out
}

// lacksNipype says why a Python is of no use, "" if it is. Nipype is looked
// for and not imported, which would take most of a second.
func lacksNipype(python string) string {
	ctx, stop := untilInterrupt()
	defer stop()
	cmd := exec.CommandContext(ctx, python, "-c", "import sys, importlib.util; sys.exit(0 if importlib.util.find_spec('nipype') else 9)")
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return ""
	case errors.Is(ctx.Err(), context.Canceled):
		return "interrupted"
	case errors.As(err, &exit) && exit.ExitCode() == 9:
		return "it has no nipype"
	}
	return err.Error()
}
