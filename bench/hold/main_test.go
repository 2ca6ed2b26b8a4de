package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestHold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in"), filepath.Join(dir, "out")
	if err := os.WriteFile(in, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := hold([]string{"1", "0", out, "--subject=01", in}); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(out); err != nil || string(text) != "--subject=01\n"+in+"\n" {
		t.Errorf("%q, %v", text, err)
	}
	for _, args := range [][]string{nil, {"x", "0", out}, {"0", "0", out}, {"1", "long", out}, {"1", "0", out, filepath.Join(dir, "none")}, {"1", "0", filepath.Join(dir, "no", "out")}} {
		if hold(args) == nil {
			t.Errorf("%v is accepted", args)
		}
	}
}
