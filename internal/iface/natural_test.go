package iface

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNaturalOrder(t *testing.T) {
	want := []string{"", "MAT_0000", "MAT_0001", "a", "pe", "pe01", "pe1", "pe2", "pe9.nii", "pe10.nii", "pe10b", "pe11", "pex"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturally)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The order is one: antisymmetric and transitive, and equal only for equals.
func TestNaturalOrderLaws(t *testing.T) {
	names := rapid.StringMatching(`[a-b0-2/.]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := names.Draw(t, "a"), names.Draw(t, "b"), names.Draw(t, "c")
		if naturally(a, b) != -naturally(b, a) || (naturally(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q", a, b)
		}
		if naturally(a, b) < 0 && naturally(b, c) < 0 && naturally(a, c) >= 0 {
			t.Fatalf("%q < %q < %q", a, b, c)
		}
	})
}
