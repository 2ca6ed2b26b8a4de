package history

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/pulse"
	"github.com/raphe-org/raphe/internal/store"
)

const (
	writeEvery  = time.Second
	mostEntries = 1000 // of one list in one record
	longestText = 500  // bytes of a cause
)

// A Writer writes the history of one run. Events only change what is to be
// written; a goroutine writes, so that a slow disk never holds up the run.
type Writer struct {
	store *store.Store
	id    store.ID
	pulse *pulse.Pulse

	mu      sync.Mutex
	state   *progress.State
	noted   map[string]noted // of the instances that run
	last    int              // number given
	changed bool
	ended   []int
	failed  []Failed
	blocked map[string]int
	memory  memoryWriter
	gauge   gauge
	began   time.Time
	err     error
}

// noted is what was written of an instance that runs.
type noted struct {
	number int // 0: nothing yet
	rss    int64
}

// NewWriter begins the history of a run in a store that this process owns.
func NewWriter(s *store.Store, r Run) *Writer {
	w := newWriter(s, r)
	w.pulse = pulse.Start(writeEvery, w.flush)
	return w
}

// newWriter is NewWriter without the pulse: what has changed is written only by
// flush and Close.
func newWriter(s *store.Store, r Run) *Writer {
	r.Format = formatVersion
	if r.Began.IsZero() {
		r.Began = time.Now()
	}
	r.Began = stamp(r.Began)
	if r.Host == "" {
		r.Host, _ = os.Hostname() // unknown: left out
	}
	if r.PID == 0 {
		r.PID = os.Getpid()
	}
	if owner, held, ok := s.Owner(); ok && held {
		r.Token = owner.Token
	}
	w := &Writer{
		store: s, id: r.id(), began: r.Began,
		state: progress.New(r.Estimate), noted: map[string]noted{}, blocked: map[string]int{},
		memory: memoryWriter{began: r.Began}, gauge: gauge{measure: r.Measure},
	}
	w.append(KindBegun, r)
	return w
}

// stamp gives a time as it is written: UTC, to the millisecond.
func stamp(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// append writes one record. The store's errors are final and end the run by
// themselves; the first is kept for Close.
func (w *Writer) append(kind store.Kind, payload any) {
	b, err := json.Marshal(payload)
	if err == nil {
		_, err = w.store.Append(kind, w.id, b)
	}
	if err != nil {
		w.mu.Lock()
		w.err = cmp.Or(w.err, fmt.Errorf("write run history: %w", err))
		w.mu.Unlock()
	}
}

// Event takes in one event of the run; it never waits for the disk.
func (w *Writer) Event(e event.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, settled := w.state.Apply(e); settled {
		w.forget(e.Instance)
	}
	if e.Kind == event.Sampled {
		w.memory.add(e.Time, e.Sample)
		return
	}
	w.changed = true
	switch e.Kind {
	case event.Started:
		w.forget(e.Instance) // an attempt whose end was not told
		w.noted[e.Instance] = noted{}
	case event.Failed:
		f := Failed{Name: e.Instance, Node: e.Node, Time: stamp(e.Time)}
		if e.Failure != nil {
			f.Kind, f.Cause = e.Failure.Kind, shortened(e.Failure.Cause)
		}
		w.failed = append(w.failed, f)
	case event.Blocked:
		w.blocked[e.Cause]++
	}
}

// forget notes that an instance no longer runs, where it was written that it does.
func (w *Writer) forget(name string) {
	if n := w.noted[name].number; n > 0 {
		w.ended = append(w.ended, n)
	}
	delete(w.noted, name)
}

func shortened(s string) string {
	if len(s) <= longestText {
		return s
	}
	return strings.ToValidUTF8(s[:longestText], "") + "..."
}

// flush writes what has changed.
func (w *Writer) flush(now time.Time) {
	measured := w.gauge.look()
	w.mu.Lock()
	w.gauge.take(measured)
	w.mu.Unlock()
	for more := true; more; {
		var p progressRecord
		var any bool
		if p, any, more = w.take(now); any {
			w.append(KindProgress, p)
		}
	}
	w.mu.Lock()
	m, any := w.memory.take()
	w.mu.Unlock()
	if any {
		w.append(KindMemory, m)
	}
}

// take gives what has changed as a record, any being false when nothing has;
// more says that it did not fit into one.
func (w *Writer) take(now time.Time) (p progressRecord, any, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.changed && !w.gauge.due(now) {
		return p, false, false
	}
	p = progressRecord{Time: stamp(now), Counts: w.state.Counts, Draining: w.state.Draining, Tools: w.gauge.tools}
	if left, ok := w.state.Left(now); ok {
		p.Left = left.Truncate(time.Millisecond)
	}
	more = w.takeRunning(&p)
	w.gauge.wrote(now, w.began)
	p.Ended, w.ended = cut(w.ended, &more)
	p.Failed, w.failed = cut(w.failed, &more)
	if len(w.blocked) > 0 && len(w.failed) == 0 {
		p.Blocked, w.blocked = w.blocked, map[string]int{}
	}
	w.changed = more
	return p, true, more
}

// takeRunning puts what runs into a record: what is new, and whose memory has
// changed. more says that not all that is new found room.
func (w *Writer) takeRunning(p *progressRecord) (more bool) {
	for _, r := range w.state.Running() {
		n := w.noted[r.Name]
		switch {
		case n.number > 0:
		case len(p.Began) == mostEntries:
			more = true
			continue
		default:
			w.last++
			n.number = w.last
			p.Began = append(p.Began, beganEntry{n.number, Running{Name: r.Name, Node: r.Node, Began: stamp(r.Began), Attempt: r.Attempt}})
		}
		if rss := w.gauge.rss[r.Name]; differs(rss, n.rss) && len(p.RSS) < mostGauged {
			n.rss = rss
			p.RSS = append(p.RSS, [2]int64{int64(n.number), rss})
		}
		w.noted[r.Name] = n
	}
	return more
}

// cut takes the first entries of a list, and sets more if some are left.
func cut[T any](list []T, more *bool) (taken, rest []T) {
	if len(list) <= mostEntries {
		return list, nil
	}
	*more = true
	return list[:mostEntries], slices.Clone(list[mostEntries:])
}

// Close writes what is left, and the end if the run came to it. It must be
// called before the store is closed.
func (w *Writer) Close() error {
	if w.pulse != nil {
		w.pulse.Stop()
	}
	now := time.Now()
	w.flush(now)
	if !w.state.Ended.IsZero() {
		p := progressRecord{Time: stamp(now), Counts: w.state.Counts, Draining: w.state.Draining}
		if w.state.Held.Known() {
			p.Held = &progress.Held{PeakRaphe: w.state.Held.PeakRaphe, PeakTools: w.state.Held.PeakTools, Limit: w.state.Held.Limit}
		}
		w.append(KindEnded, p)
	}
	return w.err
}
