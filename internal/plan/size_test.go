package plan

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// grid makes chains of distinct nodes: width of them, each depth nodes long,
// under the dimensions of the sources.
func grid(width, depth int, sources ...workflow.Iterable) workflow.Workflow {
	b := &bench{def: workflow.New()}
	b.top = b.def.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	tool := iface.New(iface.Interface{Ref: iface.Ref{Name: "test.Tool"}, Native: &iface.Native{Impl: "test.Tool"}, DynamicInputs: true})
	var from []workflow.Node
	for _, it := range sources {
		from = append(from, b.identity("source_"+it.Field, iterate(it)))
	}
	for w := range width {
		for d := range depth {
			n := b.def.AddNode(workflow.NodeSpec{Name: fmt.Sprintf("n%d_%d", w, d), Interface: tool, Inputs: value.Record{{Name: "k", Value: value.Int(w)}}})
			b.top.Add(diag.Pos{}, n)
			if d > 0 {
				b.connect(b.def.Node(n.ID-1), "out", n, "x")
			}
			for k, src := range from {
				if d == 0 || (w+d)%len(from) == k { // further nodes are under all by the one before
					b.connect(src, sources[k].Field, n, "from_"+sources[k].Field)
				}
			}
		}
	}
	return b.top
}

// fan connects many nodes to one, and that one to many.
func fan(n int) workflow.Workflow {
	top := grid(n, 1)
	def := top.Definition()
	hub := def.AddNode(workflow.NodeSpec{Name: "hub", Interface: def.Node(1).Interface()})
	top.Add(diag.Pos{}, hub)
	for i := range n {
		top.Connect(workflow.Edge{Src: def.Node(workflow.NodeID(i + 1)), SrcPort: "out", Dst: hub, DstPort: fmt.Sprintf("in%d", i)})
	}
	return top
}

func mustBuild(t testing.TB, top workflow.Workflow) *Plan {
	t.Helper()
	p, problems := Build(top)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return p
}

// allocated gives how many bytes fn allocates in all, and how many of them are
// still in use while what it gives is.
func allocated(fn func() any) (total, kept uint64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	result := fn()
	runtime.ReadMemStats(&after)
	total = after.TotalAlloc - before.TotalAlloc
	runtime.GC()
	runtime.ReadMemStats(&after)
	kept = after.HeapAlloc - min(after.HeapAlloc, before.HeapAlloc)
	runtime.KeepAlive(result)
	return total, kept
}

// The cost of a plan is a bounded number of bytes for each node, and for each
// value of an iterable, whatever the shape.
func TestSizes(t *testing.T) {
	tests := []struct {
		name        string
		top         func() workflow.Workflow
		of          int    // how many of what counts
		total, kept uint64 // most bytes for each of them
	}{
		{"distinct nodes", func() workflow.Workflow { return grid(10_000, 3) }, 30_000, 90, 40},
		{"distinct nodes under three dimensions", func() workflow.Workflow {
			return grid(5_000, 4, numbers("a", 10), numbers("b", 10), numbers("s", 10))
		}, 20_000, 260, 65},
		{"values of one iterable", func() workflow.Workflow { return grid(1, 2, numbers("a", 200_000)) }, 200_000, 10, 1},
		{"nodes into one", func() workflow.Workflow { return fan(20_000) }, 20_000, 160, 70},
		{"dimensions over nodes", func() workflow.Workflow {
			var dims []workflow.Iterable
			for k := range 100 {
				dims = append(dims, numbers(fmt.Sprintf("d%d", k), 1))
			}
			return grid(1, 2_000, dims...)
		}, 100 * 2_000, 55, 10},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			top := tt.top()
			total, kept := allocated(func() any { return mustBuild(t, top) })
			of := uint64(tt.of)
			if total/of > tt.total || kept/of > tt.kept {
				t.Errorf("%d bytes allocated and %d kept for each of %d, want %d and %d at most", total/of, kept/of, of, tt.total, tt.kept)
			}
			t.Logf("%d bytes allocated and %d kept for each", total/of, kept/of)
			runtime.KeepAlive(top)
		})
	}
}

// A million instances cost no allocation each: not to count what they wait
// for, nor to walk to their neighbours.
func TestInstancesCostNothing(t *testing.T) {
	p := mustBuild(t, grid(1, 3, numbers("a", 300), numbers("s", 1000)))
	if p.NumInstances() != 900_000 {
		t.Fatalf("%d instances", p.NumInstances())
	}
	total, _ := allocated(func() any { return p.AllPending() })
	if total > 4*900_000+100_000 {
		t.Errorf("AllPending allocates %d bytes", total)
	}
	allocs := testing.AllocsPerRun(100, func() {
		n := 0
		p.Successors(450_000, func(Instance) { n++ })
		p.Predecessors(450_000, func(Instance) { n++ })
		if n != 2 || p.Pending(450_000) != 1 || p.Priority(450_000) != 1 {
			t.Fatalf("%d neighbours", n)
		}
	})
	if allocs > 8 {
		t.Errorf("%v allocations for the neighbours of one instance", allocs)
	}
}

func BenchmarkBuildDistinct(b *testing.B) {
	top := grid(30_000, 3)
	b.ReportAllocs()
	for b.Loop() {
		mustBuild(b, top)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/90_000, "ns/node")
}

func BenchmarkBuildThreeDimensions(b *testing.B) {
	top := grid(30_000, 3, numbers("a", 3), numbers("b", 3), numbers("s", 3))
	b.ReportAllocs()
	for b.Loop() {
		mustBuild(b, top)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/90_000, "ns/node")
}

func BenchmarkBuildMillionValues(b *testing.B) {
	top := grid(1, 1, numbers("a", 1_000_000))
	b.ReportAllocs()
	for b.Loop() {
		mustBuild(b, top)
	}
}

func BenchmarkAllPending(b *testing.B) {
	p := mustBuild(b, grid(1, 10, numbers("a", 100_000)))
	for b.Loop() {
		p.AllPending()
	}
}

func BenchmarkDir(b *testing.B) {
	p := mustBuild(b, grid(1, 3, numbers("a", 300), numbers("s", 1000)))
	b.ReportAllocs()
	for b.Loop() {
		p.Dir(450_000)
	}
}

func BenchmarkSuccessors(b *testing.B) {
	p := mustBuild(b, grid(1, 3, numbers("a", 300), numbers("s", 1000)))
	b.ReportAllocs()
	for b.Loop() {
		p.Successors(450_000, func(Instance) {})
	}
}
