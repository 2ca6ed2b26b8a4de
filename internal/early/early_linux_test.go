package early_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestLimitedAddressSpace starts raphe where Starlark can't have the addresses
// that it asks for: nothing is said of it.
func TestLimitedAddressSpace(t *testing.T) {
	program := filepath.Join(t.TempDir(), "raphe")
	build := exec.Command("go", "build", "-o", program, "../../cmd/raphe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	out, err := exec.Command("sh", "-c", "ulimit -v 2500000 && exec "+program+" version").CombinedOutput()
	if err != nil || bytes.Count(out, []byte("\n")) != 1 || !bytes.HasPrefix(out, []byte("raphe ")) {
		t.Errorf("raphe version: %v\n%s", err, out)
	}
}
