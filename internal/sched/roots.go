package sched

import (
	"cmp"
	"slices"

	"github.com/raphe-org/raphe/internal/plan"
)

// roots gives the instances that wait for nothing from the start, those with
// the longest chain below them first. It keeps four bytes for each node that
// has some.
type roots struct {
	plan    *plan.Plan
	pending []uint32
	rows    []int32 // of the plan, those not done with
	index   int     // of the next instance of the first row
}

func newRoots(p *plan.Plan, pending []uint32) *roots {
	r := &roots{plan: p, pending: pending}
	for k := range p.NumNodes() {
		row := p.Row(k)
		if slices.Contains(pending[row.First:int(row.First)+row.Count], 0) {
			r.rows = append(r.rows, int32(k))
		}
	}
	slices.SortStableFunc(r.rows, func(a, b int32) int {
		return cmp.Compare(p.Row(int(b)).Priority, p.Row(int(a)).Priority)
	})
	return r
}

// top gives the next root; ok is false when there is none left.
func (r *roots) top() (e entry, ok bool) {
	for len(r.rows) > 0 {
		row := r.plan.Row(int(r.rows[0]))
		for ; r.index < row.Count; r.index++ {
			if i := row.First + plan.Instance(r.index); r.pending[i] == 0 {
				return entry{Whole(i), row.Priority}, true
			}
		}
		r.rows, r.index = r.rows[1:], 0
	}
	return entry{}, false
}

// drop passes over the root that top gave.
func (r *roots) drop() { r.index++ }
