package task_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/learn"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A nipype stands for the Python side: it answers requests as workers would, and
// leaves the files that nipype would believe.
type nipype struct {
	*lab
	mu     sync.Mutex
	asked  []string                                           // "run top.a", ...
	answer map[string]func(*pyworker.Request) *pyworker.Reply // by operation and blob
	befall map[string]*proc.Failure                           // likewise: what happens to the process
	forced map[string]bool                                    // blobs that were asked for by force
	result map[string]string                                  // blob -> name of the node
	saw    map[string][]pyworker.Result                       // blob -> results of commands it was told
	nodes  map[string]workflow.Node
	top    workflow.Workflow
}

// handOver begins a workflow that nipype hands over.
func handOver(t *testing.T) *nipype {
	n := &nipype{
		lab: newLab(t), answer: map[string]func(*pyworker.Request) *pyworker.Reply{}, befall: map[string]*proc.Failure{},
		forced: map[string]bool{}, result: map[string]string{}, saw: map[string][]pyworker.Result{}, nodes: map[string]workflow.Node{},
	}
	n.lab.python = n
	folder := filepath.Join(n.base, ".raphe", "nipype", "top")
	if err := os.MkdirAll(filepath.Join(folder, "n"), 0o777); err != nil {
		t.Fatal(err)
	}
	n.write(filepath.Join(folder, "config.json"), `{"config":{"execution":{"remove_unnecessary_outputs":"false","keep_inputs":"true","create_report":"false"}},"cwd":"/"}`)
	d := workflow.New()
	d.SetPython(&workflow.Python{Executable: "/usr/bin/python3", Package: "/lib", Folder: folder})
	n.top = d.AddWorkflow("top", workflow.WorkflowOptions{}, diag.Pos{})
	return n
}

// node adds a node of an interface; its class has no more facts than a test needs.
func (n *nipype) node(name string, f *iface.Interface, o workflow.Options, in map[string]value.Value) workflow.Node {
	n.t.Helper()
	blob := "n/" + name + ".pkl"
	n.write(filepath.Join(n.top.Definition().Python().Folder, blob), "\x80\x04N.")
	node := n.top.Definition().AddNode(workflow.NodeSpec{Name: name, Interface: f, Options: o, Inputs: value.NewRecord(in)})
	foreign := &workflow.Foreign{
		Class: &workflow.Class{Name: "nipype.test." + name, Outputs: []string{"out_file"}, OutputSpec: "nipype.test.Spec", Exists: []string{"out_file"}},
		Dir:   "top/" + name, Label: "top." + name, Result: name, ExecID: name, Blob: blob, Digest: [32]byte{byte(len(name))},
	}
	if f.Command != nil {
		foreign.Otherwise = iface.NewPython(foreign.Class.Name, true, false, nil, nil)
	}
	node.SetForeign(foreign)
	n.top.Add(diag.Pos{}, node)
	n.result[blob], n.nodes[name] = name, node
	return node
}

func worker(always bool) *iface.Interface {
	return iface.NewPython("test.Worker", false, always, nil, nil)
}

func (n *nipype) connect(src workflow.Node, out string, dst workflow.Node, in string) {
	n.top.Connect(workflow.Edge{Src: src, SrcPort: out, Dst: dst, DstPort: in})
}

// Run is a pool's.
func (n *nipype) Run(_ context.Context, r *pyworker.Request, _ func(executor.Handle)) (*pyworker.Reply, executor.Outcome) {
	key := string(r.Op) + " " + strings.TrimSuffix(filepath.Base(r.Blob), ".pkl")
	n.mu.Lock()
	defer n.mu.Unlock()
	n.asked = append(n.asked, key)
	n.forced[r.Blob], n.saw[r.Blob] = r.Force, r.Results
	if f := n.befall[key]; f != nil {
		return &pyworker.Reply{}, executor.Outcome{Failure: f, ExitCode: -1}
	}
	reply := &pyworker.Reply{}
	if answer := n.answer[key]; answer != nil {
		reply = answer(r)
	}
	if name := n.result[r.Blob]; reply.Error == nil && reply.Command == nil && (r.Op == pyworker.OpRun || r.Op == pyworker.OpCollect) {
		dir := filepath.Join(n.base, "top", name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			n.t.Error(err)
		}
		n.write(filepath.Join(dir, "_0x12.json"), "{}")
		n.write(filepath.Join(dir, "result_"+filepath.Base(name)+".pklz"), "result")
	}
	return reply, executor.Outcome{}
}

