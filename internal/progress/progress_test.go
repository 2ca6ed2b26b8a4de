package progress

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
)

var t0 = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }

func apply(s *State, events ...event.Event) {
	for _, e := range events {
		s.Apply(e)
	}
}

func TestCounts(t *testing.T) {
	s := New(Options{})
	apply(s,
		event.Event{Kind: event.RunStarted, Time: at(0), Total: 6},
		event.Event{Kind: event.Cached, Time: at(0), Node: "w.a", Instance: "a0"},
		event.Event{Kind: event.Started, Time: at(1), Node: "w.a", Instance: "a1", Reason: "it never ran here"},
		event.Event{Kind: event.Started, Time: at(2), Node: "w.a", Instance: "a2"},
		event.Event{Kind: event.Expanded, Time: at(2), Node: "w.m", Instance: "m", Total: 2},
		event.Event{Kind: event.Retrying, Time: at(3), Node: "w.a", Instance: "a2", Attempt: 1},
	)
	want := []Running{{Name: "a1", Node: "w.a", Began: at(1), Reason: "it never ran here"}}
	if diff := cmp.Diff(want, s.Running()); diff != "" {
		t.Errorf("running (-want +got):\n%s", diff)
	}
	was, found := s.Apply(event.Event{Kind: event.Finished, Time: at(4), Node: "w.a", Instance: "a1"})
	if !found || was.Reason != "it never ran here" {
		t.Errorf("Apply(finished) = %+v, %v", was, found)
	}
	apply(s,
		event.Event{Kind: event.Failed, Time: at(5), Node: "w.a", Instance: "a2"},
		event.Event{Kind: event.Blocked, Time: at(5), Node: "w.b", Instance: "b2", Cause: "a2"},
		event.Event{Kind: event.Draining, Time: at(6), Reason: "interrupted"},
	)
	if diff := cmp.Diff(event.Counts{Total: 8, Cached: 1, Done: 1, Failed: 1, Blocked: 1}, s.Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if s.Draining != "interrupted" || s.Ran != 2 || s.Counts.Left() != 4 {
		t.Errorf("draining %q, ran %d, left %d", s.Draining, s.Ran, s.Counts.Left())
	}
}

// stage is some instances of one node in a simulated run.
type stage struct {
	node    string
	n       int
	seconds float64
}

// simulate runs the stages in order on a machine with procs processors, and
// asks for the time left each second. It gives the answers and the real length.
func simulate(s *State, procs int, stages ...stage) (answers map[int]time.Duration, length float64) {
	answers = map[int]time.Duration{}
	total := 0
	for _, st := range stages {
		total += st.n
	}
	s.Apply(event.Event{Kind: event.RunStarted, Time: at(0), Total: total})
	type job struct {
		name, node string
		end        float64
	}
	var running []job
	now, ask, k := 0.0, 1, 0
	for k < len(stages) || len(running) > 0 {
		for k < len(stages) && len(running) < procs {
			if stages[k].n == 0 {
				k++
				continue
			}
			stages[k].n--
			j := job{fmt.Sprint(stages[k].node, stages[k].n), stages[k].node, now + stages[k].seconds}
			s.Apply(event.Event{Kind: event.Started, Time: at(now), Node: j.node, Instance: j.name})
			running = append(running, j)
		}
		if len(running) == 0 {
			break
		}
		slices.SortFunc(running, func(a, b job) int { return cmpFloat(a.end, b.end) })
		for ; float64(ask) < running[0].end; ask++ {
			if d, ok := s.Left(at(float64(ask))); ok {
				answers[ask] = d
			}
		}
		now = running[0].end
		s.Apply(event.Event{Kind: event.Finished, Time: at(now), Node: running[0].node, Instance: running[0].name})
		running = running[1:]
	}
	return answers, now
}

func cmpFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func nodes(stages ...stage) func(func(Node) bool) {
	return func(yield func(Node) bool) {
		for _, st := range stages {
			if !yield(Node{Name: st.node, Instances: st.n}) {
				return
			}
		}
	}
}

func TestTimeLeft(t *testing.T) {
	for _, c := range []struct {
		name   string
		procs  int
		stages []stage
		apart  bool // times of nodes are kept apart
		from   int  // answers are expected from this second on
		within float64
	}{
		{"one node", 4, []stage{{"a", 100, 10}}, true, 12, 0.15},
		{"nodes not told", 4, []stage{{"a", 100, 10}}, false, 12, 0.15},
		{"short ones", 2, []stage{{"a", 500, 0.7}}, true, 10, 0.1},
		{"one processor", 1, []stage{{"a", 20, 30}}, true, 95, 0.1},
		{"long ones last", 4, []stage{{"a", 96, 5}, {"b", 4, 100}, {"a", 96, 5}, {"b", 40, 100}}, true, 260, 0.1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := Options{}
			if c.apart {
				o.Nodes = nodes(merge(c.stages)...)
			}
			answers, length := simulate(New(o), c.procs, slices.Clone(c.stages)...)
			for second := c.from; float64(second) < length; second++ {
				got, ok := answers[second]
				want := length - float64(second)
				if !ok {
					t.Fatalf("no answer at second %d of %g", second, length)
				}
				if diff := got.Seconds() - want; diff > c.within*length || diff < -c.within*length {
					t.Fatalf("at second %d of %g: %v left, want %gs", second, length, got, want)
				}
			}
		})
	}
}

