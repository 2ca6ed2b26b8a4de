package starfn

import (
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// builtinNames are the names by which functions reach what is built in:
// "json", "json.encode", "struct".
var builtinNames = map[string]bool{}

// builtinText gives the name of a built-in value.
var builtinText = map[starlark.Value]string{}

func init() {
	note := func(name string, v starlark.Value) {
		builtinNames[name] = true
		switch v.(type) {
		case *starlark.Builtin, *starlarkstruct.Module:
			builtinText[v] = name
		}
	}
	for name, v := range starlark.Universe {
		note(name, v)
	}
	for name, v := range Universe() {
		note(name, v)
		if m, ok := v.(*starlarkstruct.Module); ok {
			for member, v := range m.Members {
				note(name+"."+member, v)
			}
		}
	}
}
