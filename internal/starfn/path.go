package starfn

import (
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"github.com/raphe-org/raphe/internal/iface"
)

// pathModule is Python's os.path as far as it is about names: no function
// looks at a file.
var pathModule = &starlarkstruct.Module{Name: "path", Members: starlark.StringDict{
	"basename": pathFunc("basename", func(p string) starlark.Value { return starlark.String(iface.BaseName(p)) }),
	"dirname":  pathFunc("dirname", func(p string) starlark.Value { return starlark.String(iface.DirName(p)) }),
	"splitext": pathFunc("splitext", func(p string) starlark.Value {
		stem, ext := iface.SplitExt(p)
		return starlark.Tuple{starlark.String(stem), starlark.String(ext)}
	}),
	"split": pathFunc("split", func(p string) starlark.Value {
		stem, ext := iface.SplitExt(iface.BaseName(p))
		return starlark.Tuple{starlark.String(iface.DirName(p)), starlark.String(stem), starlark.String(ext)}
	}),
	"isabs": pathFunc("isabs", func(p string) starlark.Value { return starlark.Bool(strings.HasPrefix(p, "/")) }),
	"join":  starlark.NewBuiltin("join", pathJoin),
}}

func pathFunc(name string, fn func(string) starlark.Value) *starlark.Builtin {
	return starlark.NewBuiltin(name, func(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
		var p string
		if err := starlark.UnpackPositionalArgs(b.Name(), args, kwargs, 1, &p); err != nil {
			return nil, err
		}
		return fn(p), nil
	})
}

// pathJoin joins as Python's os.path.join: a part that starts with a slash
// drops what is before it.
func pathJoin(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	if len(kwargs) > 0 {
		return nil, starlark.UnpackArgs(b.Name(), nil, kwargs)
	}
	out := ""
	for i := range args {
		var part string
		if err := starlark.UnpackPositionalArgs(b.Name(), args[i:i+1], nil, 1, &part); err != nil {
			return nil, err
		}
		out = iface.JoinPath(out, part)
	}
	return starlark.String(out), nil
}
