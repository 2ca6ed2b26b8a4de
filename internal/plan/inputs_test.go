package plan

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// answers gives outputs by the name of the node; what is not there is Undefined.
type answers struct {
	p   *Plan
	out map[string]value.Value
}

var errBroken = errors.New("broken")

func (a answers) Output(i Instance, port string) (value.Value, error) {
	if port == "broken" {
		return nil, errBroken
	}
	return a.out[a.p.Dir(i)], nil
}

func (a answers) Call(fn *workflow.Func, v value.Value) (value.Value, error) {
	if fn.Name == "broken" {
		return nil, errBroken
	}
	return value.List{v}, nil
}

func fn(name string) *workflow.Func { return &workflow.Func{Func: iface.Func{Name: name}} }

// last gives the inputs of the last instance.
func last(t *testing.T, p *Plan, out map[string]value.Value) string {
	t.Helper()
	r, err := p.Inputs(Instance(p.NumInstances()-1), answers{p, out})
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, f := range r {
		parts = append(parts, f.Name+"="+value.Repr(f.Value))
	}
	return strings.Join(parts, " ")
}

// A connection wins over what is set, but not when it brings Undefined; that
// enters no function, and is None in a joined list.
func TestUndefined(t *testing.T) {
	b := newBench(t)
	a := b.node("a", iterate(over("a", 1, 2)))
	j := b.node("j", join("a"))
	j.SetInput("r", value.String("kept"))
	j.SetInput("s", value.String("lost"))
	b.connect(a, "out", j, "a")
	b.top.Connect(workflow.Edge{Src: a, SrcPort: "out", Dst: j, DstPort: "b", Fn: fn("f")})
	other := b.node("other", workflow.Options{})
	b.connect(other, "out", j, "s")
	b.top.Connect(workflow.Edge{Src: b.node("silent", workflow.Options{}), SrcPort: "out", Dst: j, DstPort: "r", Fn: fn("f")})
	p := b.plan()
	got := last(t, p, map[string]value.Value{"wf/_a_1/a": value.Int(7), "wf/other": value.Int(8)})
	if want := "a=[7, None] b=[[7], None] r='kept' s=8"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestUnique(t *testing.T) {
	b := newBench(t)
	a := b.node("a", iterate(over("a", 1, 2, 3)))
	o := join("a")
	o.Unique = true
	j := b.node("j", o)
	b.connect(a, "out", j, "a")
	p := b.plan()
	out := map[string]value.Value{"wf/_a_1/a": value.Int(5), "wf/_a_2/a": value.Int(4), "wf/_a_3/a": value.Int(5)}
	if got := last(t, p, out); got != "a=[5, 4]" {
		t.Errorf("got %s", got)
	}
}

func TestInputErrors(t *testing.T) {
	for _, joined := range []bool{false, true} {
		for want, edge := range map[string]workflow.Edge{
			`input "b": broken`: {SrcPort: "broken"},
			`input "b": function broken on the connection from "out": broken`: {SrcPort: "out", Fn: fn("broken")},
		} {
			b := newBench(t)
			o := workflow.Options{}
			if joined {
				o = join("a")
			}
			edge.Src, edge.Dst, edge.DstPort = b.node("a", iterate(over("a", 1))), b.node("z", o), "b"
			b.top.Connect(edge)
			p := b.plan()
			_, err := p.Inputs(Instance(p.NumInstances()-1), answers{p, map[string]value.Value{"wf/_a_1/a": value.Int(1)}})
			if !errors.Is(err, errBroken) || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
}

// Constants and upstream values that pass through a node with iterables are
// joined once for each branch.
func TestJoinThroughIdentity(t *testing.T) {
	b := newBench(t)
	up, info := b.node("up", workflow.Options{}), b.identity("info", iterate(over("s", "s1", "s2")))
	info.SetInput("c", value.String("const"))
	b.connect(up, "out", info, "u")
	j := b.node("j", join("info"))
	b.connect(info, "s", j, "s")
	b.connect(info, "c", j, "a")
	b.top.Connect(workflow.Edge{Src: info, SrcPort: "u", Dst: j, DstPort: "b", Fn: fn("f")})
	p := b.plan()
	if got := last(t, p, map[string]value.Value{"wf/up": value.Int(1)}); got != "a=['const', 'const'] b=[[1], [1]] s=['s1', 's2']" {
		t.Errorf("got %s", got)
	}
	if n := p.Pending(Instance(p.NumInstances() - 1)); n != 1 {
		t.Errorf("waits for %d", n)
	}
}

// Ragged lists may be empty; a join over one gets an empty list and waits for
// nothing.
func TestEmptyRagged(t *testing.T) {
	b := newBench(t)
	info := b.identity("info", iterate(over("s", "s1", "s2", "s3", "s4")))
	a := b.node("a", ragged("info", "r", map[string][]int{"s1": {}, "s2": {1, 2}, "s3": {}, "s4": {5}}))
	b.connect(info, "s", a, "s")
	j := b.node("j", join("a"))
	b.connect(a, "out", j, "a")
	want := map[string]string{
		"wf/_s_s2/_r_1/a": "r=1 s=s2", "wf/_s_s2/_r_2/a": "r=2 s=s2", "wf/_s_s4/_r_5/a": "r=5 s=s4",
		"wf/_s_s1/j": "a=[]", "wf/_s_s2/j": "a=['wf/_s_s2/_r_1/a:out', 'wf/_s_s2/_r_2/a:out']",
		"wf/_s_s3/j": "a=[]", "wf/_s_s4/j": "a=['wf/_s_s4/_r_5/a:out']",
	}
	if d := cmp.Diff(want, inputs(t, b.plan())); d != "" {
		t.Errorf("inputs (-want +got):\n%s", d)
	}
}

// What is asked of single instances and nodes.
func TestInstances(t *testing.T) {
	b := newBench(t)
	sub := b.def.AddWorkflow("sub", workflow.WorkflowOptions{}, diag.Pos{})
	b.top.Add(diag.Pos{}, sub)
	s := b.identity("s", iterate(over("s", "x", "y")))
	inner := b.def.AddNode(workflow.NodeSpec{Name: "inner", Interface: b.node("alone", workflow.Options{}).Interface(),
		Options: iterate(over("b", 1, 2), over("a", 3))})
	sub.Add(diag.Pos{}, inner)
	b.top.Connect(workflow.Edge{Src: s, SrcPort: "s", Dst: sub, DstPort: "inner.s"})
	p := b.plan()
	if d := cmp.Diff([]string{"wf/alone", "wf/sub/_s_x/_a_3_b_1/inner", "wf/sub/_s_x/_a_3_b_2/inner", "wf/sub/_s_y/_a_3_b_1/inner", "wf/sub/_s_y/_a_3_b_2/inner"}, dirs(p)); d != "" {
		t.Errorf("directories (-want +got):\n%s", d)
	}
	if n := p.Node(3); n.FullName() != "wf.sub.inner" || p.NumNodes() != 2 {
		t.Errorf("instance 3 is of %s; %d nodes", n.FullName(), p.NumNodes())
	}
	var rows []string
	p.Nodes(func(r NodeRow) bool {
		rows = append(rows, r.Node.Name())
		return r.Node.Name() != "alone"
	})
	if r := p.Row(1); len(rows) != 1 || r.First != 1 || r.Count != 4 {
		t.Errorf("rows %v, the second %+v", rows, r)
	}
	want := []value.Field{{Name: "s", Value: value.String("y")}, {Name: "b", Value: value.Int(1)}, {Name: "a", Value: value.Int(3)}}
	if d := cmp.Diff(want, p.Parameters(3)); d != "" {
		t.Errorf("parameters (-want +got):\n%s", d)
	}
}

// With parameterize_dirs=false texts over 32 bytes are hashes.
func TestHashedDirectories(t *testing.T) {
	b := newBench(t)
	b.top.Options().Config.ParameterizeDirs = workflow.No
	b.node("a", iterate(over("a", "short", strings.Repeat("x", 30))))
	got := dirs(b.plan())
	if got[0] != "wf/_a_short/a" || len(got[1]) != len("wf//a")+40 {
		t.Errorf("got %q", got)
	}
}
