package iface

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/value"
)

// Accept gives v as the type keeps it, or an error that says what is wanted
// and what was got. The rules are those of nipype's traits: integers become
// floats, a lone value becomes a list of one for Multi, an empty Multi is
// Undefined (nil). Where nipype is stricter by accident Accept is not: tuples
// and lists stand for each other. It looks at no file.
func (t Type) Accept(v value.Value) (value.Value, error) {
	got, ok := t.accept(v)
	if !ok {
		return nil, fmt.Errorf("want %s, got %s", t, t.complaint(v))
	}
	return got, nil
}

func (t Type) accept(v value.Value) (value.Value, bool) {
	if v == nil {
		return nil, false
	}
	switch t.Kind {
	case Any:
		return v, true
	case Bool:
		_, ok := v.(value.Bool)
		return v, ok
	case Int:
		_, ok := v.(value.Int)
		return v, ok
	case Float:
		return toFloat(v)
	case Str:
		_, ok := v.(value.String)
		return v, ok
	case Enum:
		return t.acceptEnum(v)
	case Range:
		return t.acceptRange(v)
	case File, Dir:
		s, ok := v.(value.String)
		return v, ok && s != "" && t.hasExtension(string(s))
	case List, Multi:
		return t.acceptList(v)
	case Tuple:
		return t.acceptTuple(v)
	case Dict:
		_, ok := v.(value.Dict)
		return v, ok
	case Either:
		for _, alt := range t.Of {
			if got, ok := alt.accept(v); ok {
				return got, true
			}
		}
	}
	return nil, false
}

func toFloat(v value.Value) (value.Value, bool) {
	switch v := v.(type) {
	case value.Float:
		return v, true
	case value.Int:
		return value.Float(v), true
	}
	return nil, false
}

func (t Type) acceptEnum(v value.Value) (value.Value, bool) {
	for _, e := range t.Enum {
		if value.Equal(e, v) {
			return e, true
		}
	}
	// Python's 1 == 1.0 counts, its True == 1 does not.
	f, isNumber := toFloat(v)
	for _, e := range t.Enum {
		if g, ok := toFloat(e); ok && isNumber && value.Equal(f, g) {
			return e, true
		}
	}
	return nil, false
}

func (t Type) acceptRange(v value.Value) (value.Value, bool) {
	if _, isInt := v.(value.Int); t.Integer && !isInt {
		return nil, false
	}
	n, ok := toFloat(v)
	if !ok {
		return nil, false
	}
	f := float64(n.(value.Float))
	if t.Low != nil && (f < *t.Low || t.ExcludeLow && f == *t.Low) {
		return nil, false
	}
	if t.High != nil && (f > *t.High || t.ExcludeHigh && f == *t.High) {
		return nil, false
	}
	if t.Integer {
		return v, f == f
	}
	return n, f == f
}

// hasExtension is lenient about compression, as nipype is: .gz may follow.
func (t Type) hasExtension(name string) bool {
	if len(t.Extensions) == 0 {
		return true
	}
	name = strings.ToLower(name)
	for _, ext := range t.Extensions {
		ext = strings.ToLower(ext)
		if strings.HasSuffix(name, ext) || strings.HasSuffix(name, ext+".gz") {
			return true
		}
	}
	return false
}

func (t Type) acceptList(v value.Value) (value.Value, bool) {
	items, ok := value.Items(v)
	if ok && t.Kind == Multi && t.Of[0].isSequence() {
		// [1, 2] may be one element, or two.
		if got, fits := t.acceptItems(items); fits {
			return got, true
		}
		ok = false
	}
	if !ok {
		if t.Kind != Multi {
			return nil, false
		}
		items = []value.Value{v}
	}
	return t.acceptItems(items)
}

func (t Type) acceptItems(items []value.Value) (value.Value, bool) {
	if t.Kind == Multi && len(items) == 0 {
		return nil, true
	}
	if len(items) < t.MinLen || t.MaxLen > 0 && len(items) > t.MaxLen {
		return nil, false
	}
	out := value.List(items) // shared with v up to the first element that changes
	for i, e := range items {
		if e == nil && t.Of[0].Kind == Multi {
			continue // what an empty one became
		}
		got, ok := t.Of[0].accept(e)
		if !ok {
			return nil, false
		}
		if sameValue(got, e) {
			continue
		}
		if &out[0] == &items[0] {
			out = slices.Clone(out)
		}
		out[i] = got
	}
	return out, true
}

// sameValue reports whether a value was accepted as it is. A list may be said
// to differ though it does not.
func sameValue(got, v value.Value) bool {
	switch value.KindOf(v) {
	case value.ListKind, value.TupleKind, value.DictKind:
		return false
	}
	return value.Equal(got, v)
}

// isSequence reports whether a list may be a value of t.
func (t Type) isSequence() bool {
	switch t.Kind {
	case List, Multi, Tuple, Any:
		return true
	case Either:
		for _, alt := range t.Of {
			if alt.isSequence() {
				return true
			}
		}
	}
	return false
}

func (t Type) acceptTuple(v value.Value) (value.Value, bool) {
	items, ok := value.Items(v)
	if !ok || len(items) != len(t.Of) {
		return nil, false
	}
	out := make(value.Tuple, len(items))
	for i, e := range items {
		if out[i], ok = t.Of[i].accept(e); !ok {
			return nil, false
		}
	}
	return out, true
}

