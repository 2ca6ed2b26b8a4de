package starlang_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/starlang"
)

// A workflow written by a loop costs a bounded number of bytes a node: rows in
// the definition's columns, the names, the inputs, and what the script itself
// keeps in a list (16 bytes and a slot). Objects do not grow with the nodes.
func TestMemoryPerNode(t *testing.T) {
	const script = `
load("fsl", "BET")
wf = Workflow("wf")
last = Node(BET(in_file = "/etc/hostname"), name = "n0")
for i in range(1, %d):
    node = Node(BET(frac = i / 1000000.0), name = "n%%d" %% i, mem_gb = 1.0)
    wf.connect(last, "out_file", node, "in_file")
    last = node
`
	bytes, objects, _ := kept(t, fmt.Sprintf(script, 1_000))
	bytes2, objects2, res := kept(t, fmt.Sprintf(script, 21_000))
	if n := res.Definition.NumNodes(); n != 21_000 {
		t.Fatalf("%d nodes", n)
	}
	perNode, objectsPerNode := float64(bytes2-bytes)/20_000, float64(objects2-objects)/20_000
	t.Logf("%.0f bytes, %.3f objects a node with a connection", perNode, objectsPerNode)
	if perNode > 150 { // 24 + 20 bytes of rows, 12 + 8 of name and index, 5 to 11 of members, 20 of inputs, places and what the script keeps
		t.Errorf("%.0f bytes a node", perNode)
	}
	if objectsPerNode > 0.05 {
		t.Errorf("%.3f objects a node", objectsPerNode)
	}
	if problems := check.Definition(res.Definition.Top()[0]); len(problems) > 0 {
		t.Error(problems)
	}
}

// kept gives what stays allocated after a load: bytes and objects.
func kept(t *testing.T, script string) (bytes, objects int64, res *starlang.Result) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	res = clean(t, script)
	runtime.GC()
	runtime.ReadMemStats(&after)
	bytes = int64(after.HeapAlloc) - int64(before.HeapAlloc)
	objects = int64(after.HeapObjects) - int64(before.HeapObjects)
	runtime.KeepAlive(res)
	return bytes, objects, res
}

// What a wrong line in a loop leaves behind does not grow with the loop.
func TestManyProblemsAreBounded(t *testing.T) {
	res := load(t, `
load("fsl", "BET")
for i in range(20000):
    BET(fraction = 1, frac = "x%d" % i)
`, nil)
	if n := len(res.Definition.Problems); n > 1000 {
		t.Errorf("%d problems", n)
	}
}
