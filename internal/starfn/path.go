package starfn

import (
	"strings"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

// pathModule is Python's os.path as far as it is about names: no function
// looks at a file.
var pathModule = &starlarkstruct.Module{Name: "path", Members: starlark.StringDict{
	"basename": pathFunc("basename", func(p string) starlark.Value { return starlark.String(BaseName(p)) }),
	"dirname":  pathFunc("dirname", func(p string) starlark.Value { return starlark.String(DirName(p)) }),
	"splitext": pathFunc("splitext", func(p string) starlark.Value {
		stem, ext := SplitExt(p)
		return starlark.Tuple{starlark.String(stem), starlark.String(ext)}
	}),
	"split": pathFunc("split", func(p string) starlark.Value {
		stem, ext := SplitExt(BaseName(p))
		return starlark.Tuple{starlark.String(DirName(p)), starlark.String(stem), starlark.String(ext)}
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
		out = Join(out, part)
	}
	return starlark.String(out), nil
}

// BaseName gives what follows the last slash.
func BaseName(p string) string { return p[strings.LastIndexByte(p, '/')+1:] }

// DirName gives what precedes the last slash, as Python's os.path.dirname.
func DirName(p string) string {
	head := p[:strings.LastIndexByte(p, '/')+1]
	if trimmed := strings.TrimRight(head, "/"); trimmed != "" {
		return trimmed
	}
	return head
}

// Join puts part below dir, as Python's os.path.join.
func Join(dir, part string) string {
	if dir == "" || strings.HasPrefix(part, "/") {
		return part
	}
	if strings.HasSuffix(dir, "/") {
		return dir + part
	}
	return dir + "/" + part
}
