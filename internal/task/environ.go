package task

import (
	"slices"
	"strings"
	"sync"
)

// environs keeps the environments that tools are given: of thousands of tools
// most get the same.
type environs struct {
	mu   sync.Mutex
	made map[string][]string
}

// mostEnvirons is how many are kept; then all are forgotten.
const mostEnvirons = 64

// environment gives what a tool of the run inherits with other variables over it
// (see the function), sorted by name. It is shared.
func (r *Runner) environment(over ...[]string) []string {
	var key strings.Builder
	for _, list := range over {
		for _, e := range list {
			key.WriteString(e)
			key.WriteByte(0)
		}
		key.WriteByte(0)
	}
	r.environs.mu.Lock()
	defer r.environs.mu.Unlock()
	if known, ok := r.environs.made[key.String()]; ok {
		return known
	}
	env := environment(r.opts.Environ, over...)
	slices.SortStableFunc(env, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
	if r.environs.made == nil || len(r.environs.made) >= mostEnvirons {
		r.environs.made = map[string][]string{}
	}
	r.environs.made[key.String()] = env
	return env
}

// nameOf gives the name of the variable that "NAME=value" sets.
func nameOf(variable string) string {
	name, _, _ := strings.Cut(variable, "=")
	return name
}

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
			last[nameOf(e)] = e
		}
	}
	out := make([]string, 0, len(inherited)+n)
	for _, e := range inherited {
		if _, replaced := last[nameOf(e)]; !replaced {
			out = append(out, e)
		}
	}
	for _, list := range over {
		for _, e := range list {
			if name := nameOf(e); last[name] == e {
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
// over what is inherited, and whether it is set.
func (r *Runner) getenv(name string, own []string) (string, bool) {
	if v, ok := getenv(name, own); ok {
		return v, true
	}
	v, ok := r.inherited[name]
	return v, ok
}

// getenv gives the value of a variable, and whether it is set; the last that
// names it counts.
func getenv(name string, env []string) (string, bool) {
	for _, e := range slices.Backward(env) {
		if len(e) > len(name) && e[len(name)] == '=' && e[:len(name)] == name {
			return e[len(name)+1:], true
		}
	}
	return "", false
}
