package history

import (
	"encoding/json"
	"iter"
	"maps"
	"time"

	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
)

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
	memory   memoryReader
	records  int // of histories, so far
}

// visit takes in one record of the store.
func (f *fold) visit(rec store.Record) error {
	switch rec.Kind {
	case KindBegun:
		f.begin(rec)
	case KindProgress, KindEnded:
		var p progressRecord
		if f.h == nil || f.id != rec.ID || json.Unmarshal(rec.Payload, &p) != nil {
			return nil
		}
		f.apply(&p)
		f.ended = rec.Kind == KindEnded
	case KindMemory:
		if f.h == nil || f.id != rec.ID {
			return nil
		}
		if err := f.memory.visit(rec); err != nil {
			return err
		}
	case task.KindFailure:
		if f.h != nil {
			f.failures[rec.ID] = rec.Ref
		}
		return nil
	default:
		return nil
	}
	f.records++
	return nil
}

// begin begins with a new run.
func (f *fold) begin(rec store.Record) {
	h := &History{}
	if err := json.Unmarshal(rec.Payload, &h.Run); err != nil || h.Format > formatVersion {
		return // a newer Raphe's
	}
	h.Seen, h.Counts.Total = h.Began, h.Total
	*f = fold{
		h: h, id: rec.ID, records: f.records,
		began: map[int]Running{}, blocked: map[string]int{}, failures: map[store.ID]store.Ref{},
	}
	f.memory = memoryReader{run: h.Run, each: f.sampled}
}

func (f *fold) sampled(p *Point) {
	if f.h.Held == nil {
		f.h.Held = &progress.Held{}
	}
	f.h.Held.Add(&p.Sample)
}

// apply takes in what has changed. At the end only peaks are left.
func (f *fold) apply(p *progressRecord) {
	f.h.Seen, f.h.Counts, f.h.Draining, f.left = p.Time, p.Counts, p.Draining, p.Left
	f.h.ToolsRSS, f.h.Tools = p.Tools[0]*kib, int(p.Tools[1])
	for _, b := range p.Began {
		f.began[b.N] = b.Running
	}
	for _, m := range p.RSS {
		if r, ok := f.began[int(m[0])]; ok {
			r.RSS = m[1] * kib
			f.began[int(m[0])] = r
		}
	}
	for _, n := range p.Ended {
		delete(f.began, n)
	}
	f.h.Failed = append(f.h.Failed, p.Failed...)
	for name, n := range p.Blocked {
		f.blocked[name] += n
	}
	if p.Held != nil {
		f.h.Held = p.Held
	}
}

func (f *fold) running() iter.Seq[Running] { return maps.Values(f.began) }
