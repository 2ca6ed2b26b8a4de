package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/plan"
)

// A bigShape is a definition of any size, as one would write it.
type bigShape struct {
	name  string // as in doc/memory.md
	write func(w *bufio.Writer, n int)
	jsonl bool // JSON lines, not Starlark
	few   bool // what is counted are values or instances, not nodes
}

const bigTools = `load("utility", "IdentityInterface")
load("fsl", "BET")
tool = command("tool", inputs = [text("x", "%s"), text("y", "%s"), texts("l", "%s")], outputs = [text("out", at("x"))])
wf = Workflow("wf")
`

// script is a shape in Starlark; N in its text is the size.
func script(text string) func(*bufio.Writer, int) {
	return func(w *bufio.Writer, n int) {
		fmt.Fprintf(w, "%sN = %d\n%s", bigTools, n, strings.TrimPrefix(text, "\n"))
	}
}

func writeLines(w *bufio.Writer, n int) {
	fmt.Fprintln(w, `{"kind":"raphe-definition","version":1}`+"\n"+`{"kind":"workflow","name":"wf"}`)
	for i := range n {
		fmt.Fprintf(w, `{"kind":"node","name":"n%06d","in":"wf","interface":"fsl.BET","inputs":{"frac":0.%06d`, i, i)
		if i%10 == 0 {
			fmt.Fprintln(w, `,"in_file":"/dev/null"}}`)
			continue
		}
		fmt.Fprintln(w, "}}")
		fmt.Fprintf(w, `{"kind":"edge","in":"wf","from":"n%06d.out_file","to":"n%06d.in_file"}`+"\n", i-1, i)
	}
}

const sourceOf = `
src = Node(IdentityInterface(fields = ["s", "t"]), name = "src", iterables = %s)
a = Node(tool(), name = "a")
`

var bigShapes = []bigShape{
	{name: "instance under iterables", few: true, write: script(fmt.Sprintf(sourceOf, `[("s", range(N // 10)), ("t", list(range(10)))]`) + `
wf.connect(src, ("s", lambda s: str(s)), a, "x")
`)},
	{name: "instance that a JoinNode joins", few: true, write: script(fmt.Sprintf(sourceOf, `("s", range(N))`) + `
j = JoinNode(tool(x = "x"), joinsource = "src", joinfield = "l", name = "j")
wf.connect(src, ("s", lambda s: str(s)), a, "x")
wf.connect(a, "out", j, "l")
`)},
	{name: "value of an iterable, integer in even steps", few: true, write: script(fmt.Sprintf(sourceOf, `("s", range(7, 7 + 3 * N, 3))`) + `
wf.connect(src, ("s", lambda s: str(s)), a, "x")
`)},
	{name: "value of an iterable, text of 10 characters", few: true, write: script(fmt.Sprintf(sourceOf, `("s", ["sub-%s" % (1000000 + i) for i in range(N)])`) + `
wf.connect(src, "s", a, "x")
`)},
	{name: "step of two iterables in lock step", few: true, write: script(fmt.Sprintf(sourceOf, `[("s", range(N)), ("t", ["t%s" % (1000000 + i) for i in range(N)])], synchronize = True`) + `
wf.connect(src, "t", a, "x")
`)},
	{name: "value under an itersource, ten to a list", few: true, write: script(fmt.Sprintf(sourceOf, `("s", range(N // 10))`) + `
runs = Node(IdentityInterface(fields = ["s", "r"]), name = "runs", itersource = ("src", "s"), iterables = ("r", {i: ["r%s" % (1000000 + 10 * i + j) for j in range(10)] for i in range(N // 10)}))
wf.connect(src, "s", runs, "s")
wf.connect(runs, "r", a, "x")
`)},
	{name: "element of a MapNode's constant list, text of 10 characters", few: true, write: script(`
m = MapNode(tool(), iterfield = "x", name = "m")
m.inputs.x = ["sub-%s" % (1000000 + i) for i in range(N)]
wf.add_nodes([m])
`)},
	{name: "distinct node with a connection and a number, JSON lines", jsonl: true, write: writeLines},
	{name: "the same, in a loop of Starlark", write: script(`
last = None
for i in range(N):
    n = Node(BET(frac = i / 1000000), name = "n%s" % (1000000 + i))
    if i % 10:
        wf.connect(last, "out_file", n, "in_file")
    else:
        n.inputs.in_file = "/dev/null"
        wf.add_nodes([n])
    last = n
`)},
	{name: "node of a nested workflow, ten to each", write: script(`
for i in range(N // 10):
    sub = Workflow("sub%s" % (1000000 + i))
    last = Node(tool(x = "x"), name = "n0")
    for j in range(1, 10):
        n = Node(tool(), name = "n%d" % j)
        sub.connect(last, "out", n, "x")
        last = n
    wf.add_nodes([sub])
`)},
	{name: "nested workflow with a sweep of its own, a node under it and a JoinNode", write: script(`
for i in range(N):
    sub = Workflow("sub%s" % (1000000 + i))
    src = Node(IdentityInterface(fields = ["s"]), name = "src", iterables = ("s", ["pre", "post"]))
    a = Node(tool(), name = "a")
    j = JoinNode(tool(x = "x"), joinsource = "src", joinfield = "l", name = "j")
    sub.connect([(src, a, [("s", "x")]), (a, j, [("out", "l")])])
    wf.add_nodes([sub])
`)},
	{name: "identity node in a chain, each with a reader", write: script(`
last = Node(IdentityInterface(fields = ["s"]), name = "first")
last.inputs.s = "value"
for i in range(N // 2):
    n = Node(IdentityInterface(fields = ["s"]), name = "i%s" % (1000000 + i))
    a = Node(tool(), name = "a%s" % (1000000 + i))
    wf.connect([(last, n, [("s", "s")]), (n, a, [("s", "x")])])
    last = n
`)},
	{name: "node with a text of 10 kB that all share", write: script(`
long = "x" * 10000
wf.add_nodes([Node(tool(x = long, y = "y%d" % i), name = "n%s" % (1000000 + i)) for i in range(N)])
`)},
	{name: "node with a list of 1,000 texts that all share", write: script(`
many = ["text %d" % i for i in range(1000)]
wf.add_nodes([Node(tool(x = "x", l = many), name = "n%s" % (1000000 + i)) for i in range(N)])
`)},
}

