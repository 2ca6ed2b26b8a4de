// Package store keeps the records of a base directory: what ran, with which
// key, what came of it. It is the only thing on disk that a resumed run
// believes.
//
// The store is a folder of plain files, <base_dir>/.raphe:
//
//	FORMAT              one line: the version of everything below
//	segments/NNNNNN.seg frames, one after another (frame.go)
//	owner/NNNNNN        whose run this is (owner.go, claim.go)
//	owner/NNNNNN.running  process groups that the owner has started (running.go)
//
// The types as a map:
//
//	Store    an open store: Append, Read, Scan, PutBlob, Blob, Sync, Close
//	Record   a kind, an id and a payload of bytes; Ref says where it lies
//	Memo     remembers the digests of files, by path, size, time and inode
//	Index    finds a place by a hash of 64 bits
//	Owner    who holds the store, or held it last
//	ProcessMark  a process group that an earlier owner left running
//	DamagedError, WriteError, OwnedError, LostError, VersionError
//
// Three rules make it safe on network file systems, where locks lie, caches
// lag and clocks differ: a byte that was written is never changed, only
// appended to; each segment has one writer, and says where the one before it
// ended, so that a writer that lost its claim can spoil nothing (chain.go);
// and a claim is made by an exclusive create, and judged by what this
// machine's own clock sees of it.
//
// The package knows nothing of workflows, keys or instances: a payload is
// bytes, and kinds are the caller's.
package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// Folder is the name of the store's folder inside a base directory.
const Folder = ".raphe"

// Kind says what a record is. Callers declare their own, from 1 to MaxKind;
// the numbers above belong to the store.
type Kind uint8

// MaxKind is the largest kind that a caller may use.
const MaxKind Kind = 0xEF

// ID names what a record is about: a 64-bit hash of an instance's name, made
// by the caller.
type ID uint64

// Record is one entry of the store.
type Record struct {
	Ref     Ref
	Kind    Kind
	ID      ID
	Payload []byte
}

// Visitor is shown records in the order in which they were written. The
// payload is valid during the call only. An error ends the walk and is
// returned as it is.
type Visitor func(Record) error

// SyncPolicy says when written records are forced to the disk.
type SyncPolicy uint8

const (
	// SyncLazily forces them when a segment is full, at each heartbeat, in
	// Sync and in Close. Records survive the end of the process at once; a
	// power cut may lose those of the last few seconds, whose instances
	// then run again.
	SyncLazily SyncPolicy = iota
	// SyncAlways forces each batch before Append returns.
	SyncAlways
)

// Options are the choices of the run that opens a store. Zero values are good.
type Options struct {
	// Visit is shown every record that is there when the store is opened.
	// It spares a second pass: Open has to read them all anyway.
	Visit Visitor
	// SegmentSize is the size at which a new segment is begun; 64 MiB.
	SegmentSize int64
	// Sync says when records are forced to the disk.
	Sync SyncPolicy
	// StaleAfter is how long the claim of an owner on another machine must
	// stand still, watched by our own clock, before it is taken over; 60 s.
	// All runs of a base directory should use the same, several heartbeats
	// long: an owner that could not show itself for half of it looks whether
	// the store is still its own before it writes on.
	StaleAfter time.Duration
	// Heartbeat is how often the owner shows that it is alive; 5 s.
	Heartbeat time.Duration
	// OnWait is called when Open begins to watch the claim of an owner that
	// may or may not be alive, which takes up to StaleAfter.
	OnWait func(Owner)

	// open and link are os.OpenFile and os.Link, or a test's failing disk.
	open opener
	link func(old, new string) error
}

func (o Options) withDefaults() Options {
	if o.SegmentSize <= 0 {
		o.SegmentSize = 64 << 20
	}
	if o.StaleAfter <= 0 {
		o.StaleAfter = 60 * time.Second
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 5 * time.Second
	}
	if o.open == nil {
		o.open = openOSFile
	}
	if o.link == nil {
		o.link = os.Link
	}
	return o
}

