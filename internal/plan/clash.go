package plan

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// marks says which values of a dimension have a hash behind their text in
// directory names: a set of bits for each field that has such values.
type marks map[markKey][]uint64

// A markKey is one field of one run, or wholeStep: a lock-step run's steps.
type markKey struct{ run, field int }

const wholeStep = -1

func (m *marks) has(run, field, which int) bool {
	if m == nil || len(*m) == 0 {
		return false
	}
	bits := (*m)[markKey{run, field}]
	return which/64 < len(bits) && bits[which/64]>>(which%64)&1 == 1
}

// set marks one of n values.
func (m *marks) set(run, field, which, n int) {
	if *m == nil {
		*m = marks{}
	}
	bits := (*m)[markKey{run, field}]
	if bits == nil {
		bits = make([]uint64, (n+63)/64)
		(*m)[markKey{run, field}] = bits
	}
	bits[which/64] |= 1 << (which % 64)
}

// markClashes marks what would share a directory, and gives a value that stands
// twice, if there is one.
func (d *dim) markClashes() (repeated value.Value) {
	for k := range d.params.runs {
		run := &d.params.runs[k]
		if run.lock {
			if v := d.markSteps(k, run); v != nil {
				repeated = v
			}
			continue
		}
		for f := range run.fields {
			if v := d.markValues(k, f, run); v != nil {
				repeated = v
			}
		}
		d.markAmbiguous(k, run)
	}
	return repeated
}

// markValues looks for values of one field that sanitize to one text.
func (d *dim) markValues(k, f int, run *paramRun) (repeated value.Value) {
	seq := run.values[f]
	if seq.Steps() {
		return nil // integers in steps have different texts
	}
	groups := sameTexts(seq.Len(), func(dst []byte, i int) []byte { return appendSanitized(dst, value.Text(seq.At(i))) })
	for _, group := range groups {
		seen := map[string]bool{}
		for _, i := range group {
			v := seq.At(i)
			if form := string(value.Append(nil, v)); seen[form] {
				repeated = v
			} else {
				seen[form] = true
			}
			d.marked.set(k, f, i, seq.Len())
		}
	}
	return repeated
}

// markSteps looks for steps of a lock-step run that have one name.
func (d *dim) markSteps(k int, run *paramRun) (repeated value.Value) {
	groups := sameTexts(run.size, func(dst []byte, i int) []byte { return d.appendLevel(dst, k, i, nil) })
	for _, group := range groups {
		seen := map[string]bool{}
		for _, i := range group {
			var step value.Tuple
			for f := range run.fields {
				_, v := run.value(i, f)
				step = append(step, v)
			}
			if form := string(value.Append(nil, step)); seen[form] {
				repeated = step
			} else {
				seen[form] = true
			}
			d.marked.set(k, wholeStep, i, run.size)
		}
	}
	return repeated
}

// markAmbiguous marks the values of a field that could be taken for the end of
// the field and the beginning of the next: a = '1_b_2' and b = '3' would share
// _a_1_b_2_b_3 with a = '1' and b = '2_b_3'.
func (d *dim) markAmbiguous(k int, run *paramRun) {
	var text []byte
	for n, field := range d.fields[:len(d.fields)-1] {
		f := slices.Index(run.fields, field)
		next := append(appendSanitized([]byte{'_'}, d.fields[n+1]), '_')
		for i := range run.values[f].Len() {
			text = appendSanitized(text[:0], value.Text(run.values[f].At(i)))
			if end := len(text); bytes.Index(append(text, next...), next) < end {
				d.marked.set(k, f, i, run.values[f].Len())
			}
		}
	}
}

// sameTexts gives the groups of indices below n whose texts are equal. It keeps
// eight bytes for each, not the texts.
func sameTexts(n int, text func(dst []byte, i int) []byte) [][]int {
	seed := maphash.MakeSeed()
	hashes := make([]uint64, n)
	var buf []byte
	for i := range n {
		buf = text(buf[:0], i)
		hashes[i] = maphash.Bytes(seed, buf)
	}
	slices.Sort(hashes)
	suspects := map[uint64]bool{}
	for i := 1; i < n; i++ {
		if hashes[i] == hashes[i-1] {
			suspects[hashes[i]] = true
		}
	}
	if len(suspects) == 0 {
		return nil
	}
	return groupTexts(n, text, func(t []byte) bool { return suspects[maphash.Bytes(seed, t)] })
}

// groupTexts gives the groups of equal texts among those that are suspected.
func groupTexts(n int, text func(dst []byte, i int) []byte, suspected func([]byte) bool) [][]int {
	var buf []byte
	var groups [][]int
	index := map[string]int{}
	for i := range n {
		buf = text(buf[:0], i)
		if !suspected(buf) {
			continue
		}
		g, known := index[string(buf)]
		if !known {
			g = len(groups)
			index[string(buf)] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return slices.DeleteFunc(groups, func(g []int) bool { return len(g) < 2 })
}

// checkForeign reports two nodes that nipype handed over with one directory,
// and such as have several instances: nipype has expanded them already.
func (b *builder) checkForeign() {
	if b.plan.Def.Python() == nil {
		return
	}
	owners := map[string]workflow.Node{}
	for k := range b.plan.numRuns() {
		v := b.plan.run(k)
		node := b.node(v)
		f := node.Foreign()
		if f == nil {
			continue
		}
		if b.plan.size(v) != 1 {
			b.problems.add(node.Pos(), fmt.Sprintf("node %q has a class, and %d instances", node.FullName(), b.plan.size(v)),
				"a node that nipype hands over is expanded already, and is one instance", "write one node for each instance")
		}
		if first, twice := owners[f.Dir]; twice {
			b.problems.add(node.Pos(), fmt.Sprintf("two nodes have the directory %q", f.Dir), "each would write over the results of the other",
				"give one of them another dir", diag.Note{Pos: first.Pos(), Text: "the first is here"})
			continue
		}
		owners[f.Dir] = node
	}
}
