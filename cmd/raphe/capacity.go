package main

import (
	"fmt"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/unit"
)

// A capacity is what may be claimed at once, and of how much.
type capacity struct {
	sched.Claim
	machine proc.Machine
	asked   bool // the memory is what --memory says
}

// ownShare is what is left of scarce memory to Raphe itself, which lives in the
// same cgroup as its tools: a run of 100,000 instances takes some 20 to 60 MB.
const ownShare = 64 << 20

// toolsShare gives how much of so much memory the tools may hold, where the
// user says nothing: a tenth is left, at least Raphe's own share, but never
// more than half.
func toolsShare(memory int64) int64 {
	return memory - min(max(memory/10, ownShare), memory/2)
}

// capacity gives what may be claimed at once.
func (f *runFlags) capacity() (capacity, error) {
	m := proc.Available()
	c := capacity{Claim: sched.Claim{Procs: max(1, m.CPUs), Mem: toolsShare(m.Memory)}, machine: m}
	if f.procs < 1 && f.given.Changed("procs") {
		return c, &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("--procs %d is not a number of processors", f.procs), Mend: "give 1 or more"}
	}
	if f.procs > 0 {
		c.Procs = f.procs
	}
	if f.given.Changed("memory") {
		n, err := unit.ParseBytes(f.memory)
		if err == nil && n < unit.MiB {
			err = fmt.Errorf("%q is no memory to speak of: %d bytes", f.memory, n)
		}
		if err != nil {
			return c, &diag.Diagnostic{Code: diag.Usage, What: "--memory: " + err.Error(), Mend: "write a size with its unit, such as 16G or 800M"}
		}
		c.Mem, c.asked = n, true
	}
	return c, nil
}

// warning says that more memory was promised than there is, "" if it was not.
func (c capacity) warning() string {
	m := c.machine
	if !c.asked || m.Memory <= 0 || c.Mem <= m.Memory {
		return ""
	}
	return fmt.Sprintf("--memory %s is more than there is: %s (%s); the kernel will end tools before that limit does",
		unit.FormatBytes(c.Mem), unit.FormatBytes(m.Memory), m.MemoryFrom)
}

// check finds the nodes that ask for more memory than may ever be claimed;
// more processors than there are only cost time, so such a node gets all there
// are. So does one that nipype handed over: what stands there is a guess, which
// nipype only warns of, and bounds nothing.
func (c capacity) check(p *plan.Plan) error {
	why := fmt.Sprintf("no more than %s may be claimed (--memory), so it could never run", unit.FormatBytes(c.Mem))
	mend := "give a lower mem_gb, or a higher --memory where the machine has it"
	if !c.asked {
		why = fmt.Sprintf("no more than %s may be claimed, of %s that there are (%s), so it could never run",
			unit.FormatBytes(c.Mem), unit.FormatBytes(c.machine.Memory), c.machine.MemoryFrom)
		mend = "give a lower mem_gb, or run it where there is more memory"
	}
	var problems diag.List
	p.Nodes(func(n plan.NodeRow) bool {
		if asked := n.Node.Options().MemBytes(); asked > c.Mem && n.Node.Foreign() == nil {
			problems.Add(&diag.Diagnostic{
				Code: diag.BadDefinition, Pos: n.Node.Pos(),
				What: fmt.Sprintf("node %q asks for %s of memory", n.Node.Label(), unit.FormatBytes(asked)),
				Why:  why, Mend: mend,
			})
		}
		return true
	})
	return problems.Err()
}
