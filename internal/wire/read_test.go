package wire_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/wire"
)

var noPos diag.Pos

const header = `{"kind":"raphe-definition","version":1}` + "\n"

// Each text gives exactly one problem; %% stands for the header and a workflow.
func TestReadProblems(t *testing.T) {
	const node = `{"kind":"node","name":"n","in":"w","interface":"fs.Copy"`
	tests := []struct {
		name, text, want string
		line             int
	}{
		{"empty", ``, `the file is empty`, 1},
		{"no header", `{"kind":"workflow","name":"w"}`, `the file is not a definition \| its first record is of kind "workflow"`, 1},
		{"newer", `{"kind":"raphe-definition","version":2}`, `has version 2 \| this Raphe reads up to version 1`, 1},
		{"no such version", `{"kind":"raphe-definition"}`, `has version 0`, 1},
		{"header with more", `{"kind":"raphe-definition","version":1,"vresion":2}`, `record of kind header has no field "vresion" \| .* \| did you mean "version"`, 1},
		{"no JSON", `%%nonsense`, `the line is not a JSON object`, 3},
		{"cut off", `%%` + node, `the line is not a JSON object \| .*the file ends here`, 3},
		{"list", `%%[1]`, `the line is not a JSON object`, 3},
		{"kind", `%%{"kind":"nod"}`, `no record of kind "nod" .* did you mean "node"`, 3},
		{"unknown field", `%%` + node + `,"mem":3}`, `a record of kind node has no field "mem"`, 3},
		{"unknown workflow", `%%{"kind":"node","name":"n","in":"v","interface":"fs.Copy"}`, `there is no workflow "v"`, 3},
		{"unknown parent", `%%{"kind":"workflow","name":"n","in":"v"}`, `there is no workflow "v"`, 3},
		{"workflow twice", `%%{"kind":"workflow","name":"w"}`, `workflow "w" is there already`, 3},
		{"bad name", `%%{"kind":"workflow","name":"a/b"}`, `workflow name "a/b" is not valid`, 3},
		{"unknown interface", `%%{"kind":"node","name":"n","in":"w","interface":"no.No"}`, `interface "no.No" can't be made \| no interface no.No`, 3},
		{"node without interface", `%%{"kind":"node","name":"n","in":"w"}`, `node "n" has no interface`, 3},
		{"interface without id", `%%{"kind":"interface","name":"x.Y"}`, `an interface record needs id and name`, 3},
		{"interface twice", `%%{"kind":"interface","id":"i","name":"x.Y"}
{"kind":"interface","id":"i","name":"x.Y"}`, `interface "i" is there already`, 4},
		{"params", `%%{"kind":"interface","id":"i","name":"x.Y","params":3}`, `field "params" can't be read`, 3},
		{"function without source", `%%{"kind":"function","id":"f"}`, `a function record needs id, name and source`, 3},
		{"function twice", `%%{"kind":"function","id":"f","name":"f","source":"f"}
{"kind":"function","id":"f","name":"f","source":"f"}`, `function "f" is there already`, 4},
		{"wrong type", `%%` + node + `,"n_procs":"3"}`, `field "n_procs" must be a number, not "3"`, 3},
		{"wrong count", `%%` + node + `,"n_procs":1.5}`, `field "n_procs" must be an integer`, 3},
		{"wrong flag", `%%` + node + `,"synchronize":1}`, `field "synchronize" must be true or false`, 3},
		{"wrong tristate", `%%` + node + `,"overwrite":"no"}`, `field "overwrite" must be true or false`, 3},
		{"negative memory", `%%` + node + `,"mem_gb":-1}`, `mem_gb and timeout must be above 0`, 3},
		{"node type", `%%` + node + `,"type":"Mapnode"}`, `no node of type "Mapnode" .* did you mean "MapNode"`, 3},
		{"input", `%%` + node + `,"inputs":{"in_fil":"x"}}`, `interface fs.Copy has no input "in_fil" .* did you mean "in_file"`, 3},
		{"input value", `%%` + node + `,"inputs":{"level":"x"}}`, `input "level" of interface fs.Copy takes an integer, not 'x' \| want an integer`, 3},
		{"relative path", `%%` + node + `,"inputs":{"in_file":"etc/../x"}}`, `the path "etc/../x" of input "in_file" is relative`, 3},
		{"missing file", `%%` + node + `,"inputs":{"in_file":"/no/such"}}`, `there is no file /no/such`, 3},
		{"inputs", `%%` + node + `,"inputs":[1]}`, `field "inputs" can't be read`, 3},
		{"iterables", `%%` + node + `,"iterables":{"level":[1]}}`, `field "iterables" must be a list of objects`, 3},
		{"iterable values", `%%` + node + `,"iterables":[{"field":"level","values":3}]}`, `field "values" must be a list, not 3`, 3},
		{"iterable value", `%%` + node + `,"iterables":[{"field":"level","values":[{"$tuple":1}]}]}`, `field "values": value 0 can't be read`, 3},
		{"iterable field", `%%` + node + `,"iterables":[{"field":"level","values":[1],"vals":1}]}`, `a record of kind iterable has no field "vals"`, 3},
		{"by_key", `%%` + node + `,"itersource":{"node":"a","fields":["b"]},"iterables":[{"field":"level","by_key":[1]}]}`, `field "by_key" must be an object of lists`, 3},
		{"by_key list", `%%` + node + `,"itersource":{"node":"a","fields":["b"]},"iterables":[{"field":"level","by_key":{"a":1}}]}`, `the value of 'a' must be a list`, 3},
		{"itersource", `%%` + node + `,"iterables":[{"field":"level","by_key":{"a":[1]}}],"itersource":{"node":"a","fields":["b"],"x":1}}`, `a record of kind itersource has no field "x"`, 3},
		{"environ", `%%` + node + `,"environ":{"A=":"1"}}`, `"A=" is not the name of a variable`, 3},
		{"config", `%%` + node + `,"config":{"hash":"x"}}`, `a record of kind config has no field "hash"`, 3},
		{"edge port", `%%` + node + `}` + "\n" + `{"kind":"edge","in":"w","from":"n","to":"n.level"}`, `field "from" must be "node.port", not "n"`, 4},
		{"edge node", `%%` + node + `}` + "\n" + `{"kind":"edge","in":"w","from":"m.out","to":"n.level"}`, `workflow "w" has no node "m"`, 4},
		{"edge function", `%%` + node + `}` + "\n" + `{"kind":"edge","in":"w","from":"n.out","to":"n.files","function":"f"}`, `there is no function "f"`, 4},
		{"edge args", `%%{"kind":"function","id":"f","name":"f","source":"f = 1"}` + "\n" + node + `}` + "\n" + `{"kind":"edge","in":"w","from":"n.out","to":"n.files","function":"f","args":3}`, `field "args" must be a list`, 5},
		{"port", `%%` + node + `}` + "\n" + `{"kind":"edge","in":"w","from":"n.ou","to":"n.files"}`, `node "w.n" \(fs.Copy\) has no output "ou"`, 4},
		{"edge workflow", `%%{"kind":"edge","in":"v","from":"n.out","to":"n.files"}`, `there is no workflow "v"`, 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			oneProblem(t, strings.Replace(tt.text, "%%", header+`{"kind":"workflow","name":"w"}`+"\n", 1), tt.want, tt.line)
		})
	}
}

