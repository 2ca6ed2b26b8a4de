package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"
)

// journal is the writing end of the store: it puts frames behind one another,
// writes those of concurrent callers together, and begins a new segment when
// one is full.
//
// Whoever finds no write under way writes everything that waits, for itself
// and for the others; those who come meanwhile wait and make the next batch. A
// frame gets its place when it joins a batch, so a failed write must be final:
// what comes after it has no place.
type journal struct {
	files   *fileSet
	claim   *claim
	size    int64 // at which a segment is full
	always  bool  // SyncAlways
	patient time.Duration

	mu      sync.Mutex
	wake    sync.Cond // a batch is done
	links   []link    // the chain; the limit of the last one is open
	highest int       // segment number in use
	epoch   uint64    // of new segments
	file    file      // nil until the first append
	number  int       // of file
	end     int64     // of what is in the segment, in a batch under way, or waiting

	batch   []byte // frames that wait
	base    int64  // offset of batch
	spare   []byte // the other buffer
	serial  uint64 // of the batch that waits
	done    uint64 // serial of the last batch that was written
	writing bool
	full    []file // segments before, not yet forced to the disk
	written Ref    // end of what the operating system has
	dirty   bool   // written, but not forced
	err     error

	flushMu sync.Mutex // one sync at a time
}

// newJournal makes a journal; resume gives it its place.
func newJournal(files *fileSet, c *claim, opts Options) *journal {
	j := &journal{
		files: files, claim: c, size: opts.SegmentSize,
		always: opts.Sync == SyncAlways, patient: opts.StaleAfter / 2,
		serial: 1,
	}
	j.wake.L = &j.mu
	return j
}

// resume finds the place to go on at from what Open has read: in the last
// segment if that is sound, ends with a whole frame, and its writer is
// certainly gone; otherwise the next append begins a new one.
func (j *journal) resume(ch chain, ends []segmentEnd) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.links, j.highest = ch.links, ch.highest
	// The claim's number, unless someone deleted the claims and they began anew.
	j.epoch = max(j.claim.number, ch.epoch)
	if len(ends) == 0 {
		return
	}
	last := ends[len(ends)-1]
	j.number, j.end, j.written = last.number, last.good, makeRef(last.number, last.good)
	if !j.claim.previousGone || !last.sound || last.good == 0 || last.good != last.size || last.good >= j.size {
		return
	}
	// If it can not be opened for writing, creating the next will say why.
	if f, err := j.files.getFor(last.number, os.O_RDWR); err == nil {
		j.file = f
	}
}

// append adds a frame and returns when it is written.
func (j *journal) append(kind Kind, id ID, payload ...[]byte) (Ref, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil && len(j.batch) == 0 {
		j.startBatch()
	}
	if j.err != nil {
		return 0, j.err
	}
	at := makeRef(j.number, j.end)
	n := len(j.batch)
	j.batch = appendFrame(j.batch, at, kind, id, payload...)
	j.end += int64(len(j.batch) - n)
	for mine := j.serial; j.done < mine; {
		switch {
		case j.err != nil:
			return 0, j.err
		case j.writing:
			j.wake.Wait()
		default:
			j.writeBatch()
		}
	}
	return at, nil
}

// startBatch makes sure that there is a segment with room. A batch lies in
// one segment, so a segment may grow over the limit by one batch.
func (j *journal) startBatch() {
	if j.file == nil || j.end >= j.size {
		if err := j.roll(); err != nil {
			j.fail(err, j.highest)
			return
		}
	}
	j.base = j.end - int64(len(j.batch))
}

// roll begins a new segment; its first frame waits in the batch.
func (j *journal) roll() error {
	if err := j.claim.verify(); err != nil {
		return err
	}
	for {
		// A number may have been taken by a run that lost its claim.
		j.highest++
		path := j.files.path(j.highest)
		if j.highest > maxSegment {
			return &WriteError{path, "create", fmt.Errorf("a store has at most %d segments", maxSegment)}
		}
		f, err := j.files.getFor(j.highest, os.O_RDWR|os.O_CREATE|os.O_EXCL)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return &WriteError{path, "create", bare(err)}
		}
		st := start{epoch: j.epoch, prev: j.number, end: j.end}
		if len(j.links) > 0 {
			j.links[len(j.links)-1].limit = j.end
		}
		if j.file != nil {
			j.full = append(j.full, j.file)
		}
		j.file, j.number = f, j.highest
		j.links = append(j.links, link{j.number, openEnd})
		j.batch = appendFrame(j.batch, makeRef(j.number, 0), kindStart, 0, st.payload())
		j.end = int64(len(j.batch))
		return nil
	}
}

