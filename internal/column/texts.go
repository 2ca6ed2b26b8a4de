package column

import (
	"hash/maphash"
	"strings"
)

// Texts keeps each text once, numbered from 0. A million names of seven bytes
// take 8 MB, 4 MB to find them by number and, until Settle, 8 MB to find them by
// their text. Use NewTexts.
type Texts struct {
	seed  maphash.Seed
	pages []*strings.Builder // each text behind its length
	at    Of[uint32]         // where each begins: page and offset
	set   Set
}

// NewTexts makes an empty table of texts.
func NewTexts() *Texts { return &Texts{seed: maphash.MakeSeed()} }

// Len is the number of texts.
func (t *Texts) Len() int { return t.at.Len() }

// Get gives the text of that number. It is no copy: it keeps its page alive.
func (t *Texts) Get(id uint32) string {
	at := *t.at.At(int(id))
	rest := t.pages[at>>blockBits].String()[at&(blockSize-1):]
	n, shift := 0, 0
	for i := 0; ; i++ {
		n |= int(rest[i]&0x7f) << shift
		if rest[i] < 0x80 {
			return rest[i+1:][:n]
		}
		shift += 7
	}
}

// Find gives the number of a text that is there.
func (t *Texts) Find(s string) (id uint32, ok bool) {
	t.index()
	return t.find(s, t.hash(s))
}

// Put gives the number of a text, which is added if it is not there.
func (t *Texts) Put(s string) uint32 {
	t.index()
	hash := t.hash(s)
	if id, ok := t.find(s, hash); ok {
		return id
	}
	id := t.add(s)
	t.set.Add(hash, id, t.hashOf)
	return id
}

// Settle gives the room back that only finding texts needs; the next Find or
// Put makes it again.
func (t *Texts) Settle() { t.set = Set{} }

func (t *Texts) hash(s string) uint64          { return maphash.String(t.seed, s) }
func (t *Texts) hashOf(id uint32) uint64       { return t.hash(t.Get(id)) }
func (t *Texts) same(s string, id uint32) bool { return t.Get(id) == s }

func (t *Texts) find(s string, hash uint64) (uint32, bool) {
	return t.set.Find(hash, func(id uint32) bool { return t.same(s, id) })
}

// index makes the set anew after Settle.
func (t *Texts) index() {
	if t.set.Len() > 0 {
		return
	}
	for id := range uint32(t.at.Len()) {
		t.set.Add(t.hashOf(id), id, t.hashOf)
	}
}

// add writes a text at the end of the last page, or on a page of its own.
func (t *Texts) add(s string) uint32 {
	const longest = 10 // bytes of a length
	last := len(t.pages) - 1
	if last < 0 || t.pages[last].Len()+longest+len(s) > blockSize {
		t.pages, last = append(t.pages, new(strings.Builder)), last+1
		checkPages(last)
		if last > 0 {
			t.pages[last].Grow(max(blockSize, longest+len(s)))
		}
	}
	page := t.pages[last]
	id := t.at.Add(uint32(last<<blockBits | page.Len()))
	n := len(s)
	for ; n >= 0x80; n >>= 7 {
		page.WriteByte(byte(n) | 0x80)
	}
	page.WriteByte(byte(n))
	page.WriteString(s)
	return uint32(id)
}
