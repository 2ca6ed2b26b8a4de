package plan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

func ragged(source, field string, lists map[string][]int) workflow.Options {
	it := workflow.Iterable{Field: field, ByKey: value.Dict{}}
	for key, list := range lists {
		items := value.List{}
		for _, n := range list {
			items = append(items, value.Int(n))
		}
		it.ByKey = append(it.ByKey, value.Entry{Key: value.String(key), Value: items})
	}
	return workflow.Options{IterSource: &workflow.IterSource{Node: source, Fields: []string{"s"}}, Iterables: []workflow.Iterable{it}}
}

// numbers is an iterable of n values.
func numbers(field string, n int) workflow.Iterable {
	it := workflow.Iterable{Field: field}
	for i := range n {
		it.Values.Append(value.Int(i))
	}
	return it
}

// problemCases are graphs that are wrong, and what is said of them.
var problemCases = []struct {
	name  string
	build func(b *bench)
	want  []string
}{
	{"cycle", func(b *bench) {
		x, y, z := b.node("x", workflow.Options{}), b.node("y", workflow.Options{}), b.node("z", workflow.Options{})
		after := b.node("after", workflow.Options{})
		b.connect(z, "out", after, "a")
		b.connect(y, "out", z, "a")
		b.connect(z, "out", x, "a")
		b.connect(x, "out", y, "a")
	}, []string{"wf.star:102 connections form a cycle: wf.x -> wf.y -> wf.z -> wf.x"}},
	{"a node that waits for itself", func(b *bench) {
		x := b.node("x", workflow.Options{})
		b.connect(x, "out", x, "a")
	}, []string{"wf.star:100 connections form a cycle: wf.x -> wf.x"}},
	{"a cycle through an identity node", func(b *bench) {
		x, i := b.node("x", workflow.Options{}), b.identity("i", workflow.Options{})
		b.connect(x, "out", i, "a")
		b.connect(i, "b", x, "a")
	}, []string{"wf.star:101 connections form a cycle: wf.x -> wf.i -> wf.x"}},
	{"joinsource misspelt", func(b *bench) {
		a, j := b.node("subjects", iterate(over("a", 1))), b.node("j", join("subject"))
		b.connect(a, "out", j, "a")
	}, []string{`wf.star:2 joinsource "subject" of JoinNode "wf.j" is not upstream`}},
	{"joinsource without iterables", func(b *bench) {
		a, j := b.node("a", workflow.Options{}), b.node("j", join("a"))
		b.connect(a, "out", j, "a")
	}, []string{`wf.star:2 joinsource "a" of JoinNode "wf.j" is not upstream`}},
	{"a second join over the same node", func(b *bench) {
		a, j, k := b.node("a", iterate(over("a", 1))), b.node("j", join("a")), b.node("k", join("a"))
		b.connect(a, "out", j, "a")
		b.connect(j, "out", k, "a")
	}, []string{`wf.star:3 joinsource "a" of JoinNode "wf.k" is not upstream`}},
	{"a join over the source of what still iterates", func(b *bench) {
		info, a, j := b.identity("info", iterate(over("s", "s1"))), b.node("a", ragged("info", "r", map[string][]int{"s1": {1, 2}})), b.node("j", join("info"))
		b.connect(info, "s", a, "s")
		b.connect(a, "out", j, "a")
	}, []string{`wf.star:3 JoinNode "wf.j" joins over "info" while "a" still iterates within it`}},
	{"constant branch into a joinfield", func(b *bench) {
		a, c, j := b.node("a", iterate(over("a", 1))), b.node("c", workflow.Options{}), b.node("j", join("a", "a", "b"))
		b.connect(a, "out", j, "a")
		b.connect(c, "out", j, "b")
	}, []string{`wf.star:3 joinfield "b" of JoinNode "wf.j" does not come from under "a"`}},
	{"branches into another input", func(b *bench) {
		a, j := b.node("a", iterate(over("a", 1))), b.node("j", join("a", "a"))
		b.connect(a, "out", j, "a")
		b.connect(a, "out", j, "b")
	}, []string{`wf.star:2 input "b" of JoinNode "wf.j" has a value for each branch of "a"`}},
	{"repeated value", func(b *bench) { b.node("a", iterate(over("a", 3, 1, 3, 1))) },
		[]string{`wf.star:1 iterables of node "wf.a" hold 1 twice`}},
	{"repeated value among those of one text", func(b *bench) { b.node("a", iterate(over("a", "x", "x ", "x "))) },
		[]string{`wf.star:1 iterables of node "wf.a" hold 'x ' twice`}},
	{"repeated step", func(b *bench) {
		b.node("a", workflow.Options{Synchronize: true, Iterables: []workflow.Iterable{over("a", 1, 1, 1), over("b", "x", "y", "x")}})
	}, []string{`wf.star:1 iterables of node "wf.a" hold (1, 'x') twice`}},
	{"steps that set nothing beside the same fields", func(b *bench) {
		b.node("a", workflow.Options{Synchronize: true, Iterables: []workflow.Iterable{over("a", 1, nil)}})
		b.node("b", iterate(over("a", 1)))
	}, []string{`wf.star:1 iterables of node "wf.a" have a step that sets no field`}},
	{"empty iterables, and nothing else", func(b *bench) {
		a, c, j := b.node("a", iterate(over("a"))), b.node("c", workflow.Options{}), b.node("j", join("a"))
		b.connect(a, "out", c, "a")
		b.connect(c, "out", j, "a")
	}, []string{`wf.star:1 iterable "a" of node "wf.a" is empty`}},
	{"itersource not upstream", func(b *bench) {
		info, a := b.identity("info", iterate(over("s", "s1"))), b.node("a", ragged("info", "r", nil))
		b.connect(a, "out", b.node("c", workflow.Options{}), "a")
		b.connect(info, "s", b.node("d", workflow.Options{}), "a")
	}, []string{`wf.star:2 itersource "info" of node "wf.a" was not found`}},
	{"itersource without a list for a value", func(b *bench) {
		info, a := b.identity("info", iterate(over("s", "s1", "s2"))), b.node("a", ragged("info", "r", map[string][]int{"s1": {1}}))
		b.connect(info, "s", a, "s")
	}, []string{`wf.star:2 iterable "r" of node "wf.a" has no list for 's2'`}},
	{"itersource by a field that is not set", func(b *bench) {
		info, a := b.identity("info", iterate(over("r", "s1", "s2"))), b.node("a", ragged("info", "r", nil))
		b.connect(info, "r", a, "a")
	}, []string{`wf.star:2 itersource field "s" of node "info" has no value`}},
	{"node named like a parameter directory", func(b *bench) {
		b.node("a", iterate(over("b", 1), over("a", 1)))
		b.node("_a_1", workflow.Options{})
		b.node("_b_1", workflow.Options{})
		b.node("_ab", workflow.Options{})
	}, []string{`wf.star:2 node name "_a_1" looks like a parameter directory`}},
	{"workflow named like a parameter directory", func(b *bench) {
		b.node("a", iterate(over("a", 1)))
		sub := b.def.AddWorkflow("_a_1", workflow.WorkflowOptions{}, diag.Pos{File: "wf.star", Line: 50})
		b.top.Add(diag.Pos{}, sub)
		sub.Add(diag.Pos{}, b.def.AddNode(workflow.NodeSpec{Name: "a", Interface: b.node("x", workflow.Options{}).Interface()}))
	}, []string{`wf.star:50 workflow name "_a_1" looks like a parameter directory`}},
	{"too many by one node", func(b *bench) {
		b.node("a", iterate(numbers("a", 70_000), numbers("b", 70_000), numbers("s", 70_000)))
	}, []string{`wf.star:1 node "wf.a" makes too many instances`}},
	{"too many by several nodes", func(b *bench) {
		last := b.node("n0", iterate(numbers("a", 70_000)))
		for _, name := range []string{"n1", "n2", "n3", "n4", "n5"} {
			n := b.node(name, iterate(numbers("b", 70_000)))
			b.connect(last, "out", n, "a")
			last = n
		}
	}, []string{`wf.star:2 node "wf.n1" makes too many instances`}},
	{"too many by itersource", func(b *bench) {
		info := b.identity("info", iterate(over("s", "s1")))
		c := b.node("c", workflow.Options{})
		many := map[string][]int{"s1": make([]int, 10_000)}
		for i := range many["s1"] {
			many["s1"][i] = i
		}
		for _, name := range []string{"x", "y"} {
			n := b.node(name, ragged("info", "r", many))
			b.connect(info, "s", n, "s")
			b.connect(n, "out", c, map[string]string{"x": "a", "y": "b"}[name])
		}
	}, []string{`wf.star:2 node "wf.c" makes too many instances`}},
}

