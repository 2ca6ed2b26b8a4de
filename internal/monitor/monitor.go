// Package monitor follows the memory of a run while it goes on: what Raphe
// itself holds, and what its tools hold together and by node.
//
//	Monitor  looks a few times a second and hands on a sample now and then
//	Options  what it looks at
//
// A sample stands for the stretch of time since the one before and carries the
// largest figures of it. Stretches grow with the run's age, so that a day is some
// 3,600 of them. The package measures no process itself, and knows no workflow
// and no store: the executor and package proc tell it what is held, and the run's
// events which node an instance is of.
package monitor

import (
	"sync"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
)

const (
	lookEvery     = 250 * time.Millisecond
	slowEvery     = time.Second // for what costs the kernel more to tell
	firstStretch  = time.Second
	stretchPerAge = 600 // a stretch is this part of the run's age, if that is more
)

// Options says what a Monitor looks at.
type Options struct {
	// Running gives what is known of the tools that run, as an executor does.
	Running func() []executor.Sample
	// Limit is what all tools together may hold, for the samples.
	Limit int64

	// Self gives what this process holds, Peak the largest RSS that it ever
	// had, and Committed what the machine has promised; nil: as package proc
	// and the kernel say.
	Self      func() event.Memory
	Peak      func() int64
	Committed func() int64
}

func (o Options) withDefaults() Options {
	if o.Self == nil {
		o.Self = func() event.Memory { return event.Memory(proc.Self()) }
	}
	if o.Peak == nil {
		o.Peak = peakRSS
	}
	if o.Committed == nil {
		o.Committed = proc.Committed
	}
	return o
}

// A Monitor follows the memory of one run.
type Monitor struct {
	opts Options
	out  chan event.Event
	stop chan struct{}
	done sync.WaitGroup

	mu    sync.Mutex
	nodes map[string]string // of the instances that run, and of the Python that they may come from
	began time.Time
	from  time.Time    // when the stretch began
	slow  time.Time    // when the slow figures were last looked at
	point event.Sample // the largest figures of the stretch
	peak  int64        // of this process, as far as it was told
}

// Start begins to follow a run. It is ended by Stop.
func Start(o Options) *Monitor {
	now := time.Now()
	m := &Monitor{
		opts: o.withDefaults(), out: make(chan event.Event), stop: make(chan struct{}),
		nodes: map[string]string{executor.TemplateID: executor.TemplateID}, began: now, from: now,
	}
	m.look(true)
	m.done.Go(m.follow)
	return m
}

// Samples gives the events of kind Sampled, whose time is that of their
// arrival. A stretch ends when its sample is taken: one that nobody takes grows.
func (m *Monitor) Samples() <-chan event.Event { return m.out }

// Stop ends the Monitor and gives the sample of the last stretch, so that
// every run has one.
func (m *Monitor) Stop() event.Event {
	close(m.stop)
	m.done.Wait()
	m.look(true)
	return m.sample()
}

func (m *Monitor) follow() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var out chan event.Event // m.out once the stretch is long enough
	for {
		select {
		case now := <-tick.C:
			full := now.Sub(m.from) >= m.stretch(now)
			m.look(full)
			if full {
				out = m.out
			}
		case out <- m.sample():
			m.begin()
			out = nil
		case <-m.stop:
			return
		}
	}
}

// stretch gives how long a stretch of now is, less half a look's interval, for
// looks come neither early nor late by more.
func (m *Monitor) stretch(now time.Time) time.Duration {
	return max(firstStretch, now.Sub(m.began)/stretchPerAge) - lookEvery/2
}

// begin begins a stretch.
func (m *Monitor) begin() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.from, m.point = time.Now(), event.Sample{}
}

// sample gives the stretch so far. It shares nothing that will change.
func (m *Monitor) sample() event.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.point
	s.Limit = m.opts.Limit
	return event.Event{Kind: event.Sampled, Sample: &s}
}

// look takes the figures of now into the stretch; at the end of one, the slow
// ones too in any case.
func (m *Monitor) look(end bool) {
	self, running := m.opts.Self(), m.opts.Running()
	var commit, peak int64
	if now := time.Now(); end || now.Sub(m.slow) >= slowEvery {
		commit, peak, m.slow = m.opts.Committed(), m.opts.Peak(), now
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if peak > m.peak { // reached since the last look: it may lie between two of them
		m.peak = peak
		self.RSS = max(self.RSS, peak)
	}
	var tools event.Memory
	nodes := map[string]int64{}
	processes := 0
	for _, r := range running {
		tools.RSS += r.RSS
		tools.PSS += r.PSS
		tools.VSize += r.VSize
		processes += r.Processes
		if node := m.nodes[r.ID]; node != "" && r.RSS > 0 {
			nodes[node] += r.RSS
		}
	}
	p := &m.point
	p.Raphe = p.Raphe.Max(self)
	p.Commit = max(p.Commit, commit)
	p.Processes = max(p.Processes, processes)
	m.tools(tools, nodes)
}

// tools takes in what tools held at one moment. The share of the nodes is that
// of the moment at which they held most.
func (m *Monitor) tools(t event.Memory, nodes map[string]int64) {
	p := &m.point
	if t.RSS > p.Tools.RSS {
		p.Nodes = nodes
	}
	p.Tools = p.Tools.Max(t)
}

// Event takes in the events of the run. What an attempt held that began and
// ended within the stretch is known from its end, if no look saw it.
func (m *Monitor) Event(e event.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Kind {
	case event.Started:
		m.nodes[e.Instance] = e.Node
	case event.Finished, event.Failed, event.Retrying:
		delete(m.nodes, e.Instance)
		if u := e.Usage; u != nil && u.PeakRSS > 0 && !e.Time.Add(-u.Wall).Before(m.from) {
			m.point.Processes = max(m.point.Processes, u.Processes, 1)
			m.tools(event.Memory{RSS: u.PeakRSS, PSS: u.PeakPSS, VSize: u.PeakVSize}, map[string]int64{e.Node: u.PeakRSS})
		}
	}
}