// plan plans the shape at one size, and gives what that takes.
func (s bigShape) plan(t testing.TB, n int) (p *plan.Plan, total, kept int64) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "wf.star")
	if s.jsonl {
		file = strings.TrimSuffix(file, ".star") + ".jsonl"
	}
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	s.write(w, n)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	p, _, err = planned(file, "", theirArgs{})
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	total = int64(after.TotalAlloc - before.TotalAlloc)
	runtime.GC()
	runtime.ReadMemStats(&after)
	return p, total, int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// What reading, checking and planning take grows with the size of the
// definition and no faster, and what stays is what doc/memory.md says, byte by
// byte. Bytes are counted, not seconds: they do not depend on the machine.
func TestPlansAreLinear(t *testing.T) {
	figures := memoryFigures(t, "## Definition and plan")
	bigShape{"", script(""), false, false}.plan(t, 0) // what the first of all makes once
	for _, s := range bigShapes {
		t.Run(s.name, func(t *testing.T) {
			size := 4_000
			if s.few {
				size = 20_000
			}
			_, totalA, keptA := s.plan(t, size)
			p, totalB, keptB := s.plan(t, 4*size)
			if s.few && p.NumInstances() < 4*size && !strings.Contains(s.name, "MapNode") || !s.few && p.NumNodes() < 2*size {
				t.Fatalf("%d nodes, %d instances", p.NumNodes(), p.NumInstances())
			}
			if ratio := float64(totalB) / float64(totalA); ratio > 4.6 {
				t.Errorf("four times the size takes %.2f times the bytes", ratio)
			}
			kept := float64(keptB-keptA) / float64(3*size)
			t.Logf("%.0f bytes allocated, %.1f kept for each", float64(totalB-totalA)/float64(3*size), kept)
			want, ok := figures[s.name]
			if !ok {
				t.Fatalf("doc/memory.md has no line %q", s.name)
			}
			if kept > want*1.1+1 || kept < want*0.8-1 {
				t.Errorf("%.1f bytes kept for each; doc/memory.md says %v", kept, want)
			}
			runtime.KeepAlive(p)
		})
	}
}

// memoryFigures reads a table of doc/memory.md: what is resident, and its bytes.
func memoryFigures(t *testing.T, heading string) map[string]float64 {
	t.Helper()
	text, err := os.ReadFile("../../doc/memory.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), heading+"\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	figures := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \| ([0-9.]+) \|`).FindAllStringSubmatch(section, -1) {
		figures[m[1]], _ = strconv.ParseFloat(m[2], 64)
	}
	return figures
}

func BenchmarkPlan(b *testing.B) {
	for _, s := range bigShapes {
		for _, n := range []int{1_000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", strings.ReplaceAll(s.name, " ", "_"), n), func(b *testing.B) {
				b.ReportAllocs()
				var total int64
				for b.Loop() {
					_, bytes, _ := s.plan(b, n)
					total += bytes
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/each")
				b.ReportMetric(float64(total)/float64(b.N)/float64(n), "B/each")
			})
		}
	}
}
