package starlang

import (
	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/toolfile"
)

// A definition file may define tools of its own, with the words of tool files.
// There a tool is a value that states facts; here it is also called, to make an
// instance, so it is handed out as a class.

// toolWords gives the vocabulary of tool files, with tools made classes.
func (ld *loader) toolWords() starlark.StringDict {
	env := toolfile.Predeclared()
	for _, word := range []string{"command", "native"} {
		inner := env[word].(*starlark.Builtin)
		env[word] = starlark.NewBuiltin(word, func(t *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			v, err := inner.CallInternal(t, args, ownTools(kwargs))
			if tool, ok := v.(*toolfile.Tool); ok && err == nil {
				return ld.ownClass(tool), nil
			}
			return v, err
		})
	}
	return env
}

// ownTools hands tools back to the vocabulary as it knows them: like = Other.
func ownTools(kwargs []starlark.Tuple) []starlark.Tuple {
	out := make([]starlark.Tuple, len(kwargs))
	for i, kv := range kwargs {
		out[i] = kv
		if c, ok := kv[1].(*class); ok && c.tool != nil {
			out[i] = starlark.Tuple{kv[0], c.tool}
		}
	}
	return out
}

func (ld *loader) ownClass(tool *toolfile.Tool) *class {
	c := &class{ld: ld, name: tool.Name(), tool: tool, fixed: tool.Interface()}
	c.broken = c.fixed == nil
	if c.name == "" {
		c.name = "unnamed"
	}
	return c
}
