// Package report makes one self-contained HTML page of the last run of a base
// directory: what ran, how it went, what it needed.
//
//	Report    what is known of a run, without any HTML; Read makes it (read.go)
//	Row       one instance: columns for the table, and its details as JSON
//	Graph     the workflow in outline, as the run recorded it (graph.go)
//	chart     a picture and the same in words and numbers; made by pure
//	          functions, one file each: chart_memory.go, chart_timeline.go,
//	          chart_graph.go, and the table of chart_use.go
//	WriteHTML the page (page*.go), with page.css and page.js in it; all markup
//	          goes through writer, which escapes (markup.go)
//
// The page loads nothing and runs only its own script, which its content
// policy names by hash; without the script the summary, the charts and the
// first rows of the table stand there all the same. Everything that comes from
// a run (names, commands, what a tool wrote) is taken for hostile text.
//
// The package reads a store and the history in it; it knows no plan, no
// scheduler and no process, and prints nothing.
package report

import (
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
)

// A Report is what is known of the last run of a base directory.
type Report struct {
	History *history.History
	Memory  []history.Point // over time; empty where the run did not record it
	Graph   *Graph          // nil where the run did not record it
	Nodes   []Node
	Reasons []string // that rows refer to
	Rows    []Row    // what failed first, then as they began
	Left    int      // instances that are recorded, but are no rows: there are too many
	Beyond  Beyond   // what these did in this run
	Version string   // of the Raphe that makes the report
}

// Beyond sums up the instances of a run that are no rows.
type Beyond struct {
	Attempts int
	CPU      time.Duration
	Largest  int64 // memory that one held, and its name
	Name     string
}

// State is how an instance stands.
type State uint8

// The states, in the order of the table: what needs looking at comes first.
const (
	Failed   State = iota // for good, in this run
	Retrying              // an attempt failed and will be repeated
	Stopped               // it ran when the run died
	Running               // now
	Done                  // in this run
	Earlier               // recorded by an earlier run; this one took it, or has not come to it
	numStates
)

// String gives the state in the words of the page.
func (s State) String() string {
	return [...]string{"failed", "retrying", "cut off", "running", "done", "from earlier run"}[s]
}

// class gives the state as the style sheet calls it.
func (s State) class() string {
	return [...]string{"failed", "retrying", "cutoff", "running", "done", "earlier"}[s]
}

// A Node is a node of the definition with what its instances came to.
type Node struct {
	Name      string
	Interface string
	States    [numStates]int
	Map       int // of these, MapNodes' instances that only collect their elements
}

// Count is how many instances of the node are known.
func (n *Node) Count() int {
	sum := 0
	for _, k := range n.States {
		sum += k
	}
	return sum
}

// A Row is an instance as the table shows it.
type Row struct {
	Name    string
	Node    int32 // into Report.Nodes
	Reason  int32 // into Report.Reasons
	State   State
	Map     bool // a MapNode's instance, which only collects its elements
	Attempt int
	Began   time.Time // zero: not known
	Usage   event.Usage
	Before  []Attempt // failed attempts before this one, in the same run
	Detail  []byte    // a JSON object; nil where there are too many
}

// An Attempt is one that failed and was repeated.
type Attempt struct {
	Number int
	Began  time.Time
	Usage  event.Usage
	Kind   string
	Cause  string
}
