package interfaces

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScanText(t *testing.T) {
	t.Parallel()
	got := scanText("p/x.star", `# command( in a comment
load("p", "P")
P = profile()
_private = 3
A = command("a",
    name = "p.part.A",
    inputs = [
        text("name = "),
    ],
)
B=native("b")
def helper(x):
    name = "p.no"
x.y = command("no")
C == command("no")
`)
	want := []definition{
		{name: "P", file: "p/x.star"},
		{name: "_private", file: "p/x.star", isPrivate: true},
		{name: "A", public: "p.part.A", file: "p/x.star"},
		{name: "B", public: "p.B", file: "p/x.star"},
		{name: "helper", file: "p/x.star"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(definition{})); diff != "" {
		t.Error(diff)
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ pkg, name, want string }{
		{"fsl", "BET", "fsl/bet.star"},
		{"fsl.maths", "MathsCommand", "fsl/maths.star"},
		{"fsl", "MathsCommand", "fsl/maths.star"}, // a part that leads nowhere else may be left out
		{"fsl", "FSL", "fsl/profile.star"},
		{"fsl.maths", "BET", ""},
		{"fsl", "_threshold", ""},
		{"nope", "BET", ""},
		{"", "BET", ""},
	} {
		if got, _ := Find(tc.pkg, tc.name); got != tc.want {
			t.Errorf("%s.%s: %q, want %q", tc.pkg, tc.name, got, tc.want)
		}
	}
}

// Names are unique, and every interface lies in the folder of its package.
func TestList(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, e := range List() {
		if other, twice := seen[e.Name]; twice {
			t.Errorf("%s is in %s and in %s", e.Name, other, e.File)
		}
		seen[e.Name] = e.File
		folder, _, _ := strings.Cut(e.Name, ".")
		if !strings.HasPrefix(e.File, folder+"/") {
			t.Errorf("%s is in %s", e.Name, e.File)
		}
		if _, err := Source(e.File); err != nil {
			t.Error(err)
		}
	}
	if !slices.Contains(Packages(), "fsl") || len(seen) == 0 {
		t.Errorf("packages %v", Packages())
	}
}
