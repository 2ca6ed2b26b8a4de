package value

import (
	"slices"
	"strings"
)

// A Field is one name and its value.
type Field struct {
	Name  string
	Value Value
}

// A Record holds values by name, sorted by name, without Undefined ones: what
// the inputs of a node are set to, or what an interface gave out.
type Record []Field

// NewRecord makes a Record of the map's defined values.
func NewRecord(m map[string]Value) Record {
	r := make(Record, 0, len(m))
	for name, v := range m {
		if v != nil {
			r = append(r, Field{name, v})
		}
	}
	slices.SortFunc(r, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	return r
}

// RecordOf makes a Record of the fields, in any order; of two with one name the
// later counts, and one that is Undefined counts for nothing. The fields are
// sorted in place and kept.
func RecordOf(fields []Field) Record {
	fields = slices.DeleteFunc(fields, func(f Field) bool { return f.Value == nil })
	slices.SortStableFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
	out := fields[:0]
	for i, f := range fields {
		if i+1 == len(fields) || fields[i+1].Name != f.Name {
			out = append(out, f)
		}
	}
	return Record(out)
}

func (r Record) find(name string) (int, bool) {
	return slices.BinarySearchFunc(r, name, func(f Field, n string) int { return strings.Compare(f.Name, n) })
}

// Get gives the value of name, nil when it is not set.
func (r Record) Get(name string) Value {
	if i, ok := r.find(name); ok {
		return r[i].Value
	}
	return nil
}

// Has reports whether name is set.
func (r Record) Has(name string) bool {
	_, ok := r.find(name)
	return ok
}

// Str gives the string under name, "" when it is not set or not a string.
func (r Record) Str(name string) string {
	s, _ := r.Get(name).(String)
	return string(s)
}

// Bool reports whether name is set to True.
func (r Record) Bool(name string) bool {
	b, _ := r.Get(name).(Bool)
	return bool(b)
}

// With gives the record with name set to v (nil: unset); r is unchanged.
func (r Record) With(name string, v Value) Record {
	i, ok := r.find(name)
	out := slices.Clone(r)
	switch {
	case ok && v == nil:
		return slices.Delete(out, i, i+1)
	case ok:
		out[i].Value = v
		return out
	case v == nil:
		return out
	}
	return slices.Insert(out, i, Field{name, v})
}

// Set sets name to v in place (nil: unsets it).
func (r *Record) Set(name string, v Value) {
	i, ok := r.find(name)
	switch {
	case ok && v == nil:
		*r = slices.Delete(*r, i, i+1)
	case ok:
		(*r)[i].Value = v
	case v != nil:
		*r = slices.Insert(*r, i, Field{name, v})
	}
}

// Names gives the names, sorted.
func (r Record) Names() []string {
	out := make([]string, len(r))
	for i, f := range r {
		out[i] = f.Name
	}
	return out
}

// Equal reports whether both records hold the same names with equal values.
func (r Record) Equal(o Record) bool {
	return slices.EqualFunc(r, o, func(a, b Field) bool { return a.Name == b.Name && Equal(a.Value, b.Value) })
}
