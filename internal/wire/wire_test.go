package wire_test

import (
	"bytes"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/internal/wire"
	"github.com/raphe-org/raphe/workflow"
)

// tools makes interfaces of any name: one that takes anything, but for "fs.Copy",
// which has a file, a list and a number.
type tools struct{}

var copyTool = iface.New(iface.Interface{
	Ref: iface.Ref{Name: "fs.Copy"},
	Inputs: []iface.Input{
		{Name: "in_file", Type: iface.Type{Kind: iface.File, Exists: true}},
		{Name: "level", Type: iface.Type{Kind: iface.Int}},
		{Name: "files", Type: iface.Type{Kind: iface.List, Of: []iface.Type{{Kind: iface.Str}}}},
	},
	Outputs: []iface.Output{{Name: "out", Value: &iface.Same{Input: "in_file"}}},
	Command: &iface.Command{Words: []string{"cp"}},
})

func (tools) Resolve(r iface.Ref) (*iface.Interface, error) {
	switch {
	case r.Name == "fs.Copy":
		return copyTool, nil
	case r.Name == "utility.Merge":
		return iface.New(iface.Interface{
			Ref: r, Inputs: []iface.Input{{Name: "axis"}, {Name: "in1"}, {Name: "in2"}}, Outputs: []iface.Output{{Name: "out"}},
			Native: &iface.Native{Impl: r.Name},
		}), nil
	case strings.HasPrefix(r.Name, "no."):
		return nil, fmt.Errorf("no interface %s", r.Name)
	}
	return iface.New(iface.Interface{Ref: r, DynamicInputs: true, Command: &iface.Command{Words: []string{"any"}}}), nil
}

func drawValue(depth int) *rapid.Generator[value.Value] {
	return rapid.Custom(func(t *rapid.T) value.Value {
		most := 5
		if depth > 0 {
			most = 8
		}
		switch rapid.IntRange(0, most).Draw(t, "kind") {
		case 0:
			return value.None{}
		case 1:
			return value.Bool(rapid.Bool().Draw(t, "bool"))
		case 2:
			return value.Int(rapid.Int64().Draw(t, "int"))
		case 3:
			return value.Float(rapid.Float64().Draw(t, "float"))
		case 4:
			return value.Float(math.NaN())
		case 5:
			return value.String(rapid.String().Draw(t, "text"))
		case 6:
			return value.List(rapid.SliceOfN(drawValue(depth-1), 0, 3).Draw(t, "list"))
		case 7:
			return value.Tuple(rapid.SliceOfN(drawValue(depth-1), 0, 3).Draw(t, "tuple"))
		}
		d := value.Dict{}
		for i, v := range rapid.SliceOfN(drawValue(depth-1), 0, 3).Draw(t, "dict") {
			key := value.Value(value.String(fmt.Sprintf("k%d", i)))
			if rapid.Bool().Draw(t, "plain key") {
				key = value.Int(i)
			}
			d = append(d, value.Entry{Key: key, Value: v})
		}
		return d
	})
}

func drawOptions(t *rapid.T) workflow.Options {
	names := rapid.SliceOfN(rapid.StringMatching(`[a-z]{1,5}`), 1, 3)
	o := workflow.Options{
		Kind: workflow.NodeKind(rapid.IntRange(0, 2).Draw(t, "kind")), MemGB: float64(rapid.IntRange(0, 64).Draw(t, "mem")) / 4,
		NProcs: rapid.IntRange(0, 8).Draw(t, "procs"), Retries: rapid.IntRange(0, 3).Draw(t, "retries"),
		Timeout:   time.Duration(rapid.IntRange(0, 5000).Draw(t, "timeout")) * time.Millisecond,
		Overwrite: workflow.Tristate(rapid.IntRange(0, 2).Draw(t, "overwrite")), RunWithoutSubmitting: rapid.Bool().Draw(t, "here"),
		Synchronize: rapid.Bool().Draw(t, "sync"),
	}
	switch o.Kind {
	case workflow.MapNode:
		o.IterField, o.Nested, o.Serial = names.Draw(t, "iterfield"), rapid.Bool().Draw(t, "nested"), rapid.Bool().Draw(t, "serial")
	case workflow.JoinNode:
		o.JoinSource, o.JoinField, o.Unique = "src", names.Draw(t, "joinfield"), rapid.Bool().Draw(t, "unique")
	}
	if rapid.Bool().Draw(t, "env") {
		o.Environ = []workflow.EnvVar{{Name: "A", Value: rapid.StringMatching(`[^\x00]*`).Draw(t, "env")}, {Name: "B", Value: ""}}
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "iterables") {
		it := workflow.Iterable{Field: fmt.Sprintf("it%d", i)}
		vals := rapid.SliceOfN(drawValue(2), 0, 4).Draw(t, "values")
		if rapid.Bool().Draw(t, "by key") {
			it.ByKey = value.Dict{{Key: value.Int(3), Value: value.List(vals)}}
		} else {
			it.Values = value.NewSeq(append(vals, nil))
		}
		o.Iterables = append(o.Iterables, it)
	}
	if rapid.Bool().Draw(t, "itersource") {
		o.IterSource = &workflow.IterSource{Node: "src", Fields: names.Draw(t, "fields")}
	}
	o.Config = workflow.Config{StopOnFirstCrash: workflow.Tristate(rapid.IntRange(0, 2).Draw(t, "crash")),
		HashMethod: rapid.SampledFrom([]string{"", "content"}).Draw(t, "hash"), CrashDumpDir: rapid.StringMatching(`[a-z/]*`).Draw(t, "dump")}
	return o
}

