package starlang_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/diag"
)

// What a person sees: the place to the letter, the line, the span.
func TestCarets(t *testing.T) {
	const text = `load("fsl", "BET", "FLIRT")
def make(i):
    return Node(BET(in_file = "/etc/hostname",
                    frak = 0.5), name = "é%d" % i, mem = 1)
a = make(1)
b = Node(FLIRT(reference = ("/etc/hostname")), name = "b",
         iterables = [("dof", [6, "é", "twelve"])])
b.inputs.dof = {"a": 1}
wf = Workflow("wf")
wf.connect([(a, b, [("out_file", "in_file"), ("maskfile", "dof")])])
fail("é", 1 // len("x"))
`
	res := load(t, text, nil)
	got := append(res.Definition.Problems, check.Definition(res.Definition.Top()[0])...).Render(diag.Painter{}, func(string) ([]byte, error) { return []byte(text), nil })
	const golden = "testdata/carets.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A wrong port is underlined itself, in both forms of connect.
func TestConnectPlaces(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ code, under string }{
		{`wf.connect(a, "ouf_file", b, "in_file")`, `"ouf_file"`},
		{`wf.connect(a, "out_file", b, "inn_file")`, `"inn_file"`},
		{`wf.connect([(a, b, [("ouf_file", "in_file")])])`, `"ouf_file"`},
		{`wf.connect([(a, b, [("out_file", "in_file"), ("mask_file", "inn_file")])])`, `"inn_file"`},
		{`wf.connect(a, ("ouf_file", lambda f: f), b, "in_file")`, `"ouf_file"`},
		{"wf.connect([\n    (a, b, [((\"out_file\", str),\n        \"inn_file\")])])", `"inn_file"`},
		{"wf.connect(a,\n    \"out_file\",\n    b,\n    \"inn_file\")", `"inn_file"`},
		{`wf.connect(a, "out_file", inner, "c.inn_file")`, `"c.inn_file"`},
		{`wf.connect(inner, "d.out_file", a, "in_file")`, `"d.out_file"`},
		{`d = Node(FLIRT(reference = "/etc/hostname"), name = "d"); wf.connect(a, "out_file", d, "inn_file")`, `"inn_file"`}, // and nothing of a missing in_file
		{`wf.connect(a, "out_file", b, "dof")`, `"out_file", b, "dof"`},
		{`wf.connect([(a, b, [("out_file", "dof")])])`, `"out_file", "dof"`},
		{"wf.connect(a, \"out_file\", b, \"in_file\")\nwf.connect([(a, b, [(\"mask_file\", \"in_file\")])])", `"in_file"`},
	} {
		text := `load("fsl", "BET", "FLIRT")
a, b = Node(BET(in_file = "/etc/hostname"), name = "a"), Node(FLIRT(in_file = "/etc/hostname", reference = "/etc/hostname"), name = "b")
c = Node(FLIRT(in_file = "/etc/hostname", reference = "/etc/hostname"), name = "c")
wf, inner = Workflow("wf"), Workflow("inner")
inner.add_nodes([c])
wf.add_nodes([inner])
` + tc.code + "\n"
		res := load(t, text, nil)
		found := append(res.Definition.Problems, check.Definition(res.Definition.Top()[0])...)
		if len(found) != 1 {
			t.Errorf("%s: %v", tc.code, found)
			continue
		}
		p := found[0].Pos
		line := strings.Split(text, "\n")[p.Line-1]
		if got := line[p.Column-1 : p.Column-1+p.Length]; got != tc.under {
			t.Errorf("%s: %s underlines %s, want %s", tc.code, found[0].What, got, tc.under)
		}
	}
}
