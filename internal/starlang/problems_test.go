package starlang_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/check"
	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/starlang"
)

// The files in testdata/bad hold mistakes. Behind each faulty line stands
// # want "regexp" for every message that it must get; the regexp is matched
// with "what | why | mend". Messages that belong to no line stand in the first
// line, as # want-anywhere "regexp". A line "# args: name=value" gives
// arguments.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.star")
	if err != nil || len(files) == 0 {
		t.Fatal("no test files")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { checkFile(t, file) })
	}
}

func checkFile(t *testing.T, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, err := starlang.Load(file, starlang.Options{Args: argsIn(string(text)), Tools: fakeTools{}, Dir: "/nowhere", Print: io.Discard})
	if err != nil {
		t.Fatal(err)
	}
	problems := res.Definition.Problems
	for _, w := range res.Definition.Top() {
		problems = append(problems, check.Definition(w)...)
	}
	wants := wantsIn(t, string(text))
	for _, d := range problems.Sorted() {
		if d.Pos.IsValid() && d.Pos.Column == 0 {
			t.Errorf("%s: no column", d.Error())
		}
		if d.What == "" || d.Why == "" || d.Mend == "" {
			t.Errorf("%s: what, why or mend is missing: %q | %q | %q", d.Pos, d.What, d.Why, d.Mend)
		}
		if !wants.take(d) {
			t.Errorf("unexpected: %s | %s | %s", d.Error(), d.Why, d.Mend)
		}
	}
	for line, left := range wants {
		for _, re := range left {
			t.Errorf("line %d: no message matches %q", line, re)
		}
	}
}

// wants holds the expressions of each line; 0 is anywhere.
type wants map[int][]*regexp.Regexp

func (w wants) take(d *diag.Diagnostic) bool {
	text := fmt.Sprintf("%s | %s | %s", d.What, d.Why, d.Mend)
	for i, re := range w[d.Pos.Line] {
		if re.MatchString(text) {
			w[d.Pos.Line] = append(w[d.Pos.Line][:i:i], w[d.Pos.Line][i+1:]...)
			return true
		}
	}
	return false
}

var wantMark = regexp.MustCompile(`# want(-anywhere)?((?: +(?:"(?:[^"\\]|\\.)*"|` + "`[^`]*`" + `))+)`)
var wantText = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|`[^`]*`")

func wantsIn(t *testing.T, text string) wants {
	out := wants{}
	for i, line := range strings.Split(text, "\n") {
		m := wantMark.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		n := i + 1
		if m[1] != "" {
			n = 0
		}
		for _, quoted := range wantText.FindAllString(m[2], -1) {
			expr, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatalf("line %d: %v", i+1, err)
			}
			out[n] = append(out[n], regexp.MustCompile(expr))
		}
	}
	return out
}

func argsIn(text string) map[string][]string {
	args := map[string][]string{}
	for line := range strings.SplitSeq(text, "\n") {
		rest, ok := strings.CutPrefix(line, "# args:")
		if !ok {
			continue
		}
		for _, f := range strings.Fields(rest) {
			name, val, _ := strings.Cut(f, "=")
			args[name] = append(args[name], val)
		}
	}
	return args
}