// drawDefinition makes a workflow with nested ones, whose parts are connected
// at random.
func drawDefinition(t *rapid.T) workflow.Workflow {
	def := workflow.New()
	var wfs []workflow.Workflow
	for i := range rapid.IntRange(1, 4).Draw(t, "workflows") {
		w := def.AddWorkflow(fmt.Sprintf("w%d", i), workflow.WorkflowOptions{BaseDir: rapid.String().Draw(t, "base")}, noPos)
		if i > 0 {
			wfs[rapid.IntRange(0, i-1).Draw(t, "parent")].Add(noPos, w)
		}
		wfs = append(wfs, w)
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "nodes") {
		f := copyTool
		spec := workflow.NodeSpec{Name: fmt.Sprintf("n%d", i)}
		if rapid.Bool().Draw(t, "user's") {
			f, _ = tools{}.Resolve(iface.Ref{Name: "Mine", Params: value.NewRecord(map[string]value.Value{"p": drawValue(1).Draw(t, "param")}), Source: rapid.String().Draw(t, "source")})
			spec.Options = drawOptions(t)
			spec.Inputs = value.NewRecord(map[string]value.Value{"a": drawValue(3).Draw(t, "a"), "b c": drawValue(3).Draw(t, "b")})
		}
		spec.Interface = f
		rapid.SampledFrom(wfs).Draw(t, "in").Add(noPos, def.AddNode(spec))
	}
	for i := range rapid.IntRange(0, 6).Draw(t, "edges") {
		w := rapid.SampledFrom(wfs).Draw(t, "where")
		members := w.Members()
		if len(members) < 2 {
			continue
		}
		e := workflow.Edge{Src: members[0], SrcPort: "out", Dst: members[1], DstPort: fmt.Sprintf("p%d.@x", i)}
		if rapid.Bool().Draw(t, "function") {
			e.Fn = &workflow.Func{Func: iface.Func{Name: "f", Source: "f = lambda x: x"}, Args: rapid.SliceOfN(drawValue(2), 0, 2).Draw(t, "args")}
		}
		w.Connect(e)
	}
	return wfs[0]
}

// Writing, reading and writing again gives the same bytes.
func TestWriteReadWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var first, second bytes.Buffer
		if err := wire.Write(&first, drawDefinition(t)); err != nil {
			t.Fatal(err)
		}
		def, err := wire.Read("x.jsonl", bytes.NewReader(first.Bytes()), tools{})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range def.Problems {
			t.Fatalf("%s | %s\n%s", d.Error(), d.Why, &first)
		}
		if err := wire.Write(&second, def.Top()[0]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first.String(), second.String()); diff != "" {
			t.Fatalf("-first +second:\n%s", diff)
		}
	})
}

// A reader that hands out a byte at a time, and lines longer than any buffer.
func TestReadLongLinesInPieces(t *testing.T) {
	text := header + `{"kind":"workflow","name":"w"}` + "\n" +
		`{"kind":"node","name":"n","in":"w","interface":"x.Y","inputs":{"a":"` + strings.Repeat("long ", 100_000) + `"}}`
	def, err := wire.Read("x", slow{strings.NewReader(text)}, tools{})
	if err != nil || def.Err() != nil {
		t.Fatal(err, def.Err())
	}
	if got := len(def.Node(1).Inputs().Str("a")); got != 500_000 {
		t.Errorf("%d bytes", got)
	}
}

type slow struct{ r *strings.Reader }

func (s slow) Read(p []byte) (int, error) { return s.r.Read(p[:min(len(p), 1000)]) }

// A stream of many different nodes leaves their rows behind and little else.
func TestMemoryPerNode(t *testing.T) {
	const n = 50_000
	var b bytes.Buffer
	b.WriteString(header + `{"kind":"workflow","name":"w"}` + "\n")
	for i := range n {
		fmt.Fprintf(&b, `{"kind":"node","name":"n%d","in":"w","interface":"fs.Copy","inputs":{"level":%d}}`+"\n", i, i)
		if i > 0 {
			fmt.Fprintf(&b, `{"kind":"edge","in":"w","from":"n%d.out","to":"n%d.in_file"}`+"\n", i-1, i)
		}
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := time.Now()
	def, err := wire.Read("x.jsonl", bytes.NewReader(b.Bytes()), tools{})
	if err != nil || def.Err() != nil {
		t.Fatal(err, def.Err())
	}
	elapsed := time.Since(start)
	runtime.GC()
	runtime.ReadMemStats(&after)
	perNode := float64(int64(after.HeapAlloc)-int64(before.HeapAlloc)) / n
	objects := float64(int64(after.HeapObjects)-int64(before.HeapObjects)) / n
	allocated := float64(after.TotalAlloc-before.TotalAlloc) / n
	t.Logf("%.0f bytes and %.3f objects stay, %.0f bytes are allocated a node with a connection; %v", perNode, objects, allocated, elapsed)
	if perNode > 260 || objects > 0.05 || allocated > 10_000 {
		t.Errorf("%.0f bytes, %.3f objects, %.0f allocated", perNode, objects, allocated)
	}
	runtime.KeepAlive(def)
	runtime.KeepAlive(b)
}
