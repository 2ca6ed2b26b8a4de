package starfn

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// reModule is Python's re as far as RE2 goes: no backreferences within a
// pattern and no look-around, and so no pattern that takes for ever.
var reModule = &starlarkstruct.Module{Name: "re", Members: starlark.StringDict{
	"match":     starlark.NewBuiltin("match", reMatch),
	"fullmatch": starlark.NewBuiltin("fullmatch", reMatch),
	"search":    starlark.NewBuiltin("search", reMatch),
	"findall":   starlark.NewBuiltin("findall", reFindAll),
	"sub":       starlark.NewBuiltin("sub", reSub),
	"split":     starlark.NewBuiltin("split", reSplit),
}}

// patterns holds compiled patterns; functions on connections use the same few
// again and again.
var patterns = struct {
	sync.Mutex
	byText map[string]*regexp.Regexp
}{byText: map[string]*regexp.Regexp{}}

func compilePattern(text string) (*regexp.Regexp, error) {
	patterns.Lock()
	defer patterns.Unlock()
	if re := patterns.byText[text]; re != nil {
		return re, nil
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	if len(patterns.byText) >= 256 {
		clear(patterns.byText)
	}
	patterns.byText[text] = re
	return re, nil
}

func reMatch(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var pattern, s string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "pattern", &pattern, "string", &s); err != nil {
		return nil, err
	}
	switch b.Name() {
	case "match":
		pattern = `\A(?:` + pattern + `)`
	case "fullmatch":
		pattern = `\A(?:` + pattern + `)\z`
	}
	re, err := compilePattern(pattern)
	if err != nil {
		return nil, err
	}
	at := re.FindStringSubmatchIndex(s)
	if at == nil {
		return starlark.None, nil
	}
	return newMatch(re, s, at), nil
}

// newMatch gives Python's match object: group, groups, groupdict, start, end.
func newMatch(re *regexp.Regexp, s string, at []int) starlark.Value {
	group := func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		if len(args) == 0 {
			args = starlark.Tuple{starlark.MakeInt(0)}
		}
		out := make(starlark.Tuple, len(args))
		for i, a := range args {
			n, err := groupIndex(re, a)
			if err != nil {
				return nil, fmt.Errorf("group: %w", err)
			}
			out[i] = submatch(s, at, n)
		}
		if len(out) == 1 {
			return out[0], nil
		}
		return out, nil
	}
	groups := func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
		out := starlark.Tuple{}
		for n := 1; n <= re.NumSubexp(); n++ {
			out = append(out, submatch(s, at, n))
		}
		return out, nil
	}
	groupdict := func(*starlark.Thread, *starlark.Builtin, starlark.Tuple, []starlark.Tuple) (starlark.Value, error) {
		d := starlark.NewDict(re.NumSubexp())
		for n, name := range re.SubexpNames() {
			if name != "" {
				if err := d.SetKey(starlark.String(name), submatch(s, at, n)); err != nil {
					return nil, err
				}
			}
		}
		return d, nil
	}
	return starlarkstruct.FromStringDict(starlark.String("match"), starlark.StringDict{
		"group":     starlark.NewBuiltin("group", group),
		"groups":    starlark.NewBuiltin("groups", groups),
		"groupdict": starlark.NewBuiltin("groupdict", groupdict),
		"start":     starlark.MakeInt(at[0]),
		"end":       starlark.MakeInt(at[1]),
	})
}

func groupIndex(re *regexp.Regexp, v starlark.Value) (int, error) {
	if name, ok := starlark.AsString(v); ok {
		if n := re.SubexpIndex(name); n >= 0 {
			return n, nil
		}
		return 0, fmt.Errorf("no group is called %q", name)
	}
	n, err := starlark.AsInt32(v)
	if err != nil || n < 0 || n > re.NumSubexp() {
		return 0, fmt.Errorf("no group %s; the pattern has %d", v, re.NumSubexp())
	}
	return n, nil
}

// submatch gives group n, None where it took no part in the match.
func submatch(s string, at []int, n int) starlark.Value {
	if at[2*n] < 0 {
		return starlark.None
	}
	return starlark.String(s[at[2*n]:at[2*n+1]])
}

