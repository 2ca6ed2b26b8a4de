package history

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/store"
)

// A Point is the memory of a run over a stretch of time: the largest figures.
// Nodes is how the tools' largest RSS was made up.
type Point struct {
	Time time.Time     // the end of the stretch
	Span time.Duration // its length
	event.Sample
}

// Memory gives the memory of a run over time, as far as it is recorded; r is
// the run as [Read] gives it.
func Memory(s *store.Store, r Run) ([]Point, error) {
	var points []Point
	m := memoryReader{run: r, each: func(p *Point) { points = append(points, *p) }}
	_, err := s.Scan(0, m.visit)
	if _, isDamage := errors.AsType[*store.DamagedError](err); err != nil && !isDamage {
		return nil, fmt.Errorf("read the run's memory: %w", err)
	}
	return points, nil
}

// A point is written as a list of numbers: milliseconds since the run's
// beginning, its length in milliseconds, then in KiB RSS, PSS and address space of
// Raphe, and the same of all tools, their number of processes, and what the
// machine has promised in KiB; then for each node its number and its RSS in
// KiB. The limit stands in the record of the run's beginning.
const (
	pointFields = 10
	kib         = 1 << 10

	mostPointNodes = 32   // nodes that one point tells apart, the largest
	mostNodeNames  = 1000 // nodes that a run tells apart
)

// memoryRecord is the payload of KindMemory.
type memoryRecord struct {
	Names  []string  `json:"names,omitempty"` // of nodes, numbered on from the record before
	Points [][]int64 `json:"points"`
}

// A memoryWriter packs points for one run.
type memoryWriter struct {
	began   time.Time
	last    time.Time      // the end of the point before
	numbers map[string]int // of nodes
	rec     memoryRecord   // what is not written yet
}

// add packs a sample, which is of the stretch since the one before.
func (w *memoryWriter) add(now time.Time, s *event.Sample) {
	if w.last.IsZero() {
		w.last = w.began
	}
	now = stamp(now)
	p := make([]int64, 0, pointFields+2*min(len(s.Nodes), mostPointNodes))
	p = append(p, now.Sub(w.began).Milliseconds(), now.Sub(w.last).Milliseconds(),
		s.Raphe.RSS/kib, s.Raphe.PSS/kib, s.Raphe.VSize/kib,
		s.Tools.RSS/kib, s.Tools.PSS/kib, s.Tools.VSize/kib, int64(s.Processes), s.Commit/kib)
	w.last = now
	for _, name := range largestNodes(s.Nodes) {
		n, known := w.numbers[name]
		if !known {
			if len(w.numbers) == mostNodeNames {
				continue
			}
			n = len(w.numbers)
			if w.numbers == nil {
				w.numbers = map[string]int{}
			}
			w.numbers[name] = n
			w.rec.Names = append(w.rec.Names, name)
		}
		p = append(p, int64(n), s.Nodes[name]/kib)
	}
	w.rec.Points = append(w.rec.Points, p)
}

// largestNodes gives the nodes that hold most, in the order of their names.
func largestNodes(nodes map[string]int64) []string {
	names := slices.SortedFunc(maps.Keys(nodes), func(a, b string) int {
		return cmp.Or(cmp.Compare(nodes[b], nodes[a]), cmp.Compare(a, b))
	})
	names = names[:min(len(names), mostPointNodes)]
	slices.Sort(names)
	return names
}

// take gives what is to be written, and whether there is anything.
func (w *memoryWriter) take() (memoryRecord, bool) {
	rec := w.rec
	w.rec = memoryRecord{}
	return rec, len(rec.Points) > 0
}

// A memoryReader unpacks the points of one run.
type memoryReader struct {
	run   Run
	each  func(*Point)
	names []string
}

func (m *memoryReader) visit(rec store.Record) error {
	if rec.Kind != KindMemory || rec.ID != m.run.id() {
		return nil
	}
	var r memoryRecord
	if json.Unmarshal(rec.Payload, &r) != nil {
		return nil // a newer Raphe's
	}
	m.names = append(m.names, r.Names...)
	for _, p := range r.Points {
		if len(p) >= pointFields {
			point := m.point(p)
			m.each(&point)
		}
	}
	return nil
}

func (m *memoryReader) point(p []int64) Point {
	out := Point{
		Time: m.run.Began.Add(time.Duration(p[0]) * time.Millisecond),
		Span: time.Duration(p[1]) * time.Millisecond,
		Sample: event.Sample{
			Raphe:     event.Memory{RSS: p[2] * kib, PSS: p[3] * kib, VSize: p[4] * kib},
			Tools:     event.Memory{RSS: p[5] * kib, PSS: p[6] * kib, VSize: p[7] * kib},
			Processes: int(p[8]), Commit: p[9] * kib, Limit: m.run.Memory,
		},
	}
	for p = p[pointFields:]; len(p) >= 2; p = p[2:] {
		if n := p[0]; n >= 0 && n < int64(len(m.names)) {
			if out.Nodes == nil {
				out.Nodes = map[string]int64{}
			}
			out.Nodes[m.names[n]] += p[1] * kib
		}
	}
	return out
}
