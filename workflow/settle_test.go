package workflow_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// longOnes draws values about as long as the ones that are kept apart, some of
// them twice.
func longOnes(t *rapid.T) value.Value {
	n := rapid.SampledFrom([]int{0, 1, 15, 16, 17, 63, 64, 300, 70_000}).Draw(t, "length")
	text := value.String(strings.Repeat(rapid.SampledFrom([]string{"a", "b", "é"}).Draw(t, "letter"), n))
	switch rapid.IntRange(0, 3).Draw(t, "kind") {
	case 0:
		return value.List{text, value.Int(n)}
	case 1:
		return value.Tuple{text}
	case 2:
		return value.Dict{{Key: value.String("k"), Value: text}, {Key: value.String("l"), Value: value.List{}}}
	}
	return text
}

// However long inputs are and whatever is given back in between, a node has what
// was set.
func TestLongInputs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := workflow.New()
		var nodes []workflow.Node
		var want []map[string]value.Value
		for i := range rapid.IntRange(1, 8).Draw(t, "nodes") {
			nodes = append(nodes, node(d, fmt.Sprint("n", i)))
			want = append(want, map[string]value.Value{})
		}
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			i := rapid.IntRange(0, len(nodes)-1).Draw(t, "node")
			switch rapid.IntRange(0, 9).Draw(t, "what") {
			case 0:
				d.Unindex()
			case 1:
				d.Settle()
			default:
				name, v := rapid.SampledFrom([]string{"x", "y", strings.Repeat("z", 100)}).Draw(t, "name"), longOnes(t)
				nodes[i].SetInput(name, v)
				want[i][name] = v
			}
		}
		for i, n := range nodes {
			if !n.Inputs().Equal(value.NewRecord(want[i])) {
				t.Fatalf("node %d: %v, want %v", i, n.Inputs(), want[i])
			}
		}
	})
}

// What many nodes have in common is there once, and read without a copy.
func TestSharedInputs(t *testing.T) {
	const nodes = 1000
	list := make(value.List, 10_000)
	for i := range list {
		list[i] = value.String(fmt.Sprint("text ", i))
	}
	for name, v := range map[string]func(i int) value.Value{
		"one text":             func(int) value.Value { return value.String(strings.Repeat("x", 10_000)) },
		"one list":             func(int) value.Value { return list },
		"lists that are equal": func(i int) value.Value { return append(value.List(nil), list[:1000]...) },
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			d := workflow.New()
			for i := range nodes {
				node(d, fmt.Sprint("n", i)).SetInput("x", v(i))
			}
			d.Settle()
			runtime.GC()
			runtime.ReadMemStats(&after)
			if kept := int64(after.HeapAlloc) - int64(before.HeapAlloc); kept > 600_000 {
				t.Errorf("%d bytes kept", kept)
			}
			runtime.ReadMemStats(&before)
			var wait sync.WaitGroup
			for id := workflow.NodeID(1); id <= nodes; id++ {
				wait.Go(func() {
					if got := d.Node(id).Inputs().Get("x"); id%100 == 0 && !value.Equal(got, v(0)) {
						t.Errorf("node %d has another value", id)
					}
				})
			}
			wait.Wait()
			runtime.ReadMemStats(&after)
			if read := after.TotalAlloc - before.TotalAlloc; read > 20<<20 {
				t.Errorf("%d bytes allocated to read it %d times", read, nodes)
			}
		})
	}
}

// Links lead where Edge and ResolvePort say, before and after the tables of
// names are given back.
func TestLinks(t *testing.T) {
	d := workflow.New()
	top, sub := wf(d, "top"), wf(d, "sub")
	a, b, c := node(d, "a"), node(d, "b"), node(d, "c")
	join(sub, a, "out", b, "in")
	join(top, sub, "b.out.part", c, "in")
	join(top, c, "out", sub, "z.in")
	other := wf(d, "other")
	other.Add(diag.Pos{}, node(d, "a"))
	links := func() (out []string) {
		for i := range d.NumEdges() {
			l, ok := d.Link(i)
			if !ok {
				out = append(out, "lost in "+d.Workflow(l.In).Name())
				continue
			}
			out = append(out, fmt.Sprintf("%s: %s.%s -> %s.%s", d.Workflow(l.In).Name(), d.Node(l.Src).FullName(), d.Text(l.SrcPort), d.Node(l.Dst).FullName(), d.Text(l.DstPort)))
		}
		return out
	}
	want := []string{"sub: top.sub.a.out -> top.sub.b.in", "top: top.sub.b.out.part -> top.c.in", "lost in top"}
	if diff := cmp.Diff(want, links()); diff != "" {
		t.Error(diff)
	}
	d.Unindex()
	if diff := cmp.Diff(want, links()); diff != "" {
		t.Errorf("after the tables were given back:\n%s", diff)
	}
	d.Settle()
	if top.Member("c") != c || top.Member("d") != nil || sub.Member("a") != a {
		t.Error("members are not found after Settle")
	}
	top.Add(diag.Pos{}, node(d, "c"))
	if len(d.Problems) != 1 {
		t.Errorf("a second c after Settle: %v", d.Problems)
	}
}
