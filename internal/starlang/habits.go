package starlang

import (
	"fmt"
	"regexp"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
)

// A habit is a piece of Python that Starlark does not have, and what it has
// instead.
type habit struct {
	word            string // what is underlined
	what, why, mend string
}

var (
	importLine = regexp.MustCompile(`^\s*(?:from\s+([\w.]+)\s+)?(import)\s+([\w.]+)`)
	fString    = regexp.MustCompile(`(?:^|[^\w'"])([fF][rR]?["'])`)
	wordHabits = []struct {
		find *regexp.Regexp
		habit
	}{
		{regexp.MustCompile(`^\s*(try|except|finally)\b`), habit{"", "no exceptions here", "Starlark has no try: a call that fails ends the function with its message", "test before the call, and end with fail(\"why\") where nothing can be done"}},
		{regexp.MustCompile(`^\s*(raise)\b`), habit{"", "no exceptions here", "Starlark has no raise", "write fail(\"why\")"}},
		{regexp.MustCompile(`^\s*(assert)\b`), habit{"", "no assert here", "Starlark has no assert statement", "write: if not condition: fail(\"why\")"}},
		{regexp.MustCompile(`^\s*(with)\b`), habit{"", "no with statement here", "definitions and their functions open no files", "let a node read the file, and connect its output"}},
		{regexp.MustCompile(`^\s*(class)\b`), habit{"", "no classes here", "Starlark has functions, struct(), dictionaries and lists", "use a function, or struct(a = 1)"}},
		{regexp.MustCompile(`^\s*(while)\b`), habit{"", "a definition has no while loops", "so that every definition ends", "write: for i in range(n):"}},
		{regexp.MustCompile(`(?:^|\s)(yield)\b`), habit{"", "no generators here", "Starlark has no yield", "build a list and return it"}},
		{regexp.MustCompile(`^\s*(global|nonlocal)\b`), habit{"", "no global statement here", "functions do not assign the names of others", "return the value"}},
		{regexp.MustCompile(`^\s*(del)\b`), habit{"", "no del statement here", "Starlark has none", "write list.pop(i), dict.pop(key), or let the name be"}},
		{regexp.MustCompile(`^\s*(async|await)\b`), habit{"", "nothing asynchronous here", "nodes run side by side by themselves", "make it a node"}},
		{regexp.MustCompile(`\s(is)\s`), habit{"", "no \"is\" here", "values are compared with ==", "write == None, != None"}},
		{regexp.MustCompile(`^\s*(print)\s+[^(\s]`), habit{"", "print is a function", "as in Python 3", "write print(...)"}},
		{regexp.MustCompile(`^\s*(@)\w`), habit{"", "no decorators here", "Starlark has none", "call the function around the other"}},
		{regexp.MustCompile(`(:=)`), habit{"", "no assignment within expressions here", "Starlark assigns in statements only", "assign on a line of its own"}},
		{regexp.MustCompile(`[\w)\]]\s*(\*\*)\s*[\w(]`), habit{"", "no ** operator here", "Starlark has none", "write math.pow(x, y), or x * x"}},
		{regexp.MustCompile(`\)\s*(->)`), habit{"", "no type annotations here", "Starlark has none", "leave the annotation out"}},
		{regexp.MustCompile(`^\s*def\s+\w+\([^)]*\w\s*(:)\s*\w`), habit{"", "no type annotations here", "Starlark has none", "leave the annotations out"}},
	}
)

// habitIn finds a habit in a line that did not parse.
func habitIn(line string) *habit {
	code, _, _ := strings.Cut(line, "#")
	if m := importLine.FindStringSubmatch(code); m != nil {
		word := "import"
		if m[1] != "" {
			word = "from"
		}
		return &habit{word, "no import here", "files and tools are loaded with load(), and functions have their helpers without it", importMend(m[1], m[3])}
	}
	if m := fString.FindStringSubmatch(code); m != nil {
		return &habit{m[1], "no f-strings here", "Starlark has str.format and %", `write "sub-{}".format(x) or "sub-%s" % x`}
	}
	for _, h := range wordHabits {
		if m := h.find.FindStringSubmatch(code); m != nil {
			found := h.habit
			found.word = m[1]
			return &found
		}
	}
	return nil
}

