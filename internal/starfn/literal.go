package starfn

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"
)

// literal writes plain data as Starlark.
func literal(v starlark.Value, depth int) (string, error) {
	if depth > 100 {
		return "", fmt.Errorf("it is nested too deep")
	}
	switch v := v.(type) {
	case starlark.NoneType, starlark.Bool, starlark.Int, starlark.String:
		return v.String(), nil
	case starlark.Float:
		if text := v.String(); strings.ContainsAny(text, "in") { // inf, nan
			return `float("` + text + `")`, nil
		}
		return v.String(), nil
	case *starlark.Dict:
		var parts []string
		for k, e := range starlark.Entries(v) {
			key, err := literal(k, depth+1)
			if err != nil {
				return "", err
			}
			val, err := literal(e, depth+1)
			if err != nil {
				return "", err
			}
			parts = append(parts, key+": "+val)
		}
		return "{" + strings.Join(parts, ", ") + "}", nil
	case *starlark.List:
		items, err := literals(v, depth)
		return "[" + strings.Join(items, ", ") + "]", err
	case *starlark.Set:
		items, err := literals(v, depth)
		return "set([" + strings.Join(items, ", ") + "])", err
	case starlark.Tuple:
		items, err := literals(v, depth)
		if len(items) == 1 {
			return "(" + items[0] + ",)", err
		}
		return "(" + strings.Join(items, ", ") + ")", err
	}
	if v.Type() == "range" {
		return v.String(), nil
	}
	return "", fmt.Errorf("it is a %s", v.Type())
}

func literals(seq starlark.Iterable, depth int) ([]string, error) {
	var out []string
	for e := range starlark.Elements(seq) {
		text, err := literal(e, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}
