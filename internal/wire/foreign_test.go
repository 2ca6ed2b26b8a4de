package wire_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/internal/wire"
	"github.com/raphe-org/raphe/workflow"
)

const (
	sha     = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	python  = `{"kind":"python","executable":"/usr/bin/python3","package":"/lib/py","folder":"/work/h","start_method":"zygote","maxtasksperchild":1,"preload":["a.b"],"n_gpu_procs":2,"updatehash":true,"create_report":true,"crashfile_format":"txt","then":["/bin/true","x"]}`
	inW     = `{"kind":"workflow","name":"w"}`
	classes = `{"kind":"class","id":"c1","name":"nipype.x.Copy","interface":"fs.Copy","inputs":["in_file","level"],"outputs":["out"],"exists":["out"],"input_spec":"nipype.x.In","output_spec":"nipype.x.Out","nohash":["level"],"nofilehash":["in_file"],"command_line":true}
{"kind":"class","id":"c2","name":"nipype.x.Grab","outputs":["a","b"],"always_run":true,"can_resume":true}`
)

// foreign gives the record of a node; more stands behind its other fields.
func foreignNode(name, how, class, more string) string {
	return `{"kind":"node","name":"` + name + `","in":"w","class":"` + class + `","how":"` + how + `","blob":"n/` + name + `.pkl","sha256":"` + sha +
		`","dir":"top/` + name + `","label":"top.` + name + `","result":"` + name + `","exec_id":"` + name + `.a0"` + more + `}`
}

func foreign(lines ...string) string {
	return header + strings.Join(append([]string{python, inW, classes}, lines...), "\n") + "\n"
}

// What nipype hands over is written as it was read.
func TestForeignRoundTrip(t *testing.T) {
	text := foreign(
		foreignNode("grab", "worker", "c2", `,"inputs":{"x":{"$dict":[["$opaque","ab"]]},"y":[1,2.5]},"opaque":["z"],"overwrite":false,"needed_outputs":["b","a"]`),
		foreignNode("copy", "tool", "c1", `,"inputs":{"level":3},"type":"MapNode","iterfield":["in_file"],"n_procs":2,"mem_gb":1.5`),
		foreignNode("again", "split", "c1", `,"gpu":true`),
		`{"kind":"edge","in":"w","from":"grab.a","to":"copy.in_file"}`,
		`{"kind":"edge","in":"w","from":"copy.out","to":"again.in_file","python":true}`,
	)
	once := rewrite(t, text)
	if d := cmp.Diff(once, rewrite(t, once)); d != "" {
		t.Errorf("written twice (-first +second):\n%s", d)
	}
	for _, want := range []string{python, `"how":"tool"`, `"how":"split"`, `"how":"worker"`, `"opaque":["z"]`, `"python":true`, `"gpu":true`, `"sha256":"` + sha + `"`, `"exec_id":"copy.a0"`, `"exists":["out"]`} {
		if !strings.Contains(once, want) {
			t.Errorf("%s is lost in\n%s", want, once)
		}
	}
}

