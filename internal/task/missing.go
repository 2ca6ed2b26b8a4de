package task

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/workflow"
)

// MissingTools finds, before anything runs, the programs that nodes of the
// plan run and that are not on their PATH: one problem for each program.
func (r *Runner) MissingTools() diag.List {
	var problems diag.List
	first := map[[2]string]*diag.Diagnostic{} // by program and PATH; nil: it is there
	r.plan.Nodes(func(n plan.NodeRow) bool {
		f := n.Node.Interface()
		// Of a workflow that nipype handed over, only the nodes fail whose tools are missing.
		if n.Node.Foreign() != nil || f.Command == nil || len(f.Command.Words) == 0 {
			return true
		}
		program := f.Command.Words[0]
		path, _ := r.getenv("PATH", environ(n.Node.Options().Environ))
		at := [2]string{program, path}
		d, looked := first[at]
		switch {
		case !looked && !isThere(program, path):
			d = missing(n.Node, program, path)
			problems.Add(d)
			first[at] = d
		case !looked:
			first[at] = nil
		case d != nil && len(d.Notes) < mostNotes:
			d.Notes = append(d.Notes, diag.Note{Pos: n.Node.Pos(), Text: fmt.Sprintf("node %q runs it, too", n.Node.FullName())})
		}
		return true
	})
	return problems
}

func missing(n workflow.Node, program, path string) *diag.Diagnostic {
	d := &diag.Diagnostic{
		Code: diag.Missing, Pos: n.Pos(),
		What: fmt.Sprintf("command %q not found", program),
		Why:  fmt.Sprintf("node %q (%s) runs it, and it is in no folder of PATH=%s", n.FullName(), n.Interface().Name, path),
		Mend: "install it, or put its folder on the PATH; --allow-missing runs what can run without it",
	}
	if strings.Contains(program, "/") {
		d.Why = fmt.Sprintf("node %q (%s) runs it, and there is no such file", n.FullName(), n.Interface().Name)
		d.Mend = "install it there, or correct the path; --allow-missing runs what can run without it"
	}
	return d
}

// mostNotes is how many other nodes a problem names.
const mostNotes = 5

// isThere reports whether a command word means a file that exists.
func isThere(program, path string) bool {
	file := findProgram(program, path)
	if file == "" {
		return false
	}
	_, err := os.Stat(file)
	return err == nil || !filepath.IsAbs(file) // a relative one is looked for where the tool runs
}
