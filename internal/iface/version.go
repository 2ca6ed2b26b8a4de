package iface

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// available reports whether the tool of that version has the input; with no
// version known it has.
func (f *Interface) available(in *Input, version string) bool {
	return version == "" ||
		(in.MinVer == "" || CompareVersions(version, in.MinVer) >= 0) &&
			(in.MaxVer == "" || CompareVersions(version, in.MaxVer) <= 0)
}

// checkVersions finds inputs that were set and that the tool does not have.
func (f *Interface) checkVersions(set value.Record, version string) []Problem {
	var out []Problem
	for _, field := range set {
		in := f.Input(field.Name)
		if in == nil || f.available(in, version) {
			continue
		}
		bound := "from version " + in.MinVer + " on"
		if in.MaxVer != "" && CompareVersions(version, in.MaxVer) > 0 {
			bound = "up to version " + in.MaxVer
		}
		out = append(out, Problem{
			Input: in.Name,
			What:  fmt.Sprintf("input %q of interface %s is not there in version %s of the tool", in.Name, f.Name, version),
			Why:   "the tool has it " + bound,
			Mend:  fmt.Sprintf("leave %q unset, or use another version of the tool", in.Name),
		})
	}
	return out
}

// CompareVersions compares two version texts part by part: numbers as numbers,
// other text as text; a text part is older than a number, so 3.0rc1 < 3.0.0.
func CompareVersions(a, b string) int {
	p, q := versionParts(a), versionParts(b)
	for i := range max(len(p), len(q)) {
		x, y := "0", "0"
		if i < len(p) {
			x = p[i]
		}
		if i < len(q) {
			y = q[i]
		}
		m, errM := strconv.Atoi(x)
		n, errN := strconv.Atoi(y)
		c := 0
		switch {
		case errM == nil && errN == nil:
			c = m - n
		case errM == nil:
			c = 1
		case errN == nil:
			c = -1
		default:
			c = strings.Compare(x, y)
		}
		if c != 0 {
			return max(-1, min(1, c))
		}
	}
	return 0
}

// versionParts splits "v3.0rc1-2" into 3 0 rc 1 2.
func versionParts(s string) []string {
	s = strings.TrimPrefix(s, "v")
	var out []string
	start, kind := 0, byte(0)
	flush := func(end int) {
		if kind != 0 && end > start {
			out = append(out, s[start:end])
		}
		start = end
	}
	for i := range len(s) {
		k := byte(0)
		switch c := s[i] | 0x20; {
		case s[i] >= '0' && s[i] <= '9':
			k = 'd'
		case c >= 'a' && c <= 'z':
			k = 'a'
		}
		if k != kind {
			flush(i)
			kind = k
		}
	}
	flush(len(s))
	return out
}
