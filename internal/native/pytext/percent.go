package pytext

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// percentField finds the names in a format with names, as nipype's Rename does.
var percentField = regexp.MustCompile(`%\((.+?)\)`)

// PercentFields gives the names in a format such as "%(subject)s_%(run)02d",
// each once, in order.
func PercentFields(format string) []string {
	var out []string
	seen := map[string]bool{}
	for _, m := range percentField.FindAllStringSubmatch(format, -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			out = append(out, m[1])
		}
	}
	return out
}

// Percent is Python's format % args: every argument must be used.
func Percent(format string, args []value.Value) (string, error) {
	next := 0
	out, err := percent(format, func(p piece) (value.Value, error) {
		if p.named {
			return nil, fmt.Errorf("%%(%s) wants names, and there are only positions", p.name)
		}
		if next == len(args) {
			return nil, fmt.Errorf("it wants more than %d values", len(args))
		}
		next++
		return args[next-1], nil
	})
	if err == nil && next < len(args) {
		err = fmt.Errorf("it uses %d of %d values", next, len(args))
	}
	if err != nil {
		return "", fmt.Errorf("fill in %q: %w", format, err)
	}
	return out, nil
}

// PercentNamed is Python's format % a dictionary.
func PercentNamed(format string, args map[string]value.Value) (string, error) {
	out, err := percent(format, func(p piece) (value.Value, error) {
		if !p.named {
			return nil, errUnnamed
		}
		v, ok := args[p.name]
		if !ok {
			return nil, fmt.Errorf("nothing gives %q a value", p.name)
		}
		return v, nil
	})
	if err != nil {
		return "", fmt.Errorf("fill in %q: %w", format, err)
	}
	return out, nil
}

var errUnnamed = errors.New("a % needs a name, as in %(name)s; a percent sign is written %%")

// CheckPercentNamed reports what is wrong with a format with names, whatever
// the values.
func CheckPercentNamed(format string) error {
	pieces, err := parsePercent(format)
	for _, p := range pieces {
		if p.spec.verb != 0 && !p.named {
			err = errUnnamed
		}
	}
	if err != nil {
		return fmt.Errorf("format %q: %w", format, err)
	}
	return nil
}

// A piece of a format is literal text and the field after it; the last one
// has no verb.
type piece struct {
	text  string
	name  string
	named bool
	spec  spec
}

func percent(format string, get func(piece) (value.Value, error)) (string, error) {
	pieces, err := parsePercent(format)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.text)
		if p.spec.verb == 0 {
			continue
		}
		v, err := get(p)
		if err != nil {
			return "", err
		}
		text, err := p.spec.percentValue(v)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

func parsePercent(format string) ([]piece, error) {
	var out []piece
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			return append(out, piece{text: format}), nil
		}
		p := piece{text: format[:i]}
		format = format[i+1:]
		if rest, ok := strings.CutPrefix(format, "%"); ok {
			out = append(out, piece{text: p.text + "%"})
			format = rest
			continue
		}
		if strings.HasPrefix(format, "(") {
			end := strings.IndexByte(format, ')')
			if end < 0 {
				return nil, fmt.Errorf("a ( is not closed")
			}
			p.name, p.named, format = format[1:end], true, format[end+1:]
		}
		var err error
		if p.spec, format, err = percentSpec(format); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
}

// percentSpec reads flags, width, precision and the letter.
func percentSpec(in string) (s spec, rest string, err error) {
	s.prec = -1
	rest = in
flags:
	for ; rest != ""; rest = rest[1:] {
		switch c := rest[0]; c {
		case '-':
			s.align = '<'
		case '0':
			s.fill = '0'
		case '+':
			s.sign = c
		case ' ':
			if s.sign == 0 {
				s.sign = c
			}
		case '#':
			s.alt = true
		default:
			break flags
		}
	}
	if s.width, rest, err = number(rest); err != nil {
		return s, "", err
	}
	if strings.HasPrefix(rest, ".") {
		if s.prec, rest, err = number(rest[1:]); err != nil {
			return s, "", err
		}
	}
	rest = strings.TrimLeft(rest, "hlL") // C's length letters mean nothing
	if rest == "" {
		return s, "", fmt.Errorf("it ends within a %%")
	}
	s.verb = rest[0]
	if strings.IndexByte("sradiuoxXeEfFgGc", s.verb) < 0 {
		return s, "", fmt.Errorf("%%%c is no format", s.verb)
	}
	if s.align == '<' {
		s.fill = 0
	}
	return s, rest[1:], nil
}

func (s spec) percentValue(v value.Value) (string, error) {
	if s.fill == '0' {
		s.align = '='
	}
	switch s.verb {
	case 's', 'r', 'a':
		if s.fill == '0' {
			s.fill, s.align = 0, 0
		}
		if s.verb == 's' {
			return s.text(value.Text(v), '>'), nil
		}
		return s.text(value.Repr(v), '>'), nil
	case 'd', 'i', 'u':
		s.verb = 'd'
		if f, ok := v.(value.Float); ok && !math.IsNaN(float64(f)) && math.Abs(float64(f)) < 1<<62 {
			return s.integer(int64(f)), nil
		}
		fallthrough
	case 'o', 'x', 'X':
		i, ok := value.Integer(v)
		if !ok {
			return "", fmt.Errorf("%%%c wants a number, not %s %s", s.verb, value.KindOf(v), value.Repr(v))
		}
		return s.integer(i), nil
	case 'e', 'E', 'f', 'F', 'g', 'G':
		f, ok := asFloat(v)
		if !ok {
			return "", fmt.Errorf("%%%c wants a number, not %s %s", s.verb, value.KindOf(v), value.Repr(v))
		}
		return s.float(f), nil
	default: // c
		if i, ok := value.Integer(v); ok {
			return s.text(string(rune(i)), '>'), nil
		}
		if t, ok := v.(value.String); ok && len([]rune(t)) == 1 {
			return s.text(string(t), '>'), nil
		}
		return "", fmt.Errorf("%%c wants one character, not %s", value.Repr(v))
	}
}