// merge adds up the stages of one node.
func merge(stages []stage) []stage {
	var out []stage
	for _, st := range stages {
		k := slices.IndexFunc(out, func(o stage) bool { return o.node == st.node })
		if k < 0 {
			out = append(out, st)
		} else {
			out[k].n += st.n
		}
	}
	return out
}

func TestTimeLeftUnknown(t *testing.T) {
	t.Run("too few have finished", func(t *testing.T) {
		answers, _ := simulate(New(Options{}), 1, stage{"a", 2, 50})
		if len(answers) > 0 {
			t.Errorf("answers %v", answers)
		}
	})
	t.Run("most of what is left never ran", func(t *testing.T) {
		s := New(Options{Nodes: nodes(stage{"a", 10, 0}, stage{"b", 90, 0})})
		answers, _ := simulate(s, 1, stage{"a", 10, 5})
		if len(answers) > 0 {
			t.Errorf("answers %v", answers)
		}
	})
	t.Run("draining", func(t *testing.T) {
		s := New(Options{})
		s.Apply(event.Event{Kind: event.Draining, Time: at(0), Reason: "interrupted"})
		if answers, _ := simulate(s, 1, stage{"a", 50, 5}); len(answers) > 0 {
			t.Errorf("answers %v", answers)
		}
	})
}

// TestMapsCount sees that elements are expected where MapNodes are not
// expanded yet.
func TestMapsCount(t *testing.T) {
	s := New(Options{Nodes: nodes(stage{"m", 2, 0})})
	apply(s,
		event.Event{Kind: event.RunStarted, Time: at(0), Total: 2},
		event.Event{Kind: event.Expanded, Time: at(0), Node: "m", Instance: "m0", Total: 10},
	)
	for i := range 10 {
		name := fmt.Sprint("m0/", i)
		apply(s,
			event.Event{Kind: event.Started, Time: at(float64(10 * i)), Node: "m", Instance: name},
			event.Event{Kind: event.Finished, Time: at(float64(10*i + 10)), Node: "m", Instance: name},
		)
	}
	s.Apply(event.Event{Kind: event.Finished, Time: at(100), Node: "m", Instance: "m0"})
	if got, ok := s.Left(at(100)); !ok || got < 95*time.Second || got > 105*time.Second {
		t.Errorf("Left = %v, %v; want 100s", got, ok)
	}
}

// TestStateHolds feeds any events in any order: counts stay those of the
// events, and the time left is a length of time.
func TestStateHolds(t *testing.T) {
	kinds := []event.Kind{event.Cached, event.Started, event.Finished, event.Failed, event.Retrying, event.Blocked, event.Expanded}
	rapid.Check(t, func(t *rapid.T) {
		s := New(Options{Nodes: nodes(stage{"a", 5, 0}, stage{"b", 7, 0})})
		now := 0.0
		seen := map[event.Kind]int{}
		for range rapid.IntRange(0, 60).Draw(t, "events") {
			now += rapid.Float64Range(0, 50).Draw(t, "wait")
			e := event.Event{
				Kind: rapid.SampledFrom(kinds).Draw(t, "kind"), Time: at(now), Total: rapid.IntRange(0, 3).Draw(t, "total"),
				Node:     rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "node"),
				Instance: rapid.SampledFrom([]string{"1", "2", "3", "4"}).Draw(t, "instance"),
			}
			seen[e.Kind]++
			s.Apply(e)
			if d, ok := s.Left(at(now)); ok && d <= 0 {
				t.Fatalf("%v left", d)
			}
			if s.estimate.busy < 0 || s.Counts.Running != len(s.Running()) {
				t.Fatalf("%g processors busy, %d running, %d listed", s.estimate.busy, s.Counts.Running, len(s.Running()))
			}
		}
		got := []int{s.Counts.Cached, s.Counts.Done, s.Counts.Failed, s.Counts.Blocked, s.Ran}
		want := []int{seen[event.Cached], seen[event.Finished], seen[event.Failed], seen[event.Blocked], seen[event.Started]}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("counts (-want +got):\n%s", diff)
		}
	})
}

