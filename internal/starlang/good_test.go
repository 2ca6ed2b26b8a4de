package starlang_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/starlang"
	"github.com/raphe-org/raphe/internal/wire"
	"github.com/raphe-org/raphe/workflow"
)

var update = flag.Bool("update", false, "write the golden files")

// The files in testdata/good have no problems; beside each stands what it says,
// as JSON lines. The lines are read back and written again, which must change
// nothing.
func TestDefinitions(t *testing.T) {
	files, err := filepath.Glob("testdata/good/*.star")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			res, err := starlang.Load(file, starlang.Options{Args: argsIn(string(text)), Tools: fakeTools{}, Dir: "/here", Print: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			got := written(t, res.Definition)
			golden := strings.TrimSuffix(file, ".star") + ".jsonl"
			if *update {
				if err := os.WriteFile(golden, got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			again, err := wire.Read(golden, bytes.NewReader(got), fakeTools{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(got), string(written(t, again))); diff != "" {
				t.Errorf("written again (-first +second):\n%s", diff)
			}
		})
	}
}

// written gives the only top workflow as JSON lines; it must be flawless.
func written(t *testing.T, def *workflow.Definition) []byte {
	t.Helper()
	top := def.Top()
	if len(top) != 1 {
		t.Fatalf("%d top workflows", len(top))
	}
	for _, d := range append(def.Problems, check.Definition(top[0])...) {
		t.Errorf("%s | %s | %s", d.Error(), d.Why, d.Mend)
	}
	var b bytes.Buffer
	if err := wire.Write(&b, top[0]); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
