package pytext

import (
	"cmp"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// HasGlob reports whether the text has a character that [Glob] takes for more
// than itself.
func HasGlob(text string) bool { return strings.ContainsAny(text, "*?[") }

// Glob gives the paths that match Python's glob.glob(pattern) below base,
// which is taken as it stands, in order of their names. ** is *; a * or ? at
// the start of a name matches no leading point; there is no escape but [*].
// A pattern that ends in / matches folders only, and so do its results end.
//
// A folder that can't be read has no matches, as in Python.
func Glob(base, pattern string) []string {
	if strings.HasPrefix(pattern, "/") || base == "" {
		base = "/"
		if !strings.HasPrefix(pattern, "/") {
			base = ""
		}
		pattern = strings.TrimLeft(pattern, "/")
	}
	found := []string{base}
	for pattern != "" {
		name, rest, more := strings.Cut(pattern, "/")
		rest = strings.TrimLeft(rest, "/")
		var next []string
		for _, dir := range found {
			next = append(next, globName(dir, name, more)...)
		}
		found, pattern = next, rest
		if more && rest == "" {
			for i := range found {
				found[i] += "/"
			}
		}
	}
	return found
}

// globName matches one name in dir; folders: only folders count.
func globName(dir, name string, folders bool) []string {
	if !HasGlob(name) {
		path := below(dir, name)
		stat := os.Lstat
		if folders {
			stat = os.Stat
		}
		if info, err := stat(path); err != nil || folders && !info.IsDir() {
			return nil
		}
		return []string{path}
	}
	entries, err := os.ReadDir(cmp.Or(dir, ".")) // sorted by name
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		hidden := strings.HasPrefix(e.Name(), ".") && !strings.HasPrefix(name, ".")
		if !hidden && MatchName(name, e.Name()) && (!folders || isFolder(dir, e)) {
			out = append(out, below(dir, e.Name()))
		}
	}
	return out
}

func below(dir, name string) string {
	if dir == "" || strings.HasSuffix(dir, "/") {
		return dir + name
	}
	return dir + "/" + name
}

func isFolder(dir string, e fs.DirEntry) bool {
	if e.Type()&fs.ModeSymlink == 0 {
		return e.IsDir()
	}
	info, err := os.Stat(below(dir, e.Name()))
	return err == nil && info.IsDir()
}

// MatchName is Python's fnmatch.fnmatchcase: *, ?, [a-c], [!a-c].
func MatchName(pattern, name string) bool {
	p, s := []rune(pattern), []rune(name)
	// On a mismatch the last * takes one character more: star and from say
	// where to take up again.
	star, from := -1, 0
	i, j := 0, 0
	for j < len(s) {
		if i < len(p) && p[i] == '*' {
			star, from = i, j
			i++
			continue
		}
		if i < len(p) {
			if ok, width := matchOne(p[i:], s[j]); ok {
				i, j = i+width, j+1
				continue
			}
		}
		if star < 0 {
			return false
		}
		from++
		i, j = star+1, from
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

// matchOne matches the element at the start of p, and gives its width.
func matchOne(p []rune, c rune) (ok bool, width int) {
	switch p[0] {
	case '?':
		return true, 1
	case '[':
		if end := classEnd(p); end > 0 {
			return matchClass(p[1:end], c), end + 1
		}
	}
	return p[0] == c, 1
}

// classEnd gives where the ] of the class at the start of p is, 0 if there is
// none. A ] that comes first belongs to the class.
func classEnd(p []rune) int {
	i := 1
	if i < len(p) && p[i] == '!' {
		i++
	}
	if i >= len(p) {
		return 0
	}
	end := slices.Index(p[i+1:], ']')
	if end < 0 {
		return 0
	}
	return i + 1 + end
}

func matchClass(set []rune, c rune) bool {
	negated := set[0] == '!'
	if negated {
		set = set[1:]
	}
	for i := 0; i < len(set); i++ {
		low, high := set[i], set[i]
		if i+2 < len(set) && set[i+1] == '-' {
			high = set[i+2]
			i += 2
		}
		if low <= c && c <= high {
			return !negated
		}
	}
	return negated
}
