package plan

import (
	"fmt"

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
	in := node.Inputs()
	if own := p.vertices[v].own; own >= 0 {
		for _, f := range p.iterableValues(own, p.flat(p.vertices[v].space, index, own)) {
			in.Set(f.Name, f.Value)
		}
	}
	for _, b := range p.inBindings(v) {
		if b.kind == fromNowhere {
			continue
		}
		val, err := p.bound(&b, v, index, r)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", p.ports[b.dstPort], err)
		}
		if val != nil {
			in.Set(p.ports[b.dstPort], val)
		}
	}
	if o := node.Options(); o.Kind == workflow.JoinNode && o.Unique {
		p.dropRepeats(v, &in)
	}
	return in, nil
}

// iterableValues gives the fields and values of one element of a dimension.
func (p *Plan) iterableValues(d dimID, flat int) []value.Field {
	var out []value.Field
	run, i := p.dims[d].params.run(flat)
	run.at(i, func(field string, _ int, v value.Value) {
		if v != nil {
			out = append(out, value.Field{Name: field, Value: v})
		}
	})
	return out
}

// bound gives the value of one binding at an index of its vertex.
func (p *Plan) bound(b *binding, v vertexID, index int, r Resolver) (value.Value, error) {
	if b.kind == fromConst {
		return p.pass(b, p.consts[b.src], r)
	}
	src := &p.vertices[b.src]
	rel := p.relation(p.vertices[v].space, src.space)
	if !b.joined {
		var out value.Value
		var err error
		p.each(rel, index, func(k int) bool {
			out, err = p.one(b, src, k, r)
			return false
		})
		return out, err
	}
	slots := value.List{}
	var err error
	p.each(rel, index, func(k int) bool {
		var slot value.Value
		if slot, err = p.one(b, src, k, r); err != nil {
			return false
		}
		if slot == nil {
			slot = value.None{}
		}
		slots = append(slots, slot)
		return true
	})
	return slots, err
}

// one gives the value that a binding takes from index k of its source.
func (p *Plan) one(b *binding, src *vertex, k int, r Resolver) (value.Value, error) {
	var v value.Value
	if b.kind == fromDim {
		v = p.dims[src.own].params.value(p.flat(src.space, k, src.own), p.ports[b.srcPort])
	} else {
		var err error
		if v, err = r.Output(src.first+Instance(k), p.ports[b.srcPort]); err != nil {
			return nil, err
		}
	}
	return p.pass(b, v, r)
}

// pass sends a value through the functions of a connection; Undefined does not
// enter them.
func (p *Plan) pass(b *binding, v value.Value, r Resolver) (value.Value, error) {
	for _, fn := range p.chains[b.fns] {
		if v == nil {
			return nil, nil
		}
		var err error
		if v, err = r.Call(fn, v); err != nil {
			return nil, fmt.Errorf("function %s on the connection from %q: %w", fn.Name, p.ports[b.srcPort], err)
		}
	}
	return v, nil
}

// dropRepeats keeps the first of equal values in each joinfield.
func (p *Plan) dropRepeats(v vertexID, in *value.Record) {
	for _, b := range p.inBindings(v) {
		if slots, ok := in.Get(p.ports[b.dstPort]).(value.List); ok && b.joined {
			seen := map[string]bool{}
			out := value.List{}
			for _, s := range slots {
				if key := string(value.Append(nil, s)); !seen[key] {
					seen[key] = true
					out = append(out, s)
				}
			}
			in.Set(p.ports[b.dstPort], out)
		}
	}
}

// Parameters gives the iterables' values that an instance lies under, outermost
// dimension first.
func (p *Plan) Parameters(i Instance) []value.Field {
	v, index := p.locate(i)
	var out []value.Field
	for _, d := range p.orders[p.vertices[v].order] {
		out = append(out, p.iterableValues(d, p.flat(p.vertices[v].space, index, d))...)
	}
	return out
}
