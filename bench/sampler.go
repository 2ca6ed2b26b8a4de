package main

import (
	"slices"
	"time"
)

// A Sample is one look at a peer's process tree.
type Sample struct {
	At        time.Duration // since the peer was started
	Engine    Memory        // its first process
	Program   string        // which runs this program
	Tools     Memory        // processes that are the scenario's tool
	Others    Memory        // everything else it started: workers, shells
	Running   int           // tools
	Committed int64         // the whole machine's commit charge
	Fresh     bool          // the PSS was read for this sample, not taken from one before
}

// TreePSS is the PSS of the whole tree.
func (s Sample) TreePSS() int64 { return s.Engine.PSS + s.Tools.PSS + s.Others.PSS }

// Commit is what the kernel has committed to for the whole tree.
func (s Sample) Commit() int64 { return s.Engine.Data + s.Tools.Data + s.Others.Data }

// Overhead is the same without the tools: what the peer itself needs.
func (s Sample) Overhead() int64 { return s.Engine.Data + s.Others.Data }

// pssEvery is how many samples one reading of the PSS serves: it makes the
// kernel walk over all pages of a process.
const pssEvery = 5

// A sampler looks at one process tree again and again.
type sampler struct {
	proc    procfs
	root    int
	tool    string // name of the tool's program
	started time.Time
	same    func(a, b int) bool // whether two processes are one address space

	kernel  map[int]bool
	lastPSS map[int]int64
	Samples []Sample
}

func newSampler(root int, tool string, started time.Time) *sampler {
	return &sampler{proc: procfs{"/proc"}, root: root, tool: tool, started: started, same: sameMemory, kernel: map[int]bool{}}
}

// Where tools are told apart, growth counts from what the engine had just before
// the first of them, and that may come within one interval of the engine's own
// start: so in the beginning it is looked at more often.
const (
	beginning      = 200 * time.Millisecond
	beginningEvery = 5 * time.Millisecond
)

// watch samples until stop is closed: at once, and then at every interval.
func (s *sampler) watch(interval time.Duration, pss bool, stop <-chan struct{}) {
	every := interval
	if s.tool != "" {
		every = min(interval, beginningEvery)
	}
	ticks := time.NewTicker(every)
	defer ticks.Stop()
	due := pss
	for n := 0; ; n++ {
		due = due || pss && n%pssEvery == 0
		if s.look(due) {
			due = false
		}
		if every < interval && time.Since(s.started) >= beginning {
			every = interval
			ticks.Reset(every)
		}
		select {
		case <-ticks.C:
		case <-stop:
			return
		}
	}
}

// look takes one sample, and tells whether it has the PSS. A process that ends
// while it is looked at is left out.
//
// Pages that processes share are divided by those that share them when each is
// read. Where one began or ended in between, such pages would count twice or
// not at all, so that look does not serve for the PSS.
func (s *sampler) look(pss bool) bool {
	sample := Sample{At: time.Since(s.started)}
	members := tree(s.proc.processes(s.kernel), s.root)
	found := map[int]held{}
	for _, p := range members {
		if p.Zombie || (p.PID != s.root && s.same(p.PID, p.Parent)) {
			continue
		}
		name, m, err := s.proc.memory(p.PID, pss)
		if err == nil && m.Size > 0 {
			found[p.PID] = held{name, m}
		}
	}
	sample.Committed, _ = s.proc.committed()
	sample.Fresh = pss && slices.Equal(members, tree(s.proc.processes(s.kernel), s.root))
	s.add(sample, found)
	return sample.Fresh
}

// held is what a look found of one process.
type held struct {
	name   string
	memory Memory
}

// add sums up what was found of each process.
func (s *sampler) add(sample Sample, found map[int]held) {
	seen := map[int]int64{}
	for pid, r := range found {
		m := r.memory
		if !sample.Fresh {
			m.PSS = s.lastPSS[pid]
		}
		seen[pid] = m.PSS
		switch {
		case pid == s.root:
			sample.Engine, sample.Program = m, r.name
		case s.tool != "" && r.name == s.tool:
			sample.Tools = sample.Tools.plus(m)
			sample.Running++
		default:
			sample.Others = sample.Others.plus(m)
		}
	}
	s.lastPSS = seen
	if sample.Engine.Size > 0 { // else it has ended
		s.Samples = append(s.Samples, sample)
	}
}

// A Footprint sums up the samples of a run.
type Footprint struct {
	RSS, PSS, Size int64 // the engine's own, at most
	TreePSS        int64 // of the whole tree, at most
	Commit         int64 // of the whole tree, at most
	Overhead       int64 // of the tree without the tools, at most
	Growth         int64 // the overhead beyond what the engine alone had before the first tool
	Running        int   // tools at once, at most
	Samples        int
}

// footprint sums up samples. Growth counts from what the engine had in the last
// sample before the first one that saw a tool, or in the first one of all; so
// worker processes are growth whenever they were started.
func footprint(samples []Sample) Footprint {
	f := Footprint{Samples: len(samples)}
	before, begun := int64(0), false
	for i, s := range samples {
		f.RSS, f.PSS, f.Size = max(f.RSS, s.Engine.RSS, s.Engine.Peak), max(f.PSS, s.Engine.PSS), max(f.Size, s.Engine.Size)
		f.TreePSS = max(f.TreePSS, s.TreePSS())
		f.Commit, f.Overhead = max(f.Commit, s.Commit()), max(f.Overhead, s.Overhead())
		f.Running = max(f.Running, s.Running)
		if !begun && (i == 0 || s.Running == 0) {
			before = s.Engine.Data
		}
		begun = begun || s.Running > 0
	}
	f.Growth = max(0, f.Overhead-before)
	return f
}
