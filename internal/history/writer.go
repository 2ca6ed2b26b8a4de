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
	stop  chan struct{}
	done  sync.WaitGroup

	mu      sync.Mutex
	state   *progress.State
	numbers map[string]int // of the instances that run; 0: not written yet
	last    int            // number given
	changed bool
	ended   []int
	failed  []Failed
	blocked map[string]int
	memory  memoryWriter
	err     error
}

// NewWriter begins the history of a run in a store that this process owns.
func NewWriter(s *store.Store, r Run) *Writer {
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
		store: s, id: r.id(), stop: make(chan struct{}),
		state: progress.New(r.Estimate), numbers: map[string]int{}, blocked: map[string]int{},
		memory: memoryWriter{began: r.Began},
	}
	w.append(KindBegun, r)
	w.done.Go(func() {
		tick := time.NewTicker(writeEvery)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				w.flush(now)
			case <-w.stop:
				return
			}
		}
	})
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
	if e.Kind == event.Sampled {
		w.memory.add(e.Time, e.Sample)
		return
	}
	if _, settled := w.state.Apply(e); settled {
		w.forget(e.Instance)
	}
	w.changed = true
	switch e.Kind {
	case event.Started:
		w.forget(e.Instance) // an attempt whose end was not told
		w.numbers[e.Instance] = 0
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
	if n := w.numbers[name]; n > 0 {
		w.ended = append(w.ended, n)
	}
	delete(w.numbers, name)
}

func shortened(s string) string {
	if len(s) <= longestText {
		return s
	}
	return strings.ToValidUTF8(s[:longestText], "") + "..."
}

// flush writes what has changed.
func (w *Writer) flush(now time.Time) {
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
	if !w.changed {
		return p, false, false
	}
	p = progressRecord{Time: stamp(now), Counts: w.state.Counts, Draining: w.state.Draining}
	if left, ok := w.state.Left(now); ok {
		p.Left = left.Truncate(time.Millisecond)
	}
	for _, r := range w.state.Running() {
		if w.numbers[r.Name] > 0 {
			continue
		}
		if len(p.Began) == mostEntries {
			more = true
			break
		}
		w.last++
		w.numbers[r.Name] = w.last
		p.Began = append(p.Began, beganEntry{w.last, Running{Name: r.Name, Node: r.Node, Began: stamp(r.Began), Attempt: r.Attempt}})
	}
	p.Ended, w.ended = cut(w.ended, &more)
	p.Failed, w.failed = cut(w.failed, &more)
	if len(w.blocked) > 0 && len(w.failed) == 0 {
		p.Blocked, w.blocked = w.blocked, map[string]int{}
	}
	w.changed = more
	return p, true, more
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
	close(w.stop)
	w.done.Wait()
	now := time.Now()
	w.flush(now)
	if !w.state.Ended.IsZero() {
		w.append(KindEnded, progressRecord{Time: stamp(now), Counts: w.state.Counts, Draining: w.state.Draining})
	}
	return w.err
}
