package native

import (
	"context"
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// identity passes its inputs on. Plans splice it out; it runs where it is
// alone in its workflow.
var identity = &Impl{
	Help: "Pass the inputs on: a place for iterables, and for the inputs and outputs of a workflow.",
	Params: []Param{
		{Name: "fields", Type: names},
		{Name: "mandatory_inputs", Type: boolType, Default: value.Bool(true)},
	},
	Ports: func(params value.Record) (ins []iface.Input, outs []iface.Output, err error) {
		fields := strs(params.Get("fields"))
		if len(fields) == 0 {
			return nil, nil, fmt.Errorf("fields is empty: an IdentityInterface needs at least one")
		}
		for i, f := range fields {
			if slices.Contains(fields[:i], f) {
				return nil, nil, fmt.Errorf("fields names %q twice", f)
			}
			port := in(f, anyType, "")
			port.Mandatory = boolOr(params, "mandatory_inputs", true)
			ins = append(ins, port)
			outs = append(outs, out(f, anyType, ""))
		}
		return ins, outs, nil
	},
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		m := map[string]value.Value{}
		for _, f := range strs(c.Params.Get("fields")) {
			v := c.Inputs.Get(f)
			if v == nil && boolOr(c.Params, "mandatory_inputs", true) {
				return nil, fmt.Errorf("input %q has no value; with mandatory_inputs = False it may stay without", f)
			}
			m[f] = v
		}
		return value.NewRecord(m), nil
	},
}
