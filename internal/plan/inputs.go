package plan

import (
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// A Resolver gives what a plan can't know: the outputs of instances that have
// run, and the values of functions on connections.
type Resolver interface {
	Output(i Instance, port string) (value.Value, error)
	Call(fn *workflow.Func, arg value.Value) (value.Value, error)
}

// Inputs gives the inputs of an instance: what its author set, its iterables'
// values, and what its connections bring; a connection wins over a constant. A
// connection that brings Undefined leaves the input as it was, as in nipype.
func (p *Plan) Inputs(i Instance, r Resolver) (value.Record, error) {
	v, index := p.locate(i)
	node := p.Def.Node(p.vertices[v].node)
	fields := []value.Field(node.Inputs())
	if f := p.form(v); f.own >= 0 {
		fields = append(fields, p.iterableValues(f.own, p.flat(f.space, index, f.own))...)
	}
	o := node.Options()
	for _, b := range p.inBindings(v) {
		if b.kind == fromNowhere {
			continue
		}
		val, err := p.bound(&b, v, index, r)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", p.Def.Text(b.dstPort), err)
		}
		if slots, ok := val.(value.List); ok && b.joined && o.Unique {
			val = dropRepeats(slots)
		}
		fields = append(fields, value.Field{Name: p.Def.Text(b.dstPort), Value: val})
	}
	return value.RecordOf(fields), nil
}

// iterableValues gives the fields and values of one element of a dimension.
func (p *Plan) iterableValues(d dimID, flat int) []value.Field {
	k, i := p.dims[d].params.run(flat)
	run := &p.dims[d].params.runs[k]
	var out []value.Field
	for f, field := range run.fields {
		if _, v := run.value(i, f); v != nil {
			out = append(out, value.Field{Name: field, Value: v})
		}
	}
	return out
}

// bound gives the value of one binding at an index of its vertex.
func (p *Plan) bound(b *bound, v vertexID, index int, r Resolver) (value.Value, error) {
	space := p.form(v).space
	if !b.joined {
		return p.one(b, space, index, r)
	}
	under := p.form(b.under()).space
	slots := value.List{}
	var err error
	p.each(p.relation(space, under), index, func(k int) bool {
		var slot value.Value
		if slot, err = p.one(b, under, k, r); err != nil {
			return false
		}
		if slot == nil {
			slot = value.None{}
		}
		slots = append(slots, slot)
		return true
	})
	if err != nil {
		return nil, err
	}
	return slots, nil
}

// one gives the value that a binding takes at an index of a space that has all
// dimensions of its source.
func (p *Plan) one(b *bound, space spaceID, index int, r Resolver) (value.Value, error) {
	if b.kind == fromConst {
		return p.pass(b, p.consts[b.src], r)
	}
	src := p.form(b.src)
	k := p.only(p.relation(space, src.space), index)
	if b.kind == fromDim {
		return p.pass(b, p.dims[src.own].params.value(p.flat(src.space, k, src.own), p.Def.Text(b.srcPort)), r)
	}
	v, err := r.Output(p.vertices[b.src].first+Instance(k), p.Def.Text(b.srcPort))
	if err != nil {
		return nil, err
	}
	return p.pass(b, v, r)
}

// pass sends a value through the functions of a connection; Undefined does not
// enter them.
func (p *Plan) pass(b *bound, v value.Value, r Resolver) (value.Value, error) {
	for _, fn := range p.functions(b.fns) {
		if v == nil {
			return nil, nil
		}
		var err error
		if v, err = r.Call(fn, v); err != nil {
			return nil, fmt.Errorf("function %s on the connection from %q: %w", fn.Name, p.Def.Text(b.srcPort), err)
		}
	}
	return v, nil
}

// functions gives the functions of a chain, the one next to the source first.
func (p *Plan) functions(chain uint32) []*workflow.Func {
	var out []*workflow.Func
	for chain != 0 {
		row := p.chains.At(chain - 1)
		out = append(out, p.Def.Func(row.fn))
		chain = row.before
	}
	slices.Reverse(out)
	return out
}

// dropRepeats keeps the first of equal values.
func dropRepeats(slots value.List) value.List {
	seen := make(map[string]bool, len(slots))
	out := value.List{}
	for _, s := range slots {
		if key := string(value.Append(nil, s)); !seen[key] {
			seen[key] = true
			out = append(out, s)
		}
	}
	return out
}

// Parameters gives the iterables' values that an instance lies under, outermost
// dimension first.
func (p *Plan) Parameters(i Instance) []value.Field {
	v, index := p.locate(i)
	var out []value.Field
	for _, d := range p.orders[p.form(v).order] {
		out = append(out, p.iterableValues(d, p.flat(p.form(v).space, index, d))...)
	}
	return out
}
