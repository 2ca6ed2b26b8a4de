package pytext

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/value"
)

// A oracleCase is one line of testdata/oracle.json, made by oracle.py.
type oracleCase struct {
	Kind  string
	Args  json.RawMessage
	Want  json.RawMessage
	Error bool
}

// unsupported holds what Python takes and this package refuses, or the other
// way about: each by design, said in its doc comment.
var unsupported = map[string]string{
	`["a(?=b)", "c", "ab"]`:         "look-ahead",
	`["(a)\\1", "b", "aa"]`:         "backreference",
	`["(?<!x)a", "b", "a"]`:         "look-behind",
	`["(?P<n>a)(?P=n)", "b", "aa"]`: "backreference",
	`["a++", "b", "aaa"]`:           "possessive",
}

func TestOracle(t *testing.T) {
	text, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []oracleCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	tree := globTree(t)
	for i, c := range cases {
		t.Run(fmt.Sprintf("%s-%d", c.Kind, i), func(t *testing.T) {
			args, err := value.ParseJSON(c.Args)
			if err != nil {
				t.Fatal(err)
			}
			want, err := value.ParseJSON(c.Want)
			if err != nil && !c.Error {
				t.Fatal(err)
			}
			items, _ := value.Items(args)
			got, err := oracleRun(c.Kind, items, tree)
			if unsupported[string(c.Args)] != "" {
				if err == nil {
					t.Fatalf("%s: want an error", c.Args)
				}
				return
			}
			if (err != nil) != c.Error {
				t.Fatalf("%s: error %v, Python's %v (%s)", c.Args, err, c.Error, c.Want)
			}
			if err == nil && !value.Equal(got, want) {
				t.Errorf("%s: %s", c.Args, cmp.Diff(value.Repr(want), value.Repr(got)))
			}
		})
	}
}

func oracleRun(kind string, args []value.Value, tree string) (value.Value, error) {
	str := func(i int) string { return value.Text(args[i]) }
	switch kind {
	case "percent":
		items, _ := value.Items(args[1])
		out, err := Percent(str(0), items)
		return value.String(out), err
	case "named":
		m := map[string]value.Value{}
		for _, e := range args[1].(value.Dict) {
			m[value.Text(e.Key)] = e.Value
		}
		out, err := PercentNamed(str(0), m)
		return value.String(out), err
	case "format":
		tmpl, err := ParseTemplate(str(0))
		if err != nil {
			return nil, err
		}
		out, err := tmpl.Format(func(name string) value.Value { return args[1].(value.Dict).Get(value.String(name)) })
		return value.String(out), err
	case "sub":
		r, err := CompileReplacement(str(0), str(1))
		if err != nil {
			return nil, err
		}
		return value.String(r.Apply(str(2))), nil
	case "fnmatch":
		return value.Bool(MatchName(str(0), str(1))), nil
	case "sort":
		var paths []string
		value.Walk(args[0], func(s string) { paths = append(paths, s) })
		HumanSort(paths)
		return value.Strings(paths...), nil
	case "split":
		dir, stem, ext := SplitExt(str(0))
		return value.Strings(dir, stem, ext), nil
	case "glob":
		found := Glob(tree, str(0))
		for i, f := range found {
			found[i] = strings.TrimPrefix(f, tree+"/")
		}
		return value.Strings(slices.Sorted(slices.Values(found))...), nil
	}
	return nil, fmt.Errorf("no oracle for %q", kind)
}

// globTree makes the tree that oracle.py makes.
func globTree(t *testing.T) string {
	dir := t.TempDir()
	for _, f := range []string{"a/f1.nii", "a/f2.nii", "a/f10.nii", "a/.hid.nii", "b/f1.nii", "b/sub/f3.nii", "[x]/f1.nii", "c[1].nii", "d e/f.nii", ".dot/f.nii"} {
		path := filepath.Join(dir, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"link": "a", "broken": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
