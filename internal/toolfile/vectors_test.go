package toolfile

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/interfaces"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A vector is one case of a vectors file: inputs, and what nipype makes of
// them. "${NV}" in it is a scratch folder, the working directory ${NV}/cwd.
type vector struct {
	ID        string
	Interface string
	Case      string
	Target    any
	Inputs    json.RawMessage
	Files     map[string]string
	Argv      []string
	Outputs   json.RawMessage
	Environ   map[string]string
	Error     json.RawMessage

	OutputsError json.RawMessage `json:"outputs_error"`
}

// TestVectors checks the catalogue against facts. The cases in testdata are
// our own; RAPHE_VECTORS names a larger file, such as one recorded from nipype.
// Interfaces that are not in the catalogue are passed over. RAPHE_VECTORS_ONLY
// picks interfaces by the start of their names.
func TestVectors(t *testing.T) {
	files := []string{"testdata/vectors.jsonl"}
	if more := os.Getenv("RAPHE_VECTORS"); more != "" {
		files = append(files, more)
	}
	var have []string
	for _, name := range (Catalogue{}).List() {
		if strings.HasPrefix(name, os.Getenv("RAPHE_VECTORS_ONLY")) {
			have = append(have, name)
		}
	}
	known := knownDifferences(t)
	type tally struct{ passed, failed int }
	tallies := map[string]*tally{}
	for _, file := range files {
		forEachVector(t, file, have, func(v *vector) {
			n := tallies[v.Interface]
			if n == nil {
				n = &tally{}
				tallies[v.Interface] = n
			}
			if known[v.ID] {
				return
			}
			if diff := v.check(t); diff != "" {
				n.failed++
				t.Errorf("%s (%s): %s", v.ID, v.Case, diff)
				return
			}
			n.passed++
		})
	}
	for _, name := range have {
		if n := tallies[name]; n != nil {
			t.Logf("%-40s %4d passed %4d failed", name, n.passed, n.failed)
		}
	}
}

// knownDifferences gives the cases where nipype does what nobody wants, by id;
// testdata/differences.txt says why.
func knownDifferences(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile("testdata/differences.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if id, _, ok := strings.Cut(line, " "); ok && !strings.HasPrefix(line, "#") {
			out[id] = true
		}
	}
	return out
}

// forEachVector calls fn for the cases of these interfaces, but for those where
// nipype's own code fails.
func forEachVector(t *testing.T, file string, names []string, fn func(*vector)) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var head struct{ Interface, Case string }
		if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !slices.Contains(names, head.Interface) || head.Case == "spec-valid-but-raises" {
			continue
		}
		root := t.TempDir()
		text := strings.ReplaceAll(lines.Text(), "${NV}", root)
		var v vector
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		v.prepare(t, root)
		fn(&v)
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

// prepare makes the files that must exist.
func (v *vector) prepare(t *testing.T, root string) {
	t.Helper()
	for name, kind := range v.Files {
		dir := filepath.Dir(name)
		if kind == "d" {
			dir = name
		}
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		if kind == "d" {
			continue
		}
		if err := os.WriteFile(name, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "cwd"), 0o777); err != nil {
		t.Fatal(err)
	}
	v.Files["cwd"] = filepath.Join(root, "cwd")
}

