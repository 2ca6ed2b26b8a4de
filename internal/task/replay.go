package task

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
)

// Quote gives a word that a POSIX shell reads back as it was.
func Quote(word string) string { return iface.Quote(word) }

// writeReplay writes the script that repeats a failed command alone, with the
// variables that the definition and the interface set.
func (a *attemptRun) writeReplay(line *iface.Line) (string, error) {
	var b strings.Builder
	b.WriteString("#!/bin/sh\n# Repeats the command of " + a.name + " alone.\n")
	b.WriteString("cd " + Quote(a.dir) + " || exit 1\n")
	for _, e := range append(threadLimits(a.look.options.NProcs), append(line.Env, a.env...)...) {
		name, val, _ := strings.Cut(e, "=")
		b.WriteString("export " + name + "=" + Quote(val) + "\n")
	}
	b.WriteString("exec " + line.String() + "\n")
	path := filepath.Join(a.dir, "replay.sh")
	return path, os.WriteFile(path, []byte(b.String()), 0o777)
}

// copyTree copies a file, or a folder with all that is in it.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o777)
		}
		return copyFile(path, filepath.Join(to, rel))
	})
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
