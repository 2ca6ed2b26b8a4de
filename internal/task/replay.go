package task

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
)

// Quote gives a word that a POSIX shell reads back as it was.
func Quote(word string) string { return iface.Quote(word) }

// writeReplay writes the script that repeats a failed command alone, with the
// variables that the definition and the interface set.
func (a *attemptRun) writeReplay(line *iface.Line) (string, error) {
	env := slices.Concat(a.threads(), line.Env, a.env)
	path := filepath.Join(a.dir, replayScript)
	return path, os.WriteFile(path, []byte(replay(a.name, a.dir, env, line.String())), 0o777)
}

const replayScript = "replay.sh"

// replay gives the script. A variable that a shell can't name goes through
// env(1).
func replay(name, dir string, env []string, command string) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Repeats the command of " + strings.ReplaceAll(name, "\n", " ") + " alone.\n")
	b.WriteString("cd " + Quote(dir) + " || exit 1\n")
	var odd []string
	for _, e := range env {
		name, val, _ := strings.Cut(e, "=")
		if shellName.MatchString(name) {
			b.WriteString("export " + name + "=" + Quote(val) + "\n")
		} else {
			odd = append(odd, Quote(e))
		}
	}
	b.WriteString("exec ")
	if len(odd) > 0 {
		b.WriteString("env " + strings.Join(odd, " ") + " ")
	}
	b.WriteString(command + "\n")
	return b.String()
}

var shellName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
