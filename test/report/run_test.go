//go:build linux

package reporttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// program is the path of the raphe under test.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "raphe-report-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "raphe")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/raphe").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build raphe: %v\n%s", err, out)
		os.RemoveAll(dir)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// report runs a definition, which exits with a status, and gives the path of
// the page of it.
func report(t *testing.T, definition string, status int) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wf.star"), []byte(definition), 0o666); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) int {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "RAPHE_NO_LEARN=1")
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil {
			t.Fatal(err)
		}
		if code := cmd.ProcessState.ExitCode(); code != 0 {
			t.Logf("raphe %v: exit status %d\n%.2000s", args, code, out)
			return code
		}
		return 0
	}
	if code := run("run", "wf.star", "--base-dir", "work", "--no-progress", "--procs", "2"); code != status {
		t.Fatalf("the run ended with status %d, want %d", code, status)
	}
	if code := run("report", "work"); code != 0 {
		t.Fatalf("raphe report ended with status %d", code)
	}
	return filepath.Join(dir, "work", "report.html")
}

// small is a workflow of a sweep, a nested workflow, a map, a join, and a node
// that fails, hostile to who reads its output.
const small = `
load("utility", "IdentityInterface")
Sh = command(["sh", "-c"],
    inputs = [
        text("script", "'%s' sh", pos = 0, mandatory = True), path("in_file", "%s", pos = 1, default = "/dev/null"),
        text("text", "'%s'", pos = 2), path("out_file", default = "out.txt"),
    ],
    outputs = [file("out_file", at("out_file"))],
)
Cat = command("cat", inputs = [files("in_files", "%s", mandatory = True), path("out_file", "> %s", default = "cat.txt")],
    outputs = [file("out_file", at("out_file"))])
source = Node(IdentityInterface(fields = ["subject"]), name = "source", iterables = ("subject", ["01", "02", "03", "10"]))
strip = Node(Sh(script = "sleep 0.$2; echo $2 > out.txt"), name = "strip", mem_gb = 0.5)
register = Node(Sh(script = "cat $1 > out.txt"), name = "register", mem_gb = 0.2)
prep = Workflow("prep")
prep.connect(strip, "out_file", register, "in_file")
broken = Node(Sh(script = "echo '</script><script>document.title = 1</script> \"it\" & <b>bold</b>' >&2; exit 3"), name = "broken", retries = 1)
after = Node(Sh(script = "true"), name = "after")
each = MapNode(Sh(), iterfield = ["script"], name = "each")
each.inputs.script = ["echo %d > out.txt" % i for i in range(5)]
gather = JoinNode(Cat(), joinsource = "source", joinfield = ["in_files"], name = "gather")
wf = Workflow("study")
wf.connect([
    (source, prep, [("subject", "strip.text")]), (prep, gather, [("register.out_file", "in_files")]),
    (source, broken, [("subject", "text")]), (broken, after, [("out_file", "in_file")]),
])
wf.add_nodes([each])
`

// many is a workflow of 10,000 instances that start no process.
const many = `
load("utility", "IdentityInterface", "Function")
def twice(x):
    return 2 * x
source = Node(IdentityInterface(fields = ["x"]), name = "source", iterables = ("x", list(range(2500))))
wf = Workflow("many")
last = source
for i in range(4):
    node = Node(Function(input_names = ["x"], output_names = ["x"], function = twice), name = "step_%d" % i)
    wf.connect(last, "x", node, "x")
    last = node
`
