package starfn

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/value"
)

// maxDepth bounds nesting, so that a list that holds itself is an error and
// not an exhausted stack.
const maxDepth = 200

// ToStarlark gives v as a Starlark value that is the receiver's own: lists and
// dictionaries are fresh. Undefined and None are both None.
func ToStarlark(v value.Value) starlark.Value {
	switch v := v.(type) {
	case value.Bool:
		return starlark.Bool(v)
	case value.Int:
		return starlark.MakeInt64(int64(v))
	case value.Float:
		return starlark.Float(v)
	case value.String:
		return starlark.String(v)
	case value.List:
		return starlark.NewList(toItems(v))
	case value.Tuple:
		return starlark.Tuple(toItems(v))
	case value.Dict:
		d := starlark.NewDict(len(v))
		for _, e := range v {
			key := ToStarlark(e.Key)
			if _, err := key.Hash(); err != nil {
				// Only hand-made values have such keys; Python refuses them too.
				key = starlark.String(value.Text(e.Key))
			}
			_ = d.SetKey(key, ToStarlark(e.Value)) // cannot fail: fresh and hashable
		}
		return d
	}
	return starlark.None
}

func toItems(items []value.Value) []starlark.Value {
	out := make([]starlark.Value, len(items))
	for i, e := range items {
		out[i] = ToStarlark(e)
	}
	return out
}

// FromStarlark gives a Starlark value as a value: None, bool, int of 64 bits,
// float, string, list, tuple, range (a list) and dict. Others are an error
// that names them.
func FromStarlark(v starlark.Value) (value.Value, error) { return from(v, 0) }

func from(v starlark.Value, depth int) (value.Value, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("a value nested more than %d deep, perhaps within itself", maxDepth)
	}
	switch v := v.(type) {
	case starlark.NoneType:
		return value.None{}, nil
	case starlark.Bool:
		return value.Bool(v), nil
	case starlark.Int:
		i, ok := v.Int64()
		if !ok {
			return nil, fmt.Errorf("integer %s does not fit 64 bits", v)
		}
		return value.Int(i), nil
	case starlark.Float:
		return value.Float(v), nil
	case starlark.String:
		return value.String(v), nil
	case starlark.Tuple:
		items, err := fromItems(v, depth)
		return value.Tuple(items), err
	case *starlark.Dict:
		return fromDict(v, depth)
	case *starlark.Set:
		return nil, fmt.Errorf("a set can't be handed on: make it a list, as in sorted(s)")
	case starlark.Sequence: // list, range
		items, err := fromItems(v, depth)
		return value.List(items), err
	}
	return nil, fmt.Errorf("a value of type %s can't be handed on", v.Type())
}

func fromItems(seq starlark.Iterable, depth int) ([]value.Value, error) {
	out := []value.Value{}
	for e := range starlark.Elements(seq) {
		item, err := from(e, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func fromDict(d *starlark.Dict, depth int) (value.Value, error) {
	out := make(value.Dict, 0, d.Len())
	for k, e := range starlark.Entries(d) {
		key, err := from(k, depth+1)
		if err != nil {
			return nil, err
		}
		item, err := from(e, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, value.Entry{Key: key, Value: item})
	}
	return out, nil
}