// again runs the workflow and gives what nipype was asked meanwhile.
func (n *nipype) again() (asked string, ended map[string]string, events map[string]event.Event) {
	n.t.Helper()
	n.asked = nil
	events, _ = n.execute(n.top)
	return strings.Join(n.asked, ", "), verdicts(events), events
}

func (n *nipype) outputs(blob string, outputs map[string]value.Value) {
	n.answer["run "+blob] = func(*pyworker.Request) *pyworker.Reply {
		return &pyworker.Reply{Outputs: value.NewRecord(outputs)}
	}
}

// expect compares what nipype was asked and how units ended.
func (n *nipype) expect(asked string, ended map[string]string) {
	n.t.Helper()
	gotAsked, gotEnded, _ := n.again()
	if d := cmp.Diff(asked, gotAsked); d != "" {
		n.t.Errorf("asked of nipype (-want +got):\n%s", d)
	}
	if d := cmp.Diff(ended, gotEnded); d != "" {
		n.t.Errorf("how units ended (-want +got):\n%s", d)
	}
}

func TestWorkerAndItsRecord(t *testing.T) {
	n := handOver(t)
	a := n.node("a", worker(false), workflow.Options{}, map[string]value.Value{"x": value.Int(1), "file": value.String(n.in)})
	b := n.node("b", worker(false), workflow.Options{}, nil)
	n.connect(a, "out", b, "x")
	n.connect(a, "nothing", b, "y") // an output that nobody gives leaves the input unset
	made := filepath.Join(n.base, "top/a/made.txt")
	n.answer["run a"] = func(*pyworker.Request) *pyworker.Reply {
		if err := os.MkdirAll(filepath.Dir(made), 0o777); err != nil {
			t.Error(err)
		}
		n.write(made, "made")
		return &pyworker.Reply{Outputs: value.NewRecord(map[string]value.Value{"out": value.String(made)})}
	}
	never := "finished: it never ran here"
	n.expect("run a, run b", map[string]string{"top/a": never, "top/b": never})
	n.expect("", map[string]string{"top/a": "cached", "top/b": "cached"})

	// A file that was made anew counts by its own time, as with nipype.
	if err := os.Remove(made); err != nil {
		t.Fatal(err)
	}
	asked, ended, _ := n.again()
	if want := "finished: its output made.txt is missing"; asked != "run a, run b" && asked != "run a" || ended["top/a"] != want || !n.forced["n/a.pkl"] {
		t.Errorf("asked %s, %v, by force: %v", asked, ended, n.forced)
	}
	// What nipype itself misses is its own to find.
	if err := os.Remove(filepath.Join(n.base, "top/b/result_b.pklz")); err != nil {
		t.Fatal(err)
	}
	n.expect("run b", map[string]string{"top/a": "cached", "top/b": "finished: its output result_b.pklz is missing"})
	if n.forced["n/b.pkl"] {
		t.Error("nipype was forced")
	}
	a.Foreign().Digest[0]++
	asked, ended, _ = n.again()
	if !strings.HasPrefix(ended["top/a"], "finished: the node itself changed") || !strings.HasPrefix(asked, "run a") {
		t.Errorf("asked %s, %v", asked, ended)
	}
}

func TestAlwaysRun(t *testing.T) {
	n := handOver(t)
	a := n.node("a", worker(true), workflow.Options{}, nil)
	b := n.node("b", worker(false), workflow.Options{}, nil)
	n.connect(a, "out", b, "x")
	n.outputs("a", map[string]value.Value{"out": value.Int(1)})
	n.again()
	n.expect("run a", map[string]string{"top/a": "finished: test.Worker looks at the world outside, so it always runs", "top/b": "cached"})
	o := *a.Options()
	o.Overwrite = workflow.No // which stops it, but not for another input
	a.SetOptions(o)
	n.expect("", map[string]string{"top/a": "cached", "top/b": "cached"})
	a.SetInput("x", value.Int(1))
	n.expect("run a", map[string]string{"top/a": `finished: input "x" is now set to 1`, "top/b": "cached"})
	o.Overwrite = workflow.Unset
	a.SetOptions(o)
	n.outputs("a", map[string]value.Value{"out": value.Int(2)})
	n.expect("run a, run b", map[string]string{"top/a": "finished: test.Worker looks at the world outside, so it always runs", "top/b": `finished: input "x" changed: 1 -> 2`})
}

