package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
)

// The first frame of a segment says under which claim it was begun, and where
// the records before it end: in which segment, at which byte. So the segments
// form a chain, walked backwards from the newest, and what is not on the
// chain is void:
//
//   - the half-written end that a killed run left;
//   - what a paused run, or a slow network, still wrote after another run
//     took its claim over. Its segments carry the older claim.
//
// And a segment that is shorter than its successor says has lost records,
// which is how damage at an end is told from a killed run's last write.

// start is the payload of a segment's first frame: claim number (8 bytes),
// previous segment (4), its end (8).
type start struct {
	epoch uint64
	prev  int   // 0 for the first
	end   int64 // openEnd if not known
}

const startSize = 20

// openEnd is the limit of a segment of which no successor tells the end.
const openEnd int64 = -1

func (st start) payload() []byte {
	b := binary.LittleEndian.AppendUint64(nil, st.epoch)
	b = binary.LittleEndian.AppendUint32(b, uint32(st.prev))
	return binary.LittleEndian.AppendUint64(b, uint64(st.end))
}

// readStart reads the first frame of a segment; ok is false if it is not whole.
func readStart(set *fileSet, number int) (st start, ok bool, err error) {
	f, err := set.get(number)
	if err != nil {
		return start{}, false, err
	}
	var b [headerSize + startSize]byte
	if n, err := f.ReadAt(b[:], 0); n < len(b) {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return start{}, false, err
	}
	h, ok := parseHeader(b[:], makeRef(number, 0))
	p := b[headerSize:]
	if !ok || h.kind != kindStart || h.length != startSize || checksum(p) != h.sum {
		return start{}, false, nil
	}
	st.epoch = binary.LittleEndian.Uint64(p)
	st.prev = int(binary.LittleEndian.Uint32(p[8:]))
	st.end = int64(binary.LittleEndian.Uint64(p[12:]))
	return st, st.prev < number && st.end >= 0, nil
}

// link is a segment of the chain. Bytes from limit on do not count.
type link struct {
	number int
	limit  int64
}

// chain is what the segments' first frames say.
type chain struct {
	links   []link // in the order of writing
	holes   []Hole
	highest int    // number in use, on the chain or not
	epoch   uint64 // of the newest link
}

// loadChain reads the first frames of all segments.
func loadChain(set *fileSet) (chain, error) {
	numbers, err := set.numbers()
	if err != nil || len(numbers) == 0 {
		return chain{}, err
	}
	starts := make(map[int]start, len(numbers))
	head, before := 0, start{}
	for i, n := range numbers {
		st, ok, err := readStart(set, n)
		if err != nil {
			return chain{}, fmt.Errorf("read segment %s: %w", set.path(n), err)
		}
		if !ok { // take it for the successor of the one before
			st = start{epoch: before.epoch, end: openEnd}
			if i > 0 {
				st.prev = numbers[i-1]
			}
		}
		starts[n], before = st, st
		if head == 0 || st.epoch >= starts[head].epoch {
			head = n
		}
	}
	ch := chain{highest: numbers[len(numbers)-1], epoch: starts[head].epoch}
	ch.follow(set, head, starts)
	return ch, nil
}

// follow walks the chain back from head.
func (ch *chain) follow(set *fileSet, head int, starts map[int]start) {
	limit := openEnd
	for n := head; n > 0; {
		st, ok := starts[n]
		if !ok {
			ch.holes = append(ch.holes, missing(set, n, limit))
			for n--; n > 0; n-- { // go on with the nearest that is there
				if _, ok := starts[n]; ok {
					break
				}
			}
			limit = openEnd
			continue
		}
		ch.links = append(ch.links, link{n, limit})
		n, limit = st.prev, st.end
	}
	slices.Reverse(ch.links)
	slices.Reverse(ch.holes)
}

// missing is the hole that a segment leaves which is not there.
func missing(set *fileSet, number int, limit int64) Hole {
	return Hole{File: set.path(number), Length: max(limit, 0), Lost: "a whole segment", at: makeRef(number, 0)}
}

// walk shows the records of a chain to a visitor.
type walk struct {
	files   *fileSet
	visit   Visitor
	growing bool // the last segment is being written by another process

	holes []Hole
	ends  []segmentEnd // of every link that was walked
	next  Ref          // where a later walk goes on
}

// segmentEnd says how far the whole frames of a segment reach, its size, and
// whether there are no holes between them.
type segmentEnd struct {
	number     int
	good, size int64
	sound      bool
}

// run walks the links, from a place on.
func (w *walk) run(links []link, from Ref) error {
	w.next = from
	for i, l := range links {
		if l.number < from.segment() {
			continue
		}
		off := int64(0)
		if l.number == from.segment() {
			off = from.offset()
		}
		if err := w.segment(l, off, w.growing && i == len(links)-1); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) segment(l link, off int64, growing bool) error {
	path := w.files.path(l.number)
	f, err := w.files.get(l.number)
	if errors.Is(err, fs.ErrNotExist) {
		w.holes = append(w.holes, missing(w.files, l.number, l.limit))
		return nil
	}
	if err != nil {
		return fmt.Errorf("open segment %s: %w", path, err)
	}
	info, err := f.Stat()
	if err != nil {
		return fmt.Errorf("look at segment %s: %w", path, err)
	}
	limit := info.Size()
	if l.limit != openEnd {
		limit = min(limit, l.limit)
	}
	sc := newScanner(f, l.number, off, limit)
	sc.growing = growing
	for {
		rec, err := sc.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("scan segment %s: %w", path, err)
		}
		if rec.Kind == kindStart {
			continue
		}
		if err := w.visit(rec); err != nil {
			return err
		}
	}
	w.done(l, sc, info.Size())
	return nil
}

// done notes the holes and the end of a segment that was walked.
func (w *walk) done(l link, sc *scanner, size int64) {
	if l.limit != openEnd && sc.good < l.limit {
		sc.holes = append(sc.holes, extent{sc.good, l.limit})
	}
	for _, h := range sc.holes {
		w.holes = append(w.holes, Hole{
			File: w.files.path(l.number), Offset: h.from, Length: h.to - h.from, Lost: "records",
			at: makeRef(l.number, h.from),
		})
	}
	w.ends = append(w.ends, segmentEnd{l.number, sc.good, size, len(sc.holes) == 0})
	w.next = makeRef(l.number, sc.good)
}
