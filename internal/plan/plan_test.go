package plan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A bench builds small workflows of nodes that only have names.
type bench struct {
	t   testing.TB
	def *workflow.Definition
	top workflow.Workflow
}

func newBench(t testing.TB) *bench {
	t.Helper()
	d := workflow.New()
	return &bench{t, d, d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})}
}

// pos gives the place of the next node: a line of its own.
func (b *bench) pos() diag.Pos { return diag.Pos{File: "wf.star", Line: b.def.NumNodes() + 1} }

func (b *bench) node(name string, o workflow.Options) workflow.Node {
	f := iface.New(iface.Interface{
		Ref:    iface.Ref{Name: "test.Tool"},
		Inputs: []iface.Input{{Name: "a"}, {Name: "b"}, {Name: "s"}, {Name: "r"}, {Name: "run"}}, Outputs: []iface.Output{{Name: "out"}},
		Native: &iface.Native{Impl: "test.Tool"},
	})
	n := b.def.AddNode(workflow.NodeSpec{Name: name, Interface: f, Options: o, Pos: b.pos()})
	b.top.Add(diag.Pos{}, n)
	return n
}

func (b *bench) identity(name string, o workflow.Options) workflow.Node {
	f := iface.New(iface.Interface{
		Ref:    iface.Ref{Name: "utility.IdentityInterface"},
		Native: &iface.Native{Impl: "utility.IdentityInterface"}, DynamicInputs: true,
	})
	n := b.def.AddNode(workflow.NodeSpec{Name: name, Interface: f, Options: o, Pos: b.pos()})
	b.top.Add(diag.Pos{}, n)
	return n
}

func (b *bench) connect(src workflow.Element, out string, dst workflow.Element, in string) {
	b.top.Connect(workflow.Edge{Src: src, SrcPort: out, Dst: dst, DstPort: in, Pos: diag.Pos{File: "wf.star", Line: 100 + b.def.NumEdges()}})
}

func (b *bench) plan() *Plan {
	b.t.Helper()
	p, problems := Build(b.top)
	if len(problems) > 0 {
		b.t.Fatalf("Build: %v", problems)
	}
	checkSymmetry(b.t, p)
	return p
}

// checkSymmetry holds predecessors, successors and counts against each other.
func checkSymmetry(t testing.TB, p *Plan) {
	t.Helper()
	forward, backward := map[string]bool{}, map[string]bool{}
	pending := p.AllPending()
	for i := range Instance(p.NumInstances()) {
		n := 0
		if int(pending[i]) != p.Pending(i) {
			t.Errorf("instance %s: AllPending says %d, Pending %d", p.Dir(i), pending[i], p.Pending(i))
		}
		p.Successors(i, func(s Instance) { forward[fmt.Sprint(i, s)] = true })
		p.Predecessors(i, func(q Instance) { backward[fmt.Sprint(q, i)] = true; n++ })
		p.Successors(i, func(s Instance) {
			if p.Priority(s) >= p.Priority(i) || s <= i {
				t.Errorf("%s comes before %s, or is as urgent", p.Dir(s), p.Dir(i))
			}
		})
		if n != p.Pending(i) {
			t.Errorf("instance %s: %d predecessors, Pending says %d", p.Dir(i), n, p.Pending(i))
		}
	}
	if d := cmp.Diff(forward, backward); d != "" {
		t.Errorf("successors against predecessors (-forward +backward):\n%s", d)
	}
}

func dirs(p *Plan) []string {
	var out []string
	for i := range p.NumInstances() {
		out = append(out, p.Dir(Instance(i)))
	}
	return out
}

func over(field string, values ...any) workflow.Iterable {
	items := make([]value.Value, len(values))
	for i, v := range values {
		switch v := v.(type) {
		case int:
			items[i] = value.Int(v)
		case string:
			items[i] = value.String(v)
		} // nil: Undefined
	}
	return workflow.Iterable{Field: field, Values: value.NewSeq(items)}
}

