package doortest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestScripts runs the scripts of scripts/, each in an empty folder of its own:
// what there is to check of a run with Raphe, they check themselves.
func TestScripts(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("scripts/*.py")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(script), ".py"), func(t *testing.T) {
			cmd := exec.Command(python, filepath.Join(here, script))
			cmd.Dir = t.TempDir()
			cmd.Env = append(pythonEnv(t, needRaphe(t)), "FSLOUTPUTTYPE=NIFTI_GZ")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
