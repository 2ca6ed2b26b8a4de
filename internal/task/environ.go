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

// byName gives what a list of "NAME=value" says of each name; the last counts.
func byName(env []string) map[string]string {
	out := make(map[string]string, len(env))
	for _, e := range env {
		if name, v, ok := strings.Cut(e, "="); ok {
			out[name] = v
		}
	}
	return out
}

// getenv gives a variable as a tool of the run sees it, with the definition's own
// over what is inherited; "" if it is not set.
func (r *Runner) getenv(name string, own []string) string {
	if v, ok := getenv(name, own); ok {
		return v
	}
	return r.inherited[name]
}