func iterate(its ...workflow.Iterable) workflow.Options { return workflow.Options{Iterables: its} }

// The directories are those of nipype (reference 2.3).
func TestDirectories(t *testing.T) {
	tests := []struct {
		name  string
		build func(b *bench)
		want  []string
	}{
		{"one iterable", func(b *bench) {
			a, c := b.node("a", iterate(over("a", 1, 2))), b.node("c", workflow.Options{})
			b.connect(a, "out", c, "a")
		}, []string{"wf/_a_1/a", "wf/_a_2/a", "wf/_a_1/c", "wf/_a_2/c"}},
		{"two nodes with iterables in a chain", func(b *bench) {
			a, c, d := b.node("a", iterate(over("a", 1, 2))), b.node("b", iterate(over("b", "x", "y"))), b.node("c", workflow.Options{})
			b.connect(a, "out", c, "a")
			b.connect(c, "out", d, "a")
		}, []string{"wf/_a_1/a", "wf/_a_2/a",
			"wf/_a_1/_b_x/b", "wf/_a_1/_b_y/b", "wf/_a_2/_b_x/b", "wf/_a_2/_b_y/b",
			"wf/_a_1/_b_x/c", "wf/_a_1/_b_y/c", "wf/_a_2/_b_x/c", "wf/_a_2/_b_y/c"}},
		{"two fields on one node", func(b *bench) {
			b.node("a", iterate(over("b", 10, 20), over("a", 1)))
		}, []string{"wf/_a_1_b_10/a", "wf/_a_1_b_20/a"}},
		{"identity source, first field slowest", func(b *bench) {
			info, a := b.identity("info", iterate(over("s", "s1", "s2"), over("r", 1, 2))), b.node("a", workflow.Options{})
			b.connect(info, "s", a, "s")
			b.connect(info, "r", a, "r")
		}, []string{"wf/_r_1_s_s1/a", "wf/_r_2_s_s1/a", "wf/_r_1_s_s2/a", "wf/_r_2_s_s2/a"}},
		{"lock step", func(b *bench) {
			b.node("a", workflow.Options{Synchronize: true, Iterables: []workflow.Iterable{over("a", 1, 2), over("b", "x", "y")}})
		}, []string{"wf/_a_1_b_x/a", "wf/_a_2_b_y/a"}},
		{"two sources at different depth", func(b *bench) {
			s, r := b.identity("s", iterate(over("s", "s1"))), b.identity("r", iterate(over("r", 1, 2)))
			a, c := b.node("a", workflow.Options{}), b.node("b", workflow.Options{})
			b.connect(s, "s", a, "s")
			b.connect(a, "out", c, "a")
			b.connect(r, "r", c, "r")
		}, []string{"wf/_s_s1/a", "wf/_s_s1/_r_1/b", "wf/_s_s1/_r_2/b"}},
		{"None in lock step sets nothing", func(b *bench) {
			b.node("a", workflow.Options{Synchronize: true, Iterables: []workflow.Iterable{over("a", 1, 2, 3), over("b", "x", nil)}})
		}, []string{"wf/_a_1_b_x/a", "wf/_a_2/a", "wf/_a_3/a"}},
		{"a step that sets nothing has no directory", func(b *bench) {
			b.node("a", workflow.Options{Synchronize: true, Iterables: []workflow.Iterable{over("a", 1, nil)}})
		}, []string{"wf/_a_1/a", "wf/a"}},
		{"at one distance, by text", func(b *bench) {
			x, y, c := b.identity("x", iterate(over("b", 1))), b.identity("y", iterate(over("a1", 1))), b.node("c", workflow.Options{})
			z := b.identity("z", iterate(over("a", 1)))
			b.connect(x, "b", c, "a")
			b.connect(y, "a1", c, "b")
			b.connect(z, "a", c, "s")
		}, []string{"wf/_a1_1/_a_1/_b_1/c"}},
		{"two sources with one field keep apart", func(b *bench) {
			x, y, c := b.identity("x", iterate(over("a", 1, 2))), b.identity("y", iterate(over("a", 1, 2))), b.node("c", workflow.Options{})
			b.connect(x, "a", c, "a")
			b.connect(y, "a", c, "b")
		}, []string{"wf/_a_1/_a_1/c", "wf/_a_1/_a_2/c", "wf/_a_2/_a_1/c", "wf/_a_2/_a_2/c"}},
		{"values that look like the next field get a hash", func(b *bench) {
			b.node("a", iterate(over("a", "1_b_2", "1"), over("b", "3", "2_b_3")))
		}, []string{
			"wf/_a_1_b_2" + shortHash(value.String("1_b_2")) + "_b_3/a", "wf/_a_1_b_2" + shortHash(value.String("1_b_2")) + "_b_2_b_3/a",
			"wf/_a_1_b_3/a", "wf/_a_1_b_2_b_3/a",
		}},
		{"nipype's characters", func(b *bench) {
			b.node("a", iterate(over("a", "/d/f 1.nii", "[x](y){z}?:<>#!|\"';,w\n\t")))
		}, []string{"wf/_a_..d..f1.nii/a", "wf/_a_xyz.w/a"}},
		{"values that meet get a hash, the others keep nipype's text", func(b *bench) {
			b.node("a", iterate(over("a", "s 1", "s1", "t")))
		}, []string{"wf/_a_s1" + shortHash(value.String("s 1")) + "/a", "wf/_a_s1" + shortHash(value.String("s1")) + "/a", "wf/_a_t/a"}},
		{"long texts become their hash", func(b *bench) {
			b.node("a", iterate(over("a", strings.Repeat("x", 300))))
		}, []string{"a level of 40 digits"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			tt.build(b)
			got := dirs(b.plan())
			if strings.HasPrefix(tt.name, "long texts") {
				if len(got) != 1 || len(got[0]) != len("wf//a")+40 {
					t.Errorf("got %q, want a level of 40 hexadecimal digits", got)
				}
				return
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("directories (-want +got):\n%s", d)
			}
		})
	}
}