func rewrite(t *testing.T, text string) string {
	t.Helper()
	def := readForeign(t, text)
	var out bytes.Buffer
	if err := wire.Write(&out, def.Top()[0]); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func readForeign(t *testing.T, text string) *workflow.Definition {
	t.Helper()
	def, err := wire.Read("graph.jsonl", strings.NewReader(text), tools{})
	if err != nil {
		t.Fatal(err)
	}
	if err := def.Err(); err != nil {
		t.Fatal(err)
	}
	if problems := check.Definition(def.Top()[0]); len(problems) > 0 {
		t.Fatal(problems)
	}
	return def
}

// A node runs as a tool only where the catalogue can do all of it.
func TestForeignLowered(t *testing.T) {
	edge := func(from, to, more string) string {
		return `{"kind":"edge","in":"w","from":"` + from + `","to":"` + to + `"` + more + `}`
	}
	src := foreignNode("src", "worker", "c2", "")
	resumes := strings.Replace(classes, `"command_line":true`, `"command_line":true,"can_resume":true`, 1)
	unlike := strings.Replace(classes, `"outputs":["out"]`, `"outputs":["out","other"]`, 1)
	for _, tt := range []struct {
		name string
		text string
		want bool // a tool
	}{
		{"a tool", foreign(foreignNode("n", "tool", "c1", `,"inputs":{"level":3,"files":["a"]}`)), true},
		{"a missing file is for the run to find", foreign(foreignNode("n", "tool", "c1", `,"inputs":{"in_file":"/no/such"}`)), true},
		{"a map", foreign(foreignNode("n", "tool", "c1", `,"inputs":{"level":[1,2]},"type":"MapNode","iterfield":["level"]`)), true},
		{"connected", foreign(src, foreignNode("n", "tool", "c1", ""), edge("src.a", "n.in_file", "")), true},
		{"an input that the catalogue lacks", foreign(foreignNode("n", "tool", "c1", `,"inputs":{"depth":3}`)), false},
		{"a value that it does not take", foreign(foreignNode("n", "tool", "c1", `,"inputs":{"level":"x"}`)), false},
		{"an input without a form", foreign(foreignNode("n", "tool", "c1", `,"opaque":["files"]`)), false},
		{"nested", foreign(foreignNode("n", "tool", "c1", `,"inputs":{"level":[[1]]},"type":"MapNode","iterfield":["level"],"nested":true`)), false},
		{"an input that a connection leads to", foreign(src, foreignNode("n", "tool", "c1", ""), edge("src.a", "n.depth", "")), false},
		{"an output that a connection comes from", foreign(foreignNode("n", "tool", "c1", ""), src, edge("n.more", "src.a", "")), false},
		{"a function of Python's", foreign(src, foreignNode("n", "tool", "c1", ""), edge("src.a", "n.in_file", `,"python":true`)), false},
		{"a directory that is kept", strings.Replace(foreign(foreignNode("n", "tool", "c1", "")), classes, resumes, 1), false},
		{"an output that the catalogue lacks", strings.Replace(foreign(foreignNode("n", "tool", "c1", "")), classes, unlike, 1), false},
		{"no such interface", strings.Replace(foreign(foreignNode("n", "tool", "c1", "")), "fs.Copy", "no.Copy", 1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := readForeign(t, tt.text).Top()[0].Member("n").(workflow.Node)
			f := n.Interface()
			if tool := f.Command != nil; tool != tt.want {
				t.Errorf("a tool: %v, want %v", tool, tt.want)
			}
			if tt.want != (n.Foreign().Otherwise != nil) {
				t.Errorf("what runs it otherwise: %v", n.Foreign().Otherwise)
			}
			if !tt.want && (f.Python == nil || !f.Python.Split || f.Python.Class != "nipype.x.Copy") {
				t.Errorf("it runs by %+v", f.Python)
			}
		})
	}
}

// A Merge needs no Python where its values are the same to Python afterwards.
func TestForeignMerge(t *testing.T) {
	merge := `{"kind":"class","id":"m","name":"nipype.interfaces.utility.base.Merge","interface":"utility.Merge","inputs":["axis","in1","in2"],"outputs":["out"]}
{"kind":"class","id":"p","name":"x.Files","outputs":["file","number"],"paths":["file"]}`
	edge := func(from string) string { return `{"kind":"edge","in":"w","from":"` + from + `","to":"n.in1"}` }
	node := foreignNode("n", "tool", "m", `,"inputs":{"axis":"vstack"}`)
	files, tool := foreignNode("src", "worker", "p", ""), foreignNode("src", "tool", "c1", "")
	for _, tt := range []struct {
		name  string
		lines []string
		want  bool // without Python
	}{
		{"constants", []string{node}, true},
		{"hstack", []string{foreignNode("n", "tool", "m", `,"inputs":{"axis":"hstack"}`)}, false},
		{"a map", []string{foreignNode("n", "tool", "m", `,"type":"MapNode","iterfield":["in1"]`)}, false},
		{"paths of Python's", []string{files, node, edge("src.file")}, true},
		{"numbers of Python's", []string{files, node, edge("src.number")}, false},
		{"of a tool", []string{tool, node, edge("src.out")}, true},
		{"of another", []string{foreignNode("src", "tool", "m", ""), node, edge("src.out")}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := readForeign(t, foreign(append([]string{merge}, tt.lines...)...)).Top()[0].Member("n").(workflow.Node).Interface()
			if got := f.Native != nil; got != tt.want {
				t.Errorf("without Python: %v, want %v", got, tt.want)
			}
			if n, _ := f.Params.Get("numinputs").(value.Int); tt.want && n != 2 {
				t.Errorf("%d inputs", n)
			}
		})
	}
}

