// Package value holds the values that travel on the edges of a workflow and
// that inputs are set to: Python's plain data, as nipype's users know them.
//
//	Value    one value; the nil Value is nipype's "Undefined": nobody set this
//	None     Python's None, not the same as Undefined
//	Bool     True, False
//	Int      64 bits
//	Float    64 bits
//	String   text; a file or folder is the string that names it
//	List     a list
//	Tuple    a tuple
//	Dict     a dictionary in order of insertion
//	Record   values by name, sorted: the inputs or outputs of an interface
//
// Values are immutable once they are handed on: they are shared, never copied.
// The package knows text, JSON and the compact binary form of values; it does
// not know ports, files or interfaces.
package value

import "slices"

// Kind says which type a value has.
type Kind uint8

const (
	UndefinedKind Kind = iota
	NoneKind
	BoolKind
	IntKind
	FloatKind
	StringKind
	ListKind
	TupleKind
	DictKind
)

var kindNames = [...]string{"undefined", "None", "bool", "int", "float", "str", "list", "tuple", "dict"}

// String gives Python's name of the kind.
func (k Kind) String() string { return kindNames[k] }

// A Value is one of the types of this package; nil is Undefined.
type Value interface {
	kind() Kind
}

type (
	None   struct{}
	Bool   bool
	Int    int64
	Float  float64
	String string
	List   []Value
	Tuple  []Value
	Dict   []Entry
)

// An Entry is one key and its value of a Dict.
type Entry struct{ Key, Value Value }

func (None) kind() Kind   { return NoneKind }
func (Bool) kind() Kind   { return BoolKind }
func (Int) kind() Kind    { return IntKind }
func (Float) kind() Kind  { return FloatKind }
func (String) kind() Kind { return StringKind }
func (List) kind() Kind   { return ListKind }
func (Tuple) kind() Kind  { return TupleKind }
func (Dict) kind() Kind   { return DictKind }

// KindOf gives the kind of v; that of nil is UndefinedKind.
func KindOf(v Value) Kind {
	if v == nil {
		return UndefinedKind
	}
	return v.kind()
}

// Items gives the elements of a list or tuple, and whether v is one.
func Items(v Value) ([]Value, bool) {
	switch v := v.(type) {
	case List:
		return v, true
	case Tuple:
		return v, true
	}
	return nil, false
}

// find gives the position of key, or -1.
func (d Dict) find(key Value) int {
	return slices.IndexFunc(d, func(e Entry) bool { return Equal(e.Key, key) })
}

// Get gives the value under key, or nil.
func (d Dict) Get(key Value) Value {
	if i := d.find(key); i >= 0 {
		return d[i].Value
	}
	return nil
}

// Equal compares two values as Python's == does between values of one kind:
// lists with lists, tuples with tuples, dictionaries whatever their order.
// Unlike Python's, 1, 1.0 and True are three different values, and NaN equals
// NaN, so that Equal can stand for "nothing changed".
func Equal(a, b Value) bool {
	if KindOf(a) != KindOf(b) {
		return false
	}
	switch a := a.(type) {
	case List:
		return equalItems(a, b.(List))
	case Tuple:
		return equalItems(a, b.(Tuple))
	case Dict:
		return equalDicts(a, b.(Dict))
	case Float:
		b := b.(Float)
		return a == b || (a != a && b != b)
	}
	return a == b
}

func equalItems(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func equalDicts(a, b Dict) bool {
	if len(a) != len(b) {
		return false
	}
	for i, e := range a {
		k := i // most dictionaries that are equal have one order
		if !Equal(b[k].Key, e.Key) {
			if k = b.find(e.Key); k < 0 {
				return false
			}
		}
		if !Equal(e.Value, b[k].Value) {
			return false
		}
	}
	return true
}

// Walk calls fn for every string in v, at any depth, dictionary keys left out.
func Walk(v Value, fn func(string)) {
	switch v := v.(type) {
	case String:
		fn(string(v))
	case List:
		for _, e := range v {
			Walk(e, fn)
		}
	case Tuple:
		for _, e := range v {
			Walk(e, fn)
		}
	case Dict:
		for _, e := range v {
			Walk(e.Value, fn)
		}
	}
}

// Map gives v with every string replaced by fn of it, dictionary keys left
// alone. Parts without a change are shared with v.
func Map(v Value, fn func(string) string) Value {
	out, _ := mapped(v, fn)
	return out
}

// mapped also tells whether anything changed.
func mapped(v Value, fn func(string) string) (Value, bool) {
	switch v := v.(type) {
	case String:
		s := fn(string(v))
		return String(s), s != string(v)
	case List:
		items, changed := mapItems(v, fn)
		return List(items), changed
	case Tuple:
		items, changed := mapItems(v, fn)
		return Tuple(items), changed
	case Dict:
		return mapDict(v, fn)
	}
	return v, false
}

func mapItems(items []Value, fn func(string) string) ([]Value, bool) {
	out, touched := items, false
	for i, e := range items {
		if m, changed := mapped(e, fn); changed {
			if !touched {
				out, touched = slices.Clone(items), true
			}
			out[i] = m
		}
	}
	return out, touched
}

func mapDict(d Dict, fn func(string) string) (Dict, bool) {
	out, touched := d, false
	for i, e := range d {
		if m, changed := mapped(e.Value, fn); changed {
			if !touched {
				out, touched = slices.Clone(d), true
			}
			out[i].Value = m
		}
	}
	return out, touched
}

// Strings gives a List of strings.
func Strings(items ...string) List {
	out := make(List, len(items))
	for i, s := range items {
		out[i] = String(s)
	}
	return out
}

// Integer gives v as an integer, as Python's arithmetic takes it: True is 1.
func Integer(v Value) (i int64, ok bool) {
	switch v := v.(type) {
	case Int:
		return int64(v), true
	case Bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