// reFindAll gives whole matches, or the one group, or tuples of groups, as
// Python does.
func reFindAll(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var pattern, s string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "pattern", &pattern, "string", &s); err != nil {
		return nil, err
	}
	re, err := compilePattern(pattern)
	if err != nil {
		return nil, err
	}
	out := []starlark.Value{}
	for _, m := range re.FindAllStringSubmatch(s, -1) {
		switch len(m) {
		case 1, 2:
			out = append(out, starlark.String(m[len(m)-1]))
		default:
			groups := make(starlark.Tuple, 0, len(m)-1)
			for _, g := range m[1:] {
				groups = append(groups, starlark.String(g))
			}
			out = append(out, groups)
		}
	}
	return starlark.NewList(out), nil
}

// reSub replaces matches by a text, in which \1 and \g<name> stand for groups,
// or by what a function makes of the match.
func reSub(thread *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var pattern, s string
	var repl starlark.Value
	count := 0
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "pattern", &pattern, "repl", &repl, "string", &s, "count?", &count); err != nil {
		return nil, err
	}
	re, err := compilePattern(pattern)
	if err != nil {
		return nil, err
	}
	limit := -1
	if count > 0 {
		limit = count
	}
	var out strings.Builder
	last := 0
	for _, at := range re.FindAllStringSubmatchIndex(s, limit) {
		text, err := replacement(thread, re, repl, s, at)
		if err != nil {
			return nil, err
		}
		out.WriteString(s[last:at[0]])
		out.WriteString(text)
		last = at[1]
	}
	out.WriteString(s[last:])
	return starlark.String(out.String()), nil
}

func replacement(thread *starlark.Thread, re *regexp.Regexp, repl starlark.Value, s string, at []int) (string, error) {
	if text, ok := starlark.AsString(repl); ok {
		return expand(re, text, s, at)
	}
	fn, ok := repl.(starlark.Callable)
	if !ok {
		return "", fmt.Errorf("sub: repl is a %s, want a string or a function", repl.Type())
	}
	v, err := starlark.Call(thread, fn, starlark.Tuple{newMatch(re, s, at)}, nil)
	if err != nil {
		return "", err
	}
	text, ok := starlark.AsString(v)
	if !ok {
		return "", fmt.Errorf("sub: the function gave a %s, want a string", v.Type())
	}
	return text, nil
}

// reference is \1 or \g<name> in a replacement, or an escaped backslash.
var reference = regexp.MustCompile(`\\(?:(\d{1,2})|g<(\w+)>|(\\))`)

func expand(re *regexp.Regexp, text, s string, at []int) (string, error) {
	var bad error
	out := reference.ReplaceAllStringFunc(text, func(ref string) string {
		m := reference.FindStringSubmatch(ref)
		if m[3] != "" {
			return `\`
		}
		n := -1
		if _, err := fmt.Sscan(m[1]+m[2], &n); err != nil {
			n = re.SubexpIndex(m[2])
		}
		if n < 0 || n > re.NumSubexp() {
			bad = fmt.Errorf("sub: %s in the replacement is no group of the pattern", ref)
			return ""
		}
		if at[2*n] < 0 {
			return ""
		}
		return s[at[2*n]:at[2*n+1]]
	})
	return out, bad
}

// reSplit splits as Python does: groups of the pattern are part of the result.
func reSplit(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var pattern, s string
	if err := starlark.UnpackArgs(b.Name(), args, kwargs, "pattern", &pattern, "string", &s); err != nil {
		return nil, err
	}
	re, err := compilePattern(pattern)
	if err != nil {
		return nil, err
	}
	out := []starlark.Value{}
	last := 0
	for _, at := range re.FindAllStringSubmatchIndex(s, -1) {
		out = append(out, starlark.String(s[last:at[0]]))
		for n := 1; n <= re.NumSubexp(); n++ {
			out = append(out, submatch(s, at, n))
		}
		last = at[1]
	}
	return starlark.NewList(append(out, starlark.String(s[last:]))), nil
}
