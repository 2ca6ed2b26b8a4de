package task

import (
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
)

// claim gives what a unit claims of the machine.
func (r *Runner) claim(k *look) sched.Claim {
	c := sched.Claim{Procs: max(1, k.options.NProcs), Mem: defaultMem}
	if k.options.NProcs == 0 {
		for i := range k.iface.Inputs {
			if p := &k.iface.Inputs[i]; p.Threads {
				if n, ok := k.inputs.Get(p.Name).(value.Int); ok && n > 0 {
					c.Procs = int(n)
				}
			}
		}
	}
	if asked := k.options.MemBytes(); asked > 0 {
		c.Mem = asked
	}
	return c
}

// defaultMem is nipype's default of mem_gb, 0.2.
const defaultMem = (1 << 30) / 5
