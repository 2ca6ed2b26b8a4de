package task

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/raphe-org/raphe/internal/proc"
)

// staleGrace is how long what an earlier run left running has to end itself.
const staleGrace = 2 * time.Second

// EndStale ends what an earlier run of this base directory left running when
// it was killed: its tools died with it, but not all of what they had started.
// It gives a line for people for each process ended.
func (r *Runner) EndStale() []string {
	marks := r.results.store.LeftRunning()
	var records []proc.Record
	for _, m := range marks {
		if m.Here {
			records = append(records, proc.Stale(m.PGID, m.StartTicks))
		}
	}
	for _, log := range r.slotLogs() {
		records = append(records, proc.StaleLogs(log+".out", log+".err"))
	}
	ended, err := proc.EndStale(records, staleGrace)
	var lines []string
	for _, e := range ended {
		lines = append(lines, fmt.Sprintf("ended %s, which an earlier run left running", e))
	}
	if err != nil {
		lines = append(lines, err.Error())
	}
	for _, m := range marks {
		// A mark that can't be dropped is looked at again by the next run.
		_ = r.results.store.ForgetProcess(m.PGID)
	}
	return lines
}

// slotLogs gives the log files of all slots, less their endings: a process
// that writes to one of them was started by an earlier run of this directory.
func (r *Runner) slotLogs() []string {
	entries, _ := os.ReadDir(r.slots.dir) // not there: no run came that far
	var logs []string
	for _, e := range entries {
		if base, ok := strings.CutSuffix(e.Name(), ".out"); ok {
			logs = append(logs, filepath.Join(r.slots.dir, base))
		}
	}
	return logs
}
