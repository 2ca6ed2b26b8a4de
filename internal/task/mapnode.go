package task

import (
	"fmt"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
)

// An expansion is a MapNode's instance whose list is known: the lists once,
// shared with whoever else holds them, and eight bytes for each element.
type expansion struct {
	inputs value.Record
	lists  map[string][]value.Value // flat, by iterfield
	shape  value.Value              // nested: the structure to give the outputs
	refs   []store.Ref              // by element, once it is done
	ran    bool                     // an element ran, instead of being up to date

	look   *look              // of a MapNode that nipype handed over
	python []pyworker.Element // its elements, where nipype made them
}

// lookMap expands a MapNode's instance.
func (r *Runner) lookMap(k *look) sched.Looked {
	e, n, err := expand(k)
	if err != nil {
		return sched.Looked{Verdict: sched.Fail, Failure: r.inputFailure(k.unit, err)}
	}
	e.refs = make([]store.Ref, n)
	r.mu.Lock()
	r.maps[k.unit.Instance] = e
	r.mu.Unlock()
	return sched.Looked{Verdict: sched.Expand, Elements: n, Serial: k.options.Serial}
}

// expand takes the lists of the iterfields apart. As in nipype a lone value is
// a list of one; unlike there, an empty list is a map of no elements.
func expand(k *look) (*expansion, int, error) {
	e := &expansion{inputs: k.inputs, lists: map[string][]value.Value{}}
	n := -1
	for _, field := range k.options.IterField {
		v := k.inputs.Get(field)
		if v == nil {
			return nil, 0, fmt.Errorf("input %q is not set, but it is listed in iterfield", field)
		}
		items, isList := value.Items(v)
		if !isList {
			items = []value.Value{v}
		}
		if k.options.Nested {
			if e.shape == nil {
				e.shape = value.List(items)
			}
			items = flatten(nil, value.List(items))
		}
		if n >= 0 && len(items) != n {
			return nil, 0, fmt.Errorf("iterfields have different lengths: %q has %d elements, %q has %d",
				k.options.IterField[0], n, field, len(items))
		}
		n = len(items)
		e.lists[field] = items
	}
	return e, n, nil
}

// flatten gives the values in nested lists, depth first. A tuple is a value.
func flatten(out []value.Value, v value.Value) []value.Value {
	list, ok := v.(value.List)
	if !ok {
		return append(out, v)
	}
	for _, item := range list {
		out = flatten(out, item)
	}
	return out
}

// element gives the inputs of one element.
func (r *Runner) element(u sched.Unit) (value.Record, error) {
	r.mu.Lock()
	e := r.maps[u.Instance]
	r.mu.Unlock()
	if e == nil {
		return nil, fmt.Errorf("BUG: element %d of instance %d is not expanded", u.Element, u.Instance)
	}
	in := make(value.Record, len(e.inputs))
	copy(in, e.inputs)
	if e.python != nil {
		for _, field := range r.plan.Node(u.Instance).Options().IterField {
			in.Set(field, nil)
		}
		for _, f := range e.python[u.Element].Inputs {
			in.Set(f.Name, f.Value)
		}
	}
	for field, items := range e.lists {
		in.Set(field, items[u.Element])
	}
	return in, nil
}

// elementSettled notes where the record of an element is, and whether it ran.
func (r *Runner) elementSettled(u sched.Unit, ref store.Ref, ran bool) {
	if u.Element < 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e := r.maps[u.Instance]; e != nil {
		e.refs[u.Element] = ref
		e.ran = e.ran || ran
	}
}

// Forget drops the expansion of an instance whose elements did not all succeed.
func (r *Runner) Forget(i plan.Instance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.maps, i)
}
