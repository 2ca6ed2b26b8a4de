package doortest

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSuite runs nipype's own tests of its engine and plugins with Raphe in the
// place of any plugin that they name; see suite/everywhere.py. No subject are
// tests that let no workflow run, say those that draw graphs, and tests that
// nipype's own MultiProc does not pass, since their interfaces leave something
// in variables of the test's process.
func TestSuite(t *testing.T) {
	t.Parallel()
	s := suite{raphe: needRaphe(t)}
	where, err := exec.Command(python, "-c", "import os, pytest, nipype.pipeline as p; print(os.path.dirname(p.__file__))").CombinedOutput()
	if err != nil {
		t.Fatalf("nipype's tests need nipype and pytest under %s: %v; on Debian: apt install python3-nipype python3-pytest\n%s", python, err, where)
	}
	s.nipype = strings.TrimSpace(string(where))
	var failed []suiteLine
	judged := 0
	for _, line := range s.run(t, "Raphe", filepath.Join(s.nipype, "engine", "tests"), filepath.Join(s.nipype, "plugins", "tests")) {
		switch {
		case line.Runs > 0 && line.Outcome == "failed":
			failed = append(failed, line)
		case line.Runs > 0:
			judged++
		case line.Outcome == "failed":
			t.Logf("no subject, since no workflow ran: %s fails", line.Test)
		}
	}
	if judged == 0 {
		t.Error("in none of nipype's tests a workflow ran")
	}
	t.Logf("%d of nipype's tests pass", judged)
	s.judge(t, failed)
}

// judge tells which failures are Raphe's.
func (s suite) judge(t *testing.T, failed []suiteLine) {
	t.Helper()
	if len(failed) == 0 {
		return
	}
	var tests []string
	for _, line := range failed {
		tests = append(tests, filepath.Join(filepath.Dir(s.nipype), line.Test))
	}
	passes := map[string]bool{}
	for _, line := range s.run(t, "MultiProc", tests...) {
		passes[line.Test] = line.Outcome == "passed"
	}
	for _, line := range failed {
		if passes[line.Test] {
			t.Errorf("%s passes with MultiProc, and not with Raphe:\n%s", line.Test, line.Why)
		} else {
			t.Logf("no subject, since MultiProc fails, too: %s", line.Test)
		}
	}
}

// A suite is nipype's tests, in the folder of its package nipype.pipeline.
type suite struct{ raphe, nipype string }

// A suiteLine is what is said of one test.
type suiteLine struct {
	Test, Outcome, Why string
	Runs               int
}

// run runs tests with a plugin in the place of those that they name.
func (s suite) run(t *testing.T, plugin string, tests ...string) []suiteLine {
	t.Helper()
	folder := filepath.Join(scratch, "suite", plugin)
	everywhere, err := filepath.Abs("suite")
	if err := errors.Join(err, os.MkdirAll(folder, 0o777)); err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(folder, "report")
	cmd := exec.Command(python, append([]string{"-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "everywhere", "--basetemp", filepath.Join(folder, "tmp")}, tests...)...)
	cmd.Dir = folder
	cmd.Env = append(pythonEnv(t, s.raphe), "EVERYWHERE="+report, "EVERYWHERE_PLUGIN="+plugin)
	for i, v := range cmd.Env {
		if packages, ok := strings.CutPrefix(v, "PYTHONPATH="); ok {
			cmd.Env[i] = "PYTHONPATH=" + everywhere + string(os.PathListSeparator) + packages
		}
	}
	out, err := cmd.CombinedOutput()
	if exit := new(exec.ExitError); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("run nipype's tests: %v\n%s", err, out)
	}
	return readSuite(t, report)
}

func readSuite(t *testing.T, report string) []suiteLine {
	t.Helper()
	f, err := os.Open(report)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var lines []suiteLine
	for dec := json.NewDecoder(f); dec.More(); {
		var line suiteLine
		if err := dec.Decode(&line); err != nil {
			t.Fatalf("read what everywhere.py wrote: %v", err)
		}
		lines = append(lines, line)
	}
	return lines
}
