package history

import (
	"time"

	"github.com/raphe-org/raphe/internal/progress"
)

// What an instance holds is written for those who watch the run from
// elsewhere, and only when it has changed by a sixteenth: a tool that has
// taken its memory costs nothing more, one that grows from 10 MB to 10 GB some
// hundred numbers. When nothing else is to be written such changes wait, the longer
// the older the run is.
const (
	mostGauged   = 64 // instances whose memory stands in one record
	gaugePart    = 16 // a change by this part is worth writing
	gaugePerAge  = 600
	longestGauge = 10 * time.Second
)

// A gauge keeps what is measured of the instances that run.
type gauge struct {
	measure func() []progress.Sample // nil: nothing is
	rss     map[string]int64         // KiB by instance, now
	tools   [2]int64                 // KiB of all together, and how many they are
	written [2]int64                 // what of tools was written
	next    time.Time                // when a change is worth a record of its own
}

// look measures.
func (g *gauge) look() (samples []progress.Sample) {
	if g.measure == nil {
		return nil
	}
	return g.measure()
}

// take takes in what was measured.
func (g *gauge) take(samples []progress.Sample) {
	g.rss, g.tools = make(map[string]int64, len(samples)), [2]int64{}
	for _, s := range samples {
		g.rss[s.Name] = s.RSS / kib
		g.tools[0] += s.RSS / kib
		g.tools[1]++
	}
}

// due reports whether there is a change that is worth a record of its own.
func (g *gauge) due(now time.Time) bool {
	return !now.Before(g.next) && (differs(g.tools[0], g.written[0]) || g.tools[1] != g.written[1])
}

// wrote notes that a record has what is measured now; began is when the run did.
func (g *gauge) wrote(now, began time.Time) {
	g.written = g.tools
	g.next = now.Add(min(max(writeEvery, now.Sub(began)/gaugePerAge), longestGauge))
}

// differs reports whether a figure has changed by enough to be written.
func differs(now, written int64) bool {
	change := max(now-written, written-now)
	return change > 0 && change >= written/gaugePart
}
