//go:build !linux

package proc

import (
	"time"
)

// Record says nothing that could be recognised here, so EndStale ends nothing:
// without a start time a process id proves nothing.
func (p *Process) Record() Record { return Record{Group: p.pid} }

func endStale(_ []Record, _ time.Duration) (ended, alive []Left) { return nil, nil }

// thisBoot is not known here, so no record matches.
func thisBoot() string { return "" }
