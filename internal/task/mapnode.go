package task

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/key"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// An expansion is a MapNode's instance whose list is known: the lists once,
// and eight bytes for each element.
type expansion struct {
	inputs value.Record
	lists  map[string][]value.Value // flat, by iterfield
	shape  value.Value              // nested: the structure to give the outputs
	refs   []store.Ref              // by element, once it is done
	ran    bool                     // an element ran, instead of being up to date
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

// reshape puts flat values into the structure of shape.
func reshape(shape value.Value, flat *[]value.Value) value.Value {
	list, ok := shape.(value.List)
	if !ok {
		v := (*flat)[0]
		*flat = (*flat)[1:]
		return v
	}
	out := make(value.List, len(list))
	for i, s := range list {
		out[i] = reshape(s, flat)
	}
	return out
}

// outline gives the structure of nested lists alone.
func outline(shape value.Value) value.Value {
	list, ok := shape.(value.List)
	if !ok {
		return value.None{}
	}
	out := make(value.List, len(list))
	for i, s := range list {
		out[i] = outline(s)
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

// Collect makes the record of a MapNode's instance: each output is the list of
// its elements' outputs.
func (r *Runner) Collect(_ context.Context, i plan.Instance) (ran sched.Ran) {
	defer func() {
		if f := caught(recover()); f != nil {
			ran = sched.Ran{Failure: f}
		}
	}()
	r.mu.Lock()
	e := r.maps[i]
	delete(r.maps, i)
	r.mu.Unlock()
	u := sched.Whole(i)
	name, node := r.Name(u)
	n := r.plan.Node(i)
	rec := &Record{Name: name, Node: node, Interface: n.Interface().Name, Began: time.Now(), Attempt: 1, Reason: "its elements are done"}
	keys := key.NewDigest()
	if e.shape != nil {
		keys.Item("shape", value.Append(nil, outline(e.shape)), nil)
	}
	outputs, err := r.gather(e, n.Interface().OutputNames(), rec, keys)
	if err != nil {
		return sched.Ran{Failure: r.inputFailure(u, err)}
	}
	rec.Key, rec.Outputs = keys.Key(), value.NewRecord(outputs)
	r.dropSurplus(name, n, len(e.refs))
	if last, ref, err := r.results.last(name); err == nil && last != nil && last.Failure == nil && last.Key == rec.Key && !e.ran {
		r.results.settle(i, false, last, ref, r.dir(name))
		return sched.Ran{Same: true}
	}
	return r.record(u, rec, sched.Ran{Usage: event.Usage{Wall: rec.Usage.Wall, CPU: rec.Usage.CPU, PeakRSS: rec.Usage.PeakRSS}})
}

// gather makes lists of the elements' outputs, and adds up what they used.
func (r *Runner) gather(e *expansion, ports []string, rec *Record, keys *key.Digest) (map[string]value.Value, error) {
	lists := map[string]value.List{}
	for _, port := range ports {
		lists[port] = make(value.List, len(e.refs))
	}
	for k, ref := range e.refs {
		el, err := r.results.read(ref)
		if err != nil {
			return nil, err
		}
		keys.Item("element", el.Key[:], nil)
		rec.Usage.Wall += el.Usage.Wall
		rec.Usage.CPU += el.Usage.CPU
		rec.Usage.PeakRSS = max(rec.Usage.PeakRSS, el.Usage.PeakRSS)
		for port, list := range lists {
			v, err := r.results.output(el, port)
			if err != nil {
				return nil, err
			}
			if v == nil {
				v = value.None{}
			}
			list[k] = v
		}
	}
	outputs := map[string]value.Value{}
	for port, list := range lists {
		flat := []value.Value(list)
		outputs[port] = list
		if e.shape != nil {
			outputs[port] = reshape(e.shape, &flat)
		}
	}
	return outputs, nil
}

// dropSurplus removes the directories of elements that an earlier, longer list
// had.
func (r *Runner) dropSurplus(name string, n workflow.Node, elements int) {
	mapflow := filepath.Join(r.dir(name), "mapflow")
	entries, _ := os.ReadDir(mapflow) // not there: nothing to drop
	for _, d := range entries {
		text, ours := strings.CutPrefix(d.Name(), "_"+n.Name())
		if k, err := strconv.Atoi(text); ours && err == nil && k >= elements {
			os.RemoveAll(filepath.Join(mapflow, d.Name()))
		}
	}
}
