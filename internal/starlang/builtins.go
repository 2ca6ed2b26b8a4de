package starlang

import (
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/raphe-org/raphe/internal/starfn"
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
	for name, v := range starfn.Universe() {
		note(name, v)
		if m, ok := v.(*starlarkstruct.Module); ok {
			for member, v := range m.Members {
				note(name+"."+member, v)
			}
		}
	}
}

// builtinExpr gives the text that means a built-in function, "" for those that
// functions do not have.
func builtinExpr(b *starlark.Builtin) string { return builtinText[b] }

// moduleName gives the name of json, math, path or re.
func moduleName(v starlark.Value) string {
	if m, ok := v.(*starlarkstruct.Module); ok {
		return builtinText[m]
	}
	return ""
}
