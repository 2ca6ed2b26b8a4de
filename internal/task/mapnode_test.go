package task_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/value"
)

// outputs gives the outputs that the store keeps of an instance, as Python
// writes them.
func (l *lab) outputs(name string) map[string]string {
	l.t.Helper()
	s, err := store.View(l.base)
	if err != nil {
		l.t.Fatal(err)
	}
	defer s.Close()
	recs, err := task.Last(s, l.base, func(r *task.Record) bool { return r.Name == name })
	if err != nil || len(recs) != 1 {
		l.t.Fatalf("%d records of %s, %v", len(recs), name, err)
	}
	out := map[string]string{}
	for _, f := range recs[0].Outputs {
		out[f.Name] = strings.ReplaceAll(value.Repr(f.Value), l.base, "BASE")
	}
	return out
}

func TestMapShapes(t *testing.T) {
	const def = `
def double(x, y = ""): return (x, [y])
m = MapNode(Function(function = double, input_names = ["x", "y"], output_names = ["a", "b"]), name = "m", iterfield = [%s], nested = %s)
m.inputs.x = %s
m.inputs.y = %s
wf.add_nodes([m])
`
	for _, tt := range []struct {
		name, fields, nested, x, y string
		a, b                       string
		err                        string
	}{
		{name: "a list", fields: `"x"`, nested: "False", x: `[1, 2]`, y: `"k"`, a: "[1, 2]", b: "[['k'], ['k']]"},
		{name: "two lists in step", fields: `"x", "y"`, nested: "False", x: `[1, 2]`, y: `["k", "l"]`, a: "[1, 2]", b: "[['k'], ['l']]"},
		{name: "a lone value", fields: `"x"`, nested: "False", x: `7`, y: `"k"`, a: "[7]", b: "[['k']]"},
		{name: "a tuple", fields: `"x"`, nested: "False", x: `(1, 2)`, y: `"k"`, a: "[1, 2]", b: "[['k'], ['k']]"},
		{name: "lists as elements", fields: `"x"`, nested: "False", x: `[[1, 2], []]`, y: `"k"`, a: "[[1, 2], []]", b: "[['k'], ['k']]"},
		{name: "nothing", fields: `"x"`, nested: "False", x: `[]`, y: `"k"`, a: "[]", b: "[]"},
		{name: "nested", fields: `"x"`, nested: "True", x: `[[1, 2], [3, [4]]]`, y: `"k"`, a: "[[1, 2], [3, [4]]]", b: "[[['k'], ['k']], [['k'], [['k']]]]"},
		{name: "nested with empty lists", fields: `"x"`, nested: "True", x: `[[], [1], [[], []]]`, y: `"k"`, a: "[[], [1], [[], []]]", b: "[[], [['k']], [[], []]]"},
		{name: "nested with nothing but empty lists", fields: `"x"`, nested: "True", x: `[[], []]`, y: `"k"`, a: "[[], []]", b: "[[], []]"},
		{name: "nested, tuples are values", fields: `"x"`, nested: "True", x: `[[(1, 2)], (3, 4)]`, y: `"k"`, a: "[[(1, 2)], (3, 4)]", b: "[[['k']], ['k']]"},
		{name: "nested, a lone value", fields: `"x"`, nested: "True", x: `7`, y: `"k"`, a: "[7]", b: "[['k']]"},
		{name: "nested, in step with a flat one", fields: `"x", "y"`, nested: "True", x: `[[1], [2]]`, y: `["k", "l"]`, a: "[[1], [2]]", b: "[[['k']], [['l']]]"},
		{name: "different lengths when flat", fields: `"x", "y"`, nested: "True", x: `[[1, 2]]`, y: `["k"]`, err: `iterfields have different lengths: "x" has 2 elements, "y" has 1`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			top := l.star(fmt.Sprintf(def, tt.fields, tt.nested, tt.x, tt.y))
			events, sum := l.execute(top)
			if tt.err != "" {
				if f := events["wf/m"].Failure; f == nil || f.Cause != tt.err {
					t.Errorf("got %+v, want %s", f, tt.err)
				}
				return
			}
			if !sum.OK() {
				t.Fatalf("%+v: %v", sum, verdicts(events))
			}
			if d := cmp.Diff(map[string]string{"a": tt.a, "b": tt.b}, l.outputs("wf/m")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if _, sum := l.execute(top); !sum.OK() || sum.Cached != sum.Total || sum.Cached == 0 {
				t.Errorf("again: %+v", sum.Counts)
			}
		})
	}
}

