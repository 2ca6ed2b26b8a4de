package archtest

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/raphe-org/raphe/"

// layers is the table of allowed imports. A package may import, of this
// project, what its line names; arrows point down, so a package stands below
// every package that it may import. Test files are free.
var layers = []struct {
	pkg  string
	may  string
	says string
}{
	// small vocabularies that import nothing
	{"internal/unit", "", "sizes and durations as people write them"},
	{"internal/diag", "", "what a person can mend"},
	{"internal/event", "", "what happens in a run"},
	{"internal/early", "", "before others initialise"},
	{"internal/value", "", "what travels on edges"},
	{"internal/column", "", "large tables in pages"},
	{"internal/pulse", "", "a function called at intervals"},
	{"nifti", "", "images; public, so it stands alone"},
	{"interfaces", "", "the catalogue's files"},
	{"python", "", "the Python package's files"},
	{"python/wheel", "python", "makes the wheel; no part of Raphe"},

	// definitions
	{"internal/iface", "internal/diag internal/value", "an interface as facts; starts nothing"},
	{"internal/starfn", "internal/diag internal/iface internal/value", "functions as text"},
	{"internal/nipype", "internal/iface internal/value", "nipype's files, written; starts nothing"},
	{"workflow", "internal/column internal/diag internal/iface internal/value", "the definition; no run state"},

	// interfaces written in Go
	{"internal/native/pytext", "internal/value", "Python's text rules"},
	{"internal/native/confounds", "nifti", "numeric algorithms; pure"},
	{"internal/native/synth", "nifti", "synthetic data; pure"},
	{"internal/filecopy", "", "copies of files"},
	{"internal/native", "internal/filecopy internal/iface internal/value internal/native/* nifti", "one call at a time; no workflow"},

	// front ends
	{"internal/toolfile", "interfaces internal/diag internal/iface internal/native internal/starfn internal/value", "tool files"},
	{"internal/starlang", "internal/diag internal/iface internal/native internal/starfn internal/toolfile internal/unit internal/value interfaces workflow", "definitions in Starlark"},
	{"internal/wire", "internal/diag internal/iface internal/starfn internal/value workflow", "definitions as JSON lines"},
	{"internal/check", "internal/diag internal/iface internal/native internal/value workflow", "what is wrong before there is a graph"},

	// plan, then run
	{"internal/plan", "internal/column internal/diag internal/iface internal/value workflow", "iteration spaces; pure"},
	{"internal/draw", "internal/plan internal/unit workflow", "pictures of a plan"},
	{"internal/key", "internal/iface internal/value", "what a result depends on; knows no workflow"},
	{"internal/store", "", "records as bytes; knows no workflow and no key"},
	{"internal/proc", "internal/unit", "one process tree"},
	{"internal/proc/proctest", "", "small tools that tests run"},
	{"internal/executor", "internal/proc", "where commands run; knows no graph"},
	{"internal/executor/local", "internal/executor internal/proc", "this machine"},
	{"internal/executor/executortest", "internal/executor internal/proc internal/proc/proctest", "what every executor keeps"},
	{"internal/pyworker", "internal/executor internal/proc internal/value", "Python for nodes of nipype; knows no task"},
	{"internal/sched", "internal/event internal/plan", "the loop; no store, no key, no process"},
	{"internal/learn", "", "what interfaces needed before"},
	{"internal/task", "internal/diag internal/event internal/executor internal/filecopy internal/iface internal/key internal/learn internal/native internal/nipype internal/plan internal/pyworker internal/proc internal/sched internal/starfn internal/store internal/unit internal/value nifti workflow", "one instance, from inputs to record"},

	// readers of events
	{"internal/monitor", "internal/event internal/executor internal/proc", "a run's memory over time; measures no process itself"},
	{"internal/progress", "internal/event internal/unit", "counts and time left"},
	{"internal/history", "internal/event internal/progress internal/pulse internal/store internal/task internal/unit", "the record of a run"},
	{"internal/ui", "internal/diag internal/event internal/history internal/progress internal/pulse internal/unit internal/task internal/iface", "what a person sees"},
	{"internal/report", "internal/event internal/history internal/store internal/task internal/unit internal/value", "the page of a run"},

	{"cmd/raphe", "*", "the only place that prints and exits"},
	{"internal/archtest", "", "this table"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for dec.More() {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module)
		if name == "examples" || strings.HasPrefix(name, "test/") || strings.HasPrefix(name, "bench") {
			continue
		}
		k := slices.IndexFunc(layers, func(l struct{ pkg, may, says string }) bool { return l.pkg == name })
		if k < 0 {
			t.Errorf("package %s is not in the table: give it a line and a reason", name)
			continue
		}
		for _, imp := range p.Imports {
			imp, ours := strings.CutPrefix(imp, module)
			if ours && !allowed(imp, strings.Fields(layers[k].may)) {
				t.Errorf("%s imports %s; it may import: %s (%s)", name, imp, layers[k].may, layers[k].says)
			}
		}
	}
}

func allowed(imp string, may []string) bool {
	for _, m := range may {
		if dir, isTree := strings.CutSuffix(m, "*"); m == imp || (isTree && strings.HasPrefix(imp, dir)) {
			return true
		}
	}
	return false
}

// The table itself must have no circle: a package may import only what stands
// above it in the table.
func TestTableIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, l := range layers {
		for _, m := range strings.Fields(l.may) {
			if !strings.HasSuffix(m, "*") && !seen[m] {
				t.Errorf("%s may import %s, which stands below it in the table", l.pkg, m)
			}
		}
		seen[l.pkg] = true
	}
}
