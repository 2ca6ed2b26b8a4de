//go:build linux

package limitstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// words are what the shapes are written with.
const words = `
load("utility", "Function", "IdentityInterface", "Merge")
load("io", "DataSink", "SelectFiles")
def same(x): return x
def count(xs): return len(xs)
def total(xs):
    t = 0
    for x in xs: t += x
    return t
def apply(name, f, field = "x", **inputs):
    return Node(Function(input_names = [field], output_names = ["out"], function = f, **inputs), name = name)
def gather(name, f, source):
    return JoinNode(Function(input_names = ["xs"], output_names = ["out"], function = f), name = name, joinsource = source, joinfield = "xs")
wf = Workflow("wf", base_dir = "work")
`

// Each shape has about a thousand instances; it ends with one whose output is
// known, so that nothing is lost on the way.
var shapes = map[string]struct {
	definition   string
	instances    int
	last, output string
	also         []string // arguments
	written      string   // files that it must have written, found so often
	found        int
}{
	"a grid": {`
i = Node(IdentityInterface(fields = ["p", "q"]), name = "i", iterables = [("p", range(20)), ("q", range(30))])
a, b, g = apply("a", same), apply("b", same), Node(Merge(2), name = "g")
wf.connect([(i, a, [("p", "x")]), (i, b, [("q", "x")]), (a, g, [("out", "in1")]), (b, g, [("out", "in2")])])
def sums(xs): return total([total(x) for x in xs])
j = gather("j", sums, "i")
wf.connect(g, "out", j, "xs")`, 3*600 + 1, "wf/j", "14400", nil, "", 0},

	"two joins, one after the other": {`
i = Node(IdentityInterface(fields = ["p"]), name = "i", iterables = ("p", range(40)))
k = Node(IdentityInterface(fields = ["p", "q"]), name = "k", iterables = ("q", range(50)))
a, one, two = apply("a", same), gather("one", total, "k"), gather("two", total, "i")
wf.connect([(i, k, [("p", "p")]), (k, a, [("q", "x")]), (a, one, [("out", "xs")]), (one, two, [("out", "xs")])])`,
		2000 + 40 + 1, "wf/two", "49000", nil, "", 0},

	"maps under iterables": {`
i = Node(IdentityInterface(fields = ["p"]), name = "i", iterables = ("p", range(20)))
def hundred(p): return [p * 100 + k for k in range(100)]
a = apply("a", hundred, "p")
m = MapNode(Function(input_names = ["x"], output_names = ["out"], function = same), iterfield = ["x"], name = "m")
one = apply("one", total, "xs")
j = gather("j", total, "i")
wf.connect([(i, a, [("p", "p")]), (a, m, [("out", "x")]), (m, one, [("out", "xs")]), (one, j, [("out", "xs")])])`,
		20 + 20 + 2000 + 20 + 1, "wf/j", "1999000", nil, "", 0},

	"an itersource, joined twice": {`
subjects = ["s%d" % k for k in range(100)]
i = Node(IdentityInterface(fields = ["s"]), name = "i", iterables = ("s", subjects))
r = Node(IdentityInterface(fields = ["s", "r"]), name = "r", itersource = ("i", "s"),
         iterables = ("r", {s: list(range(n % 20 + 1)) for n, s in enumerate(subjects)}))
a, one, two = apply("a", same), gather("one", count, "r"), gather("two", total, "i")
wf.connect([(i, r, [("s", "s")]), (r, a, [("r", "x")]), (a, one, [("out", "xs")]), (one, two, [("out", "xs")])])`,
		1050 + 100 + 1, "wf/two", "1050", nil, "", 0},

	"two in lock step": {`
a = Node(Function(input_names = ["x", "y"], output_names = ["out"], function = lambda x, y: x + len(y)), name = "a",
         iterables = [("x", range(1000)), ("y", ["t"] * 1000)], synchronize = True)
j = gather("j", total, "a")
wf.connect(a, "out", j, "xs")`, 1001, "wf/j", "500500", nil, "", 0},

	"a wide fan-in": {`
m = Node(Merge(1000), name = "m")
wf.connect([(apply("n%d" % i, same, x = i), m, [("out", "in%d" % (i + 1))]) for i in range(1000)])
e = apply("e", total, "xs")
wf.connect(m, "out", e, "xs")`, 1002, "wf/e", "499500", nil, "", 0},

	"a long chain": {`
def next(x): return x + 1
nodes = [apply("n%d" % i, next) for i in range(1000)]
nodes[0].inputs.x = 0
wf.connect([(nodes[i], nodes[i + 1], [("out", "x")]) for i in range(999)])`, 1000, "wf/n999", "1000", nil, "", 0},

	"clones in clones": {`
unit = Workflow("unit")
a, b = apply("a", same), apply("b", same)
unit.connect(a, "out", b, "x")
middle = Workflow("middle")
row = [unit.clone("u%d" % i) for i in range(10)]
for i in range(9): middle.connect(row[i], "b.out", row[i + 1], "a.x")
m = Node(Merge(100), name = "m")
for i in range(100):
    c = middle.clone("c%d" % i)
    c.inputs.u0.a.x = i
    wf.connect(c, "u9.b.out", m, "in%d" % (i + 1))
e = apply("e", total, "xs")
wf.connect(m, "out", e, "xs")`, 2002, "wf/e", "4950", []string{"--workflow", "wf"}, "", 0},

	"a file for each subject, to a sink": {`
bids = arg("bids", type = "dir")
i = Node(IdentityInterface(fields = ["s"]), name = "i", iterables = ("s", range(150)))
f = Node(SelectFiles({"t1": "sub-{s}/*_T1w.nii.gz"}, base_directory = bids), name = "f")
d = Node(DataSink(base_directory = "results"), name = "d")
def folder(s): return "sub-%d" % s
c = apply("c", folder, "s")
wf.connect([(i, f, [("s", "s")]), (i, c, [("s", "s")]), (c, d, [("out", "container")]), (f, d, [("t1", "anat")])])
j = gather("j", count, "i")
wf.connect(f, "t1", j, "xs")`, 3*150 + 1, "wf/j", "150", []string{"--bids", "bids"}, "results/sub-*/anat/*_T1w.nii.gz", 150},
}

