package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A Peer runs a Work. Raphe is one of them.
type Peer interface {
	// Name is what tables call it.
	Name() string
	// Debian is the package that has it; "" for Raphe.
	Debian() string
	// Version finds it, and says which one it is.
	Version() (string, error)
	// Most is how many commands it is given in one run, where it would need too
	// long for more; 0: all.
	Most() int
	// Write writes what describes the work into the peer's folder.
	Write(w *Work, dir string) error
	// Argv runs it there, with so many commands at once.
	Argv(w *Work, dir string, slots int) []string
	// Outputs gives a pattern of the files that it makes, below its folder.
	Outputs() string
}

// peers is everything that Raphe is compared with, and Raphe first.
func (l *lab) peers() []Peer {
	list := []Peer{
		rapheJSON{l.raphe},
		ninja{}, gnuMake{}, xargs{},
		nipype{l, "Linear", 0, l.pick(200, 60)},
		nipype{l, "MultiProc", 10 * time.Millisecond, l.pick(200, 60)},
		nipype{l, "MultiProc", 2 * time.Second, l.pick(20, 10)},
		snakemake{l.pick(150, 60)},
	}
	return slices.DeleteFunc(list, func(p Peer) bool {
		return len(l.only) > 0 && p.Debian() != "" && !slices.ContainsFunc(l.only, func(o string) bool {
			return strings.Contains(strings.ToLower(p.Name()), strings.ToLower(o))
		})
	})
}

// presences asks for all peers once.
func (l *lab) presences() []Presence {
	var out []Presence
	for _, p := range l.peers() {
		version, err := p.Version()
		one := Presence{Name: p.Name(), Version: version, Debian: p.Debian()}
		if err != nil {
			one.Missing = fmt.Sprintf("%v (Debian: %s)", err, p.Debian())
		} else {
			l.present[p.Name()] = true
		}
		out = append(out, one)
	}
	return out
}

// has reports whether the peers chosen include one that is there.
func (l *lab) has(p Peer) bool { return l.present[p.Name()] }

// probe gives the first line that a program prints about itself.
func probe(argv ...string) (string, error) {
	if _, err := exec.LookPath(argv[0]); err != nil {
		return "", fmt.Errorf("no %s in PATH", argv[0])
	}
	out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, lastLine(string(out)))
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line, nil
}

// writeText writes a file that build makes up piece by piece, and the folder
// for the results.
func writeText(dir, name string, build func(b *strings.Builder)) error {
	if err := os.MkdirAll(filepath.Join(dir, "out"), 0o777); err != nil {
		return err
	}
	var b strings.Builder
	build(&b)
	return os.WriteFile(filepath.Join(dir, name), []byte(b.String()), 0o666)
}
