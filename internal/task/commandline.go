package task

import "strings"

// CommandLine gives the command of a record as it would be typed, "" for none.
// That of a node of nipype's which runs apart from Python is a line for a shell
// already, kept as one word.
func (r *Record) CommandLine() string {
	if len(r.Argv) == 1 && strings.Contains(r.Argv[0], " ") {
		return r.Argv[0]
	}
	words := make([]string, len(r.Argv))
	for i, a := range r.Argv {
		words[i] = Quote(a)
	}
	return strings.Join(words, " ")
}
