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
// place of any plugin that they name; see suite/everywhere.py. Tests that let
// no workflow run, say those that draw graphs, are no subject.
func TestSuite(t *testing.T) {
	raphe := needRaphe(t)
	where, err := exec.Command(python, "-c", "import os, pytest, nipype.pipeline as p; print(os.path.dirname(p.__file__))").CombinedOutput()
	if err != nil {
		t.Fatalf("nipype's tests need nipype and pytest under %s: %v; on Debian: apt install python3-nipype python3-pytest\n%s", python, err, where)
	}
	lines := runSuite(t, raphe, strings.TrimSpace(string(where)))
	if len(lines) == 0 {
		t.Fatal("nipype's tests did not run")
	}
	judged := 0
	for _, line := range lines {
		if line.Runs == 0 {
			if line.Outcome == "failed" {
				t.Logf("no subject, since no workflow ran: %s fails", line.Test)
			}
			continue
		}
		judged++
		t.Run(filepath.Base(line.Test), func(t *testing.T) {
			if line.Outcome != "passed" {
				t.Errorf("%s:\n%s", line.Outcome, line.Why)
			}
		})
	}
	if judged == 0 {
		t.Error("in none of nipype's tests a workflow ran")
	}
}

// A suiteLine is what is said of one test.
type suiteLine struct {
	Test, Outcome, Why string
	Runs               int
}

func runSuite(t *testing.T, raphe, nipype string) []suiteLine {
	t.Helper()
	folder := filepath.Join(scratch, "suite")
	if err := os.MkdirAll(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	plugin, err := filepath.Abs("suite")
	if err != nil {
		t.Fatal(err)
	}
	report := filepath.Join(folder, "report")
	cmd := exec.Command(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "everywhere", "--basetemp", filepath.Join(folder, "tmp"),
		filepath.Join(nipype, "engine", "tests"), filepath.Join(nipype, "plugins", "tests"))
	cmd.Dir = folder
	cmd.Env = append(pythonEnv(t, raphe), "EVERYWHERE="+report)
	for i, v := range cmd.Env {
		if packages, ok := strings.CutPrefix(v, "PYTHONPATH="); ok {
			cmd.Env[i] = "PYTHONPATH=" + plugin + string(os.PathListSeparator) + packages
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
