package doortest

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestWorkers runs Python's own tests of what runs in workers: the operations
// on blobs, command lines in parts, the template, modules that are loaded late.
func TestWorkers(t *testing.T) {
	for _, name := range []string{"test_worker_lean", "test_worker_ops", "test_worker_split", "test_zygote"} {
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
