package doortest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/nipype"
	"github.com/raphe-org/raphe/internal/toolfile"
	"github.com/raphe-org/raphe/internal/value"
)

// nodeFacts are what dress.py tells of a node that nipype ran.
type nodeFacts struct {
	Interface string
	Class     struct {
		Name       string
		OutputSpec string `json:"output_spec"`
		Inputs     []string
		Outputs    []string
		NoHash     []string
		NoFileHash []string
	}
	Dir, Name, FullName, ID, Blob string
	Given, Inputs, Used, Outputs  json.RawMessage
	Needed                        []string
	Cwd                           string
	HashMethod                    string `json:"hash_method"`
	Relative                      bool
	IterField                     []string
	Nested                        bool
	Runtime                       runtimeFacts
	Elements                      []struct {
		Inputs, Used, Outputs json.RawMessage
		Runtime               runtimeFacts
	}
}

type runtimeFacts struct {
	Cwd, Cmdline, Path, Start, End string
	Environ                        []string
	Hostname, Platform, Version    string
	Stdout, Stderr                 string
}

// TestDress lets nipype run nodes of all command-line classes of the catalogue,
// and compares: what Raphe writes from what it knows of them, and what it leaves
// when it runs them itself, hand-over, tools and records included. There must be
// the same files, hashes, hashed inputs, results and reports, and nipype must
// find the nodes done.
func TestDress(t *testing.T) {
	t.Parallel()
	raphe := needRaphe(t)
	root := filepath.Join(scratch, "dress")
	seeds := os.Getenv("RAPHE_DRESS_SEEDS") // how many nodes of each class
	if seeds == "" {
		seeds = "1"
	}
	facts := parseFacts(t, dressPython(t, raphe, "run", root, seeds))
	linear, work := filepath.Join(root, "linear"), filepath.Join(root, "work")
	if err := os.Rename(work, linear); err != nil {
		t.Fatal(err)
	}
	classes := map[string]bool{}
	for i := range facts {
		classes[facts[i].Interface] = true
	}
	t.Logf("%d nodes of %d classes", len(facts), len(classes))
	if len(classes) < 150 {
		t.Errorf("only %d classes could be run", len(classes))
	}
	t.Run("files", func(t *testing.T) {
		bare(t, linear, work)
		for i := range facts {
			dressFacts(t, &facts[i])
		}
		noLines(t, dressPython(t, raphe, "check", root))
	})
	t.Run("run", func(t *testing.T) {
		if err := os.RemoveAll(work); err != nil {
			t.Fatal(err)
		}
		noLines(t, dressPython(t, raphe, "raphe", root, seeds))
		noLines(t, dressPython(t, raphe, "check-run", root))
	})
}

// noLines fails with what dress.py has to tell.
func noLines(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		t.Error(strings.TrimSuffix(line, "\n"))
	}
}

// dressPython runs dress.py and gives what it printed.
func dressPython(t *testing.T, raphe string, args ...string) string {
	t.Helper()
	cmd := exec.Command(python, append([]string{"dress.py"}, args...)...)
	cmd.Env = pythonEnv(t, raphe)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		text := stderr.String()
		t.Fatalf("dress.py %s: %v\n%s", args[0], err, text[max(len(text)-3000, 0):])
	}
	if args[0] == "raphe" && len(out) > 0 {
		t.Log(stderr.String()[max(stderr.Len()-3000, 0):])
	}
	return string(out)
}

func parseFacts(t *testing.T, text string) []nodeFacts {
	t.Helper()
	var out []nodeFacts
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var f nodeFacts
		if err := json.Unmarshal(lines.Bytes(), &f); err != nil {
			t.Fatalf("read what dress.py printed: %v\n%s", err, lines.Text())
		}
		out = append(out, f)
	}
	return out
}