// A fakeResolver answers for outputs with the name of the instance.
type fakeResolver struct{ p *Plan }

func (f fakeResolver) Output(i Instance, port string) (value.Value, error) {
	return value.String(f.p.Dir(i) + ":" + port), nil
}

func (f fakeResolver) Call(fn *workflow.Func, v value.Value) (value.Value, error) {
	return value.String(fn.Name + "(" + value.Text(v) + ")"), nil
}

// inputs gives the inputs of all instances as text.
func inputs(t testing.TB, p *Plan) map[string]string {
	t.Helper()
	out := map[string]string{}
	for i := range p.NumInstances() {
		r, err := p.Inputs(Instance(i), fakeResolver{p})
		if err != nil {
			t.Fatal(err)
		}
		var parts []string
		for _, f := range r {
			parts = append(parts, f.Name+"="+value.Text(f.Value))
		}
		out[p.Dir(Instance(i))] = strings.Join(parts, " ")
	}
	return out
}

func join(source string, fields ...string) workflow.Options {
	return workflow.Options{Kind: workflow.JoinNode, JoinSource: source, JoinField: fields}
}

func TestJoin(t *testing.T) {
	b := newBench(t)
	s, r := b.identity("subjects", iterate(over("s", "s1", "s2"))), b.identity("runs", iterate(over("r", 1, 2, 3)))
	a := b.node("a", workflow.Options{})
	b.connect(s, "s", a, "s")
	b.connect(r, "r", a, "r")
	overRuns := b.node("j", join("runs", "a"))
	b.connect(a, "out", overRuns, "a")
	b.connect(s, "s", overRuns, "s")
	overAll := b.node("k", join("subjects"))
	b.connect(overRuns, "out", overAll, "a")
	names := b.node("names", join("subjects"))
	b.connect(s, "s", names, "s")
	keep := b.node("keep", join("subjects"))
	b.connect(a, "out", keep, "a")
	got := inputs(t, b.plan())
	want := map[string]string{
		"wf/k":     "a=['wf/_s_s1/j:out', 'wf/_s_s2/j:out']",
		"wf/names": "s=['s1', 's2']",
	}
	if got["wf/k"] != want["wf/k"] || got["wf/names"] != want["wf/names"] {
		t.Errorf("join of a join, join of an identity: got %q and %q", got["wf/k"], got["wf/names"])
	}
	if g := got["wf/_s_s1/j"]; !strings.HasPrefix(g, "a=[") || strings.Count(g, ":out") != 3 || !strings.HasSuffix(g, "s=s1") {
		t.Errorf("join over runs: got %q", g)
	}
	if g := got["wf/_r_2/keep"]; strings.Count(g, ":out") != 2 {
		t.Errorf("join that keeps the inner iterable: got %q", g)
	}
}

