package starlang_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/wire"
)

var large = regexp.MustCompile(`[0-9_]{5,}|<<|[0-9][eE]|0[xob]`)

// Whatever a definition file holds, it is read to an end without a panic, its
// problems can be shown, and a flawless one can be written and read again.
func FuzzDefinition(f *testing.F) {
	for _, dir := range []string{"good", "bad"} {
		files, err := filepath.Glob("testdata/" + dir + "/*.star")
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	for _, tt := range functionTexts {
		f.Add([]byte(funcHead + tt.code + "\n"))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if large.Match(text) {
			return // [0] * 1000000000 is honest Starlark, and 16 GB
		}
		read := func(name string) ([]byte, error) {
			if name == "wf.star" {
				return text, nil
			}
			return nil, os.ErrNotExist
		}
		res, err := starlang.Load("wf.star", starlang.Options{Tools: fakeTools{}, Dir: "/here", Print: io.Discard, Read: read, MaxSteps: 200_000})
		if err != nil {
			t.Fatal(err)
		}
		problems := res.Definition.Problems
		for _, w := range res.Definition.Top() {
			problems = append(problems, check.Definition(w)...)
		}
		problems.Render(diag.Painter{}, read)
		for i := range res.Definition.NumEdges() {
			if e, _ := res.Definition.Edge(i); e.Fn != nil && problems.Err() == nil {
				if _, err := starfn.Compile(e.Fn.Func); err != nil {
					t.Fatalf("%v in\n%s", err, e.Fn.Source)
				}
			}
		}
		if problems.Err() != nil || len(res.Definition.Top()) != 1 {
			return
		}
		var first, second bytes.Buffer
		if err := wire.Write(&first, res.Definition.Top()[0]); err != nil {
			t.Fatal(err)
		}
		def, err := wire.Read("wf.jsonl", bytes.NewReader(first.Bytes()), fakeTools{})
		if err != nil || def.Err() != nil {
			t.Fatalf("read again: %v, %v", err, def.Err())
		}
		if err := wire.Write(&second, def.Top()[0]); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("first:\n%s\nsecond:\n%s", &first, &second)
		}
	})
}