func TestPythonFails(t *testing.T) {
	n := handOver(t)
	n.node("a", worker(false), workflow.Options{}, nil)
	n.node("b", worker(false), workflow.Options{}, nil)
	n.answer["run a"] = func(*pyworker.Request) *pyworker.Reply {
		return &pyworker.Reply{Crashfile: "/crash-a.txt", Error: &pyworker.Error{Type: "ValueError", Message: "no", Traceback: "Traceback:\n  line 1\n"}}
	}
	n.befall["run b"] = &proc.Failure{Kind: proc.Signalled, Signal: 9}
	n.answer["crash b"] = func(r *pyworker.Request) *pyworker.Reply {
		if !strings.Contains(r.Results[0].Message, "SIGKILL") {
			t.Errorf("nipype is told %q", r.Results[0].Message)
		}
		return &pyworker.Reply{Crashfile: "/crash-b.txt"}
	}
	asked, _, events := n.again()
	a, b := events["top/a"].Failure, events["top/b"].Failure
	if a == nil || a.Kind != "python" || a.Cause != "ValueError: no" || a.Detail != "Traceback:\n  line 1" || a.CrashFile != "/crash-a.txt" {
		t.Errorf("a: %+v", a)
	}
	if b == nil || b.Kind != "signalled" || !strings.Contains(b.Cause, "SIGKILL") || b.CrashFile != "/crash-b.txt" {
		t.Errorf("b: %+v", b)
	}
	if !strings.Contains(asked, "crash b") || strings.Contains(asked, "crash a") {
		t.Errorf("asked: %s", asked)
	}
}

// A command runs between Python processes, as often as the class wants one.
func TestSplit(t *testing.T) {
	n := handOver(t)
	n.node("a", iface.NewPython("test.Tool", true, false, nil, nil), workflow.Options{}, nil)
	command := func(line string) *pyworker.Reply {
		return &pyworker.Reply{Command: &pyworker.Command{Cmdline: line, Env: append(os.Environ(), "WHO=raphe"), Dir: n.base}}
	}
	n.answer["prepare a"] = func(*pyworker.Request) *pyworker.Reply { return command(`echo "$WHO" there; exit 3`) }
	n.answer["collect a"] = func(r *pyworker.Request) *pyworker.Reply {
		if len(r.Results) == 1 {
			return command("printf %s two")
		}
		var texts []string
		for _, res := range r.Results {
			text, err := os.ReadFile(res.Stdout)
			texts = append(texts, fmt.Sprintf("%d %s %v", res.ReturnCode, text, err))
		}
		return &pyworker.Reply{Outputs: value.NewRecord(map[string]value.Value{"out": value.Strings(texts...)})}
	}
	n.expect("prepare a, collect a, collect a", map[string]string{"top/a": "finished: it never ran here"})
	if d := cmp.Diff(map[string]string{"out": "['3 raphe there\\n <nil>', '0 two <nil>']"}, n.lab.outputs("top/a")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	n.expect("", map[string]string{"top/a": "cached"})
}

func TestSplitFails(t *testing.T) {
	n := handOver(t)
	n.node("a", iface.NewPython("test.Tool", true, false, nil, nil), workflow.Options{}, nil)
	line := "echo oops >&2; exit 4"
	n.answer["prepare a"] = func(*pyworker.Request) *pyworker.Reply {
		return &pyworker.Reply{Command: &pyworker.Command{Cmdline: line, Env: os.Environ(), Dir: n.base}}
	}
	n.answer["collect a"] = func(*pyworker.Request) *pyworker.Reply {
		return &pyworker.Reply{Crashfile: "/crash", Error: &pyworker.Error{Type: "NodeExecutionError", Message: "it", Traceback: "long", Cmdline: line}}
	}
	_, _, events := n.again()
	if f := events["top/a"].Failure; f == nil || f.Cause != "exit status 4" || f.Kind != "exit-status" || f.Stderr != "oops" || f.Command != line || f.CrashFile != "/crash" {
		t.Errorf("%+v", f)
	}
	line = "kill -9 $$"
	n.answer["crash a"] = func(*pyworker.Request) *pyworker.Reply { return &pyworker.Reply{Crashfile: "/killed"} }
	asked, _, events := n.again()
	if f := events["top/a"].Failure; f == nil || f.Kind != "signalled" || f.CrashFile != "/killed" || asked != "prepare a, crash a" {
		t.Errorf("%s: %+v", asked, f)
	}
}

// A tool leaves nipype's files, and nipype is not asked.
func TestDressedTool(t *testing.T) {
	n := handOver(t)
	n.node("a", tool(upper), workflow.Options{}, map[string]value.Value{"in_file": value.String(n.in)})
	n.expect("", map[string]string{"top/a": "finished: it never ran here"})
	var names []string
	entries, err := os.ReadDir(filepath.Join(n.base, "top/a"))
	if err != nil {
		t.Fatal(err)
	}
	hash := ""
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "_0x") {
			hash = e.Name()
			continue
		}
		names = append(names, e.Name())
	}
	if d := cmp.Diff([]string{"_inputs.pklz", "_node.pklz", "command.txt", "out.txt", "result_a.pklz"}, names); d != "" || hash == "" {
		t.Errorf("hash file %q, (-want +got):\n%s", hash, d)
	}
	n.expect("", map[string]string{"top/a": "cached"})

	// What nipype did since then, it has to say itself.
	if err := os.Rename(filepath.Join(n.base, "top/a", hash), filepath.Join(n.base, "top/a/_0x99.json")); err != nil {
		t.Fatal(err)
	}
	n.outputs("a", map[string]value.Value{"out_file": value.String(filepath.Join(n.base, "top/a/out.txt"))})
	n.expect("run a", map[string]string{"top/a": "finished: its output " + hash + " is missing"})
}

