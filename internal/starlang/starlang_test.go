package starlang_test

import (
	"io"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/starlang"
)

// load evaluates a definition given as text.
func load(t *testing.T, text string, args map[string][]string) *starlang.Result {
	t.Helper()
	return loadFiles(t, map[string]string{"wf.star": text}, args)
}

func loadFiles(t *testing.T, files map[string]string, args map[string][]string) *starlang.Result {
	t.Helper()
	res, err := starlang.Load("wf.star", starlang.Options{
		Args: args, Tools: fakeTools{}, Dir: "/here", Print: io.Discard,
		Read: func(name string) ([]byte, error) {
			if text, ok := files[name]; ok {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// clean is load for a definition that must have no problems.
func clean(t *testing.T, text string) *starlang.Result {
	t.Helper()
	res := load(t, text, nil)
	for _, d := range res.Definition.Problems {
		t.Errorf("%s (why: %s; mend: %s)", d.Error(), d.Why, d.Mend)
	}
	return res
}

func TestReadmeExample(t *testing.T) {
	res := clean(t, `
load("fsl", "BET", "FLIRT")
bet = Node(BET(frac = 0.4, mask = True), name = "bet", mem_gb = 1.0)
bet.inputs.robust = True
flirt = Node(FLIRT(dof = 12, reference = "/templates/mni.nii.gz"), name = "flirt", n_procs = 2)
wf = Workflow("preproc", base_dir = "work")
wf.connect([
    (bet, flirt, [("out_file", "in_file")]),
])
wf.connect(bet, ("mask_file", lambda f: [f]), flirt, "dof")
`)
	d := res.Definition
	if d.NumNodes() != 2 || d.NumEdges() != 2 {
		t.Errorf("%d nodes, %d edges", d.NumNodes(), d.NumEdges())
	}
	e, _ := d.Edge(1)
	if got, want := e.Fn.Source, "fn = (lambda f: [f])\n"; got != want {
		t.Errorf("function text %q, want %q", got, want)
	}
	if got := d.Node(1).Pos().String(); got != "wf.star:3:7" {
		t.Errorf("bet is at %s", got)
	}
	_ = os.Stderr
	_ = strings.TrimSpace
}
