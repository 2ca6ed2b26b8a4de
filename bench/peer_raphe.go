package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// rapheJSON is Raphe, with every node distinct and streamed in as JSON lines:
// the form in which it is spared nothing.
type rapheJSON struct{ binary string }

func (rapheJSON) Name() string               { return "raphe" }
func (rapheJSON) Debian() string             { return "" }
func (r rapheJSON) Version() (string, error) { return probe(r.binary, "version") }
func (rapheJSON) Most() int                  { return 0 }
func (rapheJSON) Outputs() string            { return "base/wf/*/out.txt" }

func (r rapheJSON) Argv(_ *Work, _ string, slots int) []string {
	return r.run("wf.jsonl", slots)
}

func (r rapheJSON) run(file string, slots int, more ...string) []string {
	return append([]string{r.binary, "run", file, "--base-dir", "base", "--procs", fmt.Sprint(slots), "--no-progress"}, more...)
}

// copyTool is `cp` as an interface of the user's own.
const copyTool = `Copy = command("cp", inputs = [
    file("in_file", "%s", pos = 0, mandatory = True),
    path("out_file", "%s", pos = 1, default = "out.txt"),
], outputs = [file("out_file", at("out_file"))])
`

// object is a record of a definition as JSON lines (doc/formats.md).
type object map[string]any

func (r rapheJSON) Write(w *Work, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	src, err := filepath.Abs(filepath.Join(dir, "..", "src"))
	if err != nil {
		return err
	}
	return writeRecords(filepath.Join(dir, "wf.jsonl"), func(put func(object)) {
		put(object{"kind": "interface", "id": "cp", "name": "Copy", "source": copyTool})
		for _, j := range w.Jobs {
			node := object{"kind": "node", "name": j.Name, "in": "wf", "interface": "cp"}
			if j.From < 0 {
				node["inputs"] = object{"in_file": filepath.Join(src, j.Source)}
			}
			put(node)
			if j.From >= 0 {
				put(object{"kind": "edge", "in": "wf", "from": w.Jobs[j.From].Name + ".out_file", "to": j.Name + ".in_file"})
			}
		}
	})
}

// writeRecords writes a definition as JSON lines; its workflow is called wf.
func writeRecords(path string, records func(put func(object))) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(f, 1<<16)
	lines := json.NewEncoder(out)
	var failed error
	put := func(o object) {
		if err := lines.Encode(o); failed == nil {
			failed = err
		}
	}
	put(object{"kind": "raphe-definition", "version": 1})
	put(object{"kind": "workflow", "name": "wf"})
	records(put)
	for _, err := range []error{failed, out.Flush(), f.Close()} {
		if err != nil {
			return fmt.Errorf("write %s: %w", path, err)
		}
	}
	return nil
}

// star writes a Starlark definition into a folder; lines are joined.
func star(dir, name string, lines ...string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(lines, "\n")+"\n"), 0o666)
}
