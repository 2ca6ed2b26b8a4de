package proc

import "strings"

// markName is the variable that tells of what runs where it comes from. A daemon
// leaves its parent, session, files and directory behind, but seldom the
// environment that it was born with.
const markName = "RAPHE_DIR="

// mark gives the environment of a command with its mark. One that was inherited
// goes: then this is a command of a Raphe that is a command itself.
func mark(env []string, dir string) []string {
	if dir == "" {
		return env
	}
	marked := make([]string, 0, len(env)+1)
	for _, v := range env {
		if !strings.HasPrefix(v, markName) {
			marked = append(marked, v)
		}
	}
	return append(marked, markName+dir)
}