func TestMapKeepsItsOrder(t *testing.T) {
	l := newLab(t)
	top := l.star(`
def square(x): return x * x
m = MapNode(Function(function = square, output_names = ["out"]), name = "m", iterfield = ["x"])
m.inputs.x = list(range(200))
wf.add_nodes([m])
`)
	if events, sum := l.execute(top); !sum.OK() {
		t.Fatalf("%+v: %v", sum, verdicts(events))
	}
	want := make(value.List, 200)
	for k := range want {
		want[k] = value.Int(k * k)
	}
	if d := cmp.Diff(value.Repr(want), l.outputs("wf/m")["out"]); d != "" {
		t.Error(d)
	}
}

// Of a map that failed in part only that part runs again, and then what waits
// for the whole.
func TestMapGoesOn(t *testing.T) {
	l := newLab(t)
	def := `
m = MapNode(Copy(in_file = "$DIR/in.txt"), name = "m", iterfield = ["text"])
m.inputs.text = ["a", "fail1", "b", "fail2", "c"]
after = Node(Merge(1), name = "after")
wf.connect(m, "out_file", after, "in1")
`
	events, sum := l.execute(l.star(def))
	if sum.OK() || events["wf/after"].Kind != event.Blocked {
		t.Fatalf("%+v: %v", sum, verdicts(events))
	}
	mended := filepath.Join(filepath.Dir(l.in), "mended")
	l.write(mended, "")
	events, sum = l.execute(l.star(def))
	again := "finished: it failed last time: exit status 3"
	want := map[string]string{
		"wf/m/mapflow/_m0": "cached", "wf/m/mapflow/_m1": again, "wf/m/mapflow/_m2": "cached", "wf/m/mapflow/_m3": again,
		"wf/m/mapflow/_m4": "cached", "wf/m": "finished: ", "wf/after": "finished: it never ran here",
	}
	got := verdicts(events)
	got["wf/m"] = got["wf/m"][:min(len(got["wf/m"]), len("finished: "))] // an element that ran makes the whole
	if d := cmp.Diff(want, got); d != "" || !sum.OK() {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := l.outputs("wf/m")["out_file"]; !strings.HasPrefix(got, "['BASE/wf/m/mapflow/_m0/out.txt', 'BASE/wf/m/mapflow/_m1/out.txt'") {
		t.Errorf("outputs %s", got)
	}
	os.Remove(l.base + "/wf/m/mapflow/_m2/out.txt")
	if events, sum := l.execute(l.star(def)); !sum.OK() || sum.Done == 0 || events["wf/m/mapflow/_m2"].Kind != event.Finished || events["wf/m/mapflow/_m1"].Kind != event.Cached {
		t.Errorf("an element's output is gone: %v", verdicts(events))
	}
}

func TestMapIsForgotten(t *testing.T) {
	l := newLab(t)
	def := func(list string) string {
		return "m = MapNode(Copy(in_file = \"$DIR/in.txt\"), name = \"m\", iterfield = [\"text\"])\nm.inputs.text = " + list + "\nwf.add_nodes([m])\n"
	}
	l.execute(l.star(def(`["a", "b", "c"]`)))
	for _, tt := range []struct {
		list         string
		cached, done int
	}{{`["a"]`, 1, 1}, {`["a", "b", "c"]`, 1, 3}, {`["x", "b", "c"]`, 2, 2}, {`["x", "b", "c"]`, 4, 0}} {
		if events, sum := l.execute(l.star(def(tt.list))); !sum.OK() || sum.Cached != tt.cached || sum.Done != tt.done {
			t.Errorf("%s: %+v, %v", tt.list, sum.Counts, verdicts(events))
		}
	}
}
