package plan

import (
	"slices"

	"github.com/raphe-org/raphe/internal/value"
)

// dimID numbers the dimensions of a plan.
type dimID int32

// A dim is one dimension of iteration: the parameter sets of one node with
// iterables. Its *flat* index runs over all of its elements; for a dimension
// that depends on another one (itersource) these are the elements under the
// first element of its parent, then under the second, and so on.
type dim struct {
	owner  vertexID
	fields []string // sorted, as they stand in directory names
	params paramSets
	parent dimID    // the dimension that chooses the elements (itersource); -1: none
	start  []uint32 // with a parent: start[p] is the flat index of the first element under p; one longer than the parent
	marked marks    // the values that need a hash in their directory names
}

func (d *dim) size() int { return d.params.size }

// under gives the flat indices that lie under element p of the parent.
func (d *dim) under(p uint32) (from, to uint32) {
	if d.parent < 0 {
		return 0, uint32(d.size())
	}
	return d.start[p], d.start[p+1]
}

// paramSets is the list of parameter sets of a dimension, never spelled out:
// a set is computed from its index.
type paramSets struct {
	size   int
	runs   []paramRun // one; several for a dimension with a parent: one for each of its elements
	starts []uint32   // flat index where each run begins, for several
}

// A paramRun is one iterables declaration: all combinations of its fields'
// values, the first varying slowest, or lock step.
type paramRun struct {
	fields []string
	values []value.Seq
	lock   bool
	size   int
}

func newParamRun(fields []string, values []value.Seq, lock bool) paramRun {
	r := paramRun{fields: fields, values: values, lock: lock}
	if lock {
		for _, v := range values {
			r.size = max(r.size, v.Len())
		}
		return r
	}
	r.size = 1
	for _, v := range values {
		r.size = times(r.size, v.Len())
	}
	return r
}

// times multiplies sizes; what is beyond any plan becomes tooMany.
func times(a, b int) int { return min(a*b, tooMany) } // both are below 1<<32, so that a*b fits

const tooMany = maxInstances + 1

// value gives the value of field f (its position in fields) in parameter set i,
// and its place among the field's values; nil when the set lacks the field.
func (r *paramRun) value(i, f int) (which int, v value.Value) {
	if !r.lock {
		for k := len(r.fields) - 1; k > f; k-- {
			i /= r.values[k].Len()
		}
		i %= r.values[f].Len()
	}
	if i >= r.values[f].Len() {
		return i, nil
	}
	return i, r.values[f].At(i)
}

// run finds the declaration that holds flat index i, and i's index within it.
func (p *paramSets) run(i int) (which, at int) {
	if len(p.runs) == 1 {
		return 0, i
	}
	k, found := slices.BinarySearch(p.starts, uint32(i))
	if !found {
		k--
	}
	for p.runs[k].size == 0 { // empty runs share their start with the next
		k++
	}
	return k, i - int(p.starts[k])
}

// value gives the value of field in parameter set i, nil when it is unset.
func (p *paramSets) value(i int, field string) value.Value {
	k, i := p.run(i)
	f := slices.Index(p.runs[k].fields, field)
	if f < 0 {
		return nil
	}
	_, v := p.runs[k].value(i, f)
	return v
}
