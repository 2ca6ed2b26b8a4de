package pytext

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// A Pattern is a regular expression in Python's syntax. RE2 runs it, in time
// linear in the text: look-around and backreferences within a pattern are
// refused when it is compiled. \w, \d and \s know Unicode as in Python; \b
// knows ASCII only.
type Pattern struct {
	re      *regexp.Regexp
	text    string
	toEmpty bool // can match the empty text
}

// CompilePattern translates and compiles.
func CompilePattern(text string) (*Pattern, error) {
	t := translator{in: text}
	out, err := t.run()
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	re, err := regexp.Compile(out)
	if err != nil {
		if e, ok := err.(*syntax.Error); ok {
			return nil, fmt.Errorf("pattern %q: %s", text, e.Code)
		}
		return nil, fmt.Errorf("pattern %q: %w", text, err)
	}
	p := &Pattern{re: re, text: out}
	if tree, err := syntax.Parse(out, syntax.Perl); err == nil {
		p.toEmpty = canBeEmpty(tree)
	}
	return p, nil
}

// Match reports whether the pattern is found anywhere in s: re.search.
func (p *Pattern) Match(s string) bool { return p.re.MatchString(s) }

// Search gives the named groups of the first match: what a group holds, and
// whether it took part. ok is false when there is no match.
func (p *Pattern) Search(s string) (groups []Group, ok bool) {
	at := p.re.FindStringSubmatchIndex(s)
	if at == nil {
		return nil, false
	}
	for i, name := range p.re.SubexpNames() {
		if name == "" {
			continue
		}
		g := Group{Name: name}
		if at[2*i] >= 0 {
			g.Text, g.Matched = s[at[2*i]:at[2*i+1]], true
		}
		groups = append(groups, g)
	}
	return groups, true
}

// A Group is a named group of a match.
type Group struct {
	Name    string
	Text    string
	Matched bool // false: the group took no part in the match
}

// Names gives the names of the named groups.
func (p *Pattern) Names() []string {
	var out []string
	for _, n := range p.re.SubexpNames() {
		if n != "" {
			out = append(out, n)
		}
	}
	return out
}

// canBeEmpty reports whether the expression can match the empty text.
func canBeEmpty(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL, syntax.OpNoMatch:
		return false
	case syntax.OpStar, syntax.OpQuest:
		return true
	case syntax.OpRepeat:
		return re.Min == 0 || canBeEmpty(re.Sub[0])
	case syntax.OpCapture, syntax.OpPlus:
		return canBeEmpty(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if !canBeEmpty(sub) {
				return false
			}
		}
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if canBeEmpty(sub) {
				return true
			}
		}
		return false
	}
	return true
}

// matches gives all matches in s as re.sub sees them. Go leaves out an empty
// match right behind another one, Python (since 3.7) only behind an empty one.
func (p *Pattern) matches(s string) [][]int {
	found := p.re.FindAllStringSubmatchIndex(s, -1)
	if !p.toEmpty {
		return found
	}
	var out [][]int
	for i, m := range found {
		out = append(out, m)
		end := m[1]
		if m[0] == end || (i+1 < len(found) && found[i+1][0] == end) {
			continue
		}
		// The text before end is spelt out, so that ^ and \b see it.
		re, err := regexp.Compile(`\A` + regexp.QuoteMeta(s[:end]) + `(?:` + p.text + `)`)
		if err != nil {
			continue
		}
		if at := re.FindStringSubmatchIndex(s); at != nil && at[1] == end {
			at[0] = end
			out = append(out, at)
		}
	}
	return out
}

// A Replacement is a pattern and the text that re.sub puts in its place.
type Replacement struct {
	pattern *Pattern
	parts   []replPart
}

// A replPart is literal text and the group after it; group < 0: none.
type replPart struct {
	text  string
	group int
}