func TestForeignFacts(t *testing.T) {
	def := readForeign(t, foreign(foreignNode("n", "split", "c1", `,"inputs":{"level":3,"in_file":"/x"}`), foreignNode("g", "worker", "c2", "")))
	n := def.Top()[0].Member("n").(workflow.Node)
	f := n.Interface()
	if in := f.Input("level"); in == nil || !in.NoHash {
		t.Errorf("level counts: %+v", in)
	}
	if in := f.Input("in_file"); in == nil || !in.HashText {
		t.Errorf("the file behind in_file counts: %+v", in)
	}
	if got := [3]string{n.Label(), n.Foreign().Dir, n.Foreign().Result}; got != [3]string{"top.n", "top/n", "n"} {
		t.Errorf("%v", got)
	}
	if g := def.Top()[0].Member("g").(workflow.Node).Interface(); !g.AlwaysRun || g.Python.Split {
		t.Errorf("%+v", g.Python)
	}
	if p := def.Python(); p.Folder != "/work/h" || !p.UpdateHash || len(p.Then) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestForeignProblems(t *testing.T) {
	node := foreignNode("n", "worker", "c2", "")
	for _, tt := range []struct {
		name, text, want string
		line             int
	}{
		{"no python record", header + inW + "\n" + node, `there is no python record`, 3},
		{"twice", header + python + "\n" + python, `there is a python record already`, 3},
		{"late", header + inW + "\n" + `{"kind":"node","name":"n","in":"w","interface":"fs.Copy"}` + "\n" + python, `comes after nodes`, 4},
		{"relative folder", header + strings.Replace(python, "/work/h", "h", 1), `needs executable, package and folder`, 2},
		{"start method", header + strings.Replace(python, "zygote", "zygot", 1), `no start_method "zygot" .* did you mean "zygote"`, 2},
		{"class without name", foreign(`{"kind":"class","id":"c3"}`), `a class record needs id and name`, 6},
		{"class twice", foreign(`{"kind":"class","id":"c1","name":"x.Y"}`), `class "c1" is there already`, 6},
		{"no such class", foreign(foreignNode("n", "worker", "c9", "")), `there is no class "c9"`, 6},
		{"no such way", foreign(foreignNode("n", "worked", "c1", "")), `node "n" can't run by "worked" .* did you mean "worker"`, 6},
		{"no dir", foreign(strings.Replace(node, `"dir":"top/n",`, "", 1)), `node "n" needs dir and blob`, 6},
		{"a dir outside", foreign(strings.Replace(node, `"dir":"top/n"`, `"dir":"../n"`, 1)), `node "n" needs dir and blob`, 6},
		{"no label", foreign(strings.Replace(node, `"label":"top.n",`, "", 1)), `node "n" needs label and result`, 6},
		{"digest", foreign(strings.Replace(node, sha, "00ff", 1)), `field "sha256" must be a SHA-256 in hexadecimal, not "00ff"`, 6},
		{"unknown field", foreign(foreignNode("n", "worker", "c2", `,"hwo":1`)), `a record of kind node has no field "hwo"`, 6},
		{"python on an edge of Raphe's own", header + inW + "\n" + `{"kind":"node","name":"n","in":"w","interface":"fs.Copy"}` + "\n" + `{"kind":"edge","in":"w","from":"n.out","to":"n.files","python":true}`, `a record of kind edge has no field "python"`, 4},
	} {
		t.Run(tt.name, func(t *testing.T) { oneProblem(t, tt.text, tt.want, tt.line) })
	}
}
