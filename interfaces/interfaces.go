// Package interfaces is the catalogue: one Starlark file for each tool, or few
// related ones, in a folder for each package, embedded in the binary.
//
//	List      all interfaces, by name
//	Find      which file defines a name
//	Source    the text of a file
//
// It knows the files by a quick look at their lines and evaluates none of
// them: package toolfile does, when a workflow names an interface.
package interfaces

import (
	"embed"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
)

//go:embed */*.star
var files embed.FS

// An Entry is one interface of the catalogue.
type Entry struct {
	Name string // nipype's shortest public path: "fsl.BET", "fsl.maths.MathsCommand"
	File string // "fsl/bet.star"
}

// Source gives the text of a file of the catalogue.
func Source(file string) ([]byte, error) { return files.ReadFile(file) }

// A definition is a name that a file defines at the top.
type definition struct {
	name      string // as the file has it
	public    string // the full name of an interface, "" for a helper
	file      string
	isPrivate bool
}

// folders holds what each folder defines, scanned at the first question.
var folders = struct {
	sync.Mutex
	defs map[string][]definition
}{defs: map[string][]definition{}}

// Packages gives the folders of the catalogue, sorted.
func Packages() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("BUG: embedded catalogue: " + err.Error())
	}
	var out []string
	for _, e := range entries {
		if e.IsDir() {
			out = append(out, e.Name())
		}
	}
	return out
}

// List gives all interfaces, sorted by name.
func List() []Entry {
	var out []Entry
	for _, folder := range Packages() {
		for _, d := range scan(folder) {
			if d.public != "" {
				out = append(out, Entry{d.public, d.file})
			}
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Find tells which file defines a name: an interface, a profile or a helper. A
// package may have parts ("fsl.maths"), which lie in the folder of the first
// ("fsl"); a part that leads nowhere else may be left out.
func Find(pkg, name string) (file string, ok bool) {
	folder, _, _ := strings.Cut(pkg, ".")
	found := ""
	for _, d := range scan(folder) {
		switch {
		case d.name != name || d.isPrivate:
		case d.public == pkg+"."+name, d.public == "":
			return d.file, true
		case pkg == folder && found == "":
			found = d.file
		}
	}
	return found, found != ""
}

// scan looks through the files of a folder for assignments and functions at
// the start of a line.
func scan(folder string) []definition {
	folders.Lock()
	defer folders.Unlock()
	if defs, ok := folders.defs[folder]; ok {
		return defs
	}
	names, _ := fs.Glob(files, folder+"/*.star") // the pattern is well formed; no such folder: none
	slices.Sort(names)
	var defs []definition
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic("BUG: embedded catalogue: " + err.Error())
		}
		defs = append(defs, scanText(name, string(text))...)
	}
	folders.defs[folder] = defs
	return defs
}

func scanText(file, text string) []definition {
	var out []definition
	isInterface := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			// name = "fsl.maths.MathsCommand", indented below: a name that the folder alone doesn't give.
			if public, ok := strings.CutPrefix(strings.TrimSpace(line), `name = "`); ok && isInterface {
				public, _, _ = strings.Cut(public, `"`)
				out[len(out)-1].public = public
				isInterface = false
			}
			continue
		}
		isInterface = false
		name, rest := identifier(line)
		if def, ok := strings.CutPrefix(line, "def "); ok {
			name, _ = identifier(def)
			out = append(out, definition{name: name, file: file, isPrivate: strings.HasPrefix(name, "_")})
			continue
		}
		value, ok := strings.CutPrefix(strings.TrimLeft(rest, " "), "=")
		if name == "" || !ok || strings.HasPrefix(value, "=") {
			continue
		}
		d := definition{name: name, file: file, isPrivate: strings.HasPrefix(name, "_")}
		value = strings.TrimLeft(value, " ")
		if strings.HasPrefix(value, "command(") || strings.HasPrefix(value, "native(") {
			isInterface = true
			d.public = path.Dir(file) + "." + name
		}
		out = append(out, d)
	}
	return out
}

// identifier splits a line after the identifier that it starts with.
func identifier(line string) (name, rest string) {
	end := strings.IndexFunc(line, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end < 0 {
		return line, ""
	}
	return line[:end], line[end:]
}
