package main

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSpread(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		values []float64
		want   spread
	}{
		{"none", nil, spread{}},
		{"one", []float64{3}, spread{3, 3, 3, 1}},
		{"odd", []float64{9, 1, 5}, spread{5, 1, 9, 3}},
		{"even", []float64{4, 1, 2, 9}, spread{3, 1, 9, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, spreadOf(c.values)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The median lies within the range, and half of the values on either side.
func TestSpreadIsTheMiddle(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(0, 1e6), 1, 30).Draw(t, "values")
		before := append([]float64{}, values...)
		s := spreadOf(values)
		below, above := 0, 0
		for _, v := range values {
			if v < s.Low || v > s.High {
				t.Fatalf("%g is not in the range %g to %g", v, s.Low, s.High)
			}
			if v < s.Median {
				below++
			}
			if v > s.Median {
				above++
			}
		}
		if below > len(values)/2 || above > len(values)/2 {
			t.Fatalf("%d values below the median %g and %d above, of %d", below, s.Median, above, len(values))
		}
		if diff := cmp.Diff(before, values); diff != "" {
			t.Fatalf("the values were changed: %s", diff)
		}
	})
}

func TestRatiosArePairwise(t *testing.T) {
	t.Parallel()
	got := ratios([]float64{1, 6, 3, 0, 5}, []float64{2, 3, 0, 4})
	if diff := cmp.Diff([]float64{0.5, 2}, got); diff != "" {
		t.Error(diff)
	}
}

func TestExponent(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.Float64Range(0.5, 3).Draw(t, "exponent")
		factor := rapid.Float64Range(1e-6, 10).Draw(t, "factor")
		x, y := []float64{1000, 2000, 5000, 100_000}, []float64{}
		for _, v := range x {
			y = append(y, factor*math.Pow(v, want))
		}
		if got, ok := exponent(x, y); !ok || math.Abs(got-want) > 1e-6 {
			t.Fatalf("exponent %g, %t; want %g", got, ok, want)
		}
	})
	if _, ok := exponent([]float64{5}, []float64{5}); ok {
		t.Error("one point has a trend")
	}
	if _, ok := exponent([]float64{5, 5, 0}, []float64{5, 6, 7}); ok {
		t.Error("points of one size have a trend")
	}
}
