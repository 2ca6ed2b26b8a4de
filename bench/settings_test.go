package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadOvercommit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                 string
		memory, ratio, kbyte string
		want                 []string
	}{
		{"usual", "0\n", "50\n", "0\n", []string{"overcommit_memory=0", "overcommit_ratio=50"}},
		{"strict, by size", "2\n", "0\n", "123\n", []string{"overcommit_memory=2", "overcommit_kbytes=123"}},
		{"strange", "x\n", "50\n", "0\n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, text := range map[string]string{"overcommit_memory": c.memory, "overcommit_ratio": c.ratio, "overcommit_kbytes": c.kbyte} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			got, err := readOvercommit(dir)
			if diff := cmp.Diff(c.want, got); diff != "" || (err == nil) != (c.want != nil) {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

// The guard writes the old values when its input ends, not before.
func TestGuard(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "overcommit_memory")
	in := &checkedInput{t: t, path: path, text: strings.NewReader(path + "=0\nend\n")}
	if err := guardSettings(in); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || string(text) != "0\n" {
		t.Errorf("%q, %v", text, err)
	}
}

// A checkedInput demands that nothing is written while it has not ended.
type checkedInput struct {
	t    *testing.T
	path string
	text *strings.Reader
}

func (c *checkedInput) Read(p []byte) (int, error) {
	if _, err := os.Stat(c.path); err == nil {
		c.t.Error("written before the input ended")
	}
	return c.text.Read(p)
}

func TestWriteSetting(t *testing.T) {
	t.Parallel()
	if err := writeSetting("nonsense"); err == nil {
		t.Error("nonsense is a setting")
	}
}
