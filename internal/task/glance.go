package task

import (
	"io/fs"
	"os"
)

// A glance asks the file system once about each of a unit's files: its inputs
// must exist, and their identity is in its key. It lasts as long as the look at
// the unit does. Of very many files it remembers the first.
type glance struct {
	files *files
	seen  []seen
}

type seen struct {
	path string
	info fs.FileInfo
	err  error
}

// mostSeen is so small that looking through them costs less than asking again.
const mostSeen = 16

// stat is os.Stat, also where the look is over.
func (g *glance) stat(path string) (fs.FileInfo, error) {
	if g == nil {
		return os.Stat(path)
	}
	for k := range g.seen {
		if s := &g.seen[k]; s.path == path {
			return s.info, s.err
		}
	}
	info, err := os.Stat(path)
	if len(g.seen) < mostSeen {
		g.seen = append(g.seen, seen{path, info, err})
	}
	return info, err
}

// Identity gives the identity of what a path names, "" for a path that names
// nothing, and its size (key.Files).
func (g *glance) Identity(path string) (id string, size int64, err error) {
	info, err := g.stat(path)
	return g.files.identity(path, info, err)
}
