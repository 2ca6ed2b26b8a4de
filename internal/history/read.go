package history

import (
	"errors"
	"fmt"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
)

// ErrNone says that no run is recorded in the store.
var ErrNone = errors.New("no run is recorded here")

// Phase says whether a run goes on.
type Phase string

const (
	Goes  Phase = "running" // its process is alive
	Ended Phase = "ended"   // it came to its end: all done, some failed, or interrupted
	Died  Phase = "died"    // its process is gone and it did not come to its end
	Away  Phase = "unknown" // it has not ended, and runs, or ran, on another machine
)

// A History is the last run of a base directory, and how it stood when it was
// last heard of. Its JSON form is described in doc/formats.md.
type History struct {
	Run
	Base     string         `json:"base_dir"`
	Phase    Phase          `json:"phase"`
	Read     time.Time      `json:"read"` // when this was read
	Seen     time.Time      `json:"seen"` // when the run last wrote
	Counts   event.Counts   `json:"counts"`
	Left     time.Duration  `json:"left_ns,omitempty"`   // estimated from Read on; 0: not known
	Draining string         `json:"draining,omitempty"`  // why nothing new is, or was, started
	Running  []Running      `json:"running"`             // the longest first; after Died: what ran then
	Held     *progress.Held `json:"held,omitempty"`      // its memory; nil: it was not measured
	Tools    int            `json:"tools,omitempty"`     // how many tools run now, and
	ToolsRSS int64          `json:"tools_rss,omitempty"` // bytes that they hold
	Failed   []Failed       `json:"failed"`
	Damage   string         `json:"damage,omitempty"` // what of the store can't be read
}

// Complete reports whether the run has ended with everything done.
func (h *History) Complete() bool {
	return h.Phase == Ended && h.Draining == "" && h.Counts.Failed == 0 && h.Counts.Blocked == 0 && h.Counts.Left() == 0
}

// Read gives the last run that is recorded in a store, which may be a view of
// one that another process is writing. base is its base directory. The error is
// ErrNone when there is none.
func Read(s *store.Store, base string) (*History, error) {
	h, _, err := Follow(s, base).Read(time.Now())
	return h, err
}

// A Follower reads the last run of a base directory again and again, each time
// only what was written since. It is not safe for concurrent use.
type Follower struct {
	store  *store.Store
	follow *store.Follower
	base   string
	fold   fold
	phase  Phase
	damage string
}

// Follow begins to follow the last run that is recorded in a store. It uses the
// store alone.
func Follow(s *store.Store, base string) *Follower {
	return &Follower{store: s, follow: s.Follow(), base: base}
}

// Read gives how the last run stands now, which may be a later one than
// before, and whether anything has changed since. What it gives is valid until
// the next call.
func (f *Follower) Read(now time.Time) (h *History, changed bool, err error) {
	before := f.fold.records
	err = f.follow.Scan(f.fold.visit)
	if damage, ok := errors.AsType[*store.DamagedError](err); ok {
		f.damage = damage.Error()
	} else if err != nil {
		return nil, false, fmt.Errorf("read run history: %w", err)
	}
	if f.fold.h == nil {
		return nil, false, ErrNone
	}
	h = f.fold.h
	h.Base, h.Read, h.Damage = f.base, stamp(now), f.damage
	if h.Running = progress.Longest(f.fold.running()); h.Running == nil {
		h.Running = []Running{} // a list in JSON, too
	}
	h.Phase = f.phaseOf(h, now)
	if h.Left = 0; h.Phase == Goes && f.fold.left > 0 {
		h.Left = max(0, f.fold.left-now.Sub(h.Seen))
	}
	if err := f.fold.addFailures(f.store, f.base); err != nil {
		return nil, false, err
	}
	changed = f.fold.records != before || h.Phase != f.phase
	f.phase = h.Phase
	return h, changed, nil
}

// phaseOf tells what became of the run's process.
func (f *Follower) phaseOf(h *History, now time.Time) Phase {
	if f.fold.ended {
		return Ended
	}
	owner, live, held, ok := f.follow.Owner(now)
	if !ok || !held || owner.Token != h.Token {
		return Died // another has taken the store since, or this one gave it back
	}
	switch live {
	case store.Alive:
		return Goes
	case store.Dead:
		return Died
	}
	return Away
}

// addFailures completes the failed instances by what the engine recorded.
func (f *fold) addFailures(s *store.Store, base string) error {
	if f.h.Failed == nil {
		f.h.Failed = []Failed{}
	}
	var buf []byte
	for i := range f.h.Failed {
		failed := &f.h.Failed[i]
		failed.Blocked = f.blocked[failed.Name]
		id := task.ID(failed.Name)
		ref := f.failures[id]
		if ref == 0 {
			continue
		}
		delete(f.failures, id) // to be read once
		raw, err := s.Read(ref, buf)
		if _, lost := errors.AsType[*store.DamagedError](err); lost {
			continue
		}
		if err != nil {
			return fmt.Errorf("read run history: %w", err)
		}
		buf = raw.Payload[:0]
		if rec, err := task.DecodeRecord(raw.Payload, base); err == nil && rec.Name == failed.Name {
			failed.Failure = rec.Failure
		}
	}
	return nil
}