func TestAbout(t *testing.T) {
	for _, c := range []struct {
		in   time.Duration
		want string
	}{
		{3 * time.Second, "a few seconds"}, {42 * time.Second, "about 40s"}, {58 * time.Second, "about 1m"},
		{100 * time.Second, "about 1m30s"}, {12*time.Minute + 10*time.Second, "about 12m"},
		{3*time.Hour + 14*time.Minute, "about 3h10m"}, {31*time.Hour + 40*time.Minute, "about 1d8h"},
	} {
		if got := About(c.in); got != c.want {
			t.Errorf("About(%v) = %q; want %q", c.in, got, c.want)
		}
	}
}

func TestHeld(t *testing.T) {
	s := New(Options{})
	if s.Held.Known() {
		t.Error("known before the first sample")
	}
	for i := range 2 * mostRecent {
		s.Apply(event.Event{Kind: event.Sampled, Sample: &event.Sample{
			Raphe: event.Memory{RSS: 30 - int64(i%3), PSS: int64(i)}, Tools: event.Memory{RSS: int64(i), VSize: 7}, Limit: 500,
		}})
	}
	h := s.Held
	if len(h.Recent) != mostRecent || h.Recent[0] != mostRecent || h.Recent[mostRecent-1] != 2*mostRecent-1 {
		t.Errorf("recent: %v", h.Recent)
	}
	h.Recent = nil
	want := Held{
		Raphe: event.Memory{RSS: 28, PSS: 119}, Tools: event.Memory{RSS: 119, VSize: 7}, Limit: 500,
		PeakRaphe: event.Memory{RSS: 30, PSS: 119}, PeakTools: event.Memory{RSS: 119, VSize: 7},
	}
	if diff := cmp.Diff(want, h); diff != "" || !h.Known() {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMeasured(t *testing.T) {
	running := Longest(slices.Values([]Running{{Name: "c", Began: at(2)}, {Name: "b", Began: at(1)}, {Name: "a", Began: at(2)}}))
	Measured(running, []Sample{{"a", 5}, {"gone", 6}})
	want := []Running{{Name: "b", Began: at(1)}, {Name: "a", Began: at(2), RSS: 5}, {Name: "c", Began: at(2)}}
	if diff := cmp.Diff(want, running); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What nodes took in earlier runs counts before they have run in this one.
func TestTimesOfEarlierRuns(t *testing.T) {
	left := func(took time.Duration) (time.Duration, bool) {
		s := New(Options{Nodes: slices.Values([]Node{{Name: "a", Instances: 4}, {Name: "b", Instances: 10, Took: took}})})
		apply(s, event.Event{Kind: event.RunStarted, Time: at(0), Total: 14})
		for k := range 4 {
			name := fmt.Sprint(k)
			apply(s, event.Event{Kind: event.Started, Time: at(float64(k)), Node: "a", Instance: name},
				event.Event{Kind: event.Finished, Time: at(float64(k + 1)), Node: "a", Instance: name})
		}
		return s.Left(at(4))
	}
	if d, ok := left(0); ok {
		t.Errorf("%v left, where nothing is known of most", d)
	}
	if d, ok := left(time.Minute); !ok || d < 9*time.Minute || d > 11*time.Minute {
		t.Errorf("%v, %v; want ten minutes", d, ok)
	}
}

// Nodes of one name are the instances of one.
func TestNodesOfOneName(t *testing.T) {
	apart := New(Options{Nodes: nodes(stage{"w.n", 1, 60}, stage{"w.n", 2, 60})})
	whole := New(Options{Nodes: nodes(stage{"w.n", 3, 60})})
	if diff := cmp.Diff(*whole.estimate.nodes["w.n"], *apart.estimate.nodes["w.n"], cmp.AllowUnexported(nodeTimes{})); diff != "" {
		t.Error(diff)
	}
}
