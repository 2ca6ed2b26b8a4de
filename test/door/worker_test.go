package doortest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// modules gives the names of Python's own tests whose files match.
func modules(t *testing.T, patterns ...string) (names []string) {
	t.Helper()
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.Join("../../python/tests", pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("no tests %s: %v", pattern, err)
		}
		for _, file := range files {
			names = append(names, strings.TrimSuffix(filepath.Base(file), ".py"))
		}
	}
	return names
}

// ofWorkers are the files of the tests of workers.
var ofWorkers = []string{"test_worker_*.py", "test_zygote.py"}

// TestWorkers runs Python's own tests of what runs in workers: the operations
// on blobs, command lines in parts, the template, modules that are loaded late.
func TestWorkers(t *testing.T) {
	t.Parallel()
	for _, name := range modules(t, ofWorkers...) {
		t.Run(strings.TrimPrefix(name, "test_"), func(t *testing.T) {
			cmd := exec.Command(python, "-m", "unittest", name)
			cmd.Dir = "../../python/tests"
			cmd.Env = append(os.Environ(), "NIPYPE_NO_ET=1", "PYTHONDONTWRITEBYTECODE=1", "HOME="+scratch, "TMPDIR="+t.TempDir())
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
