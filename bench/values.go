package main

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// A valueCase is one workflow of many instances, or of large values, that
// starts no process: what is left is what Raphe itself does.
type valueCase struct {
	name      string
	instances int
	lines     []string
	most      float64 // bytes of peak RSS, where the design has a target; else 0
}

// largeValues is scenario h.
func largeValues(l *lab, s *Section) error {
	s.Work = "Starlark functions as nodes, so that no tool is started. Raphe alone: no peer passes values. Disk and files are all that is in the base directory afterwards; the value alone is about 1.3 MB for 100,000 strings."
	t := Table{Head: []string{"", "instances", "wall", "each", "engine RSS", "disk", "files", "folders", "no-op resume", "its RSS"}}
	for _, c := range valueCases(l.pick(100_000, 10_000), l.pick(1000, 100)) {
		row, target, err := l.value(c)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		t.add(row...)
		s.Targets = append(s.Targets, target...)
	}
	s.Tables = append(s.Tables, t)
	return nil
}

func valueCases(many, consumers int) []valueCase {
	head := []string{`load("utility", "IdentityInterface", "Function")`, `wf = Workflow("wf")`, "def size(x):", "    return len(x)", "def double(x):", "    return 2 * x"}
	list := fmt.Sprintf("def make():\n    return [\"sub-%%d/file\" %% i for i in range(%d)]\nmade = Node(Function(input_names = [], output_names = [\"out\"], function = make), name = \"made\")", many)
	sweep := func(n int) string {
		return fmt.Sprintf(`source = Node(IdentityInterface(fields = ["i"]), name = "source", iterables = ("i", range(%d)))`, n)
	}
	node := func(kind, name, function, more string) string {
		return fmt.Sprintf(`%s = %s(Function(input_names = ["x"], output_names = ["out"], function = %s), name = %q%s)`, name, kind, function, name, more)
	}
	with := func(lines ...string) []string { return append(head[:len(head):len(head)], lines...) }
	plain := valueCase{fmt.Sprintf("%s functions under iterables", showCount(many)), many, with(sweep(many), node("Node", "twice", "double", ""),
		`wf.connect(source, "i", twice, "x")`), iterablesRSS[many]}
	return []valueCase{
		plain,
		{fmt.Sprintf("a list of %s strings to %s consumers", showCount(many), showCount(consumers)), consumers + 1,
			with(list, sweep(consumers), "def take(x, i):\n    return len(x) + i",
				`taken = Node(Function(input_names = ["x", "i"], output_names = ["out"], function = take), name = "taken")`,
				`wf.connect([(made, taken, [("out", "x")]), (source, taken, [("i", "i")])])`), 0},
		{fmt.Sprintf("a MapNode over %s strings", showCount(many)), many + 1, with(list, node("MapNode", "sizes", "size", `, iterfield = ["x"]`),
			`wf.connect(made, "out", sizes, "x")`), 0},
		{fmt.Sprintf("a JoinNode over %s instances", showCount(many)), many + 1, with(sweep(many), node("Node", "twice", "double", ""),
			node("JoinNode", "joined", "size", `, joinsource = "source", joinfield = ["x"]`),
			`wf.connect([(source, twice, [("i", "x")]), (twice, joined, [("out", "x")])])`), 0},
	}
}

// value runs one case, and again.
func (l *lab) value(c valueCase) ([]string, []Target, error) {
	dir, err := l.folder("h")
	if err != nil {
		return nil, nil, err
	}
	if err := star(dir, "wf.star", strings.Join(c.lines, "\n")); err != nil {
		return nil, nil, err
	}
	cmd := Command{Argv: rapheJSON{l.raphe}.run("wf.star", 2), Dir: dir}
	settle()
	first, err := l.run(cmd)
	if err != nil {
		return nil, nil, err
	}
	bytes, files, folders, err := usage(filepath.Join(dir, "base"))
	if err != nil {
		return nil, nil, err
	}
	again, err := l.run(cmd)
	if err != nil {
		return nil, nil, err
	}
	l.say("   %s: %s, %s; again %s", c.name, first.Wall.Round(time.Millisecond), showMB(first.MaxRSS), again.Wall.Round(time.Millisecond))
	row := []string{c.name, showCount(c.instances), showSeconds(first.Wall.Seconds()), showMicroseconds(first.Wall.Seconds() / float64(c.instances)), showMB(first.MaxRSS), showMB(bytes),
		showCount(files), showCount(folders), showSeconds(again.Wall.Seconds()), showMB(again.MaxRSS)}
	if c.most == 0 {
		return row, nil, nil
	}
	return row, []Target{atMost("peak RSS, "+c.name+" run", float64(first.MaxRSS), c.most, showMBFloat)}, nil
}

// usage counts what is below a folder, hidden files too.
func usage(root string) (bytes int64, files, folders int, err error) {
	err = filepath.WalkDir(root, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			folders++
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		files++
		bytes += info.Size()
		return nil
	})
	return bytes, files, folders, err
}