// bare copies a tree without nipype's own files.
func bare(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		dst := filepath.Join(to, rest)
		name := d.Name()
		switch {
		case err != nil:
			return err
		case name == "_report":
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(dst, 0o777)
		case name == "command.txt", strings.HasPrefix(name, "_0x"), strings.HasSuffix(name, ".pklz"):
			return nil
		case d.Type() == fs.ModeSymlink:
			target, err := os.Readlink(path)
			return errors.Join(err, os.Symlink(target, dst))
		}
		content, err := os.ReadFile(path)
		return errors.Join(err, os.WriteFile(dst, content, 0o666))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// dressFacts has Raphe write the files of a node.
func dressFacts(t *testing.T, f *nodeFacts) {
	t.Helper()
	tool, err := toolfile.Catalogue{}.Resolve(iface.Ref{Name: f.Interface})
	if err != nil {
		t.Fatal(err)
	}
	class := &nipype.Class{
		Name: f.Class.Name, OutputSpec: f.Class.OutputSpec, Inputs: f.Class.Inputs, Outputs: f.Class.Outputs,
		NoHash: f.Class.NoHash, NoFileHash: f.Class.NoFileHash, Interface: tool,
	}
	n := &nipype.Node{
		Class: class, Dir: f.Dir, Name: f.Name, FullName: f.FullName, ExecID: f.ID, Blob: f.Blob,
		Inputs: record(t, f.Inputs), Outputs: record(t, f.Outputs), NeededOutputs: f.Needed,
		Settings: nipype.Settings{HashMethod: f.HashMethod, RemoveUnnecessary: true, CreateReport: true, RelativePaths: f.Relative, Cwd: f.Cwd},
	}
	if f.IterField != nil {
		dressMap(t, f, n)
		return
	}
	n.Used, n.Runtime = record(t, f.Used), f.Runtime.parse(t)
	checkNormal(t, f, tool, n.Inputs)
	if diff := cmp.Diff(n.Used, nipype.Used(tool, n.Inputs, n.Dir)); diff != "" {
		t.Errorf("%s: inputs while the command runs (-nipype +Raphe):\n%s", f.Name, diff)
	}
	dressNode(t, n)
}

func dressMap(t *testing.T, f *nodeFacts, n *nipype.Node) {
	t.Helper()
	n.Map = &nipype.Map{IterFields: f.IterField, Nested: f.Nested}
	var results []nipype.MapResult
	for i := range f.Elements {
		e := *n
		e.Map, e.Element = nil, &nipype.Element{Index: i}
		e.Name = "_" + n.Name + strconv.Itoa(i)
		e.ExecID = e.Name
		e.Dir = n.Dir + "/mapflow/" + e.Name
		e.Inputs, e.Used = record(t, f.Elements[i].Inputs), record(t, f.Elements[i].Used)
		e.Outputs, e.Runtime = record(t, f.Elements[i].Outputs), f.Elements[i].Runtime.parse(t)
		results = append(results, nipype.MapResult{Used: e.Used, Runtime: e.Runtime})
		dressNode(t, &e)
	}
	n.Map.Elements = slices.Values(results)
	normal, problems := nipype.NormaliseMap(n.Class.Interface, n.Map, n.Inputs)
	if diff := cmp.Diff(n.Inputs, normal); diff != "" || len(problems) > 0 {
		t.Errorf("%s: inputs are not normal: %v\n%s", f.Name, problems, diff)
	}
	dressNode(t, n)
}

func dressNode(t *testing.T, n *nipype.Node) {
	t.Helper()
	h, err := n.Hash()
	if err != nil {
		t.Error(err)
	}
	if err := n.Dress(h); err != nil {
		t.Error(err)
	}
}

// odd are inputs whose traits in nipype 1.8.5 take what the catalogue refuses:
// with such a value the node is not run as a tool.
var odd = []string{"freesurfer.SegStats etiv_only", "freesurfer.SegStats mask_sign"}

// checkNormal compares what Normalise makes of values with what nipype's traits
// made of them.
func checkNormal(t *testing.T, f *nodeFacts, tool *iface.Interface, held value.Record) {
	t.Helper()
	given := record(t, f.Given)
	if again, problems := nipype.Normalise(tool, held); !cmp.Equal(held, again) && len(problems) == 0 {
		t.Errorf("%s: what nipype holds is not normal:\n%s", f.Name, cmp.Diff(held, again))
	}
	got, problems := nipype.Normalise(tool, given)
	for _, p := range problems {
		if !slices.Contains(odd, f.Interface+" "+p.Input) {
			t.Errorf("%s: %s: %s", f.Name, p.What, p.Why)
		}
		got.Set(p.Input, held.Get(p.Input))
	}
	for _, field := range given {
		if want := held.Get(field.Name); !cmp.Equal(want, got.Get(field.Name)) {
			t.Errorf("%s: input %q set to %s: nipype holds %s, Raphe %s", f.Name, field.Name,
				value.Repr(field.Value), value.Repr(want), value.Repr(got.Get(field.Name)))
		}
	}
}

func record(t *testing.T, text json.RawMessage) value.Record {
	t.Helper()
	r, err := value.ParseRecordJSON(text)
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return r
}

func (r *runtimeFacts) parse(t *testing.T) nipype.Runtime {
	t.Helper()
	return nipype.Runtime{
		CommandLine: r.Cmdline, CommandPath: r.Path, Start: parseTime(t, r.Start), End: parseTime(t, r.End), Environ: r.Environ,
		Hostname: r.Hostname, Platform: r.Platform, Version: r.Version, Stdout: []byte(r.Stdout), Stderr: []byte(r.Stderr), Terminal: "allatonce",
	}
}

func parseTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.999999", strings.TrimSuffix(text, "+00:00"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}
