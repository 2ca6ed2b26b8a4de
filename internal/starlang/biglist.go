package starlang

import (
	"slices"

	"go.starlark.net/starlark"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// bigLists remembers what long lists became as inputs: where a loop gives one
// list to a thousand nodes they then share one value. A list may change between
// two nodes, so its elements are compared with what they were; those of the same
// text compare at once, by its address.
type bigLists struct {
	last [4]bigList
	next int
}

type bigList struct {
	list  *starlark.List
	items []starlark.Value // as they were
	as    listUse
	got   value.Value
}

// A listUse is all that what a list becomes depends on, beside the list.
type listUse struct {
	in   *iface.Input
	f    *iface.Interface
	each bool // a MapNode runs over it
	deep bool
}

// fewElements is how many are converted as quickly as compared.
const fewElements = 64

func useOf(f *iface.Interface, in *iface.Input, o *workflow.Options) listUse {
	return listUse{in, f, slices.Contains(o.IterField, in.Name), o.Nested}
}

func (b *bigLists) find(v starlark.Value, as listUse) (value.Value, bool) {
	list, ok := v.(*starlark.List)
	if !ok || list.Len() < fewElements {
		return nil, false
	}
	for i := range b.last {
		if e := &b.last[i]; e.list == list && e.as == as && e.unchanged() {
			return e.got, true
		}
	}
	return nil, false
}

func (e *bigList) unchanged() bool {
	if e.list.Len() != len(e.items) {
		return false
	}
	for i, item := range e.items {
		if e.list.Index(i) != item { // never panics: remember keeps plain elements only
			return false
		}
	}
	return true
}

func (b *bigLists) remember(v starlark.Value, as listUse, got value.Value) {
	list, ok := v.(*starlark.List)
	if !ok || list.Len() < fewElements || list.Len() > mostRemembered {
		return
	}
	items := make([]starlark.Value, 0, list.Len())
	for item := range starlark.Elements(list) {
		switch item.(type) {
		case starlark.String, starlark.Int, starlark.Float, starlark.Bool, starlark.NoneType:
			items = append(items, item)
		default:
			return // its own elements may change
		}
	}
	b.last[b.next] = bigList{list, items, as, got}
	b.next = (b.next + 1) % len(b.last)
}

// mostRemembered bounds what remembering costs: 16 bytes an element.
const mostRemembered = 1 << 18
