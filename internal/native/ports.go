package native

import (
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// The types of ports, for the tables of inputs and outputs.
var (
	anyType  = iface.Type{Kind: iface.Any}
	boolType = iface.Type{Kind: iface.Bool}
	intType  = iface.Type{Kind: iface.Int}
	realType = iface.Type{Kind: iface.Float}
	strType  = iface.Type{Kind: iface.Str}
	dictType = iface.Type{Kind: iface.Dict}
	fileType = iface.Type{Kind: iface.File}
	// inFile and inDir must exist before anything runs.
	inFile = iface.Type{Kind: iface.File, Exists: true}
	inDir  = iface.Type{Kind: iface.Dir, Exists: true}
)

func listOf(t iface.Type) iface.Type  { return iface.Type{Kind: iface.List, Of: []iface.Type{t}} }
func multiOf(t iface.Type) iface.Type { return iface.Type{Kind: iface.Multi, Of: []iface.Type{t}} }
func either(of ...iface.Type) iface.Type {
	return iface.Type{Kind: iface.Either, Of: of}
}

func pairOf(a, b iface.Type) iface.Type {
	return iface.Type{Kind: iface.Tuple, Of: []iface.Type{a, b}}
}

func oneOf(words ...string) iface.Type {
	return iface.Type{Kind: iface.Enum, Enum: value.Strings(words...)}
}

// in declares an input; need one that must be set; opt one with a default.
func in(name string, t iface.Type, help string) iface.Input {
	return iface.Input{Name: name, Type: t, Help: help}
}

func need(name string, t iface.Type, help string) iface.Input {
	i := in(name, t, help)
	i.Mandatory = true
	return i
}

func opt(name string, t iface.Type, standard value.Value, help string) iface.Input {
	i := in(name, t, help)
	i.Default = standard
	return i
}

// place declares an input for a path whose content is none of the key's
// business: where to look, or where to write.
func place(i iface.Input) iface.Input {
	i.HashText = true
	return i
}

func out(name string, t iface.Type, help string) iface.Output {
	return iface.Output{Name: name, Type: t, Help: help}
}

// ports is the Ports of an implementation that has always the same.
func ports(in []iface.Input, out ...iface.Output) func(value.Record) ([]iface.Input, []iface.Output, error) {
	return func(value.Record) ([]iface.Input, []iface.Output, error) { return in, out, nil }
}

// names is the type of a parameter that lists fields.
var names = listOf(strType)

// strs gives the strings in a list, or the one string.
func strs(v value.Value) []string {
	var out []string
	value.Walk(v, func(s string) { out = append(out, s) })
	return out
}

// boolOr gives a Boolean input, or its default.
func boolOr(r value.Record, name string, standard bool) bool {
	if b, ok := r.Get(name).(value.Bool); ok {
		return bool(b)
	}
	return standard
}

// text gives a text input, or its default.
func text(r value.Record, name, standard string) string {
	if s, ok := r.Get(name).(value.String); ok {
		return string(s)
	}
	return standard
}

// asList gives the elements of a list or tuple, and of any other value a list
// of it alone.
func asList(v value.Value) []value.Value {
	if items, ok := value.Items(v); ok {
		return items
	}
	return []value.Value{v}
}

// simplify gives the element of a list of one, as nipype's OutputMultiPath
// does.
func simplify(items []value.Value) value.Value {
	if len(items) == 1 {
		return items[0]
	}
	return value.List(items)
}

// output makes a record of one output.
func output(name string, v value.Value) value.Record {
	return value.NewRecord(map[string]value.Value{name: v})
}
