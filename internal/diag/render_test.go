package diag

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// record is a line of a stream of JSON records, far too long to show.
var record = `{"node":"` + strings.Repeat("a", 200) + `","inputs":{"frac":"high"},"pad":"` + strings.Repeat("b", 200) + `"}`

func renderings() map[string]*Diagnostic {
	at := func(line, column, length int) Pos { return Pos{"wf.star", line, column, length} }
	return map[string]*Diagnostic{
		"whole": {
			Code: BadDefinition, What: `unknown input "frak" of fsl.BET`, Pos: at(2, 16, 4),
			Why: "fsl.BET has no such input\nits inputs are listed by `raphe interface show fsl.BET`", Mend: `did you mean "frac"?`,
			Notes: []Note{{at(1, 1, 0), "the interface is loaded here"}, {Text: "a second line\nof a note"}},
		},
		"warning-without-place": {Code: Warning, What: "the clock goes backwards"},
		"tabs":                  {Code: BadDefinition, What: "what", Pos: at(3, 3, 3)},
		"wide":                  {Code: BadDefinition, What: "what", Pos: at(4, 33, 3)},
		"combining":             {Code: BadDefinition, What: "what", Pos: at(5, 16, 3)},
		"control":               {Code: BadDefinition, What: "what", Pos: at(6, 14, 3)},
		"carriage-return":       {Code: BadDefinition, What: "what", Pos: at(7, 1, 5)},
		"long-middle":           {Code: BadDefinition, What: "what", Pos: at(8, strings.Index(record, `"high"`)+1, 6)},
		"long-start":            {Code: BadDefinition, What: "what", Pos: at(8, 2, 6)},
		"long-end":              {Code: BadDefinition, What: "what", Pos: at(8, len(record), 1)},
		"long-span":             {Code: BadDefinition, What: "what", Pos: at(8, 9, 202)},
		"long-no-column":        {Code: BadDefinition, What: "what", Pos: at(8, 0, 0)},
		"long-wide":             {Code: BadDefinition, What: "what", Pos: at(9, 303, 9)},
		"end-of-line":           {Code: BadDefinition, What: "what", Pos: at(1, 20, 0)},
		"beyond-line":           {Code: BadDefinition, What: "what", Pos: at(1, 2000, 5)},
		"beyond-file":           {Code: BadDefinition, What: "what", Pos: at(2000, 1, 5)},
		"no-line":               {Code: BadDefinition, What: "what", Pos: at(0, 0, 0)},
		"no-file":               {Code: BadDefinition, What: "what", Pos: Pos{"gone.star", 1, 1, 1}},
	}
}

func sources(file string) ([]byte, error) {
	if file != "wf.star" {
		return nil, os.ErrNotExist
	}
	return []byte(strings.Join([]string{
		`load("fsl", "BET")`,
		`bet = Node(BET(frak = 0.4), name = "bet")`,
		"\t\tabc = 1",
		`x = Node(f, name = "脳画像", bad)`,
		"y = \"cafe\u0301\" + bad",
		"z = \"a\x1b[31m\" bad",
		"wrong\r",
		record,
		strings.Repeat("é", 100) + strings.Repeat("脳", 100),
	}, "\n")), nil
}