// What the catalogue can't do with its inputs, nipype does.
func TestToolByNipype(t *testing.T) {
	for name, in := range map[string]value.Value{
		"a missing file":        value.String("/no/such/file"),
		"a name that is split":  value.String("/bin/with space"),
		"a value of other kind": value.Int(3),
	} {
		t.Run(name, func(t *testing.T) {
			n := handOver(t)
			src := n.node("src", worker(false), workflow.Options{}, nil)
			n.outputs("src", map[string]value.Value{"out": in})
			n.answer["prepare a"] = func(*pyworker.Request) *pyworker.Reply {
				return &pyworker.Reply{Command: &pyworker.Command{Cmdline: "true", Env: os.Environ(), Dir: n.base}}
			}
			n.connect(src, "out", n.node("a", tool(upper), workflow.Options{}, nil), "in_file")
			n.expect("run src, prepare a, collect a", map[string]string{"top/src": "finished: it never ran here", "top/a": "finished: it never ran here"})
			n.expect("", map[string]string{"top/src": "cached", "top/a": "cached"})
		})
	}
}

func mapOver(field string) workflow.Options {
	return workflow.Options{Kind: workflow.MapNode, IterField: []string{field}}
}

func TestToolMap(t *testing.T) {
	n := handOver(t)
	texts := value.Strings("a", "b")
	n.node("m", tool(`printf %s "$3" > "$2"`), mapOver("text"), map[string]value.Value{"in_file": value.String(n.in), "text": texts})
	never := "finished: it never ran here"
	n.expect("", map[string]string{"top/m/mapflow/_m0": never, "top/m/mapflow/_m1": never, "top/m": "finished: "})
	for _, name := range []string{"result_m.pklz", "mapflow/_m0/result__m0.pklz", "mapflow/_m1/result__m1.pklz"} {
		if _, err := os.Stat(filepath.Join(n.base, "top/m", name)); err != nil {
			t.Error(err)
		}
	}
	n.expect("", map[string]string{"top/m/mapflow/_m0": "cached", "top/m/mapflow/_m1": "cached", "top/m": "cached"})
	if err := os.Remove(filepath.Join(n.base, "top/m/result_m.pklz")); err != nil {
		t.Fatal(err)
	}
	n.again()
	if _, err := os.Stat(filepath.Join(n.base, "top/m/result_m.pklz")); err != nil {
		t.Errorf("the result of the map is not made again: %v", err)
	}
}

// nipype says what the elements of its MapNodes are, and puts them together.
func TestPythonMap(t *testing.T) {
	n := handOver(t)
	n.node("m", worker(false), mapOver("x"), map[string]value.Value{"x": value.Strings("a", "b")})
	for i := range 2 {
		blob := fmt.Sprintf("n/m_%d.pkl", i)
		n.result[blob] = fmt.Sprintf("m/mapflow/_m%d", i)
	}
	n.answer["expand m"] = func(*pyworker.Request) *pyworker.Reply {
		r := &pyworker.Reply{}
		for i := range 2 {
			r.Elements = append(r.Elements, pyworker.Element{
				Blob: fmt.Sprintf("n/m_%d.pkl", i), SHA256: fmt.Sprintf("%064d", i), Dir: fmt.Sprintf("top/m/mapflow/_m%d", i), Result: fmt.Sprintf("_m%d", i),
				Inputs: value.NewRecord(map[string]value.Value{"x": value.Int(i)}),
			})
		}
		return r
	}
	n.outputs("m", map[string]value.Value{"out": value.Strings("A", "B")})
	asked, ended, _ := n.again()
	if !strings.HasPrefix(asked, "expand m, run m_") || !strings.HasSuffix(asked, ", run m") || strings.Count(asked, "run") != 3 {
		t.Errorf("asked: %s", asked)
	}
	never := "finished: it never ran here"
	if d := cmp.Diff(map[string]string{"top/m/mapflow/_m0": never, "top/m/mapflow/_m1": never, "top/m": "finished: "}, ended); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	n.expect("", map[string]string{"top/m": "cached"})
	if err := os.Remove(filepath.Join(n.base, "top/m/mapflow/_m1/result__m1.pklz")); err != nil {
		t.Fatal(err)
	}
	n.expect("", map[string]string{"top/m": "cached"}) // the list of all is there

	// One element, none, or one after the other: nipype runs the whole.
	n = handOver(t)
	n.node("m", worker(false), mapOver("x"), map[string]value.Value{"x": value.Strings("a")})
	n.expect("expand m, run m", map[string]string{"top/m": never})
	o := mapOver("x")
	o.Serial = true
	n = handOver(t)
	n.node("m", worker(false), o, map[string]value.Value{"x": value.Strings("a", "b")})
	n.expect("run m", map[string]string{"top/m": never})
}

