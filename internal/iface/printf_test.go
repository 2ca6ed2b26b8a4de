package iface

import (
	"math"
	"strings"
	"testing"

	"github.com/raphe-org/raphe/internal/value"
)

// The wanted texts are what Python 3.11 prints for template % value.
func TestFormat(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		template string
		v        value.Value
		want     string
	}{
		{"%g", value.Float(1.0), "1"},
		{"%g", value.Float(0.0001), "0.0001"},
		{"%g", value.Float(1e-05), "1e-05"},
		{"%g", value.Float(123456.0), "123456"},
		{"%g", value.Float(1234567.0), "1.23457e+06"},
		{"%g", value.Float(0.1), "0.1"},
		{"%g", value.Float(0.3333333333333333), "0.333333"},
		{"%G", value.Float(1e-07), "1E-07"},
		{"%.3g", value.Float(1234.5), "1.23e+03"},
		{"%.0f", value.Float(0.5), "0"},
		{"%.2f", value.Float(0.3333333333333333), "0.33"},
		{"%f", value.Float(0.5), "0.500000"},
		{"%e", value.Float(12345.678), "1.234568e+04"},
		{"%.10f", value.Float(0.7), "0.7000000000"},
		{"%d", value.Float(3.99), "3"},
		{"%d", value.Float(-3.99), "-3"},
		{"%i", value.Int(7), "7"},
		{"%5d", value.Int(42), "   42"},
		{"%-5d|", value.Int(42), "42   |"},
		{"%05d", value.Int(-42), "-0042"},
		{"%+d", value.Int(3), "+3"},
		{"% d", value.Int(3), " 3"},
		{"%s", value.Float(1e-07), "1e-07"},
		{"%s", value.Float(1e+16), "1e+16"},
		{"%s", value.Float(1.0), "1.0"},
		{"%s", value.Bool(true), "True"},
		{"%d", value.Bool(true), "1"},
		{"%r", value.String("it's"), "\"it's\""},
		{"%5s", value.String("ab"), "   ab"},
		{"%-5s|", value.String("ab"), "ab   |"},
		{"%.2s", value.String("abc"), "ab"},
		{"100%%", nil, "100%"},
		{"%g", value.Float(math.Inf(1)), "inf"},
		{"%f", value.Float(math.NaN()), "nan"},
		{"%.1e", value.Float(0.0), "0.0e+00"},
		{"%g", value.Float(0.0), "0"},
		{"%g", value.Float(math.Copysign(0, -1)), "-0"},
		{"%g", value.Float(100000.0), "100000"},
		{"%g", value.Float(999999.5), "1e+06"},
		{"%08.3f", value.Float(-3.14159), "-003.142"},
	} {
		var values []value.Value
		if tc.v != nil {
			values = append(values, tc.v)
		}
		got, err := Format(tc.template, values)
		if err != nil || got != tc.want {
			t.Errorf("%q of %v = %q, %v, want %q", tc.template, tc.v, got, err, tc.want)
		}
	}
}

func TestFormatErrors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		template string
		values   []value.Value
		want     string
	}{
		{"%d", []value.Value{value.String("a")}, "%d wants a number, got the str 'a'"},
		{"%d", []value.Value{value.Float(math.Inf(1))}, "finite"},
		{"%d %d", []value.Value{value.Int(1)}, "more places"},
		{"%d", []value.Value{value.Int(1), value.Int(2)}, "fewer places"},
		{"%y", nil, "none of %s"},
		{"100%", nil, "none of %s"},
	} {
		if _, err := Format(tc.template, tc.values); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%q: got %v, want %q", tc.template, err, tc.want)
		}
	}
}
