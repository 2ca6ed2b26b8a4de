package workflow_test

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

var any = iface.New(iface.Interface{Ref: iface.Ref{Name: "x.Any"}, DynamicInputs: true, Command: &iface.Command{Words: []string{"x"}}})

func node(d *workflow.Definition, name string) workflow.Node {
	return d.AddNode(workflow.NodeSpec{Name: name, Interface: any, Pos: diag.Pos{File: "f", Line: int(d.NumNodes()) + 1}})
}

func wf(d *workflow.Definition, name string) workflow.Workflow {
	return d.AddWorkflow(name, workflow.WorkflowOptions{}, diag.Pos{})
}

func join(w workflow.Workflow, src workflow.Element, out string, dst workflow.Element, in string) {
	w.Connect(workflow.Edge{Src: src, SrcPort: out, Dst: dst, DstPort: in})
}

func names(els []workflow.Element) (out []string) {
	for _, el := range els {
		switch el := el.(type) {
		case workflow.Node:
			out = append(out, el.FullName())
		case workflow.Workflow:
			out = append(out, el.FullName()+"/")
		}
	}
	return out
}

func TestBadNames(t *testing.T) {
	for name, ok := range map[string]bool{"bet": true, "a-b_9": true, "é": true, "9": true, "": false, "a.b": false, "a b": false, "a/b": false, "@": false, string(make([]byte, 256)): false} {
		d := workflow.New()
		node(d, name)
		if got := d.Err() == nil; got != ok {
			t.Errorf("name %q: ok %v", name, got)
		}
	}
}

func TestInputs(t *testing.T) {
	d := workflow.New()
	a, b := node(d, "a"), node(d, "b")
	a.SetInput("x", value.Int(1))
	a.SetInput("y", value.String("s"))
	twin := d.Clone(a, "twin", diag.Pos{}).(workflow.Node)
	a.SetInput("x", value.Int(2)) // must not reach the twin, whose record it shared
	b.SetInput("x", value.Int(3))
	a.SetInput("y", nil)
	b.SetInputs(nil)
	for n, want := range map[workflow.Node]string{a: "[{x 2}]", b: "[]", twin: "[{x 1} {y s}]"} {
		if got := fmt.Sprint([]value.Field(n.Inputs())); got != want {
			t.Errorf("%s: %s, want %s", n.Name(), got, want)
		}
	}
}

// Inputs that are set in any order, on nodes and clones of them, are what a
// plain map would hold.
func TestInputsAgainstMaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := workflow.New()
		nodes := []workflow.Node{node(d, "n")}
		want := []map[string]value.Value{{}}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			i := rapid.IntRange(0, len(nodes)-1).Draw(t, "node")
			if rapid.IntRange(0, 5).Draw(t, "what") == 0 {
				nodes = append(nodes, d.Clone(nodes[i], fmt.Sprintf("n%d", len(nodes)), diag.Pos{}).(workflow.Node))
				copied := map[string]value.Value{}
				for k, v := range want[i] {
					copied[k] = v
				}
				want = append(want, copied)
				continue
			}
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "input")
			var v value.Value
			if rapid.Bool().Draw(t, "set") {
				v = value.Int(rapid.IntRange(0, 9).Draw(t, "value"))
				want[i][name] = v
			} else {
				delete(want[i], name)
			}
			nodes[i].SetInput(name, v)
		}
		for i, n := range nodes {
			if !n.Inputs().Equal(value.NewRecord(want[i])) {
				t.Fatalf("node %d: %v, want %v", i, n.Inputs(), want[i])
			}
		}
	})
}

// Every field of Options is part of what tells two options apart.
func TestOptionsAreToldApartByEveryField(t *testing.T) {
	vary(t, reflect.TypeFor[workflow.Options](), nil)
}

func vary(t *testing.T, typ reflect.Type, path []int) {
	t.Helper()
	for i := range typ.NumField() {
		f := typ.Field(i)
		at := append(slices.Clone(path), i)
		if f.Type == reflect.TypeFor[workflow.Config]() {
			vary(t, f.Type, at)
			continue
		}
		d := workflow.New()
		plain, changed := node(d, "plain"), node(d, "changed")
		o := workflow.Options{}
		set(t, reflect.ValueOf(&o).Elem().FieldByIndex(at))
		changed.SetOptions(o)
		if plain.Options() == changed.Options() {
			t.Errorf("options that differ in %s are one", f.Name)
		}
		again := node(d, "again")
		again.SetOptions(o)
		if again.Options() != changed.Options() {
			t.Errorf("equal options with %s are two", f.Name)
		}
	}
}

