package nipypetest

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the section of doc/differences.md anew")

// A result is what an engine makes of a case: an error that contains failure,
// or exactly these files with these texts (the last line feed left out).
type result struct {
	failure string
	exit    int // Raphe's
	files   map[string]string
}

// A difference is one case that the two engines treat differently on purpose.
type difference struct {
	name          string
	nipype, raphe result
	nipypeDoes    string // both as sentences for the page, after the name of the engine
	rapheDoes     string
	why           string
}

func TestDifferences(t *testing.T) {
	names := caseNames(t, "differences")
	for _, d := range differences {
		names = slices.DeleteFunc(names, func(n string) bool { return n == "differences/"+d.name })
		t.Run(d.name, func(t *testing.T) {
			b := needBench(t)
			left, err := b.withNipype("differences/" + d.name)
			if err != nil {
				t.Fatal(err)
			}
			check(t, "nipype", d.nipype, left)
			if left, err = b.withRaphe("differences/" + d.name); err != nil {
				t.Fatal(err)
			}
			check(t, "raphe", d.raphe, left)
		})
	}
	for _, n := range names {
		t.Errorf("%s is not in the table", n)
	}
}

// valueHash is what Raphe puts behind the text of a value that another's text
// equals; the table writes "-#", and one line for the values of one text.
var valueHash = regexp.MustCompile(`-[0-9a-f]{8,}/`)

func check(t *testing.T, engine string, want result, got outcome) {
	t.Helper()
	if want.failure != "" || got.failed {
		if !got.failed || want.failure == "" || !strings.Contains(got.report, want.failure) || got.exit != want.exit {
			t.Errorf("%s: want failure %q and exit status %d, got exit status %d and:\n%s", engine, want.failure, want.exit, got.exit, got.report)
		}
		if want.files == nil {
			return
		}
	}
	files := map[string][]byte{}
	for _, path := range slices.Sorted(maps.Keys(got.files)) {
		name, text := valueHash.ReplaceAllString(path, "-#/"), bytes.TrimSuffix(got.files[path], []byte("\n"))
		if other, twice := files[name]; twice {
			both := []string{string(other), string(text)}
			slices.Sort(both)
			text = []byte(strings.Join(both, " and "))
		}
		files[name] = text
	}
	wanted := map[string][]byte{}
	for name, text := range want.files {
		wanted[name] = []byte(text)
	}
	if report := compare("the table", wanted, engine, files); report != "" {
		t.Error(report)
	}
}

const (
	page      = "../../doc/differences.md"
	pageStart = "## Workflow semantics\n"
)

// TestDifferencesPage holds the section of doc/differences.md to the table.
func TestDifferencesPage(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), pageStart)
	if !found {
		t.Fatalf("%s has no line %q", page, strings.TrimSpace(pageStart))
	}
	section, after := rest, ""
	if i := strings.Index(rest, "\n## "); i >= 0 {
		section, after = rest[:i], rest[i:]
	}
	want := renderSection(t)
	if section == want {
		return
	}
	if !*update {
		t.Errorf("%s does not say what the table says; go test ./test/nipype -run Page -update writes it (-page +table):\n%s", page, cmp.Diff(section, want))
		return
	}
	if err := os.WriteFile(page, []byte(before+pageStart+want+after), 0o666); err != nil {
		t.Fatal(err)
	}
}

func renderSection(t *testing.T) string {
	var b strings.Builder
	b.WriteString(`
Each line is a pair of small workflows below test/nipype/differences, which a test runs in nipype 1.8.5 (Debian's, plugin Linear) and in
Raphe; the page is written from that test's table. "Refuses" means: before anything runs, with exit status 3 and the place in the file.

| case | nipype | Raphe | why |
|---|---|---|---|
`)
	for _, d := range differences {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", title(t, d.name), d.nipypeDoes, d.rapheDoes, d.why)
	}
	return b.String()
}

// title gives the first words of a case: its Python docstring.
func title(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("differences", name+".py"))
	if err != nil {
		t.Fatal(err)
	}
	words, _, _ := strings.Cut(strings.TrimPrefix(string(text), `"""`), `"""`)
	return strings.TrimSuffix(strings.Join(strings.Fields(words), " "), ".")
}
