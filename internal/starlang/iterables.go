package starlang

import (
	"fmt"
	"slices"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

const iterablesMend = `write ("field", [v1, v2]), a list of such pairs, or {"field": [v1, v2]}`

// iterables reads all of nipype's forms:
//
//	("field", [v, ...])                       one
//	[("f", [v, ...]), ("g", [w, ...])]        all combinations, or in lock step
//	{"f": [v, ...], "g": [w, ...]}            the same
//	[("f", "g"), [(v, w), ...]]               in lock step, None leaves a field unset
//	("f", {key: [v, ...]})                    by the values of an itersource
func (s *setting) iterables(v starlark.Value) {
	s.opts.Iterables = nil
	if d, ok := v.(*starlark.Dict); ok {
		for i, kv := range d.Items() {
			s.iterable(kv[0], kv[1], []int{2 * i}, []int{2*i + 1})
		}
		return
	}
	items, ok := sequence(v)
	if !ok {
		if v != starlark.None {
			s.wrong(v, "a pair, a list of pairs or a dictionary", iterablesMend)
		}
		return
	}
	if len(items) == 2 {
		if _, isName := items[0].(starlark.String); isName {
			s.iterable(items[0], items[1], []int{0}, []int{1})
			return
		}
		if fields, isLockStep := s.lockStepFields(items); isLockStep {
			s.lockStep(fields, items[1])
			return
		}
	}
	for i, item := range items {
		pair, ok := sequence(item)
		if !ok || len(pair) != 2 {
			s.wrong(item, "a list of pairs", iterablesMend, i)
			continue
		}
		s.iterable(pair[0], pair[1], []int{i, 0}, []int{i, 1})
	}
}

// lockStepFields tells [("f", "g"), [(1, 2), ...]] from a list of pairs: all of
// its first part are names, where a pair has its values second.
func (s *setting) lockStepFields(items []starlark.Value) ([]string, bool) {
	names, ok := sequence(items[0])
	if !ok || len(names) == 0 {
		return nil, false
	}
	var out []string
	for _, n := range names {
		name, isName := starlark.AsString(n)
		if !isName {
			return nil, false
		}
		out = append(out, name)
	}
	return out, true
}

// port gives the input that an iterable runs through, nil with a problem
// recorded.
func (s *setting) port(field string, path []int) *iface.Input {
	if in := s.f.Input(field); in != nil {
		return in
	}
	if s.f.DynamicInputs {
		return &iface.Input{Name: field}
	}
	s.ld.problem(s.at(path...), fmt.Sprintf("iterables of node %q: %s has no input %q", s.node, s.f.Name, field),
		listed("its inputs are", s.f.InputNames()), diag.DidYouMean(field, s.f.InputNames()))
	return nil
}

func (s *setting) iterable(field, vals starlark.Value, fieldAt, valsAt []int) {
	name, ok := starlark.AsString(field)
	if !ok {
		s.wrong(field, "pairs of a field and its values", iterablesMend, fieldAt...)
		return
	}
	in := s.port(name, fieldAt)
	if in == nil {
		return
	}
	it := workflow.Iterable{Field: name}
	if fn, isFunc := vals.(*starlark.Function); isFunc { // nipype's old form: a function gives the list
		got, err := starlark.Call(s.ld.thread, fn, nil, nil)
		if err != nil {
			s.ld.failed(err)
			return
		}
		vals = got
	}
	if d, isDict := vals.(*starlark.Dict); isDict {
		for i, kv := range d.Items() {
			key, err := plainValue(kv[0])
			list, ok := s.values(in, kv[1], append(valsAt, 2*i+1))
			if err == nil && ok {
				it.ByKey = append(it.ByKey, value.Entry{Key: key, Value: value.List(list.Values())})
			}
		}
		s.add(it)
		return
	}
	if list, ok := s.values(in, vals, valsAt); ok {
		it.Values = list
		s.add(it)
	}
}

// add adds an iterable; of one field given twice the later counts, with a
// problem.
func (s *setting) add(it workflow.Iterable) {
	for _, o := range s.opts.Iterables {
		if o.Field == it.Field {
			s.ld.problem(s.at(), fmt.Sprintf("iterables of node %q name %q twice", s.node, it.Field), "a field has one list of values", "put all values into one list")
			return
		}
	}
	s.opts.Iterables = append(s.opts.Iterables, it)
}

// values reads the list of values of one input, if it is one. A range is never
// spelled out.
func (s *setting) values(in *iface.Input, v starlark.Value, path []int) (out value.Seq, ok bool) {
	seq, ok := asList(v)
	if !ok {
		s.wrong(v, "given with lists of values", fmt.Sprintf("write (%q, [v1, v2])", in.Name), path...)
		return out, false
	}
	at := append(slices.Clone(path), 0)
	for item := range starlark.Elements(seq) {
		if plain, ok := s.value(in, item, at); ok {
			out.Append(plain)
		}
		at[len(path)]++
	}
	return out, true
}

func (s *setting) value(in *iface.Input, item starlark.Value, path []int) (value.Value, bool) {
	plain, err := plainValue(item)
	if err == nil {
		plain, err = s.opts.Accept(in, plain)
	}
	if err != nil {
		s.ld.problem(s.at(path...), fmt.Sprintf("iterables of node %q: input %q takes %s, not %s", s.node, in.Name, s.opts.Takes(in), shown(item)), err.Error(), typeMend(in.Type, item))
		return nil, false
	}
	return s.ld.absolute(s.f, in, plain), true
}

// lockStep reads [("f", "g"), [(v, w), ...]], or with a dictionary of such
// lists by the values of an itersource.
func (s *setting) lockStep(fields []string, v starlark.Value) {
	s.opts.Synchronize = true
	ports := make([]*iface.Input, len(fields))
	for i, f := range fields {
		if ports[i] = s.port(f, []int{0, i}); ports[i] == nil {
			return
		}
	}
	its := make([]workflow.Iterable, len(fields))
	for i, f := range fields {
		its[i].Field = f
	}
	if d, isDict := v.(*starlark.Dict); isDict {
		for i, kv := range d.Items() {
			key, err := plainValue(kv[0])
			columns := s.steps(ports, kv[1], []int{1, 2*i + 1})
			if err != nil || columns == nil {
				continue
			}
			for c := range its {
				list := columns[c].Values()
				for j, x := range list { // a dictionary of lists has no unset elements
					if x == nil {
						list[j] = value.None{}
					}
				}
				its[c].ByKey = append(its[c].ByKey, value.Entry{Key: key, Value: value.List(list)})
			}
		}
	} else if columns := s.steps(ports, v, []int{1}); columns != nil {
		for c := range its {
			its[c].Values = columns[c]
		}
	}
	for _, it := range its {
		s.add(it)
	}
}

// steps reads [(v, w), ...] into a column for each field.
func (s *setting) steps(ports []*iface.Input, v starlark.Value, path []int) []value.Seq {
	rows, ok := asList(v)
	if !ok {
		s.wrong(v, "given with a list of tuples", `write [("f", "g"), [(1, 10), (2, 20)]]`, path...)
		return nil
	}
	columns := make([]value.Seq, len(ports))
	at := append(slices.Clone(path), -1)
	for row := range starlark.Elements(rows) {
		at[len(path)]++
		cells, ok := sequence(row)
		if !ok || len(cells) != len(ports) {
			s.ld.problem(s.at(at...), fmt.Sprintf("iterables of node %q: each step needs %d values, not %s", s.node, len(ports), describe(row)),
				"fields in lock step have a value each in every step", "write None where a field stays unset")
			return nil
		}
		for c, cell := range cells {
			var plain value.Value
			if cell != starlark.None {
				plain, _ = s.value(ports[c], cell, append(at[:len(at):len(at)], c))
			}
			columns[c].Append(plain)
		}
	}
	return columns
}

// iterSource reads ("node", "field") or ("node", ["f", "g"]).
func (s *setting) iterSource(v starlark.Value) {
	s.opts.IterSource = nil
	if v == starlark.None {
		return
	}
	mend := `write itersource = ("info", "subject")`
	pair, ok := sequence(v)
	if !ok || len(pair) != 2 {
		s.wrong(v, "a pair of a node and a field", mend)
		return
	}
	src := &workflow.IterSource{}
	switch n := pair[0].(type) {
	case starlark.String:
		src.Node = string(n)
	case nodeValue:
		src.Node = n.node().Name()
	default:
		s.wrong(v, "a pair of a node and a field", mend, 0)
		return
	}
	inner := *s
	inner.at = func(path ...int) diag.Pos { return s.at(append([]int{1}, path...)...) }
	src.Fields = inner.names(pair[1], nil)
	s.opts.IterSource = src
}

// showIterables gives iterables as a list of pairs.
func showIterables(o *workflow.Options) starlark.Value {
	if len(o.Iterables) == 0 {
		return starlark.None
	}
	var out []starlark.Value
	for _, it := range o.Iterables {
		var vals starlark.Value
		if len(it.ByKey) > 0 {
			vals = starfn.ToStarlark(it.ByKey)
		} else {
			vals = starfn.ToStarlark(value.List(it.Values.Values()))
		}
		out = append(out, starlark.Tuple{starlark.String(it.Field), vals})
	}
	return starlark.NewList(out)
}
