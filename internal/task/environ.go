package task

import "strings"

// environment gives what a tool inherits with other variables over it, those of
// later lists over those of earlier ones. Each name that is set anew stands there
// once: of two, many programs take the first.
func environment(inherited []string, over ...[]string) []string {
	n := 0
	for _, list := range over {
		n += len(list)
	}
	last := make(map[string]string, n)
	for _, list := range over {
		for _, e := range list {
			name, _, _ := strings.Cut(e, "=")
			last[name] = e
		}
	}
	out := make([]string, 0, len(inherited)+n)
	for _, e := range inherited {
		name, _, _ := strings.Cut(e, "=")
		if _, replaced := last[name]; !replaced {
			out = append(out, e)
		}
	}
	for _, list := range over {
		for _, e := range list {
			if name, _, _ := strings.Cut(e, "="); last[name] == e {
				out = append(out, e)
				delete(last, name) // twice the same
			}
		}
	}
	return out
}
