package check_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// (Messages about what a person writes in Starlark are tested where the
// Starlark is: internal/starlang/testdata/bad.)

var (
	file = iface.Type{Kind: iface.File}
	tool = iface.New(iface.Interface{
		Ref: iface.Ref{Name: "x.Tool"},
		Inputs: []iface.Input{
			{Name: "file", Type: file}, {Name: "files", Type: iface.Type{Kind: iface.List, Of: []iface.Type{file}}},
			{Name: "number", Type: iface.Type{Kind: iface.Int}}, {Name: "old", Deprecated: "2.0"},
			{Name: "one", Xor: []string{"two"}}, {Name: "two", Xor: []string{"one"}}, {Name: "needs", Requires: []string{"one"}},
		},
		Outputs: []iface.Output{{Name: "out", Type: file, Value: &iface.Same{Input: "file"}}, {Name: "n", Type: iface.Type{Kind: iface.Int}, Value: &iface.Same{Input: "number"}}},
		Command: &iface.Command{Words: []string{"tool"}},
	})
	broken = iface.New(iface.Interface{Ref: iface.Ref{Name: "x.Broken"}, DynamicInputs: true})
)

type spec struct {
	f  *iface.Interface
	in map[string]value.Value
	o  workflow.Options
}

func TestDefinition(t *testing.T) {
	mapped := workflow.Options{Kind: workflow.MapNode, IterField: []string{"file"}}
	nested := workflow.Options{Kind: workflow.MapNode, IterField: []string{"file"}, Nested: true}
	joined := workflow.Options{Kind: workflow.JoinNode, JoinSource: "s", JoinField: []string{"files"}}
	two := value.Strings("a", "b")
	iter := func(field string, vals ...value.Value) workflow.Options {
		return workflow.Options{Iterables: []workflow.Iterable{{Field: field, Values: value.NewSeq(vals)}}}
	}
	tests := []struct {
		name     string
		a, b     spec
		src, dst string // from a to b; "": no connection
		fn       bool
		want     string // "": no problem
	}{
		{name: "fine", src: "out", dst: "file"},
		{name: "broken interfaces are not spoken of", a: spec{f: broken}, b: spec{f: broken}, src: "what", dst: "ever"},
		{name: "a function may change the type", src: "out", dst: "number", fn: true},
		{name: "types", src: "out", dst: "number", want: `output "out" of node "w.a" can't be input "number" of node "w.b"`},
		{name: "a map gives lists", a: spec{o: mapped, in: map[string]value.Value{"file": two}}, src: "out", dst: "file", want: `make "b" a MapNode over "file", or take one element`},
		{name: "map to list", a: spec{o: mapped, in: map[string]value.Value{"file": two}}, src: "out", dst: "files"},
		{name: "map to map", a: spec{o: mapped, in: map[string]value.Value{"file": two}}, b: spec{o: mapped}, src: "out", dst: "file"},
		{name: "one to map", b: spec{o: mapped}, src: "out", dst: "file"},
		{name: "number to map over files", b: spec{o: mapped}, src: "n", dst: "file", want: `a list, each the path of a file \(it is an iterfield\)`},
		{name: "depth is not known", a: spec{o: nested, in: map[string]value.Value{"file": two}}, src: "out", dst: "number"},
		{name: "joined", b: spec{o: joined}, src: "out", dst: "files"},
		{name: "joined numbers", b: spec{o: joined}, src: "n", dst: "files", want: `can't be input "files"`},
		{name: "beside the joinfield", b: spec{o: joined}, src: "n", dst: "number"},
		{name: "iterfield", a: spec{o: workflow.Options{Kind: workflow.MapNode, IterField: []string{"fiel"}}, in: map[string]value.Value{"fiel": two}}, want: `iterfield of node "w.a": x.Tool has no input "fiel" .* did you mean "file"`},
		{name: "joinfield", a: spec{o: workflow.Options{Kind: workflow.JoinNode, JoinSource: "s", JoinField: []string{"fils"}}}, want: `joinfield of node "w.a": x.Tool has no input "fils"`},
		{name: "iterables", a: spec{o: iter("fiel", value.Int(1))}, want: `iterables of node "w.a": x.Tool has no input "fiel"`},
		{name: "needed_outputs", a: spec{o: workflow.Options{KeepOutputs: []string{"outt"}}}, want: `needed_outputs of node "w.a": x.Tool has no output "outt"`},
		{name: "exclusive", a: spec{in: map[string]value.Value{"one": value.Int(1), "two": value.Int(2)}}, want: `exclude each other`},
		{name: "exclusive with an iterable", a: spec{in: map[string]value.Value{"one": value.Int(1)}, o: iter("two", value.Int(1))}, want: `exclude each other`},
		{name: "requires", a: spec{in: map[string]value.Value{"needs": value.Int(1)}}, want: `"one"`},
		{name: "deprecated is a warning", a: spec{in: map[string]value.Value{"old": value.Int(1)}}, want: `^warning .*"old"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			def := workflow.New()
			w := def.AddWorkflow("w", workflow.WorkflowOptions{}, diag.Pos{})
			a, b := add(def, "a", tt.a), add(def, "b", tt.b)
			w.Add(diag.Pos{}, a, b)
			if tt.src != "" {
				e := workflow.Edge{Src: a, SrcPort: tt.src, Dst: b, DstPort: tt.dst}
				if tt.fn {
					e.Fn = &workflow.Func{}
				}
				w.Connect(e)
			}
			got := ""
			for _, d := range check.Definition(w) {
				if d.What == "" || d.Why == "" || d.Mend == "" {
					t.Errorf("what, why or mend is missing: %q | %q | %q", d.What, d.Why, d.Mend)
				}
				got += fmt.Sprintf("%s %s | %s | %s\n", d.Code, d.What, d.Why, d.Mend)
			}
			if tt.want == "" && got != "" || !regexp.MustCompile(tt.want).MatchString(got) {
				t.Errorf("got  %swant %s", got, tt.want)
			}
		})
	}
}

func add(def *workflow.Definition, name string, s spec) workflow.Node {
	if s.f == nil {
		s.f = tool
	}
	return def.AddNode(workflow.NodeSpec{Name: name, Interface: s.f, Inputs: value.NewRecord(s.in), Options: s.o})
}

// A workflow that is not part of the one that runs is not looked at.
func TestOtherWorkflowsAreLeftAlone(t *testing.T) {
	def := workflow.New()
	run, other := def.AddWorkflow("run", workflow.WorkflowOptions{}, diag.Pos{}), def.AddWorkflow("other", workflow.WorkflowOptions{}, diag.Pos{})
	a, b := add(def, "a", spec{}), add(def, "b", spec{})
	other.Connect(workflow.Edge{Src: a, SrcPort: "nothing", Dst: b, DstPort: "nothing"})
	if got := check.Definition(run).Errors(); len(got) > 0 {
		t.Error(got)
	}
	if got := check.Definition(other); len(got) != 2 {
		t.Error(got)
	}
}

// A connection goes before a constant, as in nipype: the constant is not even
// looked at.
func TestConnectionGoesBeforeConstant(t *testing.T) {
	read := iface.New(iface.Interface{Ref: iface.Ref{Name: "x.Read"},
		Inputs: []iface.Input{{Name: "file", Type: iface.Type{Kind: iface.File, Exists: true}}}, Command: &iface.Command{Words: []string{"read"}}})
	def := workflow.New()
	w := def.AddWorkflow("w", workflow.WorkflowOptions{}, diag.Pos{})
	a := add(def, "a", spec{})
	w.Add(diag.Pos{}, a)
	b := add(def, "b", spec{f: read, in: map[string]value.Value{"file": value.String("/no/such/file")}})
	w.Add(diag.Pos{}, b)
	if got := check.Definition(w); len(got) != 1 || got[0].Code != diag.Missing {
		t.Errorf("unconnected: %v", got)
	}
	w.Connect(workflow.Edge{Src: a, SrcPort: "out", Dst: b, DstPort: "file"})
	if got := check.Definition(w); len(got) > 0 {
		t.Errorf("connected: %v", got)
	}
}

// Nodes are checked in stretches beside each other; what is wrong is said in
// their order all the same.
func TestManyNodes(t *testing.T) {
	here := iface.New(iface.Interface{
		Ref:     iface.Ref{Name: "x.Here"},
		Inputs:  []iface.Input{{Name: "file", Type: iface.Type{Kind: iface.File, Exists: true}, Mandatory: true}},
		Outputs: []iface.Output{{Name: "out", Type: file, Value: &iface.Same{Input: "file"}}},
		Command: &iface.Command{Words: []string{"tool"}},
	})
	const n = 10_000
	def := workflow.New()
	w := def.AddWorkflow("w", workflow.WorkflowOptions{}, diag.Pos{})
	there := t.TempDir() + "/there"
	if err := os.WriteFile(there, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		in := map[string]value.Value{}
		switch {
		case i%100 == 7:
			in["file"] = value.String(fmt.Sprintf("/nowhere/%d", i))
		case i%100 != 8:
			in["file"] = value.String(there)
		}
		n := add(def, fmt.Sprintf("n%d", i), spec{f: here, in: in})
		n.SetPlace("file", diag.Pos{File: "f", Line: i + 1, Column: 1})
		w.Add(diag.Pos{}, n)
	}
	problems := check.Definition(w)
	if len(problems) != 2*n/100 {
		t.Fatalf("%d problems, want %d", len(problems), 2*n/100)
	}
	for k, d := range problems {
		if node := fmt.Sprintf("n%d\"", k/2*100+7+k%2); !strings.Contains(d.What, node) {
			t.Fatalf("problem %d is not about %s: %s", k, node, d.What)
		}
	}
}
