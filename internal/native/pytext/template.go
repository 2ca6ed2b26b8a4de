package pytext

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/value"
)

// A Template is a text for Python's str.format: "sub-{subject_id}/*.nii".
type Template struct {
	text  string
	parts []part
}

// A part is literal text and the field after it; the last one has no field.
type part struct {
	text  string
	field string   // name of the value; empty: no field
	index []string // {x[0]}, {x[key]}
	conv  byte     // 'r', 's', 'a' or 0
	spec  string
}

// ParseTemplate reads a template.
func ParseTemplate(text string) (*Template, error) {
	t := &Template{text: text}
	lit := ""
	for rest := text; ; {
		i := strings.IndexAny(rest, "{}")
		if i < 0 {
			t.parts = append(t.parts, part{text: lit + rest})
			return t, nil
		}
		lit += rest[:i]
		if strings.HasPrefix(rest[i+1:], rest[i:i+1]) { // {{ or }}
			lit += rest[i : i+1]
			rest = rest[i+2:]
			continue
		}
		end := strings.IndexByte(rest[i:], '}')
		if rest[i] == '}' || end < 0 {
			return nil, fmt.Errorf("template %q: a brace without its partner; write {{ or }} for the character", text)
		}
		p, err := parseField(rest[i+1 : i+end])
		if err != nil {
			return nil, fmt.Errorf("template %q: %w", text, err)
		}
		p.text, lit = lit, ""
		t.parts = append(t.parts, p)
		rest = rest[i+end+1:]
	}
}

// parseField reads what stands between braces: name, indices, !r, :spec.
func parseField(in string) (part, error) {
	var p part
	rest, after, hasSpec := strings.Cut(in, ":")
	if hasSpec {
		p.spec = after
		if strings.Contains(after, "{") {
			return p, fmt.Errorf("{%s}: a field within a field is not supported", in)
		}
		if _, err := parseFormatSpec(after); err != nil {
			return p, fmt.Errorf("{%s}: %w", in, err)
		}
	}
	if name, conv, ok := strings.Cut(rest, "!"); ok {
		if conv != "r" && conv != "s" && conv != "a" {
			return p, fmt.Errorf("{%s}: after ! comes r, s or a", in)
		}
		rest, p.conv = name, conv[0]
	}
	p.field = rest
	if i := strings.IndexAny(rest, "[."); i >= 0 {
		p.field = rest[:i]
		for rest = rest[i:]; rest != ""; {
			key, tail, ok := strings.Cut(rest[1:], "]")
			if rest[0] != '[' || !ok || key == "" {
				return p, fmt.Errorf("{%s}: after a name comes [index]", in)
			}
			p.index = append(p.index, key)
			rest = tail
		}
	}
	for i, r := range p.field {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r < utf8.RuneSelf && (i == 0 || r < '0' || r > '9') {
			return p, fmt.Errorf("{%s}: %q is no name", in, p.field)
		}
	}
	if p.field == "" {
		return p, fmt.Errorf("{%s} has no name; write {subject_id}, and {{ for a brace", in)
	}
	return p, nil
}

// Fields gives the names in the template, each once, in order.
func (t *Template) Fields() []string {
	var out []string
	seen := map[string]bool{"": true}
	for _, p := range t.parts {
		if !seen[p.field] {
			seen[p.field] = true
			out = append(out, p.field)
		}
	}
	return out
}

// Format fills the template in.
func (t *Template) Format(get func(name string) value.Value) (string, error) {
	var b strings.Builder
	for _, p := range t.parts {
		b.WriteString(p.text)
		if p.field == "" {
			continue
		}
		text, err := p.format(get(p.field))
		if err != nil {
			return "", fmt.Errorf("fill in %q: field %q: %w", t.text, p.field, err)
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func (p part) format(v value.Value) (string, error) {
	for _, key := range p.index {
		if v = element(v, key); v == nil {
			return "", fmt.Errorf("it has no element [%s]", key)
		}
	}
	if v == nil {
		return "", fmt.Errorf("it has no value")
	}
	switch p.conv {
	case 's':
		v = value.String(value.Text(v))
	case 'r', 'a':
		v = value.String(value.Repr(v))
	}
	if p.spec == "" {
		return value.Text(v), nil
	}
	s, err := parseFormatSpec(p.spec)
	if err != nil {
		return "", err
	}
	return s.formatValue(v)
}

func element(v value.Value, key string) value.Value {
	if d, ok := v.(value.Dict); ok {
		return d.Get(value.String(key))
	}
	items, _ := value.Items(v)
	if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(items) {
		return items[i]
	}
	return nil
}

// parseFormatSpec reads [[fill]align][sign][#][0][width][.precision][letter].
func parseFormatSpec(in string) (spec, error) {
	s := spec{prec: -1}
	rest := in
	isAlign := func(t string) bool { return t != "" && strings.IndexByte("<>^=", t[0]) >= 0 }
	if r, n := utf8.DecodeRuneInString(rest); isAlign(rest[n:]) {
		s.fill, s.align, rest = r, rest[n], rest[n+1:]
	} else if isAlign(rest) {
		s.align, rest = rest[0], rest[1:]
	}
	if rest != "" && strings.IndexByte("+- ", rest[0]) >= 0 {
		if rest[0] != '-' {
			s.sign = rest[0]
		}
		rest = rest[1:]
	}
	if strings.HasPrefix(rest, "#") {
		s.alt, rest = true, rest[1:]
	}
	if strings.HasPrefix(rest, "0") && s.align == 0 {
		s.fill, s.align = '0', '='
	}
	var err error
	if s.width, rest, err = number(rest); err != nil {
		return s, err
	}
	if strings.HasPrefix(rest, ".") {
		after := rest[1:]
		if s.prec, rest, err = number(after); err != nil {
			return s, err
		}
		if len(rest) == len(after) {
			return s, fmt.Errorf("the format %q has a point without a precision", in)
		}
	}
	if rest != "" {
		s.verb, rest = rest[0], rest[1:]
	}
	if rest != "" || (s.verb != 0 && strings.IndexByte("sbcdoxXneEfFgG%", s.verb) < 0) {
		return s, fmt.Errorf("the format %q is not supported", in)
	}
	return s, nil
}

func (s spec) formatValue(v value.Value) (string, error) {
	mismatch := fmt.Errorf("the format letter %q does not fit the %s %s", s.verb, value.KindOf(v), value.Repr(v))
	if t, ok := v.(value.String); ok {
		if (s.verb != 0 && s.verb != 's') || s.align == '=' && s.fill != '0' || s.alt || s.sign != 0 {
			return "", mismatch
		}
		if s.align == '=' { // "05" on text pads behind it
			s.align = '<'
		}
		return s.text(string(t), '<'), nil
	}
	i, isInt := value.Integer(v)
	switch {
	case s.verb == 'n' && isInt:
		s.verb = 'd'
	case s.verb == 'n':
		s.verb = 'g'
	}
	switch s.verb {
	case 0, 'b', 'd', 'o', 'x', 'X':
		if isInt && s.prec < 0 {
			return s.integer(i), nil
		}
		if s.verb != 0 {
			return "", mismatch
		}
	case 'c':
		if isInt {
			return s.text(string(rune(i)), '<'), nil
		}
		return "", mismatch
	}
	f, isFloat := asFloat(v)
	if _, float := v.(value.Float); !isFloat || s.verb == 's' || (s.verb == 0 && !float) {
		return "", mismatch
	}
	return s.float(f), nil
}
