package workflow

import (
	"hash/maphash"
	"math"
	"unicode"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
)

// nameID numbers the texts of one definition.
type nameID uint32

// names keeps each text once: the bytes one after the other, where each ends,
// and an open-addressing index over them. A million names of ten bytes cost 25
// MB and no pointer.
type names struct {
	seed  maphash.Seed
	text  []byte
	end   []uint32
	index []nameID // nameID+1, 0: free; length a power of two, at most 3/4 full
}

func newNames() names { return names{seed: maphash.MakeSeed(), index: make([]nameID, 64)} }

func (n *names) get(id nameID) string { return string(n.bytes(id)) }

func (n *names) bytes(id nameID) []byte {
	start := uint32(0)
	if id > 0 {
		start = n.end[id-1]
	}
	return n.text[start:n.end[id]]
}

func (n *names) intern(s string) nameID {
	if (len(n.end)+1)*4 > len(n.index)*3 {
		n.grow()
	}
	slot := n.slot(s)
	if n.index[slot] != 0 {
		return n.index[slot] - 1
	}
	if len(n.text)+len(s) > math.MaxUint32 {
		panic("workflow: more than 4 GiB of names")
	}
	n.text = append(n.text, s...)
	n.end = append(n.end, uint32(len(n.text)))
	n.index[slot] = nameID(len(n.end))
	return nameID(len(n.end) - 1)
}

// slot finds where s is, or would be, in the index.
func (n *names) slot(s string) int {
	mask := len(n.index) - 1
	for i := int(maphash.String(n.seed, s)) & mask; ; i = (i + 1) & mask {
		if id := n.index[i]; id == 0 || string(n.bytes(id-1)) == s {
			return i
		}
	}
}

func (n *names) grow() {
	old := n.index
	n.index = make([]nameID, len(old)*2)
	for _, id := range old {
		if id != 0 {
			n.index[n.slot(string(n.bytes(id-1)))] = id
		}
	}
}

// memberSet answers in constant time which element has a given name in a given
// workflow, without a heap object for each.
type memberSet struct {
	index []element
	used  int
}

func memberHash(w WorkflowID, name nameID) uint32 {
	h := uint64(w)<<32 | uint64(name)
	h *= 0x9e3779b97f4a7c15
	return uint32(h >> 32)
}

// member gives the element called name in w, 0 if there is none.
func (d *Definition) member(w WorkflowID, name nameID) element {
	if len(d.members.index) == 0 {
		return 0
	}
	return d.members.index[d.memberSlot(w, name)]
}

func (d *Definition) memberSlot(w WorkflowID, name nameID) int {
	mask := len(d.members.index) - 1
	for i := int(memberHash(w, name)) & mask; ; i = (i + 1) & mask {
		e := d.members.index[i]
		if e == 0 || (d.elementParent(e) == w && d.elementName(e) == name) {
			return i
		}
	}
}

func (d *Definition) addMember(w WorkflowID, name nameID, e element) {
	m := &d.members
	if (m.used+1)*4 > len(m.index)*3 {
		old := m.index
		m.index = make([]element, max(64, len(old)*2))
		for _, o := range old {
			if o != 0 {
				m.index[d.memberSlot(d.elementParent(o), d.elementName(o))] = o
			}
		}
	}
	m.index[d.memberSlot(w, name)] = e
	m.used++
}

// rebuildMembers makes the index anew, without the elements that have lost
// their parent.
func (d *Definition) rebuildMembers() {
	old := d.members.index
	d.members = memberSet{}
	for _, e := range old {
		if e != 0 && d.elementParent(e) != 0 {
			d.addMember(d.elementParent(e), d.elementName(e), e)
		}
	}
}

// packedPos is a place in 8 bytes: file 12 bits, line 28, column 14, length 10.
// What does not fit is cut: a wrong column is better than a fat row.
type packedPos uint64

func (d *Definition) packPos(p diag.Pos) packedPos {
	if !p.IsValid() {
		return 0
	}
	file := -1
	for i, f := range d.files {
		if f == p.File {
			file = i
			break
		}
	}
	if file < 0 {
		d.files = append(d.files, p.File)
		file = len(d.files) - 1
	}
	fit := func(v, bits int) uint64 { return uint64(min(max(v, 0), 1<<bits-1)) }
	return packedPos(fit(file+1, 12)<<52 | fit(p.Line, 28)<<24 | fit(p.Column, 14)<<10 | fit(p.Length, 10))
}

func (d *Definition) unpackPos(p packedPos) diag.Pos {
	if p == 0 {
		return diag.Pos{}
	}
	return diag.Pos{
		File: d.files[int(p>>52)-1], Line: int(p >> 24 & (1<<28 - 1)),
		Column: int(p >> 10 & (1<<14 - 1)), Length: int(p & (1<<10 - 1)),
	}
}

// packedEnd is a second place near a first in 4 bytes: lines further down 10
// bits, column 14, length 8; 0 means the first place itself.
type packedEnd uint32

func packEnd(from, to diag.Pos) packedEnd {
	down := to.Line - from.Line
	if to == from || to.File != from.File || down < 0 || down >= 1<<10 || to.Column < 1 || to.Column >= 1<<14 {
		return 0
	}
	return packedEnd(down<<22 | to.Column<<8 | min(max(to.Length, 0), 1<<8-1))
}

func (p packedEnd) unpack(from diag.Pos) diag.Pos {
	if p == 0 {
		return from
	}
	return diag.Pos{File: from.File, Line: from.Line + int(p>>22), Column: int(p >> 8 & (1<<14 - 1)), Length: int(p & (1<<8 - 1))}
}

// table keeps things that many rows share, each once, by a key of their
// content.
type table[T any] struct {
	items []T
	index map[string]uint32
}

func (t *table[T]) intern(key string, item T) uint32 {
	if i, ok := t.index[key]; ok {
		return i
	}
	if t.index == nil {
		t.index = map[string]uint32{}
	}
	t.items = append(t.items, item)
	t.index[key] = uint32(len(t.items) - 1)
	return uint32(len(t.items) - 1)
}

// internInterface numbers an interface; nodes made by a loop mostly share a
// pointer, and its reference is then not spelt out again.
func (d *Definition) internInterface(f *iface.Interface) uint32 {
	if id, ok := d.ifacePtrs[f]; ok {
		return id
	}
	id := d.ifaces.intern(refKey(f.Ref), f)
	if d.ifacePtrs == nil || len(d.ifacePtrs) >= 4096 {
		d.ifacePtrs = map[*iface.Interface]uint32{}
	}
	d.ifacePtrs[f] = id
	return id
}

func refKey(r iface.Ref) string {
	return string(value.AppendRecord(append([]byte(r.Name), 0), r.Params)) + r.Source
}

func isWord(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
