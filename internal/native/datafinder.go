package native

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/native/pytext"
	"github.com/raphe-org/raphe/internal/value"
)

// dataFinder searches folders for paths that match a regular expression. Each
// named group of the expression is an output too.
//
// Differs from nipype: no match is an error that says so (nipype stops with an AttributeError), and so is a root that does not exist; paths are absolute, and a relative root starts at the folder that Raphe runs in.
var dataFinder = &Impl{
	Help: "Search folders for paths that match a regular expression; its named groups are outputs.",
	Ports: ports([]iface.Input{
		need("root_paths", either(listOf(strType), strType), "where to look; ~ and $NAME are filled in"),
		opt("match_regex", strType, value.String("(.+)"), "what to look for, anywhere in the path"),
		in("ignore_regexes", listOf(strType), "paths to pass over"),
		in("max_depth", intType, "how deep to look below the roots"),
		in("min_depth", intType, "how deep to start"),
		opt("unpack_single", boolType, value.Bool(false), "a single result comes as itself, not as a list"),
	}, out("out_paths", anyType, "the paths")),
	Check: func(_, inputs value.Record) error {
		_, err := newFinder(inputs)
		return err
	},
	AlwaysRun:      true,
	DynamicOutputs: true,
	Run: func(ctx context.Context, c *Call) (value.Record, error) {
		f, err := newFinder(c.Inputs)
		if err != nil {
			return nil, err
		}
		roots := strs(c.Inputs.Get("root_paths"))
		for _, root := range roots {
			if err := f.root(ctx, root); err != nil {
				return nil, err
			}
		}
		if len(f.found) == 0 {
			return nil, fmt.Errorf("nothing below %s matches %q", strings.Join(roots, ", "), text(c.Inputs, "match_regex", "(.+)"))
		}
		return f.outputs(c.Inputs.Bool("unpack_single")), nil
	},
}

// A finder collects what matches.
type finder struct {
	match    *pytext.Pattern
	ignore   []*pytext.Pattern
	minDepth int
	maxDepth int // -1: any
	found    []finding
}

type finding struct {
	path   string
	groups []pytext.Group
}

func newFinder(inputs value.Record) (*finder, error) {
	f := &finder{maxDepth: -1}
	var err error
	if f.match, err = pytext.CompilePattern(text(inputs, "match_regex", "(.+)")); err != nil {
		return nil, fmt.Errorf("match_regex: %w", err)
	}
	if slices.Contains(f.match.Names(), "out_paths") {
		return nil, fmt.Errorf("match_regex: a group can't be called out_paths")
	}
	for _, s := range strs(inputs.Get("ignore_regexes")) {
		p, err := pytext.CompilePattern(s)
		if err != nil {
			return nil, fmt.Errorf("ignore_regexes: %w", err)
		}
		f.ignore = append(f.ignore, p)
	}
	if n, ok := inputs.Get("max_depth").(value.Int); ok {
		f.maxDepth = max(int(n), 0)
	}
	if n, ok := inputs.Get("min_depth").(value.Int); ok {
		f.minDepth = int(n)
	}
	return f, nil
}

func (f *finder) root(ctx context.Context, root string) error {
	root = os.ExpandEnv(root)
	if root == "~" || strings.HasPrefix(root, "~/") {
		home, err := os.UserHomeDir()
		if err != nil {
			return err
		}
		root = home + root[1:]
	}
	root, err := filepath.Abs(root)
	if err != nil {
		return err
	}
	info, err := os.Stat(root)
	if err != nil {
		return fmt.Errorf("root_paths: %w", err)
	}
	if !info.IsDir() {
		if f.minDepth <= 0 {
			f.try(root)
		}
		return nil
	}
	return f.folder(ctx, root, 0)
}

// folder looks at a folder and what is below it. Links to folders are passed
// over, as in nipype.
func (f *finder) folder(ctx context.Context, dir string, depth int) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if depth >= f.minDepth {
		f.try(dir)
	}
	if f.maxDepth >= 0 && depth >= f.maxDepth {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil // a folder that can't be read holds nothing to find
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if e.IsDir() {
			if err := f.folder(ctx, path, depth+1); err != nil {
				return err
			}
			continue
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			continue
		}
		if depth >= f.minDepth-1 {
			f.try(path)
		}
	}
	return nil
}

func (f *finder) try(path string) {
	for _, p := range f.ignore {
		if p.Match(path) {
			return
		}
	}
	if groups, ok := f.match.Search(path); ok {
		f.found = append(f.found, finding{path, groups})
	}
}

func (f *finder) outputs(unpack bool) value.Record {
	slices.SortStableFunc(f.found, func(a, b finding) int { return pytext.HumanCompare(a.path, b.path) })
	lists := map[string]value.List{}
	for _, hit := range f.found {
		lists["out_paths"] = append(lists["out_paths"], value.String(hit.path))
		for _, g := range hit.groups {
			lists[g.Name] = append(lists[g.Name], groupValue(g))
		}
	}
	m := map[string]value.Value{}
	for name, list := range lists {
		m[name] = list
		if unpack && len(list) == 1 {
			m[name] = list[0]
		}
	}
	return value.NewRecord(m)
}
