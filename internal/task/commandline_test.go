package task

import "testing"

func TestCommandLine(t *testing.T) {
	for want, argv := range map[string][]string{
		"":                 nil,
		"bet in.nii":       {"bet", "in.nii"},
		"echo 'a b' > out": {"echo 'a b' > out"},
		"echo 'a b'":       {"echo", "a b"},
	} {
		if got := (&Record{Argv: argv}).CommandLine(); got != want {
			t.Errorf("%q: %s, want %s", argv, got, want)
		}
	}
}