func set(t *testing.T, v reflect.Value) {
	t.Helper()
	switch x := v.Addr().Interface().(type) {
	case *[]string:
		*x = []string{"a"}
	case *[]workflow.Iterable:
		*x = []workflow.Iterable{{Field: "f", Values: value.NewSeq([]value.Value{value.Int(1)}), ByKey: value.Dict{{Key: value.Int(1), Value: value.List{}}}}}
	case **workflow.IterSource:
		*x = &workflow.IterSource{Node: "n", Fields: []string{"f"}}
	case *[]workflow.EnvVar:
		*x = []workflow.EnvVar{{Name: "A", Value: "b"}}
	case *time.Duration:
		*x = time.Second
	default:
		switch v.Kind() {
		case reflect.Bool:
			v.SetBool(true)
		case reflect.String:
			v.SetString("s")
		case reflect.Float64:
			v.SetFloat(1)
		case reflect.Int:
			v.SetInt(1)
		case reflect.Uint8:
			v.SetUint(1)
		default:
			t.Fatalf("no value for %s", v.Type())
		}
	}
}

func TestMembership(t *testing.T) {
	d := workflow.New()
	top, sub := wf(d, "top"), wf(d, "sub")
	a, b, c := node(d, "a"), node(d, "b"), node(d, "c")
	join(sub, a, "out", b, "in")
	join(top, sub, "b.out", c, "in")
	if diff := cmp.Diff([]string{"top.sub/", "top.c"}, names(top.Members())); diff != "" {
		t.Error(diff)
	}
	if n, field, bad := d.ResolvePort(top, "sub.b.out"); bad != nil || n != b || field != "out" {
		t.Errorf("sub.b.out leads to %v %q %v", n, field, bad)
	}
	if _, _, bad := d.ResolvePort(top, "sub.z.out"); bad == nil || bad.Part != "z" || bad.In != sub || bad.NeedsDot {
		t.Errorf("sub.z.out: %+v", bad)
	}
	if _, _, bad := d.ResolvePort(top, "sub"); bad == nil || !bad.NeedsDot {
		t.Errorf("sub: %+v", bad)
	}
	twice := node(d, "c")
	top.Add(diag.Pos{}, c, twice, a, top)
	join(top, top, "c.out", c, "in")
	sub.Add(diag.Pos{}, top)
	wants := []string{`duplicate node name "c" in workflow "top"`, `"a" belongs to workflow "top.sub" already`, `"top" cannot be a part of itself`, `"top" cannot connect itself`, `"top" cannot be a part of itself`}
	if len(d.Problems) != len(wants) {
		t.Fatalf("%d problems: %v", len(d.Problems), d.Problems)
	}
	for i, want := range wants {
		if !regexp.MustCompile(regexp.QuoteMeta(want)).MatchString(d.Problems[i].What) {
			t.Errorf("problem %d: %s, want %s", i, d.Problems[i].What, want)
		}
	}
}

func TestRemoveAndStray(t *testing.T) {
	d := workflow.New()
	top, sub := wf(d, "top"), wf(d, "sub")
	a, b, c := node(d, "a"), node(d, "b"), node(d, "c")
	join(top, a, "out", b, "in")
	join(top, b, "out", sub, "c.in")
	sub.Add(diag.Pos{}, c)
	if !top.Remove(b) || top.Remove(b) {
		t.Error("b could not be removed once")
	}
	if d.NumEdges() != 0 || top.Member("b") != nil || top.Member("a") != a {
		t.Errorf("%d edges, b is %v, a is %v", d.NumEdges(), top.Member("b"), top.Member("a"))
	}
	top.Remove(sub)
	if len(d.Top()) != 1 {
		t.Errorf("%d top workflows", len(d.Top()))
	}
	top.Add(diag.Pos{}, sub, b)
	if diff := cmp.Diff([]string{"top.sub/", "top.a", "top.b"}, names(top.Members())); diff != "" {
		t.Error(diff)
	}
	stray := node(d, "stray")
	if diff := cmp.Diff([]workflow.Node{stray}, d.Stray(5), cmp.AllowUnexported(workflow.Node{}), cmp.Comparer(func(x, y workflow.Node) bool { return x == y })); diff != "" {
		t.Error(diff)
	}
}

