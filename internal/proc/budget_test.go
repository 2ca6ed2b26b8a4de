package proc

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestChoose(t *testing.T) {
	for _, c := range []struct {
		limit        int64
		held, claims []int64
		want         []int
	}{
		{10, []int64{4, 6}, []int64{1, 1}, nil},
		{9, []int64{4, 6}, []int64{0, 5}, []int{0}}, // beyond its claim counts, not size
		{9, []int64{4, 6}, []int64{9, 9}, []int{1}}, // all are below their claims: the one that lacks least
		{2, []int64{4, 6}, []int64{0, 5}, []int{0, 1}},
		{-1, []int64{0, 0}, []int64{0, 0}, nil}, // who holds nothing can't help
		{0, nil, nil, nil},
	} {
		if diff := cmp.Diff(c.want, choose(c.limit, c.held, c.claims)); diff != "" {
			t.Errorf("%+v: %s", c, diff)
		}
	}
}

func TestChooseLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		held := rapid.SliceOfN(rapid.Int64Range(0, 100), 0, 12).Draw(t, "held")
		claims := rapid.SliceOfN(rapid.Int64Range(0, 100), len(held), len(held)).Draw(t, "claims")
		limit := rapid.Int64Range(0, 500).Draw(t, "limit")
		var total int64
		for _, h := range held {
			total += h
		}
		gone := map[int]bool{}
		for _, i := range choose(limit, held, claims) {
			if total <= limit || gone[i] {
				t.Fatalf("%d went without need", i)
			}
			for j := range held {
				if !gone[j] && held[j] > 0 && held[j]-claims[j] > held[i]-claims[i] {
					t.Fatalf("%d went before %d", i, j)
				}
			}
			gone[i] = true
			total -= held[i]
		}
		if total > limit {
			t.Fatalf("%d stay, %d may", total, limit)
		}
	})
}

func TestNoBudget(t *testing.T) {
	var b *Budget
	b.Close()
	b.enforce(time.Now())
	if b.Enforced() != "sampling" || b.limited() || b.newLeaf(1) != nil || b.reach(1) < 1<<60 {
		t.Error("no budget limits")
	}
}