// A Merge of nipype's is done without it, unless a value is Python's own.
func TestMergeOfNipype(t *testing.T) {
	f, err := toolfile.Catalogue{}.Resolve(iface.Ref{Name: "utility.Merge", Params: value.Record{{Name: "numinputs", Value: value.Int(2)}}})
	if err != nil {
		t.Fatal(err)
	}
	n := handOver(t)
	m := n.node("m", f, workflow.Options{}, map[string]value.Value{"in2": value.Strings("b")})
	src := n.node("src", worker(false), workflow.Options{}, nil)
	n.connect(src, "out", m, "in1")
	m.Foreign().Otherwise = worker(false)
	n.outputs("src", map[string]value.Value{"out": value.Strings("a")})
	never := "finished: it never ran here"
	n.expect("run src", map[string]string{"top/src": never, "top/m": never})
	if d := cmp.Diff(map[string]string{"out": "['a', 'b']"}, n.lab.outputs("top/m")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for name, want := range map[string]bool{"result_m.pklz": true, "_node.pklz": true, "command.txt": false} {
		if _, err := os.Stat(filepath.Join(n.base, "top/m", name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	n.expect("", map[string]string{"top/src": "cached", "top/m": "cached"})
	src.SetInput("x", value.Int(1))
	n.outputs("src", map[string]value.Value{"out": value.Dict{{Key: value.String("$opaque"), Value: value.String("ab")}}})
	if asked, _, _ := n.again(); asked != "run src, run m" {
		t.Errorf("asked: %s", asked)
	}
}

// A node's mem_gb is what nipype sets aside, and no limit.
func TestForeignMemory(t *testing.T) {
	n := handOver(t)
	n.memory.Enforce = true
	var limit int64 = -1
	n.node("a", worker(false), workflow.Options{MemGB: 0.01}, nil)
	n.answer["run a"] = func(r *pyworker.Request) *pyworker.Reply {
		limit = r.Task.MemBytes
		return &pyworker.Reply{}
	}
	if n.again(); limit != 0 {
		t.Errorf("its limit is %d", limit)
	}
}

// Classes of nipype's that run whatever they are told are not remembered as one:
// a function that needs much would have all others wait for as much memory.
func TestWhatNeedsAreRememberedBy(t *testing.T) {
	n := handOver(t)
	of := func(name, class, function string) learn.Subject {
		f := iface.NewPython(class, false, false, nil, nil)
		return task.SubjectOf(n.node(name, f, workflow.Options{}, map[string]value.Value{"function_str": value.String(function)}))
	}
	const function, command = "nipype.interfaces.utility.wrappers.Function", "nipype.interfaces.base.core.CommandLine"
	one := of("one", function, "def one(): pass")
	if same := of("same", function, "def one(): pass"); same.Interface != one.Interface {
		t.Errorf("one function is remembered as %q and as %q", one.Interface, same.Interface)
	}
	if other := of("other", function, "def two(): pass"); other.Interface == one.Interface {
		t.Errorf("two functions are remembered as %q", other.Interface)
	}
	if a, b := of("a", command, ""), of("b", command, ""); a.Interface == b.Interface {
		t.Errorf("two commands are remembered as %q", a.Interface)
	}
	if a, b := of("c", "pkg.Class", "x"), of("d", "pkg.Class", "y"); a.Interface != b.Interface {
		t.Errorf("one class is remembered as %q and as %q", a.Interface, b.Interface)
	}
}
