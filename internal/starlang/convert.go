package starlang

import (
	"fmt"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/starfn"
	"github.com/raphe-org/raphe/internal/value"
)

// maxValues is how many values a list may have: range(10 ** 12) is a slip.
const maxValues = 20_000_000

// plainValue gives a value of the language as plain data.
func plainValue(v starlark.Value) (value.Value, error) {
	if seq, ok := v.(starlark.Sequence); ok && seq.Len() > maxValues {
		return nil, fmt.Errorf("it has %d elements, more than the %d that a list may have", seq.Len(), maxValues)
	}
	return starfn.FromStarlark(v)
}

// asList gives a list, tuple or range as what can be gone through.
func asList(v starlark.Value) (starlark.Sequence, bool) {
	if _, isDict := v.(*starlark.Dict); isDict {
		return nil, false
	}
	seq, ok := v.(starlark.Sequence)
	return seq, ok && seq.Len() <= maxValues
}

// sequence gives the elements of a list, tuple or range.
func sequence(v starlark.Value) ([]starlark.Value, bool) {
	seq, ok := asList(v)
	if !ok {
		return nil, false
	}
	out := make([]starlark.Value, 0, seq.Len())
	for e := range starlark.Elements(seq) {
		out = append(out, e)
	}
	return out, true
}
