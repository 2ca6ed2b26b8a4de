package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
)

const (
	mostRows     = 200_000
	longName     = 1000     // bytes of an instance's name
	longNode     = 500      // of a node's
	mostAttempts = 20_000   // failed ones that were repeated
	mostDetails  = 12 << 20 // bytes of details of all rows
	mostFailures = 4 << 20  // bytes of details of failures beyond these
)

// Read gives the report of the last run that is recorded in a store, which may
// be a view of one that another process is writing. base is its base
// directory. The error is history.ErrNone when there is no run.
//
// Records are read one after the other, twice: once to find which is the last
// of its instance, once to keep of each what a row holds.
func Read(s *store.Store, base string) (*Report, error) { return read(s, base, mostRows) }

// read is Read with at most so many rows.
func read(s *store.Store, base string, most int) (*Report, error) {
	h, err := history.Read(s, base)
	if err != nil {
		return nil, err
	}
	r := &reader{
		Report: Report{History: h}, base: base, most: most,
		last: map[store.ID]int{}, parents: map[store.ID]bool{}, before: map[store.ID][]Attempt{},
		nodes: map[string]int32{}, reasons: map[string]int32{}, running: map[string]history.Running{}, failed: map[string]bool{},
	}
	for _, run := range h.Running {
		r.running[run.Name] = run
	}
	for _, f := range h.Failed {
		r.failed[f.Name] = true
	}
	if err := scan(s, r.index); err != nil {
		return nil, err
	}
	end := r.seen
	r.seen = 0
	err = scan(s, func(rec store.Record) error {
		if r.seen == end {
			return errEnough
		}
		return r.take(rec)
	})
	if err != nil {
		return nil, err
	}
	if r.Memory, err = history.Memory(s, h.Run); err != nil {
		return nil, err
	}
	r.addRunning()
	r.mark()
	r.order()
	return &r.Report, nil
}

// errEnough ends a scan at what was written after the one before.
var errEnough = errors.New("enough")

// scan reads all records, passing over damaged places: the history tells of them.
func scan(s *store.Store, visit store.Visitor) error {
	_, err := s.Scan(0, visit)
	if _, damaged := errors.AsType[*store.DamagedError](err); damaged || errors.Is(err, errEnough) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	return nil
}

// A reader puts a report together. Records are told apart by their number in
// the order in which they were written.
type reader struct {
	Report
	base    string
	most    int                    // rows
	seen    int                    // records up to here
	begun   int                    // the record with which the run began
	last    map[store.ID]int       // the last record of each instance
	parents map[store.ID]bool      // MapNodes' instances, as their elements name them
	before  map[store.ID][]Attempt // failed attempts of this run that others followed
	kept    int                    // of these
	details int                    // bytes
	nodes   map[string]int32
	reasons map[string]int32
	running map[string]history.Running
	failed  map[string]bool
}

// index is the first pass.
func (r *reader) index(rec store.Record) error {
	r.seen++
	switch rec.Kind {
	case history.KindBegun:
		r.begun, r.Graph = r.seen, nil
	case KindGraph:
		r.Graph = decodeGraph(rec.Payload)
	case task.KindResult, task.KindFailure:
		r.last[rec.ID] = r.seen
	}
	return nil
}

// take is the second pass.
func (r *reader) take(raw store.Record) error {
	r.seen++
	if raw.Kind != task.KindResult && raw.Kind != task.KindFailure {
		return nil
	}
	isLast, inRun := r.last[raw.ID] == r.seen, r.seen > r.begun
	if !isLast && !(inRun && raw.Kind == task.KindFailure && r.kept < mostAttempts) {
		return nil
	}
	rec, err := task.DecodeRecord(raw.Payload, r.base)
	if err != nil {
		return nil // a newer Raphe's
	}
	if !isLast {
		r.kept++
		r.before[raw.ID] = append(r.before[raw.ID], attemptOf(rec))
		return nil
	}
	if at := strings.LastIndex(rec.Name, mapFolder); at >= 0 {
		r.parents[task.ID(clean(rec.Name[:at], longName))] = true
	}
	r.add(rec, raw.ID, inRun)
	return nil
}

// mapFolder stands in the name of a MapNode's element, behind that of the
// instance.
const mapFolder = "/mapflow/_"

func attemptOf(rec *task.Record) Attempt {
	a := Attempt{Number: rec.Attempt, Began: rec.Began, Usage: rec.Usage}
	if rec.Failure != nil {
		a.Kind, a.Cause = clean(rec.Failure.Kind, 60), clean(rec.Failure.Cause, 300)
	}
	return a
}

