package main

import (
	"fmt"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/unit"
)

// checkCapacity finds the nodes that ask for more memory than may ever be
// claimed; more processors than there are only cost time, so such a node gets
// all there are.
func checkCapacity(p *plan.Plan, c sched.Claim) error {
	var problems diag.List
	p.Nodes(func(n plan.NodeRow) bool {
		o := n.Node.Options()
		if asked := o.MemBytes(); asked > c.Mem {
			problems.Add(&diag.Diagnostic{
				Code: diag.BadDefinition, Pos: n.Node.Pos(),
				What: fmt.Sprintf("node %q asks for %s of memory", n.Node.FullName(), unit.FormatBytes(asked)),
				Why:  fmt.Sprintf("no more than %s may be claimed (--memory), so it could never run", unit.FormatBytes(c.Mem)),
				Mend: "give a lower mem_gb, or a higher --memory where the machine has it",
			})
		}
		return true
	})
	return problems.Err()
}
