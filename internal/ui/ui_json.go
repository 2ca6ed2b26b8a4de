package ui

import (
	"bufio"
	"encoding/json"
	"io"
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/pulse"
)

// eventsVersion is the version of the JSON lines; doc/formats.md describes it.
const eventsVersion = 1

// flushAfter is how long an event may wait in the buffer: a reader sees it at
// once, and 100,000 cached instances don't cost as many system calls.
const flushAfter = 100 * time.Millisecond

// jsonLines writes every event as one JSON object on a line of its own.
type jsonLines struct {
	pulse *pulse.Pulse

	mu  sync.Mutex
	out *bufio.Writer
	enc *json.Encoder
	err error
}

func newJSONLines(out io.Writer) *jsonLines {
	j := &jsonLines{out: bufio.NewWriterSize(out, 64<<10)}
	j.enc = json.NewEncoder(j.out)
	j.enc.SetEscapeHTML(false)
	j.pulse = pulse.Start(flushAfter, func(time.Time) { j.flush() })
	return j
}

// Event writes one event. It may wait for whoever reads: nothing is dropped.
func (j *jsonLines) Event(e event.Event) {
	j.mu.Lock()
	defer j.mu.Unlock()
	var line any = e
	if e.Kind == event.RunStarted {
		line = struct {
			event.Event
			Version int `json:"version"`
		}{e, eventsVersion}
	}
	j.keep(j.enc.Encode(line))
}

// keep remembers the first error: a reader that went away stops no run.
func (j *jsonLines) keep(err error) {
	if j.err == nil {
		j.err = err
	}
}

func (j *jsonLines) flush() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.keep(j.out.Flush())
}

// Close writes what is buffered.
func (j *jsonLines) Close() error {
	j.pulse.Stop()
	j.flush()
	return j.err
}