// Each thing that only the graph can show to be wrong is said once, with its
// place, the reason and the mend.
func TestProblems(t *testing.T) {
	for _, tt := range problemCases {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t)
			tt.build(b)
			p, problems := Build(b.top)
			if p != nil {
				t.Error("a plan in spite of problems")
			}
			var got []string
			for _, p := range problems {
				got = append(got, p.Pos.String()+" "+p.What)
				if p.Why == "" || p.Mend == "" || p.Code != diag.BadDefinition {
					t.Errorf("%q lacks why or mend", p.What)
				}
				for _, n := range p.Notes {
					if !n.Pos.IsValid() || n.Text == "" {
						t.Errorf("%q: note %+v", p.What, n)
					}
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("problems (-want +got):\n%s", d)
			}
		})
	}
}

// The mend of a misspelt joinsource or itersource names what is upstream.
func TestProblemsSuggest(t *testing.T) {
	b := newBench(t)
	info := b.identity("subjects", iterate(over("s", "s1")))
	j, r := b.node("j", join("subject")), b.node("r", ragged("subiects", "r", nil))
	b.connect(info, "s", j, "a")
	b.connect(info, "s", r, "a")
	_, problems := Build(b.top)
	if len(problems) != 2 {
		t.Fatalf("got %v", problems)
	}
	for _, p := range problems {
		if !strings.Contains(p.Mend, `"subjects"`) {
			t.Errorf("%s: mend %q", p.What, p.Mend)
		}
	}
}
