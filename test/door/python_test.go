package doortest

import (
	"bytes"
	"os/exec"
	"slices"
	"testing"
)

// TestHandover runs the Python tests of what the plugin does before and after
// Raphe runs: they need no raphe.
func TestHandover(t *testing.T) {
	t.Parallel()
	workers := modules(t, ofWorkers...)
	of := modules(t, "test_*.py")
	for _, module := range slices.DeleteFunc(of, func(name string) bool { return slices.Contains(workers, name) }) {
		t.Run(module, func(t *testing.T) {
			cmd := exec.Command(python, "-m", "unittest", module)
			cmd.Dir = "../../python/tests"
			cmd.Env = append(pythonEnv(t, "/nonexistent/raphe"), "FSLOUTPUTTYPE=NIFTI_GZ")
			var out bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &out
			if err := cmd.Run(); err != nil {
				t.Errorf("python -m unittest %s: %v\n%s", module, err, out.Bytes())
			}
		})
	}
}
