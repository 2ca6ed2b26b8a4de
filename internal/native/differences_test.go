package native

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the section of doc/differences.md anew")

const (
	page      = "../../doc/differences.md"
	pageStart = "## Utility and I/O interfaces\n"
)

// TestDifferencesPage holds the section of doc/differences.md to the comments
// of this package.
func TestDifferencesPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), pageStart)
	if !found && *update {
		before += "\n"
	}
	section, after := rest, ""
	if i := strings.Index(rest, "\n## "); i >= 0 {
		section, after = rest[:i], rest[i:]
	}
	want := differencesSection(t)
	if section == want {
		return
	}
	if !*update {
		t.Fatalf("%s is not what the comments say; go test ./internal/native -run Page -update writes it (-page +comments):\n%s", page, cmp.Diff(section, want))
	}
	if err := os.WriteFile(page, []byte(before+pageStart+want+after), 0o666); err != nil {
		t.Fatal(err)
	}
}

var (
	declaration = regexp.MustCompile(`(?m)((?:^//.*\n)+)var (\w+) = `)
	tableLine   = regexp.MustCompile(`(?m)^\t"([\w.]+)":\s+(\w+),`)
)

func differencesSection(t *testing.T) string {
	t.Helper()
	comments := map[string]string{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		source, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declaration.FindAllStringSubmatch(string(source), -1) {
			comments[m[2]] = m[1]
		}
	}
	source, err := os.ReadFile("table.go")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, m := range tableLine.FindAllStringSubmatch(string(source), -1) {
		for line := range strings.Lines(comments[m[2]]) {
			if text, ok := strings.CutPrefix(line, "// Differs from nipype: "); ok {
				lines = append(lines, fmt.Sprintf("| %s | %s |\n", m[1], strings.ReplaceAll(strings.TrimSpace(text), "|", `\|`)))
			}
		}
	}
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.Contains(l, "io.DataSink") }) {
		t.Fatal("no differences were found")
	}
	return `
Written from the comments in internal/native; tests there compare the rest with nipype 1.8.5, call by call.

| interface | how it differs |
|---|---|
` + strings.Join(lines, "")
}
