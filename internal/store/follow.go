package store

import (
	"path/filepath"
	"time"
)

// A Follower reads a store again and again, mostly a view, each time only what
// was written since, and watches whether the owner lives. It costs a few system
// calls when nothing was written. It is not safe for concurrent use, and nobody
// else may use the view meanwhile.
type Follower struct {
	store *Store
	next  Ref

	claim  string    // the owner's claim as it stood at the last look
	looked time.Time // when that was; zero before the first
	moved  bool      // it has changed since the first
	quiet  time.Duration
}

// longestLook is how much of the time between two looks at a claim counts as
// time in which its owner stood still: more of it nobody has watched.
const longestLook = 5 * time.Second

// Follow begins to follow a store, from its first record on.
func (s *Store) Follow() *Follower { return &Follower{store: s} }

// Scan shows the records that were written since the last call; otherwise it
// is [Store.Scan].
func (f *Follower) Scan(visit Visitor) error {
	if f.store.journal == nil {
		// Only when a file is opened must a network file system ask its server
		// how long it is now.
		f.store.files.forget(f.next.segment())
	}
	next, err := f.store.Scan(f.next, visit)
	f.next = next
	return err
}

// forget closes a segment's file; it is opened again when it is needed.
func (set *fileSet) forget(number int) {
	set.mu.Lock()
	defer set.mu.Unlock()
	if f := set.files[number]; f != nil {
		f.Close() // it was open for reading only
		delete(set.files, number)
	}
}

// Owner returns what [Store.Owner] does, and whether the owner lives. Of one
// on another machine its heartbeat tells that in time: Unknown until it has
// beaten under our eyes, or has not for as long as a run waits before it takes
// a store over.
func (f *Follower) Owner(now time.Time) (owner Owner, live Liveness, held, ok bool) {
	number, content, err := highestClaim(filepath.Join(f.store.dir, "owner"))
	if err != nil || number == 0 {
		return Owner{}, Unknown, false, false
	}
	owner = parseOwner(content)
	claim := claimName(number) + "\n" + string(content)
	switch {
	case f.looked.IsZero():
	case claim != f.claim:
		f.moved, f.quiet = true, 0
	default:
		f.quiet += min(now.Sub(f.looked), longestLook)
	}
	f.claim, f.looked = claim, now
	live = owner.Liveness()
	if live == Unknown && f.quiet >= (Options{}).withDefaults().StaleAfter {
		live = Dead
	} else if live == Unknown && f.moved {
		live = Alive
	}
	return owner, live, !owner.Released, true
}
