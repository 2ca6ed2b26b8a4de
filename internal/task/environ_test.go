package task

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnvironment(t *testing.T) {
	for _, tt := range []struct {
		name      string
		inherited string
		over      []string
		want      string
	}{
		{"nothing over it", "A=1 B=2", nil, "A=1 B=2"},
		{"replaced and added", "A=1 B=2 C=3", []string{"B=9 D=4"}, "A=1 C=3 B=9 D=4"},
		{"the last wins", "A=1", []string{"A=2 B=1", "A=3", "B=2"}, "A=3 B=2"},
		{"twice in one", "A=1", []string{"A=2 A=3"}, "A=3"},
		{"the same twice", "A=1", []string{"A=2", "A=2"}, "A=2"},
		{"names that begin alike", "AB=1", []string{"A=2"}, "AB=1 A=2"},
		{"no value", "A=1 X", []string{"A="}, "X A="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var over [][]string
			for _, o := range tt.over {
				over = append(over, strings.Fields(o))
			}
			if d := cmp.Diff(tt.want, strings.Join(environment(strings.Fields(tt.inherited), over...), " ")); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

// Tools that are given the same share it; others get their own, however many
// there are. It is sorted by name, so that nobody has to sort it for each node.
func TestEnvironmentsAreShared(t *testing.T) {
	r := &Runner{opts: Options{Environ: strings.Fields("B=1 A_B=2 A=3")}}
	one, same := r.environment([]string{"C=4", "A=5"}, nil), r.environment([]string{"C=4", "A=5"}, nil)
	if d := cmp.Diff("A=5 A_B=2 B=1 C=4", strings.Join(one, " ")); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if &one[0] != &same[0] {
		t.Error("the same was made twice")
	}
	for _, over := range [][][]string{{{"C=4"}, {"A=6", "A=5"}}, {{"C=4", "A=5"}, {"A=6"}}, {{"A=6"}, {"C=4"}}} {
		want := environment(r.opts.Environ, over...)
		if got := r.environment(over...); len(got) != len(want) || byName(got)["A"] != byName(want)["A"] {
			t.Errorf("%v: %v", over, got)
		}
	}
	for i := range 10 * mostEnvirons {
		if got := r.environment([]string{fmt.Sprint("N=", i)}); byName(got)["N"] != fmt.Sprint(i) {
			t.Fatalf("%d: %v", i, got)
		}
	}
	if len(r.environs.made) > mostEnvirons {
		t.Errorf("%d are kept", len(r.environs.made))
	}
}