func TestRender(t *testing.T) {
	for name, d := range renderings() {
		t.Run(name, func(t *testing.T) {
			got := d.Render(Painter{}, sources)
			file := filepath.Join("testdata", "render", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRenderColour(t *testing.T) {
	d := &Diagnostic{Code: Usage, What: "no file", Pos: Pos{"wf.star", 7, 1, 5}, Mend: "name one"}
	want := "wf.star:7:1: \x1b[31;1merror:\x1b[0m no file\n    7 | wrong\n      | \x1b[31m^^^^^\x1b[0m\n  \x1b[32mmend:\x1b[0m name one\n"
	if diff := cmp.Diff(want, d.Render(Painter{Colour: true}, sources)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestListRender(t *testing.T) {
	reads := 0
	counting := func(file string) ([]byte, error) {
		reads++
		return sources(file)
	}
	l := List{
		{Code: BadDefinition, What: "second", Pos: Pos{"wf.star", 7, 1, 5}},
		{Code: BadDefinition, What: "first", Pos: Pos{"wf.star", 1, 1, 4}},
		{Code: BadDefinition, What: "second", Pos: Pos{"wf.star", 7, 1, 5}},
	}
	want := "wf.star:1:1: error: first\n    1 | load(\"fsl\", \"BET\")\n      | ^^^^\nwf.star:7:1: error: second\n    7 | wrong\n      | ^^^^^\n"
	if diff := cmp.Diff(want, l.Render(Painter{}, counting)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if reads != 1 {
		t.Errorf("the file was read %d times", reads)
	}
}

func TestErrors(t *testing.T) {
	warning := &Diagnostic{Code: Warning, What: "hm"}
	bad := &Diagnostic{Code: BadDefinition, What: "bad", Pos: Pos{"a", 1, 2, 0}, Err: os.ErrNotExist}
	missing := &Diagnostic{Code: Missing, What: "gone", Pos: Pos{"a", 1, 0, 0}}
	tests := []struct {
		err    error
		text   string
		status int
	}{
		{nil, "", 0},
		{List{}.Err(), "", 0},
		{List{warning}.Err(), "", 0},
		{List{}, "no errors", 70},
		{warning, "hm", 0},
		{bad, "a:1:2: bad", 3},
		{List{missing}, "a:1: gone", 4},
		{List{warning, missing, bad}.Err(), "hm (and 2 more)", 4},
		{&Diagnostic{Code: Failed, What: "w", Pos: Pos{File: "f"}}, "f: w", 1},
		{&Diagnostic{Code: Usage}, "", 2},
		{&Diagnostic{Code: Store}, "", 5},
		{&Diagnostic{Code: Unreachable}, "", 6},
		{errors.New("x"), "x", 70},
	}
	for _, tt := range tests {
		if got := ExitStatus(tt.err); got != tt.status {
			t.Errorf("ExitStatus(%v) = %d, want %d", tt.err, got, tt.status)
		}
		if tt.err != nil && tt.err.Error() != tt.text {
			t.Errorf("got %q, want %q", tt.err, tt.text)
		}
	}
	if !errors.Is(bad, os.ErrNotExist) {
		t.Error("the cause is lost")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"in_file", "out_file", "frac", "mask", "reference", "Größe"}
	tests := []struct{ x, nearest, hint string }{
		{"frak", "frac", `did you mean "frac"?`},
		{"infile", "in_file", `did you mean "in_file"?`},
		{"IN_FILE", "in_file", `did you mean "in_file"?`},
		{"rfac", "frac", `did you mean "frac"?`},
		{"refrence", "reference", `did you mean "reference"?`},
		{"größe", "Größe", `did you mean "Größe"?`},
		{"zzz", "", "one of Größe, frac, in_file, mask, out_file, reference"},
		{"", "", "one of Größe, frac, in_file, mask, out_file, reference"},
	}
	for _, tt := range tests {
		if got := Nearest(tt.x, names); got != tt.nearest {
			t.Errorf("Nearest(%q) = %q, want %q", tt.x, got, tt.nearest)
		}
		if got := DidYouMean(tt.x, names); got != tt.hint {
			t.Errorf("DidYouMean(%q) = %q, want %q", tt.x, got, tt.hint)
		}
	}
	if got := DidYouMean("x", nil); got != "" {
		t.Errorf("with no candidates: %q", got)
	}
	if got := DidYouMean("zzzz", []string{"b", "a", "b"}); got != "one of a, b" {
		t.Errorf("with a repeated candidate: %q", got)
	}
	many := strings.Split("abcdefghijklmnop", "")
	if got := DidYouMean("zzzzzz", many); got != "one of a, b, c, d, e, f, g, h, i, j, k, l, ..." {
		t.Errorf("with many candidates: %q", got)
	}
}

// What one line of a loop causes is shown once.
func TestRenderAlike(t *testing.T) {
	at := Pos{"wf.star", 2, 16, 4}
	var l List
	for k := range 13 {
		l.Add(&Diagnostic{Code: BadDefinition, What: fmt.Sprintf("node n%d has no input", k), Pos: at, Why: "it is mandatory", Mend: "set it"})
	}
	l.Add(&Diagnostic{Code: BadDefinition, What: "another rule", Pos: at, Why: "names are unique"})
	l.Add(&Diagnostic{Code: BadDefinition, What: "no column, one", Pos: Pos{File: "wf.jsonl", Line: 1}})
	l.Add(&Diagnostic{Code: BadDefinition, What: "no column, two", Pos: Pos{File: "wf.jsonl", Line: 1}})
	got := l.Render(Painter{}, func(string) ([]byte, error) { return nil, os.ErrNotExist })
	want := `wf.jsonl:1: error: no column, one
wf.jsonl:1: error: no column, two
wf.star:2:16: error: node n0 has no input
  why:  it is mandatory
  mend: set it
`
	for k := range 9 {
		want += fmt.Sprintf("  also: node n%d has no input\n", k+1)
	}
	want += "  also: 3 more like these, of the same place\nwf.star:2:16: error: another rule\n  why:  names are unique\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