// check gives what differs, "" if nothing does.
func (v *vector) check(t *testing.T) string {
	t.Helper()
	if v.Interface == "" {
		return "no interface"
	}
	e := Evaluator{Dir: v.Files["cwd"], Getenv: func(string) (string, bool) { return "", false }}
	q, err := json.Marshal(map[string]any{"interface": v.Interface, "inputs": v.Inputs})
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Argv    []string
		Outputs json.RawMessage
		Environ []string
		Error   string
	}
	if err := json.Unmarshal(e.Eval(q), &got); err != nil {
		t.Fatal(err)
	}
	if refused := len(v.Error) > 0 && string(v.Error) != "null"; refused {
		return v.checkRefusal(got.Error)
	}
	if got.Error != "" {
		return "refused: " + got.Error
	}
	var diffs []string
	if v.Argv != nil && !sameWords(v, got.Argv) {
		diffs = append(diffs, "argv (-want +got):\n"+cmp.Diff(v.Argv, got.Argv))
	}
	if v.OutputsError == nil && len(v.Outputs) > 0 && string(v.Outputs) != "null" {
		want, err := value.ParseRecordJSON(v.Outputs)
		if err != nil {
			t.Fatal(err)
		}
		have, err := value.ParseRecordJSON(got.Outputs)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range foundAfterwards(t, v.Interface) {
			want.Set(name, nil)
			have.Set(name, nil)
		}
		if diff := cmp.Diff(v.plainOutputs(want), v.plainOutputs(have)); diff != "" {
			diffs = append(diffs, "outputs (-want +got):\n"+diff)
		}
	}
	if v.Environ != nil {
		var want []string
		for name, val := range v.Environ {
			want = append(want, name+"="+val)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, got.Environ); diff != "" {
			diffs = append(diffs, "environ (-want +got):\n"+diff)
		}
	}
	if len(diffs) > 0 {
		return string(v.Inputs) + "\n" + strings.Join(diffs, "\n")
	}
	return ""
}

// foundAfterwards gives the outputs that are looked for once the command has
// run. nipype works some of them out of the headers of the inputs instead.
func foundAfterwards(t *testing.T, name string) []string {
	t.Helper()
	f, err := Resolve(iface.Ref{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, o := range f.Outputs {
		switch o.Value.(type) {
		case *iface.Glob, *iface.Printed, *iface.Content:
			out = append(out, o.Name)
		}
	}
	return out
}

func (v *vector) checkRefusal(refusal string) string {
	target, _ := v.Target.(string)
	switch {
	case refusal == "":
		return fmt.Sprintf("accepted %s, want it refused for %v", v.Inputs, v.Target)
	case target != "" && !strings.Contains(refusal, `"`+target+`"`):
		return fmt.Sprintf("the refusal does not name %q: %s", target, refusal)
	}
	return ""
}

// sameWords compares argument vectors. In a "quoting" case nipype leaves the
// paths within lists, tuples and alternatives to a shell, which splits them at
// spaces and quotes; Raphe keeps them whole.
func sameWords(v *vector, got []string) bool {
	if slices.Equal(v.Argv, got) {
		return true
	}
	if v.Case != "quoting" {
		return false
	}
	flat := func(words []string) string {
		text := strings.ReplaceAll(strings.Join(words, ""), "../in/", strings.TrimSuffix(v.Files["cwd"], "cwd")+"in/")
		return strings.NewReplacer(" ", "", "'", "", `"`, "").Replace(text)
	}
	return flat(v.Argv) == flat(got)
}

// plainOutputs makes a list of one its element, as nipype's lists of outputs
// read, and tuples lists. Paths below the working directory are written from
// there: some of nipype's classes forget to make them absolute.
func (vec *vector) plainOutputs(r value.Record) map[string]string {
	out := map[string]string{}
	for _, f := range r {
		v := f.Value
		for {
			items, ok := value.Items(v)
			if !ok || len(items) != 1 {
				break
			}
			v = items[0]
		}
		if items, ok := value.Items(v); ok {
			if len(items) == 0 {
				continue
			}
			v = value.List(items)
		}
		out[f.Name] = strings.ReplaceAll(value.Repr(v), vec.Files["cwd"]+"/", "")
	}
	return out
}

// Every interface of the catalogue can be loaded, under the name that the list
// has.
func TestCatalogueLoads(t *testing.T) {
	for _, e := range interfaces.List() {
		if f, err := Resolve(iface.Ref{Name: e.Name}); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		} else if f.Name != e.Name {
			t.Errorf("%s calls itself %s", e.Name, f.Name)
		}
	}
}
