package ui

import (
	"bytes"
	"fmt"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/unit"
)

// A script is a run told to a Reader. It is played in a synctest bubble, whose
// clock stands still but for wait.
type script struct {
	Reader
	counts event.Counts
}

func (s *script) say(e event.Event) {
	e.Time = time.Now()
	s.Event(e)
}

func (s *script) wait(d time.Duration) { time.Sleep(d) }

func (s *script) begin(total int) {
	s.counts.Total = total
	s.say(event.Event{Kind: event.RunStarted, Total: total})
}

func (s *script) cached(n int) {
	for i := range n {
		s.counts.Cached++
		s.say(event.Event{Kind: event.Cached, Node: "wf.old", Instance: fmt.Sprintf("wf/_n_%d/old", i)})
	}
}

func (s *script) start(node, instance, reason string) {
	s.say(event.Event{Kind: event.Started, Node: node, Instance: instance, Attempt: 1, Reason: reason})
}

func (s *script) finish(node, instance string, wall time.Duration, rss int64) {
	s.counts.Done++
	s.say(event.Event{Kind: event.Finished, Node: node, Instance: instance, Attempt: 1, Usage: &event.Usage{Wall: wall, PeakRSS: rss}})
}

func (s *script) fail(node, instance string, f event.Failure, blocked ...string) {
	s.counts.Failed++
	s.say(event.Event{Kind: event.Failed, Node: node, Instance: instance, Dir: "/data/work/" + instance, Attempt: 1, Failure: &f})
	for _, b := range blocked {
		s.counts.Blocked++
		s.say(event.Event{Kind: event.Blocked, Node: "wf.next", Instance: b, Cause: instance})
	}
}

func (s *script) end() {
	s.say(event.Event{Kind: event.RunFinished, Total: s.counts.Total, Counts: &s.counts})
}

var exitThree = event.Failure{
	Kind: "exit-status", Cause: "exit status 3", Mend: "see what the tool printed",
	Parameters: map[string]string{"subject": "02", "frac": "0.5"},
	Command:    `bet '/data/sub 02/anat/sub-02_T1w.nii.gz' sub-02_T1w_brain.nii.gz -f 0.50 -g 0.00 -m -R -c 45 60 '72;1' --verbose`,
	Stderr:     "reading\rreading 50%\rreading 100%\n\x1b[31mCannot open volume\x1b[0m\tat all\nImage Exception : #22",
	Rerun:      "sh '/data/work/wf/_subject_02/bet/replay.sh'",
}

// a run with everything in it: cached ones, a failure with descendants, a repeated attempt,
// an element that can't have its inputs.
func (s *script) everything() {
	s.begin(12)
	s.cached(3)
	s.start("wf.bet", "wf/_subject_01/bet", `input "frac" changed: 0.4 -> 0.5`)
	s.start("wf.bet", "wf/_subject_02/bet", `input "frac" changed: 0.4 -> 0.5`)
	s.wait(1500 * time.Millisecond)
	s.finish("wf.bet", "wf/_subject_01/bet", 1400*time.Millisecond, 812*unit.MiB)
	s.start("wf.flirt", "wf/_subject_01/flirt", "it never ran here")
	s.wait(time.Second)
	s.fail("wf.bet", "wf/_subject_02/bet", exitThree, "wf/_subject_02/flirt", "wf/_subject_02/sink")
	s.wait(40 * time.Second)
	s.say(event.Event{Kind: event.Retrying, Node: "wf.flirt", Instance: "wf/_subject_01/flirt", Attempt: 1, Failure: &event.Failure{Cause: "killed for memory"}})
	s.say(event.Event{Kind: event.Started, Node: "wf.flirt", Instance: "wf/_subject_01/flirt", Attempt: 2})
	s.wait(65 * time.Second)
	s.counts.Done++
	s.say(event.Event{Kind: event.Finished, Node: "wf.flirt", Instance: "wf/_subject_01/flirt", Attempt: 2, Usage: &event.Usage{Wall: 65 * time.Second, PeakRSS: 3 * unit.GiB}})
	s.fail("wf.files", "wf/files", event.Failure{Kind: "inputs", Cause: `input "t1w" is missing`, Detail: "and so is\nanother"}, "wf/x")
	s.counts.Done += 3
	for i := range 3 {
		s.counts.Done--
		s.finish("wf.light", fmt.Sprintf("wf/light%d", i), 0, 0)
	}
	s.end()
}

// play runs a script on a new Reader and gives what it wrote. It must be
// called within a synctest bubble.
func play(o Options, run func(*script)) (string, error) {
	var out bytes.Buffer
	o.Out = &out
	if o.Command == "" {
		o.Command = "raphe run wf.star --base-dir /data/work"
	}
	o.BaseDir = "/data/work"
	s := &script{Reader: New(o)}
	run(s)
	err := s.Close()
	return out.String(), err
}
