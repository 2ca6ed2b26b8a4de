package store

import "sync"

// A window is a piece of a segment as it was read last. Units that are up to
// date are looked at in nearly the order in which their records were written,
// and each has two or three: with a window a hundred of them cost one read.
//
// What lies in a segment never changes, it only grows: a record that the window
// has whole, with the right checksums, is the one on disk. All else is read from
// there.
type window struct {
	mu      sync.Mutex
	segment int
	from    int64  // offset of what is in data
	data    []byte // nil until two reads were near each other
	last    Ref    // the read before
}

const (
	windowSize   = 64 << 10
	windowBehind = windowSize / 8 // how much of it lies before the record that moved it
)

// read gives the record at a place, with its payload in buf if that is large
// enough; not ok if the window has not the whole of it.
func (w *window) read(f file, ref Ref, buf []byte) (rec Record, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if rec, ok = w.find(ref, buf); ok {
		return rec, true
	}
	if !w.isNear(ref) {
		return Record{}, false
	}
	w.move(f, ref)
	return w.find(ref, buf)
}

// isNear reports whether a place is not far from where the read before was.
func (w *window) isNear(ref Ref) bool {
	last := w.last
	w.last = ref
	distance := ref.offset() - last.offset()
	return ref.segment() == last.segment() && max(distance, -distance) < windowSize
}

// move reads what lies around a place. What can't be read is not in the window.
func (w *window) move(f file, ref Ref) {
	if w.data == nil {
		w.data = make([]byte, 0, windowSize)
	}
	w.segment, w.from = ref.segment(), max(0, ref.offset()-windowBehind)
	n, _ := f.ReadAt(w.data[:windowSize], w.from)
	w.data = w.data[:n]
}

func (w *window) find(ref Ref, buf []byte) (Record, bool) {
	at := ref.offset() - w.from
	if ref.segment() != w.segment || at < 0 || at >= int64(len(w.data)) {
		return Record{}, false
	}
	frame := w.data[at:]
	h, ok := parseHeader(frame, ref)
	if !ok || len(frame) < headerSize+h.length {
		return Record{}, false
	}
	payload := append(buf[:0], frame[headerSize:headerSize+h.length]...)
	if checksum(payload) != h.sum {
		return Record{}, false
	}
	w.last = ref
	return Record{Ref: ref, Kind: h.kind, ID: h.id, Payload: payload}, true
}