func TestIterSource(t *testing.T) {
	b := newBench(t)
	info := b.identity("info", iterate(over("s", "s1", "s2")))
	a := b.node("a", workflow.Options{
		IterSource: &workflow.IterSource{Node: "info", Fields: []string{"s"}},
		Iterables: []workflow.Iterable{{Field: "run", ByKey: value.Dict{
			{Key: value.String("s1"), Value: value.List{value.Int(1), value.Int(2)}},
			{Key: value.String("s2"), Value: value.List{value.Int(3)}},
		}}},
	})
	b.connect(info, "s", a, "s")
	c := b.node("c", workflow.Options{})
	b.connect(a, "out", c, "a")
	b.connect(info, "s", c, "s")
	j := b.node("j", join("a"))
	b.connect(c, "out", j, "a")
	k := b.node("k", join("info"))
	b.connect(j, "out", k, "a")
	want := map[string]string{
		"wf/_s_s1/_run_1/a": "run=1 s=s1", "wf/_s_s1/_run_2/a": "run=2 s=s1", "wf/_s_s2/_run_3/a": "run=3 s=s2",
		"wf/_s_s1/_run_1/c": "a=wf/_s_s1/_run_1/a:out s=s1", "wf/_s_s1/_run_2/c": "a=wf/_s_s1/_run_2/a:out s=s1",
		"wf/_s_s2/_run_3/c": "a=wf/_s_s2/_run_3/a:out s=s2",
		"wf/_s_s1/j":        "a=['wf/_s_s1/_run_1/c:out', 'wf/_s_s1/_run_2/c:out']",
		"wf/_s_s2/j":        "a=['wf/_s_s2/_run_3/c:out']",
		"wf/k":              "a=['wf/_s_s1/j:out', 'wf/_s_s2/j:out']",
	}
	if d := cmp.Diff(want, inputs(t, b.plan())); d != "" {
		t.Errorf("inputs (-want +got):\n%s", d)
	}
}

func TestSplicing(t *testing.T) {
	b := newBench(t)
	in, out := b.identity("inputspec", workflow.Options{}), b.identity("outputspec", workflow.Options{})
	in.SetInput("a", value.Int(7))
	a, c := b.node("a", workflow.Options{}), b.node("c", workflow.Options{})
	b.connect(in, "a", a, "a")
	b.connect(in, "unset", a, "b")
	b.top.Connect(workflow.Edge{Src: a, SrcPort: "out", Dst: out, DstPort: "x", Fn: &workflow.Func{Func: iface.Func{Name: "f"}}})
	b.top.Connect(workflow.Edge{Src: out, SrcPort: "x", Dst: c, DstPort: "a", Fn: &workflow.Func{Func: iface.Func{Name: "g"}}})
	want := map[string]string{"wf/a": "a=7", "wf/c": "a=g(f(wf/a:out))"}
	if d := cmp.Diff(want, inputs(t, b.plan())); d != "" {
		t.Errorf("inputs (-want +got):\n%s", d)
	}
}
