package workflow

import (
	"unicode"

	"github.com/raphe-org/raphe/internal/column"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// A Name numbers a text of one definition: what a node or a port is called.
type Name uint32

// Name numbers a text, which is kept from now on.
func (d *Definition) Name(s string) Name { return d.intern(s) }

// FindName gives the number of a text that is known already.
func (d *Definition) FindName(s string) (id Name, known bool) {
	n, known := d.names.Find(s)
	return Name(n), known
}

// Text gives the text of a name.
func (d *Definition) Text(id Name) string { return d.text(id) }

func (d *Definition) intern(s string) Name { return Name(d.names.Put(s)) }

func (d *Definition) text(id Name) string { return d.names.Get(uint32(id)) }

// Members are found in constant time by parent and name, without a heap object
// for each.

func memberHash(w WorkflowID, name Name) uint64 {
	h := (uint64(w)<<32 | uint64(name)) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

func (d *Definition) elementHash(e uint32) uint64 {
	return memberHash(d.elementParent(element(e)), d.elementName(element(e)))
}

// member gives the element called name in w, 0 if there is none.
func (d *Definition) member(w WorkflowID, name Name) element {
	d.indexMembers()
	e, _ := d.members.Find(memberHash(w, name), func(e uint32) bool {
		return d.elementParent(element(e)) == w && d.elementName(element(e)) == name
	})
	return element(e)
}

func (d *Definition) addMember(e element) {
	d.members.Add(d.elementHash(uint32(e)), uint32(e), d.elementHash)
}

// indexMembers makes the index of members anew after it was given up.
func (d *Definition) indexMembers() {
	if !d.unindexed {
		return
	}
	d.unindexed = false
	for i := range d.workflows {
		for e := d.workflows[i].first; e != 0; e = *d.nextOf(e) {
			d.addMember(e)
		}
	}
}

func (d *Definition) dropMembers() { d.members, d.unindexed = column.Set{}, true }

// table keeps things that many rows share, each once, by a key of their
// content.
type table[T any] struct {
	items []T
	index map[string]uint32
}

func (t *table[T]) intern(key []byte, item func() T) uint32 {
	if i, ok := t.index[string(key)]; ok {
		return i
	}
	if t.index == nil {
		t.index = map[string]uint32{}
	}
	t.items = append(t.items, item())
	t.index[string(key)] = uint32(len(t.items) - 1)
	return uint32(len(t.items) - 1)
}

// internInterface numbers an interface; nodes made by a loop mostly share a
// pointer, and its reference is then not spelt out again.
func (d *Definition) internInterface(f *iface.Interface) uint32 {
	if id, ok := d.ifacePtrs[f]; ok {
		return id
	}
	d.scratch = appendRef(d.scratch[:0], f.Ref)
	id := d.ifaces.intern(d.scratch, func() *iface.Interface { return f })
	if d.ifacePtrs == nil || len(d.ifacePtrs) >= 4096 {
		d.ifacePtrs = map[*iface.Interface]uint32{}
	}
	d.ifacePtrs[f] = id
	return id
}

func appendRef(b []byte, r iface.Ref) []byte {
	return append(value.AppendRecord(append(append(b, r.Name...), 0), r.Params), r.Source...)
}

func isWord(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
