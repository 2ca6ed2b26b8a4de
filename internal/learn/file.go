package learn

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The file is JSON lines: one that says what it is, then one for each subject.
// doc/formats.md describes it.

const format = 1

type headLine struct {
	Learned int `json:"raphe_learned"`
}

type subjectLine struct {
	Interface string     `json:"interface"`
	Node      string     `json:"node,omitempty"`
	Day       int64      `json:"day"`
	Sizes     []sizeLine `json:"sizes"`
}

type sizeLine struct {
	Log2 int     `json:"log2"`
	N    int64   `json:"n"`
	Peak int64   `json:"peak"`
	High int64   `json:"high"`
	Wall float64 `json:"wall_s"`
}

// largest is more than a file that was written here can have; longestName
// bounds the names in it.
const (
	largest     = 16 << 20
	longestName = 256
)

// FileName is the usual name of the file. It holds the version, so that an older
// raphe and a newer one leave each other's alone.
const FileName = "learned-1.jsonl"

// current reads the file of a book. One that is there and can't be made sense
// of is set aside, so that it is neither believed nor lost.
func (b *book) current() map[Subject]*entry {
	entries, err := read(b.path)
	if err == nil {
		return entries
	}
	text := fmt.Sprintf("what was learned of memory and time can't be read: %v", err)
	if os.Rename(b.path, b.path+".bad") == nil {
		text += "; it is set aside as " + b.path + ".bad"
	}
	if b.warn != nil {
		b.warn(text)
	}
	return map[Subject]*entry{}
}

// read reads a file. Where there is none, or none that can be reached, nothing
// is known.
func read(path string) (map[Subject]*entry, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return map[Subject]*entry{}, nil
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file", path)
	case info.Size() > largest:
		return nil, fmt.Errorf("%s is too large", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	entries, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return entries, nil
}

func parse(text []byte) (map[Subject]*entry, error) {
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	var h headLine
	if json.Unmarshal(head, &h) != nil || h.Learned == 0 {
		return nil, errors.New("it is none of raphe's files")
	}
	if h.Learned != format {
		return nil, fmt.Errorf("another raphe wrote it (format %d; this one knows %d)", h.Learned, format)
	}
	entries := map[Subject]*entry{}
	n := 1
	for line := range bytes.Lines(rest) {
		n++
		var s subjectLine
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		e := &entry{day: s.Day}
		for _, z := range s.Sizes {
			if !z.sound() {
				return nil, fmt.Errorf("line %d: impossible numbers", n)
			}
			e.known.merge(bucket{z.Log2, z.N, z.Peak, z.High, z.Wall})
		}
		if len(e.known) > 0 {
			entries[Subject{s.Interface, s.Node}] = e
		}
	}
	return entries, nil
}

func (z *sizeLine) sound() bool {
	return z.Log2 >= 0 && z.Log2 <= 63 && z.N >= 0 && z.Peak > 0 && z.Peak <= mostMem && z.High >= 0 && z.High <= z.Peak &&
		z.Wall >= 0 && z.Wall < 1e9
}

// write writes a file under another name and gives it its own when it is whole.
func write(path string, entries map[Subject]*entry) (err error) {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil { // of the user's cache; a base directory is there
		return err
	}
	f, err := os.OpenFile(fmt.Sprintf("%s.%x.new", path, rand.Uint64()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	if err = writeLines(f, entries); err != nil {
		f.Close()
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func writeLines(f *os.File, entries map[Subject]*entry) error {
	w := bufio.NewWriter(f)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(headLine{format}); err != nil {
		return err
	}
	for _, s := range slices.SortedFunc(maps.Keys(entries), compare) {
		if len(s.Interface)+len(s.Node) > longestName || strings.ContainsRune(s.Interface+s.Node, '\uFFFD') {
			continue // JSON would not give it back as it is, or at great length
		}
		e := entries[s]
		line := subjectLine{Interface: s.Interface, Node: s.Node, Day: e.day, Sizes: make([]sizeLine, len(e.known))}
		for k, b := range e.known {
			line.Sizes[k] = sizeLine{b.log2, b.n, b.top, b.high, b.wall}
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return w.Flush()
}
