package task_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSinkCollisions(t *testing.T) {
	const two = `
a = Node(Copy(in_file = "$DIR/in.txt"), name = "a")
b = Node(Copy(in_file = "$DIR/in.txt"), name = "b")
sink = Node(DataSink(base_directory = "$DIR/results"), name = "sink")
`
	const source = `
source = Node(IdentityInterface(fields = ["s"]), name = "source", iterables = ("s", ["x", "y"]))
a = Node(Copy(in_file = "$DIR/in.txt"), name = "a")
wf.connect(source, "s", a, "text")
`
	tests := []struct{ name, text, want string }{
		{"one field", two + `wf.connect([(a, sink, [("out_file", "r")]), (b, sink, [("out_file", "r.@b")])])`,
			`sink "wf.sink" would store two files as $DIR/results/r/out.txt: $BASE/wf/a/out.txt and $BASE/wf/b/out.txt both go there`},
		{"two fields", two + `wf.connect([(a, sink, [("out_file", "r")]), (b, sink, [("out_file", "q")])])`, ""},
		{"the same file twice", two + `wf.connect([(a, sink, [("out_file", "r"), ("out_file", "r.@again")]), (b, sink, [("out_file", "b")])])`, ""},
		{"two sinks", two + `
other = Node(DataSink(base_directory = "$DIR/results"), name = "other")
wf.connect([(a, sink, [("out_file", "r")]), (b, other, [("out_file", "r")])])`,
			`sink "wf.other" would store two files as $DIR/results/r/out.txt: $BASE/wf/a/out.txt and $BASE/wf/b/out.txt both go there` +
				"; the other is stored by \"wf.sink\""},
		{"two sinks in two containers", two + `
other = Node(DataSink(base_directory = "$DIR/results", container = "c"), name = "other")
wf.connect([(a, sink, [("out_file", "r")]), (b, other, [("out_file", "r")])])`, ""},
		{"through Merge", two + `
m = Node(Merge(2), name = "m")
wf.connect([(a, m, [("out_file", "in1")]), (b, m, [("out_file", "in2")]), (m, sink, [("out", "r")])])`,
			`sink "wf.sink" would store two files as $DIR/results/r/out.txt: $BASE/wf/a/out.txt and $BASE/wf/b/out.txt both go there`},
		{"through Select", two + `
m = Node(Merge(2), name = "m")
s = Node(Select(index = [0]), name = "s")
wf.connect([(a, m, [("out_file", "in1")]), (b, m, [("out_file", "in2")]), (m, s, [("out", "inlist")]), (s, sink, [("out", "r")])])`, ""},
		{"a MapNode", `
m = MapNode(Copy(), name = "m", iterfield = ["in_file"])
m.inputs.in_file = ["$DIR/in.txt", "$DIR/other.txt"]
sink = Node(DataSink(base_directory = "$DIR/results", parameterization = False), name = "sink")
wf.connect(m, "out_file", sink, "r")`,
			`sink "wf.sink" would store two files as $DIR/results/r/out.txt: $BASE/wf/m/mapflow/_m0/out.txt and $BASE/wf/m/mapflow/_m1/out.txt both go there`},
		{"a MapNode, told apart", `
m = MapNode(Copy(), name = "m", iterfield = ["in_file"])
m.inputs.in_file = ["$DIR/in.txt", "$DIR/other.txt"]
sink = Node(DataSink(base_directory = "$DIR/results"), name = "sink")
wf.connect(m, "out_file", sink, "r")`, ""},
		{"a MapNode with names of their own", `
m = MapNode(Copy(in_file = "$DIR/in.txt"), name = "m", iterfield = ["out_file"])
m.inputs.out_file = ["p.txt", "q.txt"]
sink = Node(DataSink(base_directory = "$DIR/results", parameterization = False), name = "sink")
wf.connect(m, "out_file", sink, "r")`, ""},
		{"iterables", source + `
sink = Node(DataSink(base_directory = "$DIR/results", parameterization = False), name = "sink")
wf.connect(a, "out_file", sink, "r")`,
			`sink "wf.sink" would store two files as $DIR/results/r/out.txt: $BASE/wf/_s_x/a/out.txt and $BASE/wf/_s_y/a/out.txt both go there`},
		{"iterables, told apart by substitutions", source + `
sink = Node(DataSink(base_directory = "$DIR/results", regexp_substitutions = [("_s_(.)/", "\\1-")]), name = "sink")
wf.connect(a, "out_file", sink, "r")`, ""},
		{"iterables, told apart by the container", source + `
sink = Node(DataSink(base_directory = "$DIR/results", parameterization = False), name = "sink")
wf.connect([(a, sink, [("out_file", "r")]), (source, sink, [("s", "container")])])`, ""},
		{"joined", source + `
sink = JoinNode(DataSink(base_directory = "$DIR/results", parameterization = False), name = "sink", joinsource = "source", joinfield = ["r"])
wf.connect(a, "out_file", sink, "r")`,
			`sink "wf.sink" would store two files as $DIR/results/r/out.txt: $BASE/wf/_s_x/a/out.txt and $BASE/wf/_s_y/a/out.txt both go there`},
		{"a function of the connection keeps one", two + `
m = Node(Merge(2), name = "m")
wf.connect([(a, m, [("out_file", "in1")]), (b, m, [("out_file", "in2")]), (m, sink, [(("out", lambda v: v[:1]), "r")])])`, ""},
		{"a function of the connection keeps both", two + `
m = Node(Merge(2), name = "m")
wf.connect([(a, m, [("out_file", "in1")]), (b, m, [("out_file", "in2")]), (m, sink, [(("out", lambda v: v[::-1]), "r")])])`,
			`sink "wf.sink" would store two files as $DIR/results/r/out.txt: $BASE/wf/b/out.txt and $BASE/wf/a/out.txt both go there`},
		{"a function of the connection fails", two + `wf.connect([(a, sink, [(("out_file", lambda v: fail("no")), "r")]), (b, sink, [("out_file", "r.@b")])])`, ""},
		{"a grabber's findings are not known yet", `
grab = Node(SelectFiles({"f": "*.txt"}, base_directory = "$DIR"), name = "grab")
m = MapNode(Copy(), name = "m", iterfield = ["in_file"])
sink = Node(DataSink(base_directory = "$DIR/results", parameterization = False), name = "sink")
wf.connect([(grab, m, [("f", "in_file")]), (m, sink, [("out_file", "r")])])`, ""},
		{"the container is not known yet", two + `
def where(): return "x"
f = Node(Function(function = where, output_names = ["out"]), name = "f")
wf.connect([(a, sink, [("out_file", "r")]), (b, sink, [("out_file", "r.@b")]), (f, sink, [("out", "container")])])`, ""},
		{"the name is not known yet", two + `
def name(): return "x.txt"
f = Node(Function(function = name, output_names = ["out"]), name = "f")
wf.connect([(f, a, [("out", "out_file")]), (a, sink, [("out_file", "r")]), (b, sink, [("out_file", "r.@b")])])`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			r := l.runner(l.star(tt.text))
			got := l.messages(func(yield func(string)) {
				for _, d := range r.SinkCollisions() {
					text := d.What + ": " + d.Why
					for _, n := range d.Notes {
						text += "; " + n.Text
					}
					yield(text)
				}
			})
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestSinkCollisionsSeeTheNodesEnvironment(t *testing.T) {
	const text = `
load("fsl", "BET")
a = Node(BET(in_file = "$DIR/in.txt"), name = "a")
b = Node(BET(in_file = "$DIR/in.txt"), name = "b", environ = {"FSLOUTPUTTYPE": "KIND"})
sink = Node(DataSink(base_directory = "$DIR/results"), name = "sink")
wf.connect([(a, sink, [("out_file", "r")]), (b, sink, [("out_file", "r.@b")])])
`
	for kind, want := range map[string]int{"NIFTI_GZ": 1, "NIFTI": 0} {
		l := newLab(t)
		top := l.star(strings.Replace(text, "KIND", kind, 1))
		if got := l.runner(top, "FSLOUTPUTTYPE=NIFTI_GZ").SinkCollisions(); len(got) != want {
			t.Errorf("%s beside NIFTI_GZ: %v", kind, got)
		}
	}
}

func TestMissingTools(t *testing.T) {
	l := newLab(t)
	r := l.runner(l.star(`
Gone = command("gone-tool", inputs = [text("text", "%s")])
Shell = command("sh", inputs = [text("text", "%s")])
Path = command("$DIR/absent", inputs = [text("text", "%s")])
nodes = [Node(Gone(text = "x"), name = "g%d" % i) for i in range(8)]
wf.add_nodes(nodes + [Node(Shell(text = "x"), name = "s"), Node(Path(text = "x"), name = "p"),
    Node(Copy(in_file = "$DIR/in.txt"), name = "c"), Node(Gone(text = "x"), name = "there", environ = {"PATH": "$DIR/bin"}), Node(Merge(1), name = "merge")])
`), "PATH=/usr/bin:/bin")
	if err := writeTool(l, "bin/gone-tool"); err != nil {
		t.Fatal(err)
	}
	notes := 0
	got := l.messages(func(yield func(string)) {
		for _, d := range r.MissingTools() {
			yield(d.What + ": " + d.Why)
			notes += len(d.Notes)
		}
	})
	want := []string{
		`command "gone-tool" not found: node "wf.g0" (Gone) runs it, and it is in no folder of PATH=/usr/bin:/bin`,
		`command "$DIR/absent" not found: node "wf.p" (Path) runs it, and there is no such file`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if notes != 5 {
		t.Errorf("%d other nodes are named, want the first 5", notes)
	}
}
