package store

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// Scan shows the records from a place on (0: all) in the order in which they
// were written, and returns the place where a later Scan goes on. What is
// appended meanwhile may or may not be shown.
//
// Damaged places are passed over; after the last record they are returned as
// a *DamagedError, with next still valid. While another process is writing, a view
// stops before an unreadable place in the last segment, since on a network
// file system it may yet be filled.
func (s *Store) Scan(from Ref, visit Visitor) (next Ref, err error) {
	var ch chain
	w := walk{files: s.files, visit: s.withoutOwn(visit)}
	if s.journal != nil {
		ch.links = s.journal.snapshot()
	} else {
		if ch, err = loadChain(s.files); err != nil {
			return from, fmt.Errorf("scan store %s: %w", s.dir, err)
		}
		w.visit = s.indexing(visit)
		owner, held, _ := s.Owner()
		w.growing = held && owner.Liveness() != Dead
	}
	if err := w.run(ch.links, from); err != nil {
		return from, err
	}
	s.mu.Lock()
	if from <= s.indexed {
		s.indexed = max(s.indexed, w.next)
	}
	s.mu.Unlock()
	if d := s.damaged(append(ch.holes, w.holes...)); d != nil {
		return w.next, d
	}
	return w.next, nil
}

// withoutOwn keeps the store's own records from a visitor.
func (s *Store) withoutOwn(visit Visitor) Visitor {
	return func(rec Record) error {
		if rec.Kind > MaxKind || visit == nil {
			return nil
		}
		return visit(rec)
	}
}

// indexing is withoutOwn, and remembers where the store's own records lie.
func (s *Store) indexing(visit Visitor) Visitor {
	own := s.withoutOwn(visit)
	return func(rec Record) error {
		switch rec.Kind {
		case kindBlob:
			return s.indexBlob(rec)
		case kindMemo:
			s.mu.Lock()
			s.memo.Put(uint64(rec.ID), rec.Ref)
			s.mu.Unlock()
			return nil
		case kindHole:
			s.indexHole(rec)
			return nil
		}
		return own(rec)
	}
}

// refresh reads, in a view, what was written since the last look.
func (s *Store) refresh() error {
	if s.journal != nil {
		return nil
	}
	s.mu.Lock()
	from := s.indexed
	s.mu.Unlock()
	_, err := s.Scan(from, nil)
	if _, ok := errors.AsType[*DamagedError](err); ok {
		return nil // what is wanted may be elsewhere
	}
	return err
}

// Read returns the record at a place. Its payload lies in buf if that is large
// enough. A record that has changed since it was written is a *DamagedError.
func (s *Store) Read(ref Ref, buf []byte) (Record, error) { return s.read(&s.records, ref, buf) }

func (s *Store) read(w *window, ref Ref, buf []byte) (Record, error) {
	f, err := s.files.get(ref.segment())
	if err != nil {
		return Record{}, fmt.Errorf("read record %s: %w", ref, err)
	}
	if rec, ok := w.read(f, ref, buf); ok {
		return rec, nil
	}
	// One call reads the header and, of most records, all the rest.
	const guess = 1024
	if cap(buf) < guess {
		buf = make([]byte, guess)
	}
	buf = buf[:min(cap(buf), 4*guess)]
	n, err := f.ReadAt(buf, ref.offset())
	if err != nil && !errors.Is(err, io.EOF) {
		return Record{}, fmt.Errorf("read record %s: %w", ref, err)
	}
	h, ok := parseHeader(buf[:n], ref)
	if !ok {
		return Record{}, s.lost(ref, 0)
	}
	if whole := headerSize + h.length; n < whole {
		if buf, err = readRest(f, ref, buf[:n], whole); errors.Is(err, io.EOF) {
			return Record{}, s.lost(ref, int64(whole))
		} else if err != nil {
			return Record{}, fmt.Errorf("read record %s: %w", ref, err)
		}
	}
	payload := buf[headerSize : headerSize+h.length]
	if checksum(payload) != h.sum {
		return Record{}, s.lost(ref, int64(headerSize+h.length))
	}
	return Record{Ref: ref, Kind: h.kind, ID: h.id, Payload: payload}, nil
}

// readRest completes a frame of which buf has the beginning.
func readRest(f file, ref Ref, buf []byte, whole int) ([]byte, error) {
	n := len(buf)
	if cap(buf) < whole {
		// A header is believed by its checksum, but not for a gigabyte.
		if info, err := f.Stat(); err != nil {
			return nil, err
		} else if info.Size() < ref.offset()+int64(whole) {
			return nil, io.EOF
		}
		buf = append(make([]byte, 0, whole), buf...)
	}
	buf = buf[:whole]
	got, err := f.ReadAt(buf[n:], ref.offset()+int64(n))
	if got == whole-n {
		err = nil
	}
	return buf, err
}

// lost is the error for a record that is no longer what was written.
func (s *Store) lost(ref Ref, length int64) error {
	return &DamagedError{Holes: []Hole{{
		File: s.files.path(ref.segment()), Offset: ref.offset(), Length: length, Lost: "a record",
	}}}
}

// Owner returns the present owner of the store, or the last one, and whether
// it still holds it. An owner that has died holds it until the next one comes;
// Owner.Liveness tells more. ok is false if nobody ever claimed the store.
func (s *Store) Owner() (owner Owner, held, ok bool) {
	number, content, err := highestClaim(filepath.Join(s.dir, "owner"))
	if err != nil || number == 0 {
		return Owner{}, false, false
	}
	owner = parseOwner(content)
	return owner, !owner.Released, true
}
