package nipype

import (
	"strings"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// Normalise gives values that connections bring as nipype's traits would hold
// them once they were set: as their types keep them, paths as Python's pathlib
// writes them. Inputs that the interface does not know stay as they are, and so
// do empty lists: nipype's List holds them, its InputMultiPath would not have
// them, and for the catalogue both are one. The problems are values that the
// types refuse.
func Normalise(f *iface.Interface, in value.Record) (value.Record, []iface.Problem) {
	known := make(value.Record, 0, len(in))
	var rest value.Record
	for _, field := range in {
		if f.Input(field.Name) != nil && !isEmptyList(field.Value) {
			known = append(known, field)
		} else {
			rest = append(rest, field)
		}
	}
	out, problems := f.Accept(known)
	for _, field := range out {
		t := f.Input(field.Name).Type
		v := field.Value
		if t.IsPath() {
			v = cleanPaths(t, v)
		}
		if t.Kind != iface.Multi {
			v = keepTuples(known.Get(field.Name), v)
		}
		out.Set(field.Name, v)
	}
	for _, field := range rest {
		out.Set(field.Name, field.Value)
	}
	return out, problems
}

// keepTuples makes tuples again of lists that were tuples before their types,
// which are lenient, took them: nipype's List refuses a tuple, so that what
// took it keeps it.
func keepTuples(before, v value.Value) value.Value {
	list, ok := v.(value.List)
	was, isSequence := value.Items(before)
	if !ok || !isSequence || len(was) != len(list) {
		return v
	}
	out := make(value.List, len(list))
	for i := range list {
		out[i] = keepTuples(was[i], list[i])
	}
	if _, isTuple := before.(value.Tuple); isTuple {
		return value.Tuple(out)
	}
	return out
}

func isEmptyList(v value.Value) bool {
	list, ok := v.(value.List)
	return ok && len(list) == 0
}

// NormaliseMap is Normalise for a MapNode: each of its iterfields is a list of
// what the input takes; a nested one holds lists of anything.
func NormaliseMap(f *iface.Interface, m *Map, in value.Record) (value.Record, []iface.Problem) {
	var lists value.Record
	rest := in
	for _, name := range m.IterFields {
		if v := in.Get(name); v != nil {
			lists.Set(name, v)
			rest = rest.With(name, nil)
		}
	}
	out, problems := Normalise(f, rest)
	for _, field := range lists {
		input := f.Input(field.Name)
		if input == nil {
			out.Set(field.Name, field.Value)
			continue
		}
		t := iface.Type{Kind: iface.Multi, Of: []iface.Type{input.Type}}
		if m.Nested {
			t.Of[0] = iface.Type{}
		}
		v, err := t.Accept(field.Value)
		if err != nil {
			problems = append(problems, iface.Problem{Input: field.Name, What: "input \"" + field.Name + "\" has the wrong value", Why: err.Error()})
			continue
		}
		out.Set(field.Name, cleanPaths(t, v))
	}
	return out, problems
}

// cleanPaths writes the paths in v as pathlib does.
func cleanPaths(t iface.Type, v value.Value) value.Value {
	switch t.Kind {
	case iface.File, iface.Dir:
		if s, ok := v.(value.String); ok {
			return value.String(pathText(string(s)))
		}
	case iface.List, iface.Multi:
		if items, ok := v.(value.List); ok && t.Of[0].IsPath() {
			out := make(value.List, len(items))
			for i, e := range items {
				out[i] = cleanPaths(t.Of[0], e)
			}
			return out
		}
	case iface.Tuple:
		if items, ok := v.(value.Tuple); ok && len(items) == len(t.Of) {
			out := make(value.Tuple, len(items))
			for i, e := range items {
				out[i] = cleanPaths(t.Of[i], e)
			}
			return out
		}
	case iface.Either:
		for _, alt := range t.Of {
			if _, err := alt.Accept(v); err == nil {
				return cleanPaths(alt, v)
			}
		}
	}
	return v
}

// pathText is str(pathlib.Path(path)) on POSIX: no empty parts, no ".", no
// slash at the end; two slashes at the start stay two. Parts ".." stay.
func pathText(path string) string {
	root := ""
	switch {
	case strings.HasPrefix(path, "//") && !strings.HasPrefix(path, "///"):
		root = "//"
	case strings.HasPrefix(path, "/"):
		root = "/"
	}
	if root != "//" && !strings.Contains(path, "//") && !strings.Contains(path, "./") && path != "" &&
		!strings.HasSuffix(path, "/") && !strings.HasSuffix(path, "/.") {
		return path
	}
	var parts []string
	for part := range strings.SplitSeq(path, "/") {
		if part != "" && part != "." {
			parts = append(parts, part)
		}
	}
	if root == "" && len(parts) == 0 {
		return "."
	}
	return root + strings.Join(parts, "/")
}

// Used gives the inputs as nipype's interface holds them while its command
// runs in dir: files that are brought there have their paths there.
func Used(f *iface.Interface, inputs value.Record, dir string) value.Record {
	out := inputs
	for i := range f.Inputs {
		in := &f.Inputs[i]
		v := inputs.Get(in.Name)
		if in.CopyFile == nil || v == nil || !in.Type.IsPath() {
			continue
		}
		out = out.With(in.Name, value.Map(v, func(path string) string {
			return dir + "/" + iface.BaseName(path)
		}))
	}
	return out
}
