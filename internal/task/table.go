package task

import "github.com/raphe-org/raphe/internal/store"

// A refTable finds a record by a 64-bit hash: open addressing, 16 bytes an
// entry and no pointers, so that a store of a million records costs some 21 MB
// while it is open. Zero is no key: hashes of names are never looked up as 0.
type refTable struct {
	keys []uint64
	refs []store.Ref
	used int
}

func (t *refTable) slot(k uint64) int {
	mask := len(t.keys) - 1
	for i := int(k*0x9e3779b97f4a7c15>>20) & mask; ; i = (i + 1) & mask {
		if t.keys[i] == 0 || t.keys[i] == k {
			return i
		}
	}
}

func (t *refTable) put(k uint64, ref store.Ref) {
	k |= 1 // zero marks a free slot; records hold their names, so a clash is seen
	if (t.used+1)*4 > len(t.keys)*3 {
		old := *t
		t.keys, t.refs = make([]uint64, max(64, 2*len(old.keys))), make([]store.Ref, max(64, 2*len(old.keys)))
		for i, key := range old.keys {
			if key != 0 {
				s := t.slot(key)
				t.keys[s], t.refs[s] = key, old.refs[i]
			}
		}
	}
	s := t.slot(k)
	if t.keys[s] == 0 {
		t.used++
	}
	t.keys[s], t.refs[s] = k, ref
}

func (t *refTable) get(k uint64) store.Ref {
	if len(t.keys) == 0 {
		return 0
	}
	return t.refs[t.slot(k|1)]
}