// CompileReplacement reads a pattern and a replacement in which \1, \g<1> and
// \g<name> stand for groups.
func CompileReplacement(pattern, repl string) (*Replacement, error) {
	p, err := CompilePattern(pattern)
	if err != nil {
		return nil, err
	}
	parts, err := p.parseReplacement(repl)
	if err != nil {
		return nil, fmt.Errorf("replacement %q for pattern %q: %w", repl, pattern, err)
	}
	return &Replacement{p, parts}, nil
}

// Apply is Python's re.sub.
func (r *Replacement) Apply(s string) string {
	var b strings.Builder
	last := 0
	for _, at := range r.pattern.matches(s) {
		b.WriteString(s[last:at[0]])
		last = at[1]
		for _, p := range r.parts {
			b.WriteString(p.text)
			if p.group >= 0 && at[2*p.group] >= 0 {
				b.WriteString(s[at[2*p.group]:at[2*p.group+1]])
			}
		}
	}
	b.WriteString(s[last:])
	return b.String()
}

// simpleEscapes are the letters that mean a control character.
var simpleEscapes = map[byte]string{'a': "\a", 'b': "\b", 'f': "\f", 'n': "\n", 'r': "\r", 't': "\t", 'v': "\v", '\\': `\`}

func (p *Pattern) parseReplacement(repl string) ([]replPart, error) {
	var out []replPart
	lit := ""
	for repl != "" {
		i := strings.IndexByte(repl, '\\')
		if i < 0 {
			break
		}
		lit += repl[:i]
		repl = repl[i+1:]
		if repl == "" {
			return nil, fmt.Errorf(`it ends in a single \`)
		}
		c := repl[0]
		switch {
		case c == 'g':
			name, rest, ok := strings.Cut(strings.TrimPrefix(repl[1:], "<"), ">")
			if !ok || !strings.HasPrefix(repl, "g<") {
				return nil, fmt.Errorf(`\g wants <name>`)
			}
			n, err := p.group(name)
			if err != nil {
				return nil, err
			}
			out = append(out, replPart{lit, n})
			lit, repl = "", rest
		case c >= '0' && c <= '9':
			n, text, rest := numericEscape(repl)
			if n >= 0 {
				if n > p.re.NumSubexp() {
					return nil, fmt.Errorf(`\%d: the pattern has %d groups`, n, p.re.NumSubexp())
				}
				out = append(out, replPart{lit, n})
				lit, repl = "", rest
				continue
			}
			lit, repl = lit+text, rest
		case simpleEscapes[c] != "":
			lit, repl = lit+simpleEscapes[c], repl[1:]
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return nil, fmt.Errorf(`\%c means nothing`, c)
		default:
			lit, repl = lit+`\`+repl[:1], repl[1:]
		}
	}
	return append(out, replPart{lit + repl, -1}), nil
}

func (p *Pattern) group(name string) (int, error) {
	if digits, rest := cutRun(name, true); rest == "" && digits != "" && len(digits) < 4 {
		n := 0
		fmt.Sscan(digits, &n)
		if n <= p.re.NumSubexp() {
			return n, nil
		}
	}
	if n := p.re.SubexpIndex(name); n >= 0 {
		return n, nil
	}
	return 0, fmt.Errorf("the pattern has no group %q", name)
}

// numericEscape reads what follows a backslash and starts with a digit: a
// group (n >= 0) or, in octal, a character.
func numericEscape(in string) (n int, text, rest string) {
	octal := func(i int) bool { return i < len(in) && in[i] >= '0' && in[i] <= '7' }
	width := 1
	switch {
	case in[0] == '0':
		for width < 3 && octal(width) {
			width++
		}
	case octal(0) && octal(1) && octal(2):
		width = 3
	default:
		if len(in) > 1 && in[1] >= '0' && in[1] <= '9' {
			width = 2
		}
		fmt.Sscan(in[:width], &n)
		return n, "", in[width:]
	}
	code := 0
	for _, c := range in[:width] {
		code = code*8 + int(c-'0')
	}
	return -1, string(rune(code & 0xff)), in[width:]
}
