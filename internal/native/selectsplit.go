package native

import (
	"context"
	"fmt"

	"github.com/raphe-org/raphe/internal/value"

	"github.com/raphe-org/raphe/internal/iface"
)

// selectItems picks elements of a list by their places.
//
// Differs from nipype: tuples stay tuples, where nipype makes lists of tuples of one length.
var selectItems = &Impl{
	Help: "Pick elements of a list by their places; a single one comes as itself.",
	Ports: ports([]iface.Input{
		need("inlist", multiOf(anyType), "values to choose from"),
		need("index", multiOf(intType), "places, from 0; negative ones count from the end"),
	}, out("out", anyType, "the chosen values; the value itself if it is one")),
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		items := asList(c.Inputs.Get("inlist"))
		var chosen []value.Value
		for _, index := range asList(c.Inputs.Get("index")) {
			i, ok := index.(value.Int)
			if !ok {
				return nil, fmt.Errorf("index holds %s, want whole numbers", value.Repr(index))
			}
			at := int(i)
			if at < 0 {
				at += len(items)
			}
			if at < 0 || at >= len(items) {
				return nil, fmt.Errorf("index %d is outside inlist, which has %d elements", i, len(items))
			}
			chosen = append(chosen, items[at])
		}
		return output("out", simplify(chosen)), nil
	},
}

// split cuts a list into consecutive pieces out1, out2, ...
//
// Differs from nipype: negative lengths are refused; tuples stay tuples, where nipype makes lists of tuples of one length.
var split = &Impl{
	Help: "Cut a list into consecutive pieces: out1, out2, ...",
	Ports: ports([]iface.Input{
		need("inlist", listOf(anyType), "the list"),
		need("splits", listOf(intType), "the length of each piece; together the length of the list"),
		opt("squeeze", boolType, value.Bool(false), "a piece of one element comes as the element"),
	}),
	Check: func(_, inputs value.Record) error {
		_, err := splitLengths(inputs)
		return err
	},
	DynamicOutputs: true,
	Run: func(_ context.Context, c *Call) (value.Record, error) {
		items := asList(c.Inputs.Get("inlist"))
		lengths, err := splitLengths(c.Inputs)
		if err != nil {
			return nil, err
		}
		sum := 0
		for _, n := range lengths {
			sum += n
		}
		if sum != len(items) {
			return nil, fmt.Errorf("the splits add up to %d, and inlist has %d elements", sum, len(items))
		}
		m := map[string]value.Value{}
		for i, n := range lengths {
			var piece value.Value = value.List(items[:n:n])
			if n == 1 && c.Inputs.Bool("squeeze") {
				piece = items[0]
			}
			m[fmt.Sprintf("out%d", i+1)] = piece
			items = items[n:]
		}
		return value.NewRecord(m), nil
	},
}

func splitLengths(inputs value.Record) ([]int, error) {
	list, _ := value.Items(inputs.Get("splits"))
	var lengths []int
	for _, v := range list {
		n, ok := v.(value.Int)
		if !ok || n < 0 {
			return nil, fmt.Errorf("splits holds %s; the length of a piece is a whole number, 0 or more", value.Repr(v))
		}
		lengths = append(lengths, int(n))
	}
	return lengths, nil
}
