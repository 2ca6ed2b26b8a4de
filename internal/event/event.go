// Package event is the vocabulary of what happens in a run. The engine emits
// one stream of events; the screen, the JSON log, the report and the record of
// provenance are readers of it. It imports nothing of this project.
package event

import "time"

// Kind says what happened.
type Kind string

const (
	RunStarted  Kind = "run-started"  // Total instances are planned
	Expanded    Kind = "expanded"     // a MapNode's list is known: Total elements more
	Cached      Kind = "cached"       // an instance's record was taken from the store
	Started     Kind = "started"      // an attempt of an instance began, for Reason
	Finished    Kind = "finished"     // an attempt succeeded
	Failed      Kind = "failed"       // an instance failed for good
	Retrying    Kind = "retrying"     // an attempt failed and will be repeated
	Blocked     Kind = "blocked"      // an instance will not run since Cause failed
	Draining    Kind = "draining"     // no new starts; Reason says why
	Sampled     Kind = "sampled"      // what Raphe and its tools hold: Sample
	RunFinished Kind = "run-finished" // the end, with the counts
)

// An Event is one thing that happened. Which fields are set follows from Kind.
type Event struct {
	Kind Kind      `json:"event"`
	Time time.Time `json:"time"`

	Node     string `json:"node,omitempty"`     // full name of the node
	Instance string `json:"instance,omitempty"` // its directory below base_dir: its name
	Dir      string `json:"dir,omitempty"`      // its working directory, if it has one
	Attempt  int    `json:"attempt,omitempty"`
	Reason   string `json:"reason,omitempty"` // why it runs, or why the run drains
	Command  string `json:"command,omitempty"`

	Total  int     `json:"total,omitempty"`
	Counts *Counts `json:"counts,omitempty"`

	Usage   *Usage   `json:"usage,omitempty"`  // Finished, Failed, Retrying
	Asked   *Asked   `json:"asked,omitempty"`  // Started
	Sample  *Sample  `json:"sample,omitempty"` // Sampled
	Failure *Failure `json:"failure,omitempty"`
	Cause   string   `json:"cause,omitempty"` // Blocked: the instance that failed
}

// Counts is how many instances (and elements of MapNodes) are in which state.
type Counts struct {
	Total   int `json:"total"`
	Cached  int `json:"cached"`
	Done    int `json:"done"` // ran and succeeded
	Failed  int `json:"failed"`
	Blocked int `json:"blocked"`
	Running int `json:"running"`
}

// Left is how many are still to come.
func (c Counts) Left() int { return c.Total - c.Cached - c.Done - c.Failed - c.Blocked }

// A Failure is why an instance failed, in the words a person reads.
type Failure struct {
	Cause      string            `json:"cause"`            // one clause: "exit status 3"
	Kind       string            `json:"kind"`             // a stable name: "exit-status", "timed-out", ...
	Detail     string            `json:"detail,omitempty"` // more lines: a backtrace, the missing outputs
	Mend       string            `json:"mend,omitempty"`
	Parameters map[string]string `json:"parameters,omitempty"` // the iterables' values it lies under
	Command    string            `json:"command,omitempty"`
	Stderr     string            `json:"stderr,omitempty"`    // its last lines
	Stdout     string            `json:"stdout,omitempty"`    // its last lines, where stderr is empty
	Rerun      string            `json:"rerun,omitempty"`     // the command that runs it alone
	CrashFile  string            `json:"crashfile,omitempty"` // what nipype left about it
}
