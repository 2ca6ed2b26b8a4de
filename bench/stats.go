package main

import (
	"math"
	"slices"
)

// A spread is what repeated measurements of one thing gave.
type spread struct {
	Median, Low, High float64
	N                 int
}

// spreadOf sums up measurements; of none it is all zero.
func spreadOf(values []float64) spread {
	if len(values) == 0 {
		return spread{}
	}
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return spread{(sorted[(n-1)/2] + sorted[n/2]) / 2, sorted[0], sorted[n-1], n}
}

// ratios divides measurement by measurement: the ones at the same place were
// made one after the other, so what slowed the machine slowed both. Places that
// lack one of the two (0) are left out.
func ratios(a, b []float64) []float64 {
	var out []float64
	for i := range min(len(a), len(b)) {
		if a[i] > 0 && b[i] > 0 {
			out = append(out, a[i]/b[i])
		}
	}
	return out
}

// exponent gives k of the law y = c x^k that fits the points best, by least
// squares over the logarithms: 1 is linear, 2 quadratic. It needs two points
// above 0.
func exponent(x, y []float64) (k float64, ok bool) {
	var n, sx, sy, sxx, sxy float64
	for i := range min(len(x), len(y)) {
		if x[i] <= 0 || y[i] <= 0 {
			continue
		}
		lx, ly := math.Log(x[i]), math.Log(y[i])
		n, sx, sy, sxx, sxy = n+1, sx+lx, sy+ly, sxx+lx*lx, sxy+lx*ly
	}
	if d := n*sxx - sx*sx; n >= 2 && d > 0 {
		return (n*sxy - sx*sy) / d, true
	}
	return 0, false
}
