package workflow

import (
	"fmt"
	"slices"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// Accept gives a constant as an input of a node with these options keeps it,
// or an error that says what is wanted. An iterfield takes a list, each element
// of the input's type (lists at any depth when nested); a single value stands
// for a list of one, as in nipype.
func (o *Options) Accept(in *iface.Input, v value.Value) (value.Value, error) {
	if !slices.Contains(o.IterField, in.Name) {
		return in.Accept(v)
	}
	return acceptEach(in, v, o.Nested)
}

// Takes says what an input of a node with these options takes.
func (o *Options) Takes(in *iface.Input) string {
	if slices.Contains(o.IterField, in.Name) {
		return "a list, each " + in.Type.String()
	}
	return in.Type.String()
}

func acceptEach(in *iface.Input, v value.Value, nested bool) (value.Value, error) {
	items, ok := value.Items(v)
	if !ok {
		items = []value.Value{v}
	}
	out := make(value.List, len(items))
	for i, item := range items {
		var err error
		if _, deeper := item.(value.List); deeper && nested {
			out[i], err = acceptEach(in, item, true)
		} else {
			out[i], err = in.Accept(item)
		}
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
	}
	return out, nil
}
