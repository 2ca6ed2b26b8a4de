package task

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestShellWords(t *testing.T) {
	for _, tt := range []struct {
		line string
		want []string // nil: for a shell
	}{
		{"bet in.nii out.nii -f 0.40", []string{"bet", "in.nii", "out.nii", "-f", "0.40"}},
		{`  a  "b c"'d'\ e ''`, []string{"a", "b cd e", ""}},
		{"antsRegistration --metric MI[ a, b, 1 ]", nil},
		{"3dcalc -expr 'a*b'", []string{"3dcalc", "-expr", "a*b"}},
		{"cp a=b c", []string{"cp", "a=b", "c"}},
		{"A=b cp", nil},
		{"cat < in > out", nil},
		{"echo $HOME", nil},
		{`echo "$HOME"`, nil},
		{`echo '$HOME'`, []string{"echo", "$HOME"}},
		{"ls ~/x", nil},
		{"ls a~", []string{"ls", "a~"}},
		{"a # b", nil},
		{"a b#c", []string{"a", "b#c"}},
		{"a; b", nil},
		{"a 'b", nil},
		{`a b\`, nil},
		{"a\nb", nil},
		{" ", nil},
	} {
		got, ok := shellWords(tt.line)
		if !ok {
			got = nil
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", tt.line, d)
		}
	}
}

// What is split here, a shell splits so, too.
func TestShellWordsLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := "printf '%s\\0' x" + rapid.StringMatching(`[a-c "'\\ =~#$*\[\]{}!;|&<>()%.\t,-]{0,12}`).Draw(t, "line")
		words, ok := shellWords(line)
		if !ok {
			return
		}
		out, err := exec.Command("/bin/sh", "-c", line).Output()
		if err != nil {
			t.Fatalf("%q is split into %q, which a shell refuses: %v", line, words, err)
		}
		want := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if d := cmp.Diff(want, words[2:]); d != "" {
			t.Fatalf("%q (-want +got):\n%s", line, d)
		}
	})
}

func TestCommandWords(t *testing.T) {
	for line, want := range map[string][]string{
		"true a b":       {"true", "a", "b"},
		"no-such-tool a": {"/bin/sh", "-c", "no-such-tool a"},
		"exit 3":         {"/bin/sh", "-c", "exit 3"},
		"true | true":    {"/bin/sh", "-c", "true | true"},
	} {
		if d := cmp.Diff(want, commandWords(line, "/bin:/usr/bin")); d != "" {
			t.Errorf("%q (-want +got):\n%s", line, d)
		}
	}
}
