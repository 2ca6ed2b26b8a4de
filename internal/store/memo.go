package store

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"time"
)

// Stamp is what tells, without reading a file, that it is still the one that
// was read.
type Stamp struct {
	Path    string // absolute
	Size    int64
	MtimeNS int64
	Inode   uint64
}

// Memo remembers the digests of files, so that a file is read once and not
// again until its size, time or inode changes. It lives in the store's
// segments; in memory a file costs some 18 bytes, and an answer costs one small
// read, in which the whole stamp is compared.
type Memo struct{ s *Store }

// Memo returns the store's memo.
func (s *Store) Memo() Memo { return Memo{s} }

// racyWindow is how old a file's last change must be when it is read, for its
// stamp to be trusted. A change within the same tick of the file system's
// clock as the one before leaves the time as it was; the coarsest tick in use
// is two seconds (FAT).
const racyWindow = 2 * time.Second

// memoFixed is the length of a memo's payload before the path: size, time and
// inode (8 bytes each), digest.
const memoFixed = 24 + digestSize

// Get returns the digest that was remembered for a stamp.
func (m Memo) Get(st Stamp) (Digest, bool) {
	m.s.mu.Lock()
	ref := m.s.memo.Get(pathHash(st.Path))
	fresh := m.s.indexed != 0 || m.s.journal != nil
	m.s.mu.Unlock()
	if ref == 0 && !fresh && m.s.refresh() == nil {
		m.s.mu.Lock()
		ref = m.s.memo.Get(pathHash(st.Path))
		m.s.mu.Unlock()
	}
	if ref == 0 {
		return Digest{}, false
	}
	m.s.memoMu.Lock()
	defer m.s.memoMu.Unlock()
	// A memo that can not be read is no memo: the file will be read.
	rec, err := m.s.read(&m.s.memos, ref, m.s.memoBuf[:])
	if err != nil || rec.Kind != kindMemo || len(rec.Payload) != memoFixed+len(st.Path) {
		return Digest{}, false
	}
	p := rec.Payload
	if string(p[memoFixed:]) != st.Path || !bytes.Equal(p[:24], stampBytes(st)) {
		return Digest{}, false
	}
	return Digest(p[24:]), true
}

// Put remembers a digest. begun is when the reading of the file began, and
// the stamp must have been taken before that and found the same afterwards.
//
// A file that changed just before begun, or later by the clock, is not remembered: it
// could change again without its stamp telling. It will be read again next
// time. The clock of the base directory's file system, which may be a
// server's, is allowed to differ from ours by as much as it did in Open.
func (m Memo) Put(st Stamp, digest Digest, begun time.Time) error {
	window := racyWindow + m.s.clockOff
	if st.MtimeNS > begun.Add(-window).UnixNano() {
		return nil
	}
	if n := memoFixed + len(st.Path); n > MaxPayload {
		return fmt.Errorf("remember digest of a file: path of %d bytes", len(st.Path))
	}
	id := pathHash(st.Path)
	ref, err := m.s.append(kindMemo, ID(id), stampBytes(st), digest[:], []byte(st.Path))
	if err != nil {
		return fmt.Errorf("remember digest of %s: %w", st.Path, err)
	}
	m.s.mu.Lock()
	m.s.memo.Put(id, ref)
	m.s.mu.Unlock()
	return nil
}

func stampBytes(st Stamp) []byte {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 24), uint64(st.Size))
	b = binary.LittleEndian.AppendUint64(b, uint64(st.MtimeNS))
	return binary.LittleEndian.AppendUint64(b, st.Inode)
}

// pathHash is written to disk as a memo's id. Two paths with one hash only
// make each other forgotten.
func pathHash(path string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(path))
	return h.Sum64()
}
