package iface

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// A conversion is one %-conversion of an argument template, with Python's
// meaning of C's notation.
type conversion struct {
	flags     string // of "-+ 0#"
	width     int
	precision int // -1: none given
	verb      byte
}

// A piece is a literal text or a conversion of a template.
type piece struct {
	text string
	conv *conversion
}

// parseFormat splits a printf template into its pieces; %% becomes a literal.
func parseFormat(s string) ([]piece, error) {
	var out []piece
	var lit strings.Builder
	flush := func() {
		if lit.Len() > 0 {
			out = append(out, piece{text: lit.String()})
			lit.Reset()
		}
	}
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			lit.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '%' {
			lit.WriteByte('%')
			i++
			continue
		}
		c, n, err := parseConversion(s[i+1:])
		if err != nil {
			return nil, fmt.Errorf("template %q: %w", s, err)
		}
		flush()
		out = append(out, piece{conv: &c})
		i += n
	}
	flush()
	return out, nil
}

// Format is Python's template % (values...).
func Format(template string, values []value.Value) (string, error) {
	pieces, err := parseFormat(template)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, p := range pieces {
		if p.conv == nil {
			b.WriteString(p.text)
			continue
		}
		if len(values) == 0 {
			return "", fmt.Errorf("template %q has more places than there are values", template)
		}
		text, err := p.conv.format(values[0])
		if err != nil {
			return "", fmt.Errorf("template %q: %w", template, err)
		}
		b.WriteString(text)
		values = values[1:]
	}
	if len(values) > 0 {
		return "", fmt.Errorf("template %q has fewer places than there are values", template)
	}
	return b.String(), nil
}

// parseConversion reads what follows a % and gives its length.
func parseConversion(s string) (conversion, int, error) {
	c := conversion{precision: -1}
	i := 0
	for i < len(s) && strings.IndexByte("-+ 0#", s[i]) >= 0 {
		i++
	}
	c.flags = s[:i]
	number := func() int {
		start := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		n, _ := strconv.Atoi(s[start:i])
		return min(n, 200)
	}
	c.width = number()
	if i < len(s) && s[i] == '.' {
		i++
		c.precision = number()
	}
	if i >= len(s) || strings.IndexByte("sdirfFeEgG", s[i]) < 0 {
		return c, 0, fmt.Errorf("a %% that is none of %%s %%d %%i %%f %%e %%g %%r %%%%")
	}
	c.verb = s[i]
	return c, i + 1, nil
}

// format converts one value as Python's % does.
func (c *conversion) format(v value.Value) (string, error) {
	switch c.verb {
	case 's':
		return c.pad(c.cut(value.Text(v)), false), nil
	case 'r':
		return c.pad(c.cut(value.Repr(v)), false), nil
	}
	f, isInt, ok := number(v)
	if !ok {
		return "", fmt.Errorf("%%%c wants a number, got %s", c.verb, describe(v))
	}
	if c.verb == 'd' || c.verb == 'i' {
		if isInt {
			n, _ := value.Integer(v)
			return c.pad(c.sign(strconv.FormatInt(n, 10)), true), nil
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return "", fmt.Errorf("%%%c wants a finite number, got %s", c.verb, describe(v))
		}
		return c.pad(c.sign(strconv.FormatFloat(math.Trunc(f), 'f', 0, 64)), true), nil
	}
	precision := c.precision
	if precision < 0 {
		precision = 6
	}
	text := ""
	switch c.verb {
	case 'f', 'F':
		text = strconv.FormatFloat(f, 'f', precision, 64)
	case 'e', 'E':
		text = strconv.FormatFloat(f, 'e', precision, 64)
	default:
		text = general(f, precision)
	}
	text = strings.Replace(strings.ToLower(text), "+inf", "inf", 1)
	if c.verb < 'a' {
		text = strings.ToUpper(text)
	}
	return c.pad(c.sign(text), true), nil
}

// general is C's %g: as many significant digits as the precision says, without
// trailing zeros, with an exponent where that is below -4 or not below the
// precision. (Go's %g asks for the exponent at 21.)
func general(f float64, precision int) string {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	precision = max(precision, 1)
	e := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(e, "e")
	x, _ := strconv.Atoi(exponent)
	if x >= -4 && x < precision {
		return trimZeros(strconv.FormatFloat(f, 'f', precision-1-x, 64))
	}
	return trimZeros(mantissa) + "e" + exponent
}

func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func (c *conversion) cut(s string) string {
	if r := []rune(s); c.precision >= 0 && c.precision < len(r) {
		return string(r[:c.precision])
	}
	return s
}

func (c *conversion) sign(s string) string {
	switch {
	case strings.HasPrefix(s, "-"):
	case strings.Contains(c.flags, "+"):
		return "+" + s
	case strings.Contains(c.flags, " "):
		return " " + s
	}
	return s
}

func (c *conversion) pad(s string, numeric bool) string {
	n := c.width - len([]rune(s))
	switch {
	case n <= 0:
		return s
	case strings.Contains(c.flags, "-"):
		return s + strings.Repeat(" ", n)
	case numeric && strings.Contains(c.flags, "0"):
		signs := len(s) - len(strings.TrimLeft(s, "+- "))
		return s[:signs] + strings.Repeat("0", n) + s[signs:]
	}
	return strings.Repeat(" ", n) + s
}

// number gives the numeric value of v as Python sees it: True is 1.
func number(v value.Value) (f float64, isInt, ok bool) {
	switch v := v.(type) {
	case value.Int:
		return float64(v), true, true
	case value.Bool:
		if v {
			return 1, true, true
		}
		return 0, true, true
	case value.Float:
		return float64(v), false, true
	}
	return 0, false, false
}

// describe names a value for an error text: its type and, cut short, itself.
func describe(v value.Value) string {
	if v == nil {
		return "nothing"
	}
	if _, none := v.(value.None); none {
		return "None"
	}
	text := value.Repr(v)
	if r := []rune(text); len(r) > 60 {
		text = string(r[:57]) + "..."
	}
	return fmt.Sprintf("the %s %s", value.KindOf(v), text)
}
