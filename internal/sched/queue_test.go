package sched

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A pile gives its items in order, whatever is taken out of its middle.
func TestPile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := pile[int]{before: func(a, b *int) bool { return *a < *b }}
		var model []int
		for range rapid.IntRange(0, 60).Draw(t, "steps") {
			if len(model) > 0 && rapid.IntRange(0, 2).Draw(t, "step") == 0 {
				k := rapid.IntRange(0, len(model)-1).Draw(t, "k")
				x := p.remove(k)
				i := slices.Index(model, x)
				if k == 0 && i != 0 {
					t.Fatalf("the top is %d, want %d", x, model[0])
				}
				model = slices.Delete(model, i, i+1)
				continue
			}
			x := rapid.IntRange(0, 20).Draw(t, "x")
			p.push(x)
			model = append(model, x)
			slices.Sort(model)
		}
		for _, want := range model {
			if got := *p.top(); got != want || p.pop() != want {
				t.Fatalf("got %d, want %d", got, want)
			}
		}
		if p.len() != 0 {
			t.Fatalf("%d are left", p.len())
		}
	})
}

func unit(i int) Unit { return Unit{Element: int32(i)} }

// The longest chain goes first, then the larger claim, then the order of the plan.
func TestReadyOrder(t *testing.T) {
	q := newReadyQueue(8)
	for k, r := range []ready{
		{priority: 1, claim: Claim{Procs: 1, Mem: 10}}, {priority: 2, claim: Claim{Procs: 1, Mem: 10}}, {priority: 1, claim: Claim{Procs: 1, Mem: 10}},
		{priority: 1, claim: Claim{Procs: 1, Mem: 30}}, {priority: 1, claim: Claim{Procs: 3, Mem: 10}}, {priority: 3, claim: Claim{Procs: 1, Mem: 1}},
	} {
		r.unit = unit(k)
		q.add(r)
	}
	l := ledger{capacity: Claim{Procs: 100, Mem: 1000}}
	var got []int32
	for r, ok := q.take(&l); ok; r, ok = q.take(&l) {
		got = append(got, r.unit.Element)
	}
	if d := cmp.Diff([]int32{5, 1, 3, 4, 0, 2}, got); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
}

// Small ones pass a large one that does not fit, but only so many; more urgent
// ones that come later do not let them pass anew.
func TestPassing(t *testing.T) {
	q := newReadyQueue(3)
	l := ledger{capacity: Claim{Procs: 4}}
	l.admit(Claim{Procs: 1})
	q.add(ready{unit: unit(0), priority: 5, claim: Claim{Procs: 4}})
	for k := range 20 {
		q.add(ready{unit: unit(k + 1), priority: 1, claim: Claim{Procs: 1}})
	}
	passed := 0
	for range 10 {
		r, ok := q.take(&l)
		if !ok {
			q.add(ready{unit: unit(100), priority: 9, claim: Claim{Procs: 1}})
			if r, ok = q.take(&l); !ok || r.unit != unit(100) {
				t.Fatalf("the urgent one did not run: %v", r.unit)
			}
		} else {
			passed++
		}
		l.release(r.claim)
	}
	if passed != 3 {
		t.Errorf("%d passed", passed)
	}
	l.release(Claim{Procs: 1})
	if r, ok := q.take(&l); !ok || r.unit != unit(0) {
		t.Errorf("the large one does not run: %v", r.unit)
	}
}

// As many processes use GPUs at once as there may, and those that wait for one
// keep nobody waiting that needs none.
func TestGPUs(t *testing.T) {
	q, l := newReadyQueue(1), ledger{capacity: Claim{Procs: 8, Mem: 100, GPUs: 2}}
	for k, gpus := range []int{2, 1, 9, 0, 0, 0, 0} {
		q.add(ready{unit: unit(k), priority: int32(10 - k), claim: l.clip(Claim{Procs: 1, GPUs: gpus})})
	}
	take := func() (got []int32) {
		for r, ok := q.take(&l); ok; r, ok = q.take(&l) {
			got = append(got, r.unit.Element)
		}
		return got
	}
	var got [][]int32
	got = append(got, take())
	l.release(Claim{Procs: 1, GPUs: 2})
	got = append(got, take())
	l.release(Claim{Procs: 1, GPUs: 1})
	got = append(got, take())
	if d := cmp.Diff([][]int32{{0, 3, 4, 5, 6}, {1}, {2}}, got); d != "" {
		t.Errorf("what is taken (-want +got):\n%s", d)
	}
}