// complaint says what was got, as near to the fault as can be said: for a list
// with one bad element, that element.
func (t Type) complaint(v value.Value) string {
	items, isSeq := value.Items(v)
	switch {
	case isSeq && (t.Kind == List || t.Kind == Multi):
		if len(items) < t.MinLen || t.MaxLen > 0 && len(items) > t.MaxLen {
			return fmt.Sprintf("%d elements", len(items))
		}
		for i, e := range items {
			if _, ok := t.Of[0].accept(e); !ok {
				return fmt.Sprintf("%s as element %d", t.Of[0].complaint(e), i)
			}
		}
	case isSeq && t.Kind == Tuple:
		if len(items) != len(t.Of) {
			return fmt.Sprintf("%d elements", len(items))
		}
		for i, e := range items {
			if _, ok := t.Of[i].accept(e); !ok {
				return fmt.Sprintf("%s as element %d", t.Of[i].complaint(e), i)
			}
		}
	}
	return describe(v)
}

// String says in words which values the type takes.
func (t Type) String() string {
	switch t.Kind {
	case Bool:
		return "True or False"
	case Int:
		return "an integer"
	case Float:
		return "a number"
	case Str:
		return "a string"
	case Enum:
		return t.enumText()
	case Range:
		return t.rangeText()
	case File, Dir:
		return t.pathText()
	case List, Multi:
		return t.listText()
	case Tuple:
		parts := make([]string, len(t.Of))
		for i, e := range t.Of {
			parts[i] = e.String()
		}
		return "a tuple of " + strings.Join(parts, ", ")
	case Dict:
		return "a dictionary"
	case Either:
		parts := make([]string, len(t.Of))
		for i, e := range t.Of {
			parts[i] = e.String()
		}
		return strings.Join(parts, ", or ")
	}
	return "any value"
}

func (t Type) enumText() string {
	parts := make([]string, 0, len(t.Enum))
	for _, e := range t.Enum {
		parts = append(parts, value.Repr(e))
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "one of " + strings.Join(parts, ", ")
}

func (t Type) rangeText() string {
	s := "a number"
	if t.Integer {
		s = "an integer"
	}
	bound := func(f float64) string { return general(f, 12) }
	var parts []string
	switch {
	case t.Low == nil:
	case t.ExcludeLow:
		parts = append(parts, "above "+bound(*t.Low))
	default:
		parts = append(parts, "of at least "+bound(*t.Low))
	}
	switch {
	case t.High == nil:
	case t.ExcludeHigh:
		parts = append(parts, "below "+bound(*t.High))
	default:
		parts = append(parts, "of at most "+bound(*t.High))
	}
	if len(parts) == 0 {
		return s
	}
	return s + " " + strings.Join(parts, " and ")
}

func (t Type) pathText() string {
	s := "the path of a file"
	if t.Kind == Dir {
		s = "the path of a folder"
	}
	if t.Exists {
		s = strings.Replace(s, " a ", " an existing ", 1)
	}
	if len(t.Extensions) > 0 {
		s += " (" + strings.Join(t.Extensions, ", ") + ")"
	}
	return s
}

func (t Type) listText() string {
	s := "a list"
	switch {
	case t.MaxLen > 0 && t.MinLen == t.MaxLen:
		s += fmt.Sprintf(" of exactly %d", t.MinLen)
	case t.MinLen > 0 && t.MaxLen > 0:
		s += fmt.Sprintf(" of %d to %d", t.MinLen, t.MaxLen)
	case t.MaxLen > 0:
		s += fmt.Sprintf(" of at most %d", t.MaxLen)
	case t.MinLen > 0:
		s += fmt.Sprintf(" of at least %d", t.MinLen)
	}
	return s + ", each " + t.Of[0].String()
}

// Paths calls fn for every path in v that the type says is one: the files and
// folders among the values, at any depth. exists tells whether the type wants
// it to exist.
func (t Type) Paths(v value.Value, fn func(path string, t Type)) {
	switch t.Kind {
	case File, Dir:
		if s, ok := v.(value.String); ok {
			fn(string(s), t)
		}
	case List, Multi:
		items, ok := value.Items(v)
		if !ok {
			items = []value.Value{v}
		}
		for _, e := range items {
			t.Of[0].Paths(e, fn)
		}
	case Tuple:
		items, _ := value.Items(v)
		for i, e := range items {
			if i < len(t.Of) {
				t.Of[i].Paths(e, fn)
			}
		}
	case Either:
		if alt, ok := t.alternative(v); ok {
			alt.Paths(v, fn)
		}
	}
}

// alternative gives the alternative of an Either that v is meant for: one that
// lists it, else the first that takes it. A path need not exist where another
// alternative takes it as it is.
func (t Type) alternative(v value.Value) (Type, bool) {
	var found []Type
	for _, alt := range t.Of {
		if _, ok := alt.accept(v); ok {
			if alt.Kind == Enum {
				return alt, true
			}
			found = append(found, alt)
		}
	}
	if len(found) == 0 {
		return Type{}, false
	}
	first := found[0]
	for _, other := range found[1:] {
		first.Exists = first.Exists && other.MustExist()
		first.FileOrDir = first.FileOrDir || first.Kind == File && other.Kind == Dir || first.Kind == Dir && other.Kind == File
	}
	return first, true
}
