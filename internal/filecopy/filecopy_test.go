package filecopy

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Both ways of copying are of one content, and a change of the copy leaves the
// original alone. Whether Clone works is the file system's choice; where it does not
// it leaves nothing behind.
func TestCopies(t *testing.T) {
	large := strings.Repeat("0123456789abcdef", 300_000)
	for name, make := range map[string]func(ctx context.Context, from, to string, perm fs.FileMode) error{
		"Make": Make, "Copy": Copy,
		"Clone": func(_ context.Context, from, to string, perm fs.FileMode) error { return Clone(from, to, perm) },
	} {
		for _, content := range []string{"", "a", large} {
			dir := t.TempDir()
			from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
			write(t, from, content)
			if err := make(t.Context(), from, to, 0o640); err != nil {
				if _, there := os.Stat(to); name != "Clone" || there == nil {
					t.Errorf("%s of %d bytes: %v; something is left: %v", name, len(content), err, there == nil)
				}
				continue
			}
			if got := read(t, to); got != content {
				t.Errorf("%s of %d bytes gave %d", name, len(content), len(got))
			}
			if info, _ := os.Stat(to); info.Mode().Perm()&0o640 != 0o640 {
				t.Errorf("%s: permissions %v", name, info.Mode())
			}
			f, err := os.OpenFile(to, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			f.WriteString("changed")
			f.Close()
			if read(t, from) != content {
				t.Errorf("%s: a change of the copy changed the original", name)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "to")
	if err := Make(t.Context(), from, to, 0o666); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing to copy: %v", err)
	}
	write(t, from, "new")
	write(t, to, "old")
	if err := Make(t.Context(), from, to, 0o666); !errors.Is(err, fs.ErrExist) || read(t, to) != "old" {
		t.Errorf("a file is there: %v, and it holds %q", err, read(t, to))
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	other := filepath.Join(dir, "other")
	if err := Copy(ended, from, other, 0o666); !errors.Is(err, context.Canceled) {
		t.Errorf("a copy that was given up: %v", err)
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a copy that was given up left a file")
	}
}
