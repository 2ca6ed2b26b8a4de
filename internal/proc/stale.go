package proc

import (
	"fmt"
	"time"
)

// Record is what a later Raphe needs to recognise a process group after this
// one was killed. It is made to be written to disk.
type Record struct {
	Group   int    `json:"group"`   // process group, which is the id of its first process
	Start   uint64 `json:"start"`   // just before the first process started, in clock ticks since boot
	Boot    string `json:"boot"`    // which boot of which machine, and which id namespace
	Session int    `json:"session"` // of Raphe, and so of the tool
	Dir     string `json:"dir,omitempty"`
	Stdout  string `json:"stdout,omitempty"`
	Stderr  string `json:"stderr,omitempty"`
}

// EndStale ends what is still alive of recorded process groups, SIGTERM first
// and SIGKILL after the grace, and returns what it ended. A process is touched
// only if it surely is of the recorded group: on the same boot, and either the
// group's first process still has its start time; or that has gone, and the
// session, the user, the age and the working directory or log files of what is
// left agree; or it writes to the recorded log files. In doubt a process is left
// alone. The error names what could not be ended.
func EndStale(records []Record, grace time.Duration) ([]Left, error) {
	ended, alive := endStale(records, grace)
	if len(alive) > 0 {
		return ended, fmt.Errorf("end processes of an earlier run: %v would not end", alive)
	}
	return ended, nil
}

// Stale gives the record of a process group of which only its number and its
// start were kept, on this boot.
func Stale(group int, start uint64) Record {
	return Record{Group: group, Start: start, Boot: thisBoot()}
}

// StaleLogs gives the record of whatever on this boot still writes to the logs
// of an earlier run, whichever group or session it is in now.
func StaleLogs(stdout, stderr string) Record {
	return Record{Boot: thisBoot(), Stdout: stdout, Stderr: stderr}
}