// stdlib says what stands for a module of Python's.
var stdlib = map[string]string{
	"os":        "names of files: path.join, path.basename, path.dirname, path.splitext are there without loading",
	"os.path":   "path.join, path.basename, path.dirname, path.splitext are there without loading",
	"pathlib":   "path.join, path.basename, path.dirname, path.splitext are there without loading",
	"re":        "re.match, re.search, re.sub, re.findall, re.split are there without loading",
	"json":      "json.encode and json.decode are there without loading",
	"math":      "math.sqrt, math.log, math.floor ... are there without loading",
	"glob":      "files are found by a SelectFiles or DataGrabber node",
	"numpy":     "numbers are computed by nodes (load(\"algorithms.confounds\", ...)) or by tools",
	"nibabel":   "images are read by nodes and tools, not by functions",
	"sys":       "values from the command line come through arg()",
	"argparse":  "values from the command line come through arg(): name = arg(\"name\", type = \"str\")",
	"datetime":  "a definition reads no clock",
	"time":      "a definition reads no clock",
	"random":    "a definition gives the same workflow every time",
	"itertools": "write a comprehension with two for clauses",
}

func importMend(from, name string) string {
	module := from
	if module == "" {
		module = name
	}
	if s, ok := stdlib[module]; ok {
		return s
	}
	if head, _, _ := strings.Cut(module, "."); head != module {
		if s, ok := stdlib[head]; ok {
			return s
		}
	}
	if strings.HasPrefix(module, "nipype") {
		switch {
		case module == "nipype" || strings.HasPrefix(module, "nipype.pipeline"):
			return "Node, MapNode, JoinNode and Workflow are there without loading: take the line away"
		case from != "":
			return fmt.Sprintf("write load(%q, %q)", strings.TrimPrefix(from, "nipype.interfaces."), name)
		}
		return fmt.Sprintf("write load(%q, \"BET\") with the names that you use", strings.TrimPrefix(name, "nipype.interfaces."))
	}
	return "there are json, math, re and path without loading; load(\"./helpers.star\", \"name\") loads a file of your own"
}

// undefined gives why and mend for a name that is nowhere defined.
func (ld *loader) undefined(name, near string) (why, mend string) {
	if s, ok := stdlib[name]; ok {
		return "Python's modules are not here", s
	}
	if s, ok := map[string]string{
		"np": stdlib["numpy"], "nib": stdlib["nibabel"], "open": "let a node read the file, and connect its output",
		"sum": "write a loop that adds up", "map": "write [f(x) for x in items]", "filter": "write [x for x in items if f(x)]",
		"isinstance": "write type(x) == \"list\"", "input": "take the value from the command line: arg(\"name\")",
		"round": "write math.round(x), or \"%.3f\" % x for text", "format": "write \"{}\".format(x)", "pow": "write math.pow(x, y)",
		"Exception": "write fail(\"why\")", "super": "there are no classes",
	}[name]; ok {
		return "Python's " + name + " is not here", s
	}
	if pkg := ld.packageWith(name); pkg != "" {
		return fmt.Sprintf("%q is an interface of package %q", name, pkg), fmt.Sprintf("add load(%q, %q) at the top of the file", pkg, name)
	}
	if near == "" {
		near = diag.Nearest(name, append(ld.env.Keys(), starlark.Universe.Keys()...))
	}
	if near != "" {
		return "nothing of this name is assigned, loaded or built in", fmt.Sprintf("did you mean %q?", near)
	}
	return "nothing of this name is assigned, loaded or built in", "assign it, or load it"
}

// packageWith names the package that has an interface of that name.
func (ld *loader) packageWith(name string) string {
	for _, pkg := range ld.opts.Tools.Packages() {
		for _, n := range ld.opts.Tools.Names(pkg) {
			if n == name {
				return pkg
			}
		}
	}
	return ""
}

// blankChunk gives the text with the chunk that holds a line emptied, so that
// what follows can still be parsed; ok is false when there was nothing to
// empty. A chunk is a statement at the left margin with all that is indented
// below it. Where a bracket was left open, the chunk before is emptied too.
func blankChunk(text []byte, line int, open bool) (out []byte, ok bool) {
	lines := strings.SplitAfter(string(text), "\n")
	if line < 1 || line > len(lines) {
		return nil, false
	}
	starts := func(s string) bool {
		t := strings.TrimRight(s, " \t\r\n")
		return t != "" && !strings.ContainsRune(" \t#)]}", rune(t[0])) &&
			!strings.HasPrefix(t, "else") && !strings.HasPrefix(t, "elif") && !strings.HasPrefix(t, "except") && !strings.HasPrefix(t, "finally")
	}
	from := line - 1
	for from > 0 && !starts(lines[from]) {
		from--
	}
	to := line
	for up := from - 1; open && up >= 0; up-- {
		if starts(lines[up]) {
			from, open = up, false
		}
	}
	for to < len(lines) && !starts(lines[to]) {
		to++
	}
	for i := from; i < to; i++ {
		if strings.TrimSpace(lines[i]) != "" {
			ok = true
		}
		lines[i] = strings.Repeat("\n", strings.Count(lines[i], "\n"))
	}
	return []byte(strings.Join(lines, "")), ok
}