func TestDisconnect(t *testing.T) {
	d := workflow.New()
	top := wf(d, "top")
	a, b := node(d, "a"), node(d, "b")
	join(top, a, "x", b, "x")
	join(top, a, "y", b, "y")
	if !top.Disconnect(a, "x", b, "x") || top.Disconnect(a, "x", b, "x") || d.NumEdges() != 1 {
		t.Errorf("%d edges", d.NumEdges())
	}
}

// A clone is a twin in all: nodes, connections, workflows within, and nothing
// of it is shared afterwards.
func TestCloneOfClone(t *testing.T) {
	d := workflow.New()
	inner, outer := wf(d, "inner"), wf(d, "outer")
	a, b := node(d, "a"), node(d, "b")
	join(inner, a, "out", b, "in")
	c := node(d, "c")
	join(outer, inner, "b.out", c, "in")
	one := d.Clone(outer, "one", diag.Pos{}).(workflow.Workflow)
	two := d.Clone(one, "two", diag.Pos{}).(workflow.Workflow)
	n, _, bad := d.ResolvePort(two, "inner.a.x")
	if bad != nil || n.FullName() != "two.inner.a" {
		t.Fatalf("%v %v", n, bad)
	}
	n.SetInput("x", value.Int(1))
	if a.Inputs() != nil {
		t.Error("the clone's input reached the first")
	}
	if d.NumEdges() != 6 || len(d.Top()) != 3 {
		t.Errorf("%d edges, %d top workflows", d.NumEdges(), len(d.Top()))
	}
	for i := range d.NumEdges() {
		e, w := d.Edge(i)
		for _, el := range []workflow.Element{e.Src, e.Dst} {
			if got := w.Member(names([]workflow.Element{el})[0]); got != nil {
				t.Errorf("edge %d of %s ends in another workflow", i, w.FullName())
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	d := workflow.New()
	n := node(d, "n")
	pos := diag.Pos{File: "g", Line: 70_000, Column: 900, Length: 1000}
	n.SetPlace("x", pos)
	if got := n.Place("x"); got != pos {
		t.Errorf("x is at %v", got)
	}
	if got := n.Place("y"); got != n.Pos() {
		t.Errorf("y is at %v", got)
	}
	n.SetPlace("x", diag.Pos{})
	if got := n.Place("x"); got != n.Pos() {
		t.Errorf("x is still at %v", got)
	}
	for i := range 30_000 {
		n.SetPlace(fmt.Sprint(i), pos)
	}
	if d.RoomForPlaces() {
		t.Error("places have no bound")
	}
}

func TestAcceptIterfield(t *testing.T) {
	in := &iface.Input{Name: "n", Type: iface.Type{Kind: iface.Float}}
	list := func(v ...value.Value) value.List { return v }
	flat, deep := &workflow.Options{IterField: []string{"n"}}, &workflow.Options{IterField: []string{"n"}, Nested: true}
	tests := []struct {
		name    string
		o       *workflow.Options
		v, want value.Value // want nil: refused
	}{
		{"plain", &workflow.Options{}, value.Int(1), value.Float(1)},
		{"list", flat, list(value.Int(1), value.Float(2)), list(value.Float(1), value.Float(2))},
		{"one", flat, value.Int(1), list(value.Float(1))},
		{"tuple", flat, value.Tuple{value.Int(1)}, list(value.Float(1))},
		{"empty", flat, list(), list()},
		{"wrong element", flat, list(value.Int(1), value.String("x")), nil},
		{"too deep", flat, list(list(value.Int(1))), nil},
		{"nested", deep, list(value.Int(1), list(value.Int(2), list())), list(value.Float(1), list(value.Float(2), list()))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := tt.o.Accept(in, tt.v)
			if tt.want == nil != (err != nil) || err == nil && !value.Equal(got, tt.want) {
				t.Errorf("got %v, %v", got, err)
			}
		})
	}
}
