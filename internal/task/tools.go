package task

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/proc"
)

// tools remembers the identity of programs during a run.
type tools struct {
	mu       sync.Mutex
	known    map[[2]string]string // program and PATH -> identity
	versions map[*iface.VersionProbe]string
}

// identity tells one version of a program from another: by the content of its
// file, since few tools say reliably which version they are. A program that is
// not there has none; running it will say so.
func (t *tools) identity(program, path string, f *files) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := [2]string{program, path}
	if id, ok := t.known[at]; ok {
		return id
	}
	id := ""
	if file := findProgram(program, path); file != "" {
		if info, err := os.Stat(file); err == nil {
			if content, err := f.content(file, info); err == nil {
				id = filepath.Base(file) + " " + content
			}
		}
	}
	if t.known == nil {
		t.known = map[[2]string]string{}
	}
	t.known[at] = id
	return id
}

// findProgram gives the file that a command word means on a PATH, by the rule
// that the process is started by; "" for none.
func findProgram(program, path string) string {
	file, failure := proc.LookPath(program, path)
	if failure != nil {
		return ""
	}
	return file
}

// version asks a tool for its version, once a run; "" if it does not say.
// Nothing is asked where no input depends on the answer.
func (t *tools) version(f *iface.Interface, envs ...[]string) string {
	probe := f.Command.Version
	if probe == nil || !dependsOnVersion(f) {
		return ""
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if v, ok := t.versions[probe]; ok {
		return v
	}
	if t.versions == nil {
		t.versions = map[*iface.VersionProbe]string{}
	}
	t.versions[probe] = match(probe.Pattern, said(probe, slices.Concat(envs...)))
	return t.versions[probe]
}

func dependsOnVersion(f *iface.Interface) bool {
	for i := range f.Inputs {
		if f.Inputs[i].MinVer != "" || f.Inputs[i].MaxVer != "" {
			return true
		}
	}
	return false
}

// probeTime bounds how long a tool may take to say its version.
const probeTime = 10 * time.Second

// said gives what a probe finds: the content of a file of the tool's
// installation, or what the tool prints.
func said(p *iface.VersionProbe, env []string) string {
	if p.File != "" {
		folder, _ := getenv(p.Env, env)
		b, err := os.ReadFile(filepath.Join(folder, p.File))
		if err != nil {
			return ""
		}
		return string(b)
	}
	path, _ := getenv("PATH", env)
	program := findProgram(p.Argv[0], path)
	if program == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(context.Background(), probeTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, p.Argv[1:]...)
	cmd.Env, cmd.WaitDelay = env, time.Second
	out, _ := cmd.CombinedOutput() // many tools print their version and end with an error
	return string(out)
}

// match gives the first group of a pattern in a text, or all that it matches.
func match(p *regexp.Regexp, text string) string {
	if p == nil {
		return strings.TrimSpace(text)
	}
	m := p.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	return m[len(m)-1]
}
