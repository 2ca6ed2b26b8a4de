package report

import (
	"strings"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/internal/task"
	"github.com/raphe-org/raphe/internal/unit"
)

// What is said of a run with more instances than rows is said of all of them, or
// says that it is not.
func TestMoreThanRows(t *testing.T) {
	l := newLab(t)
	l.run(nil, map[string]string{"a": "exit 0", "b": "exit 0", "c": "exit 0"}, nil)
	s, err := store.View(l.base)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	r, err := read(s, l.base, 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rows) != 1 || r.Left != 2 || r.Beyond.Attempts != 2 || r.Nodes[2].Count() != 1 {
		t.Errorf("%d rows, %d left, %+v", len(r.Rows), r.Left, r.Beyond)
	}
	r.Beyond.CPU, r.Beyond.Largest, r.Beyond.Name = time.Hour, 7*unit.GiB, "wf/hungry"
	text, _ := r.page()
	for _, want := range []string{"Only the first of 3 attempts", "7 GiB, wf/hungry", "1h"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// The instance of a MapNode is no attempt, and is told from its elements, also
// where there is no row for it.
func TestMapsBeyondRows(t *testing.T) {
	r := &reader{Report: Report{Nodes: make([]Node, 1)}, parents: map[store.ID]bool{task.ID("wf/m"): true}}
	element := &task.Record{Name: "wf/m/mapflow/_m0", Usage: event.Usage{CPU: time.Second, PeakRSS: 5}}
	r.leave(element, task.ID(element.Name), 0, Done)
	r.leave(element, task.ID(element.Name), 0, Earlier)
	r.leave(&task.Record{Name: "wf/m"}, task.ID("wf/m"), 0, Done)
	if want := (Beyond{Attempts: 1, CPU: time.Second, Largest: 5, Name: element.Name}); r.Beyond != want || r.Nodes[0].Map != 1 {
		t.Errorf("%+v, %d maps", r.Beyond, r.Nodes[0].Map)
	}
}
