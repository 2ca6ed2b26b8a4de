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

// Get gives the value under key, or nil.
func (d Dict) Get(key Value) Value {
	for _, e := range d {
		if Equal(e.Key, key) {
			return e.Value
		}
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
	for _, e := range a {
		if v := b.Get(e.Key); v == nil || !Equal(e.Value, v) {
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
	switch v := v.(type) {
	case String:
		return String(fn(string(v)))
	case List:
		return List(mapItems(v, fn))
	case Tuple:
		return Tuple(mapItems(v, fn))
	case Dict:
		out := make(Dict, len(v))
		for i, e := range v {
			out[i] = Entry{e.Key, Map(e.Value, fn)}
		}
		return out
	}
	return v
}

func mapItems(items []Value, fn func(string) string) []Value {
	out := make([]Value, len(items))
	for i, e := range items {
		out[i] = Map(e, fn)
	}
	return out
}

// Strings gives a List of strings.
func Strings(items ...string) List {
	out := make(List, len(items))
	for i, s := range items {
		out[i] = String(s)
	}
	return out
}
