package plan

import (
	"fmt"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// sourceRuns makes one declaration for each element of the dimension that the
// itersource names, looked up by the values it has there.
func (b *builder) sourceRuns(d *dim, o *workflow.Options, dims []dimID) bool {
	src, ok := b.iterSource(d, o.IterSource, dims)
	if !ok {
		return false
	}
	d.parent = b.plan.form(src).own
	n := b.plan.dims[d.parent].size()
	lists := indexLists(o)
	d.start = make([]uint32, 0, n+1)
	for i := range n {
		key, ok := b.sourceKey(d, src, i, o.IterSource)
		if !ok {
			return false
		}
		run, ok := b.runFor(d, o, lists, key)
		if !ok {
			return false
		}
		d.start = append(d.start, uint32(d.params.size))
		d.params.runs = append(d.params.runs, run)
		if d.params.size += run.size; d.params.size >= tooMany {
			d.params.size = tooMany
			return true
		}
	}
	d.params.starts = d.start
	d.start = append(d.start, uint32(d.params.size))
	return true
}

// iterSource finds the upstream node that an itersource names.
func (b *builder) iterSource(d *dim, s *workflow.IterSource, dims []dimID) (vertexID, bool) {
	var names []string
	for _, up := range dims {
		owner := b.plan.dims[up].owner
		if isJoinSource(b.node(owner), s.Node) {
			return owner, true
		}
		names = append(names, b.node(owner).Name())
	}
	node := b.node(d.owner)
	b.problems.add(node.Place("itersource"), fmt.Sprintf("itersource %q of node %q was not found", s.Node, node.FullName()),
		"no node of that name with iterables lies upstream of it", orElse(diag.DidYouMean(s.Node, names), "connect the node with iterables to this one"))
	return 0, false
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// sourceKey gives the value, or tuple of values, of the itersource's fields at
// element i of its dimension.
func (b *builder) sourceKey(d *dim, src vertexID, i int, s *workflow.IterSource) (value.Value, bool) {
	var key value.Tuple
	for _, f := range s.Fields {
		v := b.plan.dims[d.parent].params.value(i, f)
		if v == nil {
			v = b.node(src).Inputs().Get(f)
		}
		if v == nil {
			node := b.node(d.owner)
			b.problems.add(node.Place("itersource"), fmt.Sprintf("itersource field %q of node %q has no value", f, b.node(src).Name()),
				fmt.Sprintf("the iterables of %q are chosen by it before anything runs", node.FullName()),
				"name a field that is an iterable of the source, or is set to a constant")
			return nil, false
		}
		key = append(key, v)
	}
	if len(key) == 1 {
		return key[0], true
	}
	return key, true
}

// indexLists gives, for each iterable, its lists by the binary form of their
// keys.
func indexLists(o *workflow.Options) []map[string]value.Value {
	lists := make([]map[string]value.Value, len(o.Iterables))
	for k, it := range o.Iterables {
		lists[k] = make(map[string]value.Value, len(it.ByKey))
		for _, e := range it.ByKey {
			lists[k][string(value.Append(nil, e.Key))] = e.Value
		}
	}
	return lists
}

// runFor looks the iterables of an itersource up under one key.
func (b *builder) runFor(d *dim, o *workflow.Options, lists []map[string]value.Value, key value.Value) (paramRun, bool) {
	var fields []string
	var values []value.Seq
	for k, it := range o.Iterables {
		list, ok := value.Items(lists[k][string(value.Append(nil, key))])
		if !ok {
			node := b.node(d.owner)
			b.problems.add(node.Place("iterables"), fmt.Sprintf("iterable %q of node %q has no list for %s", it.Field, node.FullName(), value.Repr(key)),
				fmt.Sprintf("its itersource %q takes that value", o.IterSource.Node), fmt.Sprintf("add %s: [...] to its dictionary (an empty list runs nothing)", value.Repr(key)))
			return paramRun{}, false
		}
		fields, values = append(fields, it.Field), append(values, value.NewSeq(list))
	}
	return newParamRun(fields, values, o.Synchronize), true
}
