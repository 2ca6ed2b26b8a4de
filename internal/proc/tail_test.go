package proc

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTail(t *testing.T) {
	for _, c := range []struct {
		name, text string
		lines      int
		bytes      int
		want       []string
	}{
		{"empty", "", 5, 100, nil},
		{"only line ends", "\n\n", 5, 100, nil},
		{"all", "a\nb\n", 5, 100, []string{"a", "b"}},
		{"no last line end", "a\nb", 5, 100, []string{"a", "b"}},
		{"last lines", "a\nb\nc\nd\n", 2, 100, []string{"c", "d"}},
		{"empty lines inside", "a\n\nb\n", 5, 100, []string{"a", "", "b"}},
		{"cut", "aaaaaaaa\nbb\n", 5, 6, []string{"...aa", "bb"}},
		{"one long line", strings.Repeat("x", 1000), 5, 10, []string{"...xxxxxxxxxx"}},
		{"exact", "a\nb\n", 5, 4, []string{"a", "b"}},
		{"progress", "10%\r20%\r\nend\n", 5, 100, []string{"10%", "20%", "end"}},
		{"not text", "a\xff\xfeb\n", 5, 100, []string{"a\uFFFDb"}},
		{"no lines", "a\n", 0, 100, nil},
		{"no bytes", "a\n", 5, 0, nil},
	} {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, c.text, 0o600)
		got, err := Tail(path, c.lines, c.bytes)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
	}
	if _, err := Tail(filepath.Join(t.TempDir(), "gone"), 1, 1); err == nil {
		t.Error("no error for a file that is not there")
	}
}

func TestTailOfAHugeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	write(t, path, "", 0o600)
	if err := os.Truncate(path, 1<<32); err != nil { // sparse: one line of NULs
		t.Fatal(err)
	}
	got, err := Tail(path, 20, 4096)
	if err != nil || len(got) != 1 || len(got[0]) != 4096+3 {
		t.Errorf("%d lines, %v", len(got), err)
	}
}

func TestTailIsTheEnd(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	rapid.Check(t, func(r *rapid.T) {
		lines := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,9}`), 1, 20).Draw(r, "lines")
		most := rapid.IntRange(1, 25).Draw(r, "most")
		text := strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			r.Fatal(err)
		}
		got, err := Tail(path, most, len(text))
		if diff := cmp.Diff(lines[max(0, len(lines)-most):], got); err != nil || diff != "" {
			r.Fatalf("%v %s", err, diff)
		}
	})
}