// oneProblem demands that a text has one problem, worded so, in that line.
func oneProblem(t *testing.T, text, want string, line int) {
	t.Helper()
	def, err := wire.Read("x.jsonl", strings.NewReader(text), tools{})
	if err != nil {
		t.Fatal(err)
	}
	problems := def.Problems
	for _, w := range def.Top() {
		problems = append(problems, check.Definition(w)...)
	}
	if len(problems) != 1 {
		t.Fatalf("%d problems: %v", len(problems), problems)
	}
	d := problems[0]
	if got := d.What + " | " + d.Why + " | " + d.Mend; !regexp.MustCompile(want).MatchString(got) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if d.What == "" || d.Why == "" || d.Mend == "" {
		t.Errorf("what, why or mend is missing: %q | %q | %q", d.What, d.Why, d.Mend)
	}
	if d.Pos.File != "x.jsonl" || d.Pos.Line != line {
		t.Errorf("at %s, want line %d", d.Pos, line)
	}
}

func TestReadErrorOfTheStream(t *testing.T) {
	want := errors.New("disk on fire")
	if _, err := wire.Read("x", iotest.ErrReader(want), tools{}); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

// Whatever the bytes, reading ends without a panic, and what it accepts can be
// written and read again.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("../starlang/testdata/good/*.jsonl")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(foreign(foreignNode("n", "tool", "c1", `,"inputs":{"level":3}`), foreignNode("g", "worker", "c2", ""),
		`{"kind":"edge","in":"w","from":"g.a","to":"n.in_file","python":true}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		def, err := wire.Read("x.jsonl", bytes.NewReader(text), tools{})
		if err != nil {
			t.Fatal(err)
		}
		if def.Err() != nil || len(def.Top()) != 1 {
			return
		}
		top := def.Top()[0]
		check.Definition(top)
		var first, second bytes.Buffer
		if err := wire.Write(&first, top); err != nil {
			t.Fatal(err)
		}
		again, err := wire.Read("x.jsonl", bytes.NewReader(first.Bytes()), tools{})
		if err != nil || again.Err() != nil {
			t.Fatalf("read again: %v %v\n%s", err, again.Err(), &first)
		}
		if err := wire.Write(&second, again.Top()[0]); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("first:\n%s\nsecond:\n%s", &first, &second)
		}
	})
}
