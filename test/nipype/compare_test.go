// Package nipypetest holds Raphe against nipype: small workflows, each written
// twice with the same nodes and the same tools, are run by both and everything
// that they leave behind is compared.
//
//	cases/NAME.py, NAME.star        must give the same files, byte for byte, in
//	                                the same parameter and node directories; a
//	                                second start of Raphe has nothing to run
//	differences/NAME.py, NAME.star  must differ, in the way that the table in
//	                                differences_test.go says
//	tools.py, tools.star            the command-line tools that the cases use
//	cases.py                        runs all of nipype's side in one process
//
// Values that are no files are compared through "dump" nodes (JSONFileSink),
// which write what reaches them. Nothing that is expected is written down: it
// is what nipype does when the test runs. The tests need Debian's
// python3-nipype and mrtrix3 and fail without them.
package nipypetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSameAsNipype(t *testing.T) {
	for _, name := range caseNames(t, "cases") {
		t.Run(filepath.Base(name), func(t *testing.T) {
			b := needBench(t)
			want, err := b.withNipype(name)
			if err != nil {
				t.Fatal(err)
			}
			if want.failed {
				t.Fatalf("nipype itself fails: %s", want.report)
			}
			if len(want.files) == 0 {
				t.Fatal("nipype wrote no file: there is nothing to compare")
			}
			got, err := b.withRaphe(name)
			if err != nil {
				t.Fatal(err)
			}
			if got.exit != 0 {
				t.Fatalf("raphe ends with exit status %d:\n%s", got.exit, got.report)
			}
			if report := compare("nipype", want.files, "raphe", got.files); report != "" {
				t.Error(report)
			}
			again, err := b.withRaphe(name)
			if err != nil {
				t.Fatal(err)
			}
			if again.exit != 0 || !strings.Contains(again.report, "nothing had to run") {
				t.Errorf("a second start runs something, exit status %d:\n%s", again.exit, again.report)
			}
			if report := compare("the first run", got.files, "the second", again.files); report != "" {
				t.Error(report)
			}
		})
	}
}

// caseNames gives the cases of a folder ("cases/join"); each must be written
// for both engines.
func caseNames(t *testing.T, folder string) []string {
	t.Helper()
	names := map[string]int{}
	for _, ext := range []string{".py", ".star"} {
		found, err := filepath.Glob(folder + "/*" + ext)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			names[strings.TrimSuffix(filepath.ToSlash(f), ext)]++
		}
	}
	for name, n := range names {
		if n != 2 {
			t.Errorf("%s must be there as .py and as .star", name)
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// compare tells how the files of two sides differ; "" if they do not.
func compare(left string, want map[string][]byte, right string, got map[string][]byte) string {
	var report strings.Builder
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if _, ok := got[name]; !ok {
			fmt.Fprintf(&report, "only %s has %s\n", left, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[name]; !ok {
			fmt.Fprintf(&report, "only %s has %s\n", right, name)
		} else if diff := compareFile(name, want[name], got[name]); diff != "" {
			fmt.Fprintf(&report, "%s differs (-%s +%s):\n%s\n", name, left, right, diff)
		}
	}
	return report.String()
}

// compareFile compares bytes; JSON is compared by what it says, since the
// order of keys is an accident of nipype's graph.
func compareFile(name string, want, got []byte) string {
	if bytes.Equal(want, got) {
		return ""
	}
	if path.Ext(name) == ".json" {
		w, errW := decodeJSON(want)
		g, errG := decodeJSON(got)
		if errW == nil && errG == nil {
			return cmp.Diff(w, g)
		}
	}
	if !utf8.Valid(want) || !utf8.Valid(got) {
		return fmt.Sprintf("%d bytes, %d bytes, first difference at byte %d", len(want), len(got), firstDifference(want, got))
	}
	return cmp.Diff(string(want), string(got))
}

// decodeJSON keeps numbers as text, so that 1 and 1.0 differ.
func decodeJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	return v, err
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}
