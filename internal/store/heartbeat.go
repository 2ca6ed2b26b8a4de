package store

import (
	"context"
	"errors"
	"time"
)

// beat is the owner's one goroutine: every few seconds it shows that the
// owner is alive, looks whether the claim is still ours, and forces new
// records to the disk (so that a power cut loses seconds, and that readers on
// other machines see them).
//
// A beat that fails is left out, as after a hiccup of a file server; the
// journal does not write for long without having seen the claim.
func (s *Store) beat(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		err := s.claim.beat()
		if _, lost := errors.AsType[*LostError](err); lost {
			s.journal.lose(err)
			return
		}
		s.journal.sync() // an error stays in the journal; Append and Close return it
	}
}

// TakenOver returns the owner whose claim Open took over because it had died
// without releasing it, or nil.
func (s *Store) TakenOver() *Owner {
	if s.claim == nil {
		return nil
	}
	return s.claim.tookFor
}
