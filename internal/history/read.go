package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
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
	Base     string        `json:"base_dir"`
	Phase    Phase         `json:"phase"`
	Read     time.Time     `json:"read"` // when this was read
	Seen     time.Time     `json:"seen"` // when the run last wrote
	Counts   event.Counts  `json:"counts"`
	Left     time.Duration `json:"left_ns,omitempty"`  // estimated from Read on; 0: not known
	Draining string        `json:"draining,omitempty"` // why nothing new is, or was, started
	Running  []Running     `json:"running"`            // the longest first; after Died: what ran then
	Failed   []Failed      `json:"failed"`
	Damage   string        `json:"damage,omitempty"` // what of the store can't be read
}

// Complete reports whether the run has ended with everything done.
func (h *History) Complete() bool {
	return h.Phase == Ended && h.Draining == "" && h.Counts.Failed == 0 && h.Counts.Blocked == 0 && h.Counts.Left() == 0
}

// Read gives the last run that is recorded in a store, which may be a view of
// one that another process is writing. base is its base directory. The error is
// ErrNone when there is none.
func Read(s *store.Store, base string) (*History, error) {
	return readAt(s, base, time.Now())
}

func readAt(s *store.Store, base string, now time.Time) (*History, error) {
	f := &fold{}
	_, err := s.Scan(0, f.visit)
	damage, isDamage := errors.AsType[*store.DamagedError](err)
	if err != nil && !isDamage {
		return nil, fmt.Errorf("read run history: %w", err)
	}
	if f.h == nil {
		return nil, ErrNone
	}
	h := f.h
	h.Base, h.Read, h.Running = base, stamp(now), f.running()
	if isDamage {
		h.Damage = damage.Error()
	}
	h.Phase = phase(s, h, f.ended)
	if h.Left = 0; h.Phase == Goes && f.left > 0 {
		h.Left = max(0, f.left-now.Sub(h.Seen))
	}
	if err := f.addFailures(s, base); err != nil {
		return nil, err
	}
	return h, nil
}

// phase tells what became of the run's process.
func phase(s *store.Store, h *History, ended bool) Phase {
	if ended {
		return Ended
	}
	owner, held, ok := s.Owner()
	if !ok || !held || owner.Token != h.Token {
		return Died // another has taken the store since, or this one gave it back
	}
	switch owner.Liveness() {
	case store.Alive:
		return Goes
	case store.Dead:
		return Died
	}
	return Away
}

// A fold puts the records of a history together; those of earlier runs are
// forgotten when a new one begins.
type fold struct {
	h        *History
	id       store.ID
	ended    bool
	left     time.Duration
	began    map[int]Running
	blocked  map[string]int
	failures map[store.ID]store.Ref // failure records of this run
}

func (f *fold) visit(rec store.Record) error {
	switch rec.Kind {
	case KindBegun:
		h := &History{}
		if err := json.Unmarshal(rec.Payload, &h.Run); err != nil || h.Format > formatVersion {
			return nil // a newer Raphe's
		}
		h.Seen, h.Counts.Total = h.Began, h.Total
		*f = fold{h: h, id: rec.ID, began: map[int]Running{}, blocked: map[string]int{}, failures: map[store.ID]store.Ref{}}
	case KindProgress, KindEnded:
		var p progressRecord
		if f.h == nil || f.id != rec.ID || json.Unmarshal(rec.Payload, &p) != nil {
			return nil
		}
		f.apply(&p)
		f.ended = rec.Kind == KindEnded
	case task.KindFailure:
		if f.h != nil {
			f.failures[rec.ID] = rec.Ref
		}
	}
	return nil
}

func (f *fold) apply(p *progressRecord) {
	f.h.Seen, f.h.Counts, f.h.Draining, f.left = p.Time, p.Counts, p.Draining, p.Left
	for _, b := range p.Began {
		f.began[b.N] = b.Running
	}
	for _, n := range p.Ended {
		delete(f.began, n)
	}
	f.h.Failed = append(f.h.Failed, p.Failed...)
	for name, n := range p.Blocked {
		f.blocked[name] += n
	}
}

func (f *fold) running() []Running {
	out := make([]Running, 0, len(f.began))
	for _, r := range f.began {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b Running) int {
		if c := a.Began.Compare(b.Began); c != 0 {
			return c
		}
		return strings.Compare(a.Name, b.Name)
	})
	return out
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
		ref := f.failures[task.ID(failed.Name)]
		if ref == 0 {
			continue
		}
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