// Every shape runs to its end, comes out as it should, and is not run again;
// raphe stays small.
func TestShapes(t *testing.T) {
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, words+shape.definition)
			if shape.written != "" {
				l.subjects(150)
			}
			args := append([]string{"run", "wf.star"}, shape.also...)
			r := l.run(0, args...)
			if want := fmt.Sprintf("done: %d instances", shape.instances); !strings.Contains(r.said, want) {
				t.Errorf("want %q\n%s", want, tail(r.said))
			}
			if got := string(l.records()[shape.last].Outputs["out"]); got != shape.output {
				t.Errorf("%s: out = %q, want %q", shape.last, got, shape.output)
			}
			if r.peak > 32*mib {
				t.Errorf("raphe held %d MiB", r.peak/mib)
			}
			if shape.written != "" {
				if files, _ := filepath.Glob(filepath.Join(l.dir, shape.written)); len(files) != shape.found {
					t.Errorf("%d files, want %d", len(files), shape.found)
				}
			}
			if r := l.run(0, args...); !strings.Contains(r.said, "nothing had to run") && !strings.Contains(r.said, "nothing but") {
				t.Errorf("again:\n%s", tail(r.said))
			}
		})
	}
}

// subjects makes a dataset of so many.
func (l *lab) subjects(n int) {
	l.t.Helper()
	for i := range n {
		dir := filepath.Join(l.dir, "bids", fmt.Sprintf("sub-%d", i))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			l.t.Fatal(err)
		}
		l.write(filepath.Join("bids", filepath.Base(dir), filepath.Base(dir)+"_T1w.nii.gz"), fmt.Sprint(i), 0o644)
	}
}

// tail gives the last lines of a text.
func tail(text string) string { return text[max(0, len(text)-1500):] }
