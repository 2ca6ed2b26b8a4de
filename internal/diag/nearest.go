package diag

import (
	"slices"
	"strings"
)

// Nearest gives the candidate that x was most likely meant to be, or "" when
// none is close: at most one edit for each three letters, letter case and
// underscores aside. Of several as close, the first.
func Nearest(x string, candidates []string) string {
	fold := func(s string) []rune { return []rune(strings.ReplaceAll(strings.ToLower(s), "_", "")) }
	folded := fold(x)
	best, bestDist := "", len(folded)/3+1
	for _, c := range candidates {
		if d := distance(folded, fold(c), bestDist); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

// DidYouMean gives `did you mean "frac"?`, or, with no near candidate, the
// candidates themselves, a dozen at most.
func DidYouMean(x string, candidates []string) string {
	if n := Nearest(x, candidates); n != "" {
		return `did you mean "` + n + `"?`
	}
	if len(candidates) == 0 {
		return ""
	}
	sorted := slices.Compact(slices.Sorted(slices.Values(candidates)))
	if len(sorted) > 12 {
		return "one of " + strings.Join(sorted[:12], ", ") + ", ..."
	}
	return "one of " + strings.Join(sorted, ", ")
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours between a and b (Damerau 1964, optimal string alignment), or any
// number >= limit once it can't be smaller.
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