// add makes a row of the last record of an instance.
func (r *reader) add(rec *task.Record, id store.ID, inRun bool) {
	state := r.state(rec, inRun)
	node := r.node(rec.Node)
	n := &r.Nodes[node]
	n.Interface = clean(rec.Interface, 200)
	n.States[state]++
	if len(r.Rows) >= r.most && state >= Done {
		r.Left++
		r.leave(rec, id, node, state)
		return
	}
	row := Row{
		Name: clean(rec.Name, longName), Node: node, Reason: r.reason(rec.Reason), State: state,
		Attempt: rec.Attempt, Began: rec.Began, Usage: rec.Usage,
	}
	if inRun {
		row.Before = r.before[id]
	}
	if run, now := r.running[rec.Name]; now {
		row.Began, row.Attempt, row.Usage = run.Began, run.Attempt, event.Usage{}
		delete(r.running, rec.Name)
	}
	room := mostDetails
	if rec.Failure != nil {
		room += mostFailures
	}
	if r.details < room {
		row.Detail = detail(rec, &row)
		r.details += len(row.Detail)
	}
	r.Rows = append(r.Rows, row)
}

// leave counts what is no row in what is said of the whole run. The elements of a
// MapNode are recorded before its instance.
func (r *reader) leave(rec *task.Record, id store.ID, node int32, state State) {
	if r.parents[id] {
		r.Nodes[node].Map++
		return
	}
	if state == Earlier {
		return
	}
	r.Beyond.Attempts++
	r.Beyond.CPU += rec.Usage.CPU
	if rec.Usage.PeakRSS > r.Beyond.Largest {
		r.Beyond.Largest, r.Beyond.Name = rec.Usage.PeakRSS, clean(rec.Name, longName)
	}
}

func (r *reader) state(rec *task.Record, inRun bool) State {
	_, now := r.running[rec.Name]
	switch {
	case now:
		return r.runningState()
	case !inRun:
		return Earlier
	case rec.Failure == nil:
		return Done
	case r.History.Phase == history.Goes && !r.failed[rec.Name]:
		return Retrying
	}
	return Failed
}

// runningState is what became of what the history says is running.
func (r *reader) runningState() State {
	if r.History.Phase == history.Goes || r.History.Phase == history.Away {
		return Running
	}
	return Stopped
}

// node gives the place of a node in the report.
func (r *reader) node(name string) int32 {
	at, known := r.nodes[name]
	if !known {
		at = int32(len(r.Nodes))
		r.nodes[name] = at
		r.Nodes = append(r.Nodes, Node{Name: clean(name, longNode)})
	}
	return at
}

func (r *reader) reason(text string) int32 {
	text = clean(text, 400)
	at, known := r.reasons[text]
	if !known {
		at = int32(len(r.Reasons))
		r.reasons[text] = at
		r.Reasons = append(r.Reasons, text)
	}
	return at
}

// addRunning makes rows of what runs and has no record yet.
func (r *reader) addRunning() {
	for _, run := range r.History.Running {
		if _, left := r.running[run.Name]; !left {
			continue
		}
		node, state := r.node(run.Node), r.runningState()
		r.Nodes[node].States[state]++
		r.Rows = append(r.Rows, Row{
			Name: clean(run.Name, longName), Node: node, Reason: r.reason(""), State: state,
			Attempt: run.Attempt, Began: run.Began, Before: r.before[task.ID(run.Name)],
		})
	}
}

// mark finds the MapNodes' instances among the rows.
func (r *reader) mark() {
	if len(r.parents) == 0 {
		return
	}
	for i := range r.Rows {
		if row := &r.Rows[i]; r.parents[task.ID(row.Name)] {
			row.Map = true
			r.Nodes[row.Node].Map++
		}
	}
}

// order sorts the rows: what needs looking at first, then as they began.
func (r *reader) order() {
	slices.SortStableFunc(r.Rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(min(a.State, Done), min(b.State, Done)), a.Began.Compare(b.Began), strings.Compare(a.Name, b.Name))
	})
}

// End gives the time up to which the report knows the run.
func (r *Report) End() time.Time {
	if r.History.Phase == history.Goes {
		return r.History.Read
	}
	return r.History.Seen
}

// inRun reports whether a row's attempt belongs to the run.
func (w *Row) inRun() bool { return w.State != Earlier }
