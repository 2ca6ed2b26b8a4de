package starlang_test

import (
	"os"
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
