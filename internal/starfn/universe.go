package starfn

import (
	"go.starlark.net/lib/json"
	"go.starlark.net/lib/math"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
)

var universe = starlark.StringDict{
	"json":   json.Module,
	"math":   math.Module,
	"path":   pathModule,
	"re":     reModule,
	"struct": starlark.NewBuiltin("struct", starlarkstruct.Make),
}

func init() { universe.Freeze() }

// Universe gives the helpers that every function may use, all pure:
//
//	json    encode, decode, indent
//	math    sqrt, log, floor, pi, ...
//	path    basename, dirname, join, splitext, split: names only, no file is looked at
//	re      match, fullmatch, search, findall, sub, split, in RE2's syntax
//	struct  struct(a = 1).a
//
// The map is the caller's own.
func Universe() starlark.StringDict {
	out := make(starlark.StringDict, len(universe))
	for name, v := range universe {
		out[name] = v
	}
	return out
}

// UniverseHas reports whether name is one of the Universe's.
func UniverseHas(name string) bool { return universe.Has(name) }
