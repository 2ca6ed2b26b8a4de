package starlang

import (
	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/starfn"
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

// ownTools hands tools back to the vocabulary as it knows them: like = Other,
// like = BET.
func ownTools(kwargs []starlark.Tuple) []starlark.Tuple {
	out := make([]starlark.Tuple, len(kwargs))
	for i, kv := range kwargs {
		out[i] = kv
		c, ok := kv[1].(*class)
		if !ok {
			continue
		}
		tool := c.tool
		if tool == nil {
			tool, _ = toolfile.Lookup(c.name) // one in Go is none: the vocabulary says so
		}
		if tool != nil {
			out[i] = starlark.Tuple{kv[0], tool}
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

// userFiles is what tools know of the files around theirs.
type userFiles struct{ ld *loader }

// Module gives a file by its name, also one of the catalogue.
func (u userFiles) Module(name string) *starfn.Module {
	if src := u.ld.sources[name]; src != nil {
		return src.Module
	}
	return toolfile.Module(name)
}

// Loaded says what load() means in a file.
func (u userFiles) Loaded(from *starfn.Module, name string) (string, *starfn.Module) {
	if isFile(name) {
		return "", u.Module(loadPath(from.Name, name))
	}
	pkg, _ := u.ld.packageOf(name)
	return pkg, nil
}
