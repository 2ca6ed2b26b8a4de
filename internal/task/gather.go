package task

import (
	"context"
	"os"
	"path/filepath"
	"slices"
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

// Collect makes the record of a MapNode's instance: each output is the list of
// its elements' outputs.
func (r *Runner) Collect(ctx context.Context, i plan.Instance) (ran sched.Ran) {
	defer func() {
		if f := caught(recover()); f != nil {
			ran = sched.Ran{Failure: f}
		}
	}()
	r.mu.Lock()
	e := r.maps[i]
	delete(r.maps, i)
	r.mu.Unlock()
	if e.python != nil {
		return r.collectByNipype(ctx, e)
	}
	if e.look == nil {
		e.lists, e.inputs = nil, nil // what is long is let go before it is made again
	}
	u := sched.Whole(i)
	name, node := r.Name(u)
	n := r.plan.Node(i)
	r.dropSurplus(name, n, len(e.refs))
	if !e.ran {
		if same, err := r.sameAsBefore(i, name, e); same || err != nil {
			return r.collected(u, same, err)
		}
	}
	rec := &Record{Name: name, Node: node, Interface: n.Interface().Name, Began: time.Now(), Attempt: 1, Reason: "its elements are done"}
	if err := r.gather(e, n.Interface().OutputNames(), rec); err != nil {
		return r.collected(u, false, err)
	}
	if e.look != nil {
		rec.Outputs = asCollated(rec.Outputs)
		if err := r.dressMap(e, rec); err != nil {
			return r.collected(u, false, err)
		}
	}
	return r.record(u, rec, sched.Ran{Usage: event.Usage{Wall: rec.Usage.Wall, CPU: rec.Usage.CPU, PeakRSS: rec.Usage.PeakRSS}})
}

func (r *Runner) collected(u sched.Unit, same bool, err error) sched.Ran {
	if err != nil {
		return sched.Ran{Failure: r.inputFailure(u, err)}
	}
	return sched.Ran{Same: same}
}

// sameAsBefore tells whether an instance, no element of which ran, is what its
// last record says, and settles it if it is.
func (r *Runner) sameAsBefore(i plan.Instance, name string, e *expansion) (bool, error) {
	last, ref, err := r.results.last(name)
	if err != nil || last == nil || last.Failure != nil {
		return false, nil // it is collected anew
	}
	keys := e.newKey()
	for _, ref := range e.refs {
		el, err := r.results.read(ref)
		if err != nil {
			return false, err
		}
		keys.Add("element", el.Key[:])
	}
	if last.Key != keys.Key() || e.look != nil && changed(last, r.dir(name)) != "" {
		return false, nil
	}
	r.results.settle(i, false, last, ref, r.dir(name))
	return true, nil
}

// newKey begins the key of the instance; those of its elements follow.
func (e *expansion) newKey() *key.Digest {
	keys := key.NewDigest()
	if e.shape != nil {
		keys.Add("shape", value.Append(nil, outline(e.shape)))
	}
	return keys
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

// A gathering is one output of a MapNode's instance: the list of its elements'
// values in their binary form, since a million values take several times as
// much, and are wanted in the store.
type gathering struct {
	port string
	form []byte
	some bool // an element has it
}

// gather fills in what a record has from its elements: key, outputs, and what
// they used together. Each element is read once.
func (r *Runner) gather(e *expansion, ports []string, rec *Record) error {
	keys := e.newKey()
	outputs := make([]gathering, len(ports))
	for p, port := range ports {
		outputs[p].port = port
	}
	open := func(n int) {
		for p := range outputs {
			outputs[p].form = value.AppendList(outputs[p].form, n)
		}
	}
	done := 0
	err := e.eachLeaf(open, func() error {
		el, err := r.results.read(e.refs[done])
		if err != nil {
			return err
		}
		if done++; done == enoughToGuess {
			for p := range outputs {
				outputs[p].foresee(len(e.refs))
			}
		}
		keys.Add("element", el.Key[:])
		rec.Usage.Wall += el.Usage.Wall
		rec.Usage.CPU += el.Usage.CPU
		rec.Usage.PeakRSS = max(rec.Usage.PeakRSS, el.Usage.PeakRSS)
		for p := range outputs {
			if err := outputs[p].add(&r.results, el); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	rec.Key = keys.Key()
	if e.look != nil { // to nipype a list without a value is undefined
		outputs = slices.DeleteFunc(outputs, func(g gathering) bool { return !g.some })
	}
	return r.results.keepAll(rec, outputs)
}

// keepAll gives a record its outputs, and lets their forms go.
func (r *results) keepAll(rec *Record, outputs []gathering) error {
	for p := range outputs {
		if err := r.keep(rec, outputs[p].port, outputs[p].form); err != nil {
			return err
		}
		outputs[p].form = nil
	}
	return nil
}

// eachLeaf goes through the elements of the map in order, which is that of its
// nested lists, depth first: open is called for each list, leaf for each element.
func (e *expansion) eachLeaf(open func(n int), leaf func() error) error {
	if e.shape != nil {
		return eachBelow(e.shape, open, leaf)
	}
	open(len(e.refs))
	for range e.refs {
		if err := leaf(); err != nil {
			return err
		}
	}
	return nil
}

func eachBelow(shape value.Value, open func(n int), leaf func() error) error {
	list, ok := shape.(value.List)
	if !ok {
		return leaf()
	}
	open(len(list))
	for _, item := range list {
		if err := eachBelow(item, open, leaf); err != nil {
			return err
		}
	}
	return nil
}

// add appends the value of one element; where it has none, None.
func (g *gathering) add(r *results, el *Record) error {
	v, err := r.output(el, g.port)
	if err != nil {
		return err
	}
	g.some = g.some || v != nil
	if v == nil {
		v = value.None{}
	}
	g.form = value.Append(g.form, value.Map(v, func(s string) string { return shorten(s, r.base) }))
	return nil
}

// enoughToGuess is the number of elements after which the size of all is
// foreseen, so that a long form is not moved over and over as it grows.
const enoughToGuess = 1024

func (g *gathering) foresee(elements int) {
	g.form = slices.Grow(g.form, int(float64(len(g.form))*1.1*(float64(elements)/enoughToGuess-1)))
}

// keep gives a record an output by its form: as a value, or, if it is large, in
// a blob.
func (r *results) keep(rec *Record, port string, form []byte) error {
	if len(form) >= largeValue {
		digest, _, err := r.store.PutBlob(form)
		if rec.Blobs == nil {
			rec.Blobs = map[string]store.Digest{}
		}
		rec.Blobs[port] = digest
		return err
	}
	v, _, err := value.Decode(form)
	rec.Outputs.Set(port, value.Map(v, func(s string) string { return lengthen(s, r.base) }))
	return err
}

// dropSurplus removes the directories of elements that an earlier, longer list
// had.
func (r *Runner) dropSurplus(name string, n workflow.Node, elements int) {
	mapflow, prefix := filepath.Split(r.dir(elementNameOf(name, n, 0)))
	prefix = strings.TrimSuffix(prefix, "0")
	dir, err := os.Open(mapflow)
	if err != nil {
		return // not there: nothing to drop
	}
	defer dir.Close()
	var surplus []string
	for err == nil {
		var names []string
		names, err = dir.Readdirnames(1000) // an error, mostly that of the end, comes without names
		for _, d := range names {
			text, ours := strings.CutPrefix(d, prefix)
			if k, err := strconv.Atoi(text); ours && err == nil && k >= elements {
				surplus = append(surplus, d)
			}
		}
	}
	for _, d := range surplus {
		os.RemoveAll(filepath.Join(mapflow, d))
	}
}
