package native

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A nipypeCase is one line of testdata/oracle.json, made by oracle.py.
type nipypeCase struct {
	Impl    string
	Params  json.RawMessage
	Inputs  json.RawMessage
	Tree    map[string]string
	Outputs json.RawMessage
	Files   map[string]string
	Error   string
}

// differs holds files that nipype makes by mistake, by case.
var differs = map[string]string{
	`"p.@q"`:                                 "out/trait_added/",
	`"func_(?P<seq>\\w*)_.*", "seq": "mine"`: "work/mine_x.mat",
	`"func_(?P<seq>\\w*)_.*"}`:               "work/epi_x.mat",
}

func TestNipype(t *testing.T) {
	content, err := os.ReadFile("testdata/oracle.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []nipypeCase
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		t.Run(fmt.Sprintf("%d-%s", i, c.Impl), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			makeTree(t, dir, c.Tree)
			got, err := run(t, c.Impl, record(t, c.Params, dir), record(t, c.Inputs, dir), filepath.Join(dir, "work"), nil)
			if (err != nil) != (c.Error != "") {
				t.Fatalf("%s %s: error %v, nipype's %q", c.Params, c.Inputs, err, c.Error)
			}
			if err != nil {
				return
			}
			want := record(t, c.Outputs, dir)
			if c.Impl == "io.DataSink" { // fields come in the order of their names
				want, got = sortedList(want, "out_file"), sortedList(got, "out_file")
			}
			if diff := cmp.Diff(show(want), show(got)); diff != "" {
				t.Errorf("%s %s: outputs (-nipype +raphe)\n%s", c.Params, c.Inputs, diff)
			}
			for in, file := range differs {
				if strings.Contains(string(c.Inputs), in) {
					delete(c.Files, file)
				}
			}
			if diff := cmp.Diff(c.Files, listing(t, dir)); diff != "" {
				t.Errorf("%s %s: files (-nipype +raphe)\n%s", c.Params, c.Inputs, diff)
			}
		})
	}
}

// run makes the call as the engine does: inputs pass their ports' types first.
func run(t *testing.T, name string, params, inputs value.Record, work string, claim func(path, source string) error) (value.Record, error) {
	t.Helper()
	impl, ok := Lookup(name)
	if !ok {
		t.Fatalf("no implementation %q", name)
	}
	ins, outs, err := impl.Ports(params)
	if err != nil {
		return nil, err
	}
	for _, port := range ins {
		v := inputs.Get(port.Name)
		if v == nil && port.Mandatory {
			return nil, fmt.Errorf("input %q is missing", port.Name)
		}
		if v == nil {
			continue
		}
		if v, err = port.Type.Accept(v); err != nil {
			return nil, fmt.Errorf("input %q: %w", port.Name, err)
		}
		inputs.Set(port.Name, v)
	}
	if impl.Check != nil {
		if err := impl.Check(params, inputs); err != nil {
			return nil, err
		}
	}
	got, err := impl.Run(t.Context(), &Call{Inputs: inputs, Params: params, Dir: work, BaseDir: filepath.Join(filepath.Dir(work), "run"), Claim: claim})
	for _, f := range got {
		known := slices.ContainsFunc(outs, func(o iface.Output) bool { return o.Name == f.Name })
		if !known && !impl.DynamicOutputs {
			t.Errorf("%s gave the output %q, which it does not declare", name, f.Name)
		}
	}
	return got, err
}

// record reads a record; $DIR in it stands for dir.
func record(t *testing.T, text json.RawMessage, dir string) value.Record {
	t.Helper()
	r, err := value.ParseRecordJSON([]byte(strings.ReplaceAll(string(text), "$DIR", dir)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func sortedList(r value.Record, name string) value.Record {
	list := strs(r.Get(name))
	slices.Sort(list)
	return r.With(name, value.Strings(list...))
}

func show(r value.Record) map[string]string {
	m := map[string]string{}
	for _, f := range r {
		m[f.Name] = value.Repr(f.Value)
	}
	return m
}

func makeTree(t *testing.T, dir string, tree map[string]string) {
	t.Helper()
	for name, text := range tree {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// listing gives all files below dir and what is in them, links as "-> target",
// and empty folders.
func listing(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		switch {
		case e.IsDir():
			if entries, err := os.ReadDir(path); err == nil && len(entries) == 0 && rel != "work" && rel != "." {
				out[rel+"/"] = ""
			}
		case e.Type()&fs.ModeSymlink != 0:
			to, err := os.Readlink(path)
			out[rel] = "-> " + strings.ReplaceAll(to, dir, "$DIR")
			return err
		default:
			text, err := os.ReadFile(path)
			out[rel] = strings.ReplaceAll(string(text), dir, "$DIR")
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
