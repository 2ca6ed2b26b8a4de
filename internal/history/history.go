// Package history keeps in the store how a run goes, and reads it back:
// what `raphe status` shows, also while another process is running.
//
//	Writer   a reader of the event stream that writes small records
//	Run      what is known when a run begins
//	History  the last run of a base directory, as Read finds it
//	Follower reads it again and again while it grows
//	Point    the run's memory over a stretch of time, as Memory finds it
//
// A run costs one record when it begins, at most one a second while something
// changes, one for each sample of its memory, and one when it ends; nothing for an instance that is taken from the
// store or is over before the second is. The package knows events, progress and
// the store, and the failure records of package task; it prints nothing.
// doc/formats.md describes the records.
package history

import (
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/store"
)

// The kinds of records in the store. Their id is that of the run.
const (
	KindBegun    store.Kind = 16 // a run begins: Run
	KindProgress store.Kind = 17 // what has changed since the record before
	KindEnded    store.Kind = 18 // it came to its end: the last counts
	KindMemory   store.Kind = 19 // what Raphe and its tools held since the record before
)

// formatVersion stands in the record of a run's beginning.
const formatVersion = 1

// A Run is what is known when a run begins.
type Run struct {
	Format  int       `json:"format"` // NewWriter sets it, and what follows where it is empty
	Began   time.Time `json:"began"`
	Host    string    `json:"host,omitempty"`
	PID     int       `json:"pid,omitempty"`
	Token   string    `json:"token,omitempty"` // of the store's claim
	Command string    `json:"command,omitempty"`
	Version string    `json:"raphe,omitempty"` // of Raphe
	Total   int       `json:"total"`

	Procs  int    `json:"procs,omitempty"`  // processors that may be claimed at once
	Memory int64  `json:"memory,omitempty"` // bytes likewise: --memory
	Limit  string `json:"limit,omitempty"`  // how limits are enforced: --limit

	// Estimate is what the time left is estimated from.
	Estimate progress.Options `json:"-"`
	// Measure gives the memory of what runs now, for those who watch the run;
	// nil: it is not written. It is called once a second.
	Measure func() []progress.Sample `json:"-"`
}

// id is the run's in the store.
func (r *Run) id() store.ID { return store.ID(r.Began.UnixNano()) }

// A Running is an instance that runs, or ran when the run was last heard of.
type Running = progress.Running

// A Failed is an instance that failed.
type Failed struct {
	Name    string    `json:"name"`
	Node    string    `json:"node,omitempty"`
	Time    time.Time `json:"time"`
	Kind    string    `json:"kind,omitempty"`
	Cause   string    `json:"cause"`
	Blocked int       `json:"blocked,omitempty"` // instances that will not run for it

	// Failure is all that was recorded of it; nil where nothing was.
	Failure *event.Failure `json:"failure,omitempty"`
}

// The payloads of KindProgress and KindEnded.
type (
	progressRecord struct {
		Time     time.Time      `json:"time"`
		Counts   event.Counts   `json:"counts"`
		Left     time.Duration  `json:"left_ns,omitempty"`
		Draining string         `json:"draining,omitempty"`
		Began    []beganEntry   `json:"began,omitempty"`
		Ended    []int          `json:"ended,omitempty"`
		Failed   []Failed       `json:"failed,omitempty"`
		Blocked  map[string]int `json:"blocked,omitempty"`
		RSS      [][2]int64     `json:"rss,omitempty"`  // number of an instance, KiB
		Tools    [2]int64       `json:"tools,omitzero"` // KiB of all that run, how many
		Held     *progress.Held `json:"held,omitempty"` // KindEnded: at most
	}
	beganEntry struct {
		N int `json:"n"`
		Running
	}
)
