package doortest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// python is Debian's interpreter: the one that Debian's python3-nipype is for.
// The variable RAPHE_TEST_PYTHON names another, say of a virtual environment
// that holds a newer nipype.
var python = "/usr/bin/python3"

var (
	scratch    string // made and removed by TestMain
	builtRaphe = sync.OnceValues(buildRaphe)
)

func TestMain(m *testing.M) {
	if other := os.Getenv("RAPHE_TEST_PYTHON"); other != "" {
		python = other
	}
	dir, err := os.MkdirTemp("", "raphe-door-")
	if err == nil {
		scratch, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

func buildRaphe() (string, error) {
	binary := filepath.Join(scratch, "bin", "raphe")
	out, err := exec.Command("go", "build", "-o", binary, "github.com/raphe-org/raphe/cmd/raphe").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build raphe: %w\n%s", err, out)
	}
	return binary, nil
}

// needRaphe gives the path of a raphe that was built for this test run.
func needRaphe(t *testing.T) string {
	t.Helper()
	binary, err := builtRaphe()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

// pythonEnv is the environment of Python processes: Raphe's Python package is
// found in the checkout, nipype asks nobody for a newer version, and nothing
// is written beside sources or learnt for other runs.
func pythonEnv(t *testing.T, raphe string) []string {
	t.Helper()
	packages, err := filepath.Abs("../../python")
	if err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "RAPHE_BINARY="+raphe, "PYTHONPATH="+packages, "PYTHONDONTWRITEBYTECODE=1",
		"NIPYPE_NO_ET=1", "RAPHE_NO_LEARN=1", "NO_COLOR=1", "HOME="+scratch)
}
