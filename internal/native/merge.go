package native

import (
	"context"
	"fmt"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// merge makes one list of its inputs. Inputs without a value are passed over.
//
// Differs from nipype: axis "hstack" refuses lists of different lengths, where nipype cuts to the first or stops with an IndexError; a single value is a list of one, and no value at all gives an empty list.
var merge = &Impl{
	Help:   "Make one list of the inputs: in1, in2, ... Lists are joined (vstack) or taken element by element (hstack).",
	Params: []Param{{Name: "numinputs", Type: intType, Default: value.Int(0)}},
	Ports: func(params value.Record) ([]iface.Input, []iface.Output, error) {
		n, _ := params.Get("numinputs").(value.Int)
		if n < 0 || n > 10000 {
			return nil, nil, fmt.Errorf("numinputs = %d; want a number from 0 to 10000", n)
		}
		ins := []iface.Input{
			opt("axis", oneOf("vstack", "hstack"), value.String("vstack"), "vstack: one list behind the other; hstack: lists of first, second, ... elements"),
			opt("no_flatten", boolType, value.Bool(false), "with vstack, each input is one element, lists too"),
			opt("ravel_inputs", boolType, value.Bool(false), "with vstack, lists within lists are flattened at any depth"),
		}
		for i := range n {
			ins = append(ins, in(fmt.Sprintf("in%d", i+1), anyType, ""))
		}
		return ins, []iface.Output{out("out", listOf(anyType), "the merged list")}, nil
	},
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		n, _ := c.Params.Get("numinputs").(value.Int)
		if n < 1 {
			return nil, nil
		}
		var values []value.Value
		for i := range n {
			if v := c.Inputs.Get(fmt.Sprintf("in%d", i+1)); v != nil {
				values = append(values, v)
			}
		}
		if text(c.Inputs, "axis", "vstack") == "hstack" {
			merged, err := hstack(values)
			return output("out", merged), err
		}
		return output("out", vstack(values, c.Inputs.Bool("no_flatten"), c.Inputs.Bool("ravel_inputs"))), nil
	},
}

// vstack puts lists one behind the other. A tuple is one element.
func vstack(values []value.Value, noFlatten, deep bool) value.List {
	merged := value.List{}
	for _, v := range values {
		list, ok := v.(value.List)
		switch {
		case !ok || noFlatten:
			merged = append(merged, v)
		case deep:
			merged = ravel(merged, list)
		default:
			merged = append(merged, list...)
		}
	}
	return merged
}

func ravel(to, from value.List) value.List {
	for _, v := range from {
		if list, ok := v.(value.List); ok {
			to = ravel(to, list)
		} else {
			to = append(to, v)
		}
	}
	return to
}

// hstack makes the list of all first elements, of all second ones, and so on.
func hstack(values []value.Value) (value.List, error) {
	merged := value.List{}
	for n, v := range values {
		items := asList(v)
		if n == 0 {
			merged = make(value.List, len(items))
			for i := range merged {
				merged[i] = value.List{}
			}
		}
		if len(items) != len(merged) {
			return nil, fmt.Errorf("hstack wants lists of one length: the first has %d elements, number %d has %d", len(merged), n+1, len(items))
		}
		for i, e := range items {
			merged[i] = append(merged[i].(value.List), e)
		}
	}
	return merged, nil
}
