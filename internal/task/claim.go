package task

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/learn"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// Memory says what a run does about the memory of its tools.
type Memory struct {
	Total   int64          // what may be claimed at once: --memory; 0: not bounded
	Aside   int64          // what of Total no unit gets: the template of Python's workers holds it
	Enforce bool           // a mem_gb is a limit, and not only what is set aside
	Retries int            // how often more is tried beyond a node's own retries, when one needed more than it had
	Learned *learn.Learned // what interfaces needed before; nil: nothing is learned
}

// most is what a unit can get; 0: as much as it likes.
func (m *Memory) most() int64 { return max(0, m.Total-m.Aside) }

// defaultMem is nipype's default of mem_gb, 0.2.
const defaultMem = (1 << 30) / 5

// A carried is what a unit takes along from its look to its attempt, and from
// one attempt to the next.
type carried struct {
	from    event.From
	had     []int64 // memory of the attempts before that needed more
	evicted int     // of these, such as went because all together held too much
}

// claim gives what a unit claims of the machine at first: of memory what the
// definition says, else what its like needed before, else nipype's default.
func (r *Runner) claim(k *look) (sched.Claim, *carried) {
	c := sched.Claim{Procs: max(1, k.askedThreads()), Mem: defaultMem}
	if k.foreign != nil && k.foreign.GPU {
		c.GPUs = c.Procs
	}
	if asked := k.options.MemBytes(); asked > 0 {
		c.Mem = asked
		return c, &carried{from: event.FromUser}
	}
	if isLight(k.iface) {
		return c, &carried{from: event.FromDefault}
	}
	if e, known := r.opts.Memory.Learned.Estimate(SubjectOf(k.node), k.given); known {
		c.Mem = e.Mem
		return c, &carried{from: event.FromLearned}
	}
	return c, &carried{from: event.FromDefault}
}

// SubjectOf gives what the needs of a node are remembered by. An interface that a
// user defined is known by what it says, too, since another may have its name. Of
// nipype's that run whatever they are told, what they are told is part of it:
// what one function needs says nothing of another.
func SubjectOf(n workflow.Node) learn.Subject {
	f := n.Interface()
	s := learn.Subject{Interface: f.Name, Node: n.Label()}
	if f.Source != "" {
		digest := f.Digest()
		s.Interface += "#" + hex.EncodeToString(digest[:4])
	}
	switch s.Interface {
	case "nipype.interfaces.utility.wrappers.Function":
		digest := sha256.Sum256([]byte(value.Text(n.Inputs().Get("function_str"))))
		s.Interface += "#" + hex.EncodeToString(digest[:4])
	case "nipype.interfaces.base.core.CommandLine": // its command is in the blob alone
		s.Interface += "#" + n.Label()
	}
	return s
}

// asked is what was set aside for an attempt, and what is enforced.
func (a *attemptRun) asked() event.Asked {
	return event.Asked{Procs: a.claim.Procs, Mem: a.claim.Mem, Limit: a.limit(), From: a.from}
}

// limit gives above how much memory an attempt is ended; 0: nothing of its own.
// Only what the user said is a limit: what was learned, or is the default, is a
// guess, and bounds nothing but what else may run beside it. So is what nipype
// hands over: it never held a node to its mem_gb, and what stands there is mostly
// far from what the node takes.
func (a *attemptRun) limit() int64 {
	if !a.opts.Memory.Enforce || a.foreign != nil || a.options.MemBytes() == 0 {
		return 0
	}
	return a.claim.Mem
}

// learn remembers what an attempt of a tool needed.
func (a *attemptRun) learn(u *event.Usage, short bool) {
	a.opts.Memory.Learned.Add(SubjectOf(a.node), learn.Seen{Input: a.given, Peak: u.PeakRSS, Wall: u.Wall, Short: short})
}
