package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// systemPython is Debian's, for which its python3-nipype is.
const systemPython = "/usr/bin/python3"

// An environment is a Python environment into which the wheel was installed.
type environment struct {
	t       *testing.T
	bin     string
	scratch string
}

// run runs a program of the environment and gives what it printed.
func (e *environment) run(program string, args ...string) string {
	e.t.Helper()
	cmd := exec.Command(filepath.Join(e.bin, program), args...)
	cmd.Dir = e.scratch
	// Nothing is activated, and nothing leads to this checkout.
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + e.scratch, "NIPYPE_NO_ET=1", "LC_ALL=C.UTF-8", "FSLOUTPUTTYPE=NIFTI"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		e.t.Fatalf("%s %q: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// install makes the wheel of this machine and installs it as a user would.
func install(t *testing.T) *environment {
	t.Helper()
	t.Chdir("../..")
	scratch, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := build(scratch, []string{runtime.GOARCH}, "0.1.0-dev"); err != nil {
		t.Fatal(err)
	}
	wheels, err := filepath.Glob(filepath.Join(scratch, "*.whl"))
	if err != nil || len(wheels) != 1 {
		t.Fatalf("wheels %q, %v", wheels, err)
	}
	if out, err := exec.Command(systemPython, "-m", "venv", "--system-site-packages", filepath.Join(scratch, "env")).CombinedOutput(); err != nil {
		t.Fatalf("make an environment (Debian: python3-venv): %v\n%s", err, out)
	}
	e := &environment{t, filepath.Join(scratch, "env/bin"), scratch}
	e.run("pip", "install", "--quiet", "--no-index", "--disable-pip-version-check", wheels[0])
	return e
}

// script is a workflow of which one node runs in Python and one a command.
const script = `
import os, sys
from nipype import Function, Node, Workflow
from nipype.interfaces.base import CommandLine

def double(n):
    return str(2 * n)

if __name__ == "__main__":
    wf = Workflow("wf", base_dir=os.path.abspath("work"))
    first = Node(Function(input_names=["n"], output_names=["n"], function=double), name="first")
    first.inputs.n = 21
    second = Node(CommandLine(command="true"), name="second")
    wf.connect(first, "n", second, "args")
    graph = wf.run(**eval(sys.argv[1]))
    print("answer:", [n.result.outputs.n for n in graph.nodes() if n.name == "first"])
`

// TestInstalled installs the wheel into an environment with Debian's nipype, and
// uses it in each of the ways that there are.
func TestInstalled(t *testing.T) {
	e := install(t)
	if err := os.WriteFile(filepath.Join(e.scratch, "study.py"), []byte(script), 0o666); err != nil {
		t.Fatal(err)
	}
	says := func(out string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(out, part) {
				t.Errorf("no %q in:\n%s", part, out)
			}
		}
	}
	says(e.run("raphe", "version"), "raphe 0.1.0-dev")

	// A Python that imports no nipype is left alone.
	const modules = "import sys; print(*sorted(sys.modules))"
	with := strings.Fields(e.run("python3", "-c", modules))
	hooks, err := filepath.Glob(filepath.Join(e.scratch, "env/lib/python3*/site-packages/raphe_nipype.pth"))
	if err != nil || len(hooks) != 1 {
		t.Fatalf("hooks %q, %v", hooks, err)
	}
	if err := os.Rename(hooks[0], hooks[0]+".away"); err != nil {
		t.Fatal(err)
	}
	without := strings.Fields(e.run("python3", "-c", modules))
	if err := os.Rename(hooks[0]+".away", hooks[0]); err != nil {
		t.Fatal(err)
	}
	more := slices.DeleteFunc(with, func(m string) bool { return slices.Contains(without, m) })
	if diff := cmp.Diff([]string{"raphe_nipype", "raphe_nipype.hook"}, more); diff != "" {
		t.Errorf("what every start of Python imports more:\n%s", diff)
	}

	// The plugin, by its name; again, when nothing has to run; Linear on top of it.
	says(e.run("python3", "study.py", `{"plugin": "Raphe"}`), "done: 2 instances", "answer: ['42']")
	says(e.run("python3", "study.py", `{"plugin": "Raphe", "plugin_args": {"n_procs": 2}}`), "nothing had to run: 2 instances", "answer: ['42']")
	says(e.run("python3", "study.py", `{"plugin": "Linear"}`), "answer: ['42']", "found cached")

	// A script as it stands, by the program that was installed.
	if err := os.RemoveAll(filepath.Join(e.scratch, "work")); err != nil {
		t.Fatal(err)
	}
	says(e.run("raphe", "run", "study.py", "{}"), "done: 2 instances", "answer: ['42']")
	says(e.run("raphe", "status", "work"), "done 2")
	says(e.run("raphe", "show", "work", "first"), "wf.first", "n = '42'")
}
