package iface

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSplitWords(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		frags []fragment
		want  []string
	}{
		{"plain", []fragment{{"-x ", template}, {"3", verbatim}}, []string{"-x", "3"}},
		{"glued", []fragment{{"--x=", template}, {"a b", verbatim}}, []string{"--x=a b"}},
		{"path with all of it", []fragment{{"-x ", template}, {`a 'b"; rm $x`, verbatim}}, []string{"-x", `a 'b"; rm $x`}},
		{"text is words", []fragment{{"-x ", template}, {"a b", words}}, []string{"-x", "a", "b"}},
		{"text with quotes", []fragment{{"-x ", template}, {"a 'b c'", words}}, []string{"-x", "a", "b c"}},
		{"text with one quote", []fragment{{"-x ", template}, {"it's it", words}}, []string{"-x", "it's", "it"}},
		{"text within quotes", []fragment{{`-e "`, template}, {`a "b" c`, words}, {`"`, template}}, []string{"-e", `a "b" c`}},
		{"within a word", []fragment{{"--x=", template}, {"a b", words}, {":c", template}}, []string{"--x=a", "b:c"}},
		{"quotes in the template", []fragment{{"-w '", template}, {"a b", verbatim}, {"[", template}, {"2", verbatim}, {"]'", template}}, []string{"-w", "a b[2]"}},
		{"empty text", []fragment{{"-x ", template}, {"", words}}, []string{"-x"}},
		{"empty path", []fragment{{"-x ", template}, {"", verbatim}}, []string{"-x", ""}},
		{"empty quotes", []fragment{{"-x ''", template}}, []string{"-x", ""}},
		{"no shell", []fragment{{"", template}, {"$(date) `x` * ; | > f", words}}, []string{"$(date)", "`x`", "*", ";", "|", ">", "f"}},
		{"backslash", []fragment{{`a\ b "c\"d\e"`, template}}, []string{"a b", `c"d\e`}},
		{"nothing", nil, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, splitWords(tc.frags)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// What is quoted for people reads back as it was.
func TestQuoteReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOf(rapid.String()).Draw(t, "args")
		quoted := make([]string, len(args))
		for i, a := range args {
			quoted[i] = Quote(a)
		}
		got := splitWords([]fragment{{strings.Join(quoted, " "), template}})
		if !slices.Equal(got, args) && len(got)+len(args) > 0 {
			t.Fatalf("%q came back as %q", args, got)
		}
	})
}

// A path is one argument whatever it contains, and nothing around it changes.
func TestPathIsOneArgument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.String().Draw(t, "path")
		got := splitWords([]fragment{{"-a ", template}, {path, verbatim}, {" -b", template}})
		if want := []string{"-a", path, "-b"}; !slices.Equal(got, want) {
			t.Fatalf("got %q", got)
		}
	})
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"-x %s", "-e \"%s\"", "> %s", "-l %d...", "%", "'", "\\", "%5.2f%%", "|& tee %s"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, argstr string) {
		a, err := parseArgument(argstr)
		if err != nil {
			return
		}
		splitWords(literal(&a))
		if text, err := ParseText(argstr); err == nil {
			text.refs(func(string) {})
		}
	})
}

func TestSplit(t *testing.T) {
	for text, want := range map[string][]string{
		"mrtransform -force": {"mrtransform", "-force"}, "": nil, `sh -c 'exit "3"' x\ y`: {"sh", "-c", `exit "3"`, "x y"}, "it's": nil, `a\`: nil,
	} {
		if got, ok := Split(text); ok != (want != nil || text == "") || ok && !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v", text, got, ok)
		}
	}
}
