package sched

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
)

// What others have to tell stands in the stream, in its place and with its
// time, as long as the run goes on; nobody waits for them at the end.
func TestBeside(t *testing.T) {
	for _, closed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.node("second", b.node("first"))
			beside, ended := make(chan event.Event), make(chan struct{})
			go func() {
				defer close(ended)
				for i := range 2 {
					time.Sleep(700 * time.Millisecond)
					beside <- event.Event{Kind: event.Sampled, Total: i}
				}
				if closed {
					close(beside)
				}
			}()
			start := time.Now()
			var got []string
			l := New(b.plan(), &fake{plan: b.plan(), run: takes(time.Second)}, Options{
				Capacity: Claim{Procs: 1}, Beside: beside,
				Sink: func(e event.Event) {
					if e.Kind == event.Sampled || e.Kind == event.Finished || e.Kind == event.RunFinished {
						got = append(got, fmt.Sprintf("%s %d after %v", e.Kind, e.Total, e.Time.Sub(start)))
					}
				},
			}, nil)
			if s := l.Run(context.Background()); !s.OK() {
				t.Errorf("%+v", s)
			}
			<-ended
			want := []string{"sampled 0 after 700ms", "finished 0 after 1s", "sampled 1 after 1.4s", "finished 0 after 2s", "run-finished 2 after 2s"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("closed %v (-want +got):\n%s", closed, diff)
			}
		})
	}
}
