package pytext

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/raphe-org/raphe/internal/value"
)

// A spec says how one value is printed; % and str.format share it.
type spec struct {
	fill  rune // what pads; 0: a space
	align byte // '<', '>', '^', '='; 0: the kind's own
	sign  byte // '+', ' '; 0: only minus is shown
	alt   bool // '#': 0x in front
	width int
	prec  int  // -1: not given
	verb  byte // 0: not given
}

// pad fills s up to the width; own is the alignment of the kind.
func (s spec) pad(sign, text string, own byte) string {
	missing := s.width - utf8.RuneCountInString(sign) - utf8.RuneCountInString(text)
	if missing <= 0 {
		return sign + text
	}
	fill, align := s.fill, s.align
	if fill == 0 {
		fill = ' '
	}
	if align == 0 {
		align = own
	}
	pad := func(n int) string { return strings.Repeat(string(fill), n) }
	switch align {
	case '<':
		return sign + text + pad(missing)
	case '^':
		return pad(missing/2) + sign + text + pad(missing-missing/2)
	case '=':
		return sign + pad(missing) + text
	}
	return pad(missing) + sign + text
}

func (s spec) signOf(negative bool) string {
	switch {
	case negative:
		return "-"
	case s.sign != 0:
		return string(s.sign)
	}
	return ""
}

// integer prints v under one of the verbs d, b, o, x, X.
func (s spec) integer(v int64) string {
	base, prefix := 10, ""
	switch s.verb {
	case 'b':
		base, prefix = 2, "0b"
	case 'o':
		base, prefix = 8, "0o"
	case 'x', 'X':
		base, prefix = 16, "0x"
	}
	abs := uint64(v)
	if v < 0 {
		abs = -abs
	}
	digits := strconv.FormatUint(abs, base)
	if len(digits) < s.prec {
		digits = strings.Repeat("0", s.prec-len(digits)) + digits
	}
	if !s.alt {
		prefix = ""
	}
	if s.verb == 'X' {
		digits, prefix = strings.ToUpper(digits), strings.ToUpper(prefix)
	}
	return s.pad(s.signOf(v < 0)+prefix, digits, '>')
}

// float prints f under one of the verbs e, E, f, F, g, G, % or none.
func (s spec) float(f float64) string {
	text := s.floatDigits(f)
	negative := strings.HasPrefix(text, "-")
	return s.pad(s.signOf(negative), strings.TrimPrefix(text, "-"), '>')
}

func (s spec) floatDigits(f float64) string {
	prec := s.prec
	if prec < 0 {
		prec = 6
	}
	if t := value.FloatText(f); strings.HasSuffix(t, "f") || strings.HasSuffix(t, "n") { // inf, nan
		if s.verb == 'E' || s.verb == 'F' || s.verb == 'G' {
			t = strings.ToUpper(t)
		}
		if s.verb == '%' {
			t += "%"
		}
		return t
	}
	switch s.verb {
	case 0:
		if s.prec < 0 {
			return value.FloatText(f)
		}
		return shortFloat(f, max(prec, 1))
	case 'F':
		return strconv.FormatFloat(f, 'f', prec, 64)
	case 'g', 'G':
		return strconv.FormatFloat(f, s.verb, max(prec, 1), 64)
	case '%':
		return strconv.FormatFloat(f*100, 'f', prec, 64) + "%"
	}
	return strconv.FormatFloat(f, s.verb, prec, 64)
}

// shortFloat is Python's float format with a precision and no letter: g, but
// with a digit after the point, for which the exponent form starts one earlier.
func shortFloat(f float64, prec int) string {
	e := strconv.FormatFloat(f, 'e', prec-1, 64)
	exp, _ := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if exp < -4 || exp >= prec-1 {
		mantissa, tail, _ := strings.Cut(e, "e")
		if strings.Contains(mantissa, ".") {
			mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
		}
		return mantissa + "e" + tail
	}
	text := strconv.FormatFloat(f, 'g', prec, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}

// text prints s cut to the precision.
func (s spec) text(t string, own byte) string {
	if s.prec >= 0 && utf8.RuneCountInString(t) > s.prec {
		t = string([]rune(t)[:s.prec])
	}
	return s.pad("", t, own)
}

func asFloat(v value.Value) (float64, bool) {
	if f, ok := v.(value.Float); ok {
		return float64(f), true
	}
	i, ok := value.Integer(v)
	return float64(i), ok
}

// number reads the digits at the start of s.
func number(s string) (n int, rest string, err error) {
	run, rest := cutRun(s, true)
	if run == "" {
		return 0, s, nil
	}
	n, err = strconv.Atoi(run)
	if err != nil || n > 4096 {
		return 0, s, fmt.Errorf("the width %s is too large", run)
	}
	return n, rest, nil
}
