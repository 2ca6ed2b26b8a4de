package starfn

import (
	"strings"

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

// compound are the extensions of two parts that name one format: those of
// nipype's split_filename, since names of outputs follow from them.
var compound = []string{".nii.gz", ".tar.gz", ".niml.dset"}

// SplitExt splits a path before its extension; .nii.gz and its like are one
// extension, and a name that only starts with a dot has none.
func SplitExt(p string) (stem, ext string) {
	lower := strings.ToLower(p)
	for _, c := range compound {
		if strings.HasSuffix(lower, c) && len(p) > len(c) && p[len(p)-len(c)-1] != '/' {
			return p[:len(p)-len(c)], p[len(p)-len(c):]
		}
	}
	name := p[strings.LastIndexByte(p, '/')+1:]
	lead := len(name) - len(strings.TrimLeft(name, "."))
	dot := strings.LastIndexByte(name, '.')
	if dot < lead {
		return p, ""
	}
	return p[:len(p)-len(name)+dot], name[dot:]
}
