package starlang

import (
	"fmt"
	"strings"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// shown gives a value as it stands in the file, shortened: `"yes"`, `3`.
func shown(v starlark.Value) string {
	if fn, ok := v.(starlark.Callable); ok {
		return fn.Type()
	}
	text := v.String()
	if r := []rune(text); len(r) > 40 {
		text = string(r[:37]) + "..."
	}
	return text
}

func functionHint(v starlark.Value) string {
	if _, ok := v.(starlark.Callable); ok {
		return "functions go into Function(function = f) or onto a connection: ((\"out\", f), \"in\")"
	}
	return "give plain data: text, numbers, lists, dictionaries"
}

// wrongTypeMend says what to write for an input that got a wrong value.
func wrongTypeMend(in *iface.Input, v starlark.Value) string {
	if _, isList := v.(*starlark.List); isList && in.Type.Kind != iface.List && in.Type.Kind != iface.Multi {
		return fmt.Sprintf("to run once for each element use MapNode(..., iterfield = %q) and set the list on the node; for a sweep use iterables", in.Name)
	}
	return typeMend(in.Type, v)
}

// typeMend says what to write in place of v, which is not of the type.
func typeMend(t iface.Type, v starlark.Value) string {
	text, isText := starlark.AsString(v)
	if isText {
		if plain, err := value.ParseJSON([]byte(strings.ToLower(text))); err == nil {
			if _, err := t.Accept(plain); err == nil {
				return "take the quotes away: " + value.Repr(plain)
			}
		}
	}
	switch t.Kind {
	case iface.Bool:
		return "write True or False"
	case iface.Int:
		return "write an integer, such as 3"
	case iface.Float:
		return "write a number, such as 0.5"
	case iface.Str:
		return "put it in quotes"
	case iface.File, iface.Dir:
		return "write a path in quotes"
	case iface.Enum:
		if isText {
			return diag.DidYouMean(text, enumTexts(t))
		}
	case iface.List, iface.Multi:
		return "write a list, such as " + example(t)
	case iface.Tuple:
		parts := make([]string, len(t.Of))
		for i, of := range t.Of {
			parts[i] = example(of)
		}
		return "write a tuple, such as (" + strings.Join(parts, ", ") + ")"
	case iface.Dict:
		return `write a dictionary, such as {"name": "value"}`
	}
	return "write " + t.String()
}

func enumTexts(t iface.Type) []string {
	out := make([]string, len(t.Enum))
	for i, e := range t.Enum {
		out[i] = value.Text(e)
	}
	return out
}

// example gives a value of a type, as it is written.
func example(t iface.Type) string {
	switch t.Kind {
	case iface.Bool:
		return "True"
	case iface.Int:
		return "3"
	case iface.Float:
		return "0.5"
	case iface.Enum:
		if len(t.Enum) > 0 {
			return value.Repr(t.Enum[0])
		}
	case iface.List, iface.Multi:
		if len(t.Of) == 0 {
			return "[...]"
		}
		return "[" + example(t.Of[0]) + "]"
	case iface.Str:
		return `"text"`
	case iface.File, iface.Dir:
		return `"/path"`
	}
	return "..."
}
