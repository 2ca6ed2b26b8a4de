package starlang_test

import (
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/value"
)

// (What tools of a user's own become is in testdata/good/usertools.jsonl.)

// A function of a loaded file counts by its text, and the tool that uses it can
// be made again where the files are not.
func TestToolsOverFiles(t *testing.T) {
	t.Parallel()
	wf := "load(\"./lib.star\", join = \"words\")\nOwn = command(\"own\", inputs = [texts(\"labels\", \"-l %s\", value = lambda v: join(v))])\n" +
		"wf = Workflow(\"wf\")\nwf.add_nodes([Node(Own(labels = [\"a\", \"b\"]), name = \"n\")])\n"
	lib := "load(\"./deep.star\", \"MARK\")\ndef words(values):\n    return MARK.join(values)\n"
	tool := func(files map[string]string) *iface.Interface {
		t.Helper()
		res := loadFiles(t, files, nil)
		for _, d := range res.Definition.Problems {
			t.Fatalf("%s | %s | %s", d.Error(), d.Why, d.Mend)
		}
		return res.Definition.Node(1).Interface()
	}
	f := tool(map[string]string{"wf.star": wf, "lib.star": lib, "deep.star": "MARK = \"+\"\n"})
	again, err := fakeTools{}.Resolve(f.Ref)
	if err != nil {
		t.Fatalf("%v in\n%s", err, f.Source)
	}
	if again.Digest() != f.Digest() {
		t.Errorf("made again it is another one:\n%s", f.Source)
	}
	set := value.NewRecord(map[string]value.Value{"labels": value.Strings("a", "b")})
	line, err := again.CommandLine(set, iface.Context{Dir: "/d", Getenv: func(string) (string, bool) { return "", false }})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"own", "-l", "a+b"}, line.Words()); diff != "" {
		t.Error(diff)
	}
	if other := tool(map[string]string{"wf.star": wf, "lib.star": lib, "deep.star": "MARK = \"-\"\n"}); other.Digest() == f.Digest() {
		t.Error("a loaded function changes, the tool does not")
	}
}

// Names that only look like those of the file do not drag its statements along.
func TestToolTextHoldsWhatItNeeds(t *testing.T) {
	t.Parallel()
	res := clean(t, `
load("fsl", "BET")
def short(v): return [x for x in [v]][0]
T = command("t", inputs = [integer("n", "-n %d", value = lambda v: short(v))], outputs = [file("out", named("n", "%s_x"))])
named = Node(T(n = 1), name = "named")
n, v, x, value, out = named, named, Node(BET(in_file = "/etc/hostname"), name = "x"), 1, 2
wf = Workflow("wf")
wf.connect(named, "out", x, "args")
`)
	f := res.Definition.Node(1).Interface()
	want := "def short(v): return [x for x in [v]][0]\n" +
		`T = command("t", inputs = [integer("n", "-n %d", value = lambda v: short(v))], outputs = [file("out", named("n", "%s_x"))])` + "\n"
	if diff := cmp.Diff(want, f.Source); diff != "" {
		t.Error(diff)
	}
	if _, err := (fakeTools{}).Resolve(f.Ref); err != nil {
		t.Error(err)
	}
}

func TestToolsThatCannotBeOneText(t *testing.T) {
	t.Parallel()
	head := "wf = Workflow(\"wf\")\n"
	for name, tc := range map[string]struct{ wf, lib, want string }{
		"two of a name": {
			"load(\"./lib.star\", \"f\")\nK = 2\nT = command(\"t\", inputs = [integer(\"n\", \"-n %d\", value = lambda v: f(v) + K)])\n",
			"K = 1\ndef f(v): return v + K\n", `tool "T" uses two things called "K" .*K of lib.star and for K of wf.star .*another name`},
		"a name of the vocabulary": {
			"load(\"./lib.star\", \"f\")\nT = command(\"t\", inputs = [integer(\"n\", \"-n %d\", value = f)])\n",
			"integer = 1\ndef f(v): return v + integer\n", `two things called "integer"`},
		"a whole package": {
			"load(\"nipype.interfaces\", \"fsl\")\nT = command(\"t\", like = fsl.BET)\n", "", `tool "T" uses "fsl", which is a whole package .*load\("fsl", "BET"\)`},
		"no command": {
			"load(\"utility\", \"Merge\")\nT = command(\"t\", like = Merge)\n", "", `like is .*Merge.*, want a tool`},
	} {
		t.Run(name, func(t *testing.T) {
			res := loadFiles(t, map[string]string{"wf.star": tc.wf + head, "lib.star": tc.lib}, nil)
			if got := said(res); !regexp.MustCompile(tc.want).MatchString(got) {
				t.Errorf("got %s", got)
			}
		})
	}
}

func said(res *starlang.Result) string {
	out := ""
	for _, d := range res.Definition.Problems {
		out += d.Error() + " | " + d.Why + " | " + d.Mend + "\n"
	}
	return out
}
