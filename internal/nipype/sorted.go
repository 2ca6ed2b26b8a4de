package nipype

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/raphe-org/raphe/internal/value"
)

// A hasher brings values into the form that nipype hashes.
type hasher struct {
	// stamp gives what stands for a file in the hash, "" if there is none of
	// that name; nil: texts are never taken for files.
	stamp func(path string) (string, error)
	err   error
}

// sorted gives v for the hash and v for people: dictionaries become lists of
// pairs, sorted by key; floats become texts of ten decimals; a text that names
// a file becomes its stamp, or for people the pair of both. What is undefined
// within v falls out.
//
// Source: BaseTraitedSpec._get_sorteddict.
func (h *hasher) sorted(v value.Value) (text, shown value.Value) {
	switch v := v.(type) {
	case value.Dict:
		return h.sortedDict(v)
	case value.List:
		text, shown := h.sortedItems(v)
		return value.List(text), value.List(shown)
	case value.Tuple:
		text, shown := h.sortedItems(v)
		return value.Tuple(text), value.Tuple(shown)
	case value.Float:
		s := value.String(tenDecimals(float64(v)))
		return s, s
	case value.String:
		if h.stamp == nil || h.err != nil {
			return v, v
		}
		sum, err := h.stamp(string(v))
		if err != nil {
			h.err = err
		}
		if sum == "" {
			return v, v
		}
		return value.String(sum), value.Tuple{v, value.String(sum)}
	}
	return v, v
}

func (h *hasher) sortedItems(items []value.Value) (text, shown []value.Value) {
	text = make([]value.Value, 0, len(items))
	shown = make([]value.Value, 0, len(items))
	for _, e := range items {
		if e == nil {
			continue
		}
		t, s := h.sorted(e)
		text, shown = append(text, t), append(shown, s)
	}
	return text, shown
}

func (h *hasher) sortedDict(d value.Dict) (text, shown value.Value) {
	d = slices.Clone(d)
	slices.SortStableFunc(d, func(a, b value.Entry) int { return comparePython(a.Key, b.Key) })
	var forText, forShown value.List
	for _, e := range d {
		if e.Value == nil {
			continue
		}
		t, s := h.sorted(e.Value)
		forText = append(forText, value.Tuple{e.Key, t})
		forShown = append(forShown, value.Tuple{e.Key, s})
	}
	return forText, forShown
}

// tenDecimals is Python's "{:.10f}".format(f).
func tenDecimals(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	}
	return strconv.FormatFloat(f, 'f', 10, 64)
}

// comparePython orders keys as Python's < does among keys of one kind. Where
// Python refuses (a number against a text) kinds are kept apart.
func comparePython(a, b value.Value) int {
	x, isNumber := number(a)
	y, other := number(b)
	if isNumber && other {
		return cmp.Compare(x, y)
	}
	if c := cmp.Compare(value.KindOf(a), value.KindOf(b)); c != 0 {
		return c
	}
	switch a := a.(type) {
	case value.String:
		return cmp.Compare(a, b.(value.String))
	case value.Tuple:
		return slices.CompareFunc(a, b.(value.Tuple), comparePython)
	}
	return 0
}

func number(v value.Value) (float64, bool) {
	switch v := v.(type) {
	case value.Int:
		return float64(v), true
	case value.Float:
		return float64(v), true
	case value.Bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}