// Store is an open store. Its methods may be called concurrently.
type Store struct {
	base  string // the base directory
	dir   string // base/.raphe
	files *fileSet

	// journal, claim and running are nil in a view.
	journal *journal
	claim   *claim
	running *runningTable
	beating sync.WaitGroup
	stop    context.CancelFunc

	mu       sync.Mutex // guards what follows
	blobs    Index
	memo     Index
	accepted map[Ref]int64 // damaged places that are known, and their lengths
	indexed  Ref           // in a view: everything before it is in blobs and memo
	clockOff time.Duration
	closed   bool

	putMu   sync.Mutex // one PutBlob at a time
	memoMu  sync.Mutex // guards memoBuf
	memoBuf [1024]byte

	// Memos are written when units are looked at, up to some thousand before
	// their records: each kind is read along a way of its own.
	records, memos window

	damage *DamagedError
}

// Open opens the store of a base directory for a run, making it if there is
// none. It claims the store, reads every record once (showing them to
// opts.Visit) and makes ready to append.
//
// If another run owns the store the error is an *OwnedError. If the owner is
// on another machine Open watches its claim for up to opts.StaleAfter; ctx
// ends that wait. Damaged places do not stop Open: see Damage.
func Open(ctx context.Context, base string, opts Options) (*Store, error) {
	opts = opts.withDefaults()
	s := newStore(base, opts.open)
	if err := s.prepare(); err != nil {
		return nil, fmt.Errorf("open store %s: %w", s.dir, err)
	}
	c, err := takeClaim(ctx, s.base, filepath.Join(s.dir, "owner"), opts)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", s.dir, err)
	}
	s.claim = c
	s.clockOff = c.clockOff
	s.journal = newJournal(s.files, c, opts)
	ctx, s.stop = context.WithCancel(context.Background())
	s.beating.Go(func() { s.beat(ctx, opts.Heartbeat) }) // reading may take long
	if err := s.begin(opts); err != nil {
		s.Close()
		return nil, fmt.Errorf("open store %s: %w", s.dir, err)
	}
	return s, nil
}

// begin is what an owner does first: read everything, find the place to
// append at, take over the process marks.
func (s *Store) begin(opts Options) error {
	ch, err := loadChain(s.files)
	if err != nil {
		return err
	}
	walk := walk{files: s.files, visit: s.indexing(opts.Visit)}
	if err := walk.run(ch.links, 0); err != nil {
		return err
	}
	s.damage = s.damaged(append(ch.holes, walk.holes...))
	s.journal.resume(ch, walk.ends)
	s.running, err = openRunning(s.claim, opts.open)
	return err
}

// View opens the store of a base directory for reading, also while a run is
// writing to it. It never writes. If there is no store the error is
// fs.ErrNotExist.
func View(base string) (*Store, error) {
	s := newStore(base, openOSFile)
	if err := checkFormat(s.dir); err != nil {
		return nil, fmt.Errorf("view store %s: %w", s.dir, err)
	}
	return s, nil
}

func newStore(base string, open opener) *Store {
	dir := filepath.Join(base, Folder)
	return &Store{
		base: base, dir: dir,
		files:    newFileSet(filepath.Join(dir, "segments"), open),
		accepted: map[Ref]int64{},
	}
}

// Append writes a record and returns where it lies. It returns when the bytes
// are handed to the operating system, so that the end of this process can not
// lose them; Options.Sync says when they are forced to the disk. Records of
// concurrent calls are written together.
//
// A failed write (*WriteError) and a lost claim (*LostError) are final: no
// later call succeeds.
func (s *Store) Append(kind Kind, id ID, payload []byte) (Ref, error) {
	if kind == 0 || kind > MaxKind {
		panic(fmt.Sprintf("BUG: store: kind %d is not a caller's", kind))
	}
	if len(payload) > MaxPayload {
		return 0, fmt.Errorf("append record of kind %d: payload of %d bytes is over the limit of %d; store it as a blob",
			kind, len(payload), MaxPayload)
	}
	return s.append(kind, id, payload)
}

func (s *Store) append(kind Kind, id ID, payload ...[]byte) (Ref, error) {
	if s.journal == nil {
		return 0, ErrReadOnly
	}
	return s.journal.append(kind, id, payload...)
}

// Sync forces everything that was appended to the disk.
func (s *Store) Sync() error {
	if s.journal == nil {
		return ErrReadOnly
	}
	return s.journal.sync()
}

// Close forces the records to the disk, gives the claim back and closes the
// files. The error is that of the last write, if it was not reported before.
// No other call may be under way or follow; a second Close does nothing.
func (s *Store) Close() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	var err error
	if s.journal != nil {
		s.stop()
		s.beating.Wait()
		err = errors.Join(s.journal.close(), s.running.close(), s.claim.release())
	}
	return errors.Join(err, s.files.close())
}
