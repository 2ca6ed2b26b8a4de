package toolfile

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/diag"
)

func newLoader(files map[string]string) *loader {
	return &loader{
		loaded: map[string]*loadedFile{},
		read: func(file string) ([]byte, error) {
			text, ok := files[file]
			if !ok {
				return catalogue.read(file)
			}
			return []byte(text), nil
		},
		find: func(pkg, name string) (string, bool) {
			for file, text := range files {
				if strings.HasPrefix(file, pkg+"/") && regexp.MustCompile(`(?m)^(def )?`+name+`\b`).MatchString(text) {
					return file, true
				}
			}
			return catalogue.find(pkg, name)
		},
	}
}

// Every line of testdata/bad with a "# want" gets these diagnostics and no
// other line gets any.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/bad/*.star")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, err = newLoader(nil).exec(file, "", text)
			var list diag.List
			if !errors.As(err, &list) {
				t.Fatalf("got %v, want a list of diagnostics", err)
			}
			got := map[int][]string{}
			for _, d := range list {
				if d.Pos.File != file || d.Pos.Column == 0 {
					t.Errorf("%q has the place %s", d.What, d.Pos)
				}
				if d.What == "" || d.Why == "" || d.Mend == "" {
					t.Errorf("%s: what, why or mend is missing: %q | %q | %q", d.Pos, d.What, d.Why, d.Mend)
				}
				got[d.Pos.Line] = append(got[d.Pos.Line], d.What)
			}
			checkWants(t, string(text), got)
		})
	}
}

var wantComment = regexp.MustCompile("`([^`]*)`")

func checkWants(t *testing.T, text string, got map[int][]string) {
	t.Helper()
	for i, line := range strings.Split(text, "\n") {
		_, comment, _ := strings.Cut(line, "# want ")
		have := got[i+1]
		for _, m := range wantComment.FindAllStringSubmatch(comment, -1) {
			found := false
			for k, what := range have {
				if regexp.MustCompile(m[1]).MatchString(what) {
					have = append(have[:k:k], have[k+1:]...)
					found = true
					break
				}
			}
			if !found {
				t.Errorf("line %d: want %q, got %q", i+1, m[1], got[i+1])
			}
		}
		for _, what := range have {
			t.Errorf("line %d: unexpected %q", i+1, what)
		}
	}
}

func TestLoadAcrossFiles(t *testing.T) {
	t.Parallel()
	l := newLoader(map[string]string{
		"p/profile.star": "P = profile(inputs = [text(\"a\", \"-a %s\", default = \"x\")], env = {\"A\": \"{a}\"})\ndef twice(v): return v * 2\n",
		"p/tool.star":    "load(\"p\", \"P\", two = \"twice\")\nTool = command(\"tool\", profile = P, inputs = [integer(\"n\", \"-n %d\", value = two)])\nOther = command(\"other\", like = Tool, drop = \"a\", inputs = [integer(\"n\", \"-m %d\")])\n",
		"p/circle.star":  "load(\"p\", \"Square\")\nCircle = 1\n",
		"p/square.star":  "load(\"p\", \"Circle\")\nSquare = 1\n",
	})
	tool, err := l.global("p", "Tool")
	if err != nil {
		t.Fatal(err)
	}
	f := tool.(*Tool).Interface()
	if f.Name != "p.Tool" || fmt.Sprint(f.InputNames()) != "[args environ a n]" {
		t.Errorf("%s %v", f.Name, f.InputNames())
	}
	other, err := l.global("p", "Other")
	if err != nil {
		t.Fatal(err)
	}
	if g := other.(*Tool).Interface(); fmt.Sprint(g.InputNames()) != "[args environ n]" || g.Input("n").Argstr != "-m %d" {
		t.Errorf("%v", g.InputNames())
	}
	if _, err := l.global("p", "Circle"); err == nil || !strings.Contains(err.Error(), "is loaded while it is loading") {
		t.Errorf("got %v", err)
	}
}

// The identity of an interface follows the text of its functions, in its own
// file and in those that are loaded, and nothing else of the files.
func TestIdentityOfFunctions(t *testing.T) {
	t.Parallel()
	digest := func(helper, tool string) [32]byte {
		l := newLoader(map[string]string{"q/helper.star": helper, "q/tool.star": tool})
		v, err := l.global("q", "Tool")
		if err != nil {
			t.Fatal(err)
		}
		return v.(*Tool).Interface().Digest()
	}
	helper := "def twice(v): return v * 2\n"
	tool := "load(\"q\", \"twice\")\nK = 3\ndef f(v): return twice(v) + K\nTool = command(\"t\", inputs = [integer(\"n\", \"-n %d\", value = lambda v: f(v))])\n"
	first := digest(helper, tool)
	if digest("# a comment\n\n"+helper+"X = 1\n", "# another\n"+strings.Replace(tool, "K = 3", "K = 3\nUNUSED = 4", 1)) != first {
		t.Error("what does not matter changes the digest")
	}
	for name, change := range map[string][2]string{
		"loaded function": {strings.Replace(helper, "2", "3", 1), tool},
		"constant":        {helper, strings.Replace(tool, "K = 3", "K = 4", 1)},
		"function":        {helper, strings.Replace(tool, "+ K", "- K", 1)},
		"lambda":          {helper, strings.Replace(tool, "lambda v: f(v)", "lambda v: f(v) + 1", 1)},
	} {
		if digest(change[0], change[1]) == first {
			t.Errorf("%s does not change the digest", name)
		}
	}
}
