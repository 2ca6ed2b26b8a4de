package pytext

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/value"
)

// FuzzText feeds every parser of the package: none may panic, and what was
// accepted must fill in.
func FuzzText(f *testing.F) {
	for _, s := range []string{"%(a)s_%(b)02d%%", "{x:03d}{y[0]!r:>4}", `(?P<a>\w+)_[^\W_](?:x{,3})\1`, `\g<a>\1\n`, "[!]a-c]*?", "_c0001.nii.gz"} {
		f.Add(s, "a1")
	}
	f.Fuzz(func(t *testing.T, s, arg string) {
		_, _ = Percent(s, []value.Value{value.String(arg)})
		if CheckPercentNamed(s) == nil {
			args := map[string]value.Value{}
			for _, p := range PercentFields(s) {
				args[p] = value.Int(1)
			}
			_, _ = PercentNamed(s, args)
		}
		if tmpl, err := ParseTemplate(s); err == nil {
			_, _ = tmpl.Format(func(string) value.Value { return value.String(arg) })
		}
		if r, err := CompileReplacement(s, arg); err == nil && len(s) < 100 && len(arg) < 200 {
			r.Apply(arg)
		}
		_, _ = CompileReplacement(arg, s)
		MatchName(s, arg)
		if dir, stem, ext := SplitExt(s); dir == "" && stem+ext != s {
			t.Errorf("SplitExt(%q) = %q, %q, %q", s, dir, stem, ext)
		}
	})
}

func TestHumanCompareIsAnOrder(t *testing.T) {
	gen := rapid.StringMatching(`[ab01/.]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := gen.Draw(t, "a"), gen.Draw(t, "b"), gen.Draw(t, "c")
		if HumanCompare(a, b) != -HumanCompare(b, a) {
			t.Fatalf("%q and %q: not antisymmetric", a, b)
		}
		if HumanCompare(a, b) <= 0 && HumanCompare(b, c) <= 0 && HumanCompare(a, c) > 0 {
			t.Fatalf("%q, %q, %q: not transitive", a, b, c)
		}
	})
}