// writeBatch writes what waits. j.mu is held on entry and on return, and free
// in between.
func (j *journal) writeBatch() {
	b, base, serial, f, number, full := j.batch, j.base, j.serial, j.file, j.number, j.full
	j.batch, j.writing = j.spare[:0], true
	j.serial++
	j.mu.Unlock()
	n, err := j.write(f, full, b, base)
	j.mu.Lock()
	j.writing = false
	if err != nil {
		n = wholeFrames(b, n)
		if n < len(b) {
			f.Truncate(base + int64(n)) // if that fails too, readers pass over it
		}
		j.fail(err, number)
	} else {
		j.done = serial
		j.full = j.full[len(full):]
	}
	if n > 0 {
		j.written, j.dirty = makeRef(number, base+int64(n)), !j.always
	}
	const keep = 1 << 20
	if j.spare = b; cap(b) > keep {
		j.spare = nil
	}
	j.wake.Broadcast()
}

// write hands a batch to the operating system.
func (j *journal) write(f file, full []file, b []byte, base int64) (int, error) {
	// A process that stood still may have been taken for dead: look first.
	if j.claim.silence() > j.patient {
		if err := j.claim.verify(); err != nil {
			return 0, err
		}
		j.claim.seen()
	}
	for _, old := range full {
		if err := old.Sync(); err != nil {
			return 0, err
		}
	}
	n, err := f.WriteAt(b, base)
	if err == nil && j.always {
		err = f.Sync()
	}
	if err == nil && base == 0 {
		syncDir(j.files.dir, j.files.open)
	}
	return n, err
}

// fail notes the error that ends all writing.
func (j *journal) fail(err error, number int) {
	if j.err != nil {
		return
	}
	j.err = err
	_, lost := errors.AsType[*LostError](err)
	_, told := errors.AsType[*WriteError](err)
	if !lost && !told {
		j.err = &WriteError{j.files.path(number), "write", bare(err)}
	}
}

// wholeFrames returns how many of the first n bytes of b are whole frames.
func wholeFrames(b []byte, n int) int {
	whole := 0
	for whole+headerSize <= n {
		end := whole + headerSize + int(binary.LittleEndian.Uint32(b[whole+4:]))
		if end > n {
			break
		}
		whole = end
	}
	return whole
}

// sync forces what was written to the disk.
func (j *journal) sync() error {
	j.flushMu.Lock()
	defer j.flushMu.Unlock()
	j.mu.Lock()
	number, dirty, err := j.number, j.dirty, j.err
	files := append(slices.Clone(j.full), j.file)
	j.dirty = false
	j.mu.Unlock()
	if err != nil || !dirty {
		return err
	}
	for _, f := range files {
		err = errors.Join(err, f.Sync())
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if err != nil {
		j.fail(err, number)
		return j.err
	}
	return nil
}

// close forces everything to the disk and says if it could not.
func (j *journal) close() error {
	err := j.sync()
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = &WriteError{j.files.dir, "write", fs.ErrClosed}
		return err
	}
	return nil // Append has reported it
}

// snapshot returns the chain with the limits of what is written now.
func (j *journal) snapshot() []link {
	j.mu.Lock()
	defer j.mu.Unlock()
	var links []link
	for _, l := range j.links {
		if l.number == j.written.segment() {
			l.limit = j.written.offset()
		}
		if l.number <= j.written.segment() {
			links = append(links, l)
		}
	}
	return links
}

// bare takes the operation and the path off an error, which its WriteError
// has.
func bare(err error) error {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err
	}
	return err
}

// lose ends all writing because the claim is lost.
func (j *journal) lose(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fail(err, j.number)
}
