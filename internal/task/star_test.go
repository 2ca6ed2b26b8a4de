package task_test

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/workflow"
)

// prelude stands before every definition of the tests: Copy writes its input
// and text to out_file, or fails where the text says so.
const prelude = `
load("utility", "Function", "IdentityInterface", "Merge", "Select")
load("io", "DataSink", "SelectFiles")
Copy = command("$TOOL",
    inputs = [file("in_file", "%s", pos = 0, mandatory = True), path("out_file", "%s", pos = 1, default = "out.txt"), text("text", "%s", pos = 2)],
    outputs = [file("out_file", at("out_file"))])
wf = Workflow("wf")
`

const copyTool = `#!/bin/sh
case "$3" in
fail*) test -e "$(dirname "$0")/mended" || { echo "no luck with $1" >&2; exit 3; } ;;
esac
cat "$1" > "$2" && printf %s "$3" >> "$2"
`

// star gives the workflow of a definition. $DIR in it is a folder with the
// files in.txt and other.txt, $BASE the base directory.
func (l *lab) star(text string) workflow.Workflow {
	l.t.Helper()
	dir := filepath.Dir(l.in)
	tool := filepath.Join(dir, "copy")
	if err := os.WriteFile(tool, []byte(copyTool), 0o777); err != nil {
		l.t.Fatal(err)
	}
	l.write(filepath.Join(dir, "other.txt"), "other\n")
	text = strings.NewReplacer("$TOOL", tool, "$DIR", dir, "$BASE", l.base).Replace(prelude + text)
	res, err := starlang.Load("wf.star", starlang.Options{
		Tools: toolfile.Catalogue{}, Dir: dir, Print: io.Discard,
		Read: func(string) ([]byte, error) { return []byte(text), nil },
	})
	if err != nil {
		l.t.Fatal(err)
	}
	top := res.Definition.Top()
	for _, d := range append(res.Definition.Problems, check.Definition(top[0])...) {
		l.t.Fatalf("%s | %s", d.Error(), d.Why)
	}
	return top[0]
}

// runner gives the runner of a definition, before its store is open.
func (l *lab) runner(top workflow.Workflow, environ ...string) *task.Runner {
	l.t.Helper()
	p, problems := plan.Build(top)
	if len(problems) > 0 {
		l.t.Fatal(problems)
	}
	exec := local.New(local.Options{})
	l.t.Cleanup(func() { exec.Close() })
	return task.New(p, task.Options{BaseDir: l.base, Executor: exec, Environ: environ})
}

// messages gives what problems say, with the names of the lab's folders.
func (l *lab) messages(what func(yield func(string))) []string {
	var out []string
	names := strings.NewReplacer(l.base, "$BASE", filepath.Dir(l.in), "$DIR")
	what(func(s string) { out = append(out, names.Replace(s)) })
	return out
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "native" { // the child that a runner starts: see child_test.go
		childMain()
	}
	os.Exit(m.Run())
}

// writeTool writes a program that does nothing below the lab's folder.
func writeTool(l *lab, name string) error {
	path := filepath.Join(filepath.Dir(l.in), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, []byte("#!/bin/sh\n"), 0o777)
}
