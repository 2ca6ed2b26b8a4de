package task

import (
	"fmt"
	"slices"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/unit"
)

// repeatable records a failed attempt of a command and says how it may be
// repeated: with more memory where it needed more, else as it was.
func (a *attemptRun) repeatable(f *event.Failure, out *executor.Outcome) sched.Ran {
	ran := sched.Ran{Usage: a.usage(out), Dir: a.dir}
	if why := out.Failure; why.ForMemory() && f.Kind == why.Kind.String() {
		a.learn(&ran.Usage, true)
		if ran.Again = a.again(why); ran.Again != nil {
			f.Cause += "; to be repeated with " + unit.FormatBytes(ran.Again.Claim.Mem)
		} else {
			a.sized(f, why)
			ran.Repeat = len(a.had) == 0
		}
	} else {
		ran.Repeat = mayPass(f.Kind)
	}
	ran.Failure = a.recordFailure(f, ran.Usage)
	return ran
}

// mayPass tells the failures that another attempt may not meet.
func mayPass(kind string) bool {
	return kind != proc.NotFound.String() && kind != proc.NotExecutable.String() && kind != proc.Cancelled.String()
}

// mostEvictions is how often an instance makes room for others before it runs
// alone.
const mostEvictions = 4

// again gives the next attempt after one that failed for memory, nil for none:
// as many as the node's retries and the run's for memory allow, each with more,
// the last one with all that there is, alone. One that went because all together
// held too much has done nothing wrong, and is not counted.
func (a *attemptRun) again(f *proc.Failure) *sched.Again {
	policy := &a.opts.Memory
	most := policy.most()
	if most > 0 && a.claim.Mem >= most {
		return nil
	}
	next := *a.carried
	next.had = append(slices.Clone(next.had), a.claim.Mem)
	next.from = event.FromRetry
	var mem int64
	last := false
	if f.Together && policy.Retries > 0 && next.evicted <= mostEvictions {
		next.evicted++
		mem = max(f.Peak, a.claim.Mem)
		mem += mem/4 + 1
		last = next.evicted > mostEvictions
	} else {
		allowed := a.options.Retries + policy.Retries
		failed := len(next.had) - next.evicted
		if failed > allowed {
			return nil
		}
		mem = max(2*a.claim.Mem, f.Peak+f.Peak/2)
		last = failed == allowed
	}
	mem = (mem + memoryStep - 1) / memoryStep * memoryStep
	if most > 0 && (last || mem > most) {
		mem = most
	}
	return &sched.Again{Claim: sched.Claim{Procs: a.claim.Procs, Mem: mem, GPUs: a.claim.GPUs}, Carry: &next}
}

// memoryStep is what the memory of another attempt is rounded up to.
const memoryStep = 64 << 20

// sized adds to the last failure for memory what had been tried, and where that
// was all there is, says that no mem_gb can help.
func (a *attemptRun) sized(f *event.Failure, why *proc.Failure) {
	total, most := a.opts.Memory.Total, a.opts.Memory.most()
	all := most > 0 && a.claim.Mem >= most
	if all && why.Together { // with nobody else
		f.Cause = fmt.Sprintf("needed more than %s, which is all of --memory", unit.FormatBytes(most))
		if most < total {
			f.Cause += fmt.Sprintf(" (%s) beside the template of Python's workers", unit.FormatBytes(total))
		}
	}
	if len(a.had) > 0 {
		var sizes []string
		for _, n := range append(slices.Clone(a.had), a.claim.Mem) {
			sizes = append(sizes, unit.FormatBytes(n))
		}
		f.Cause += fmt.Sprintf(" (%d attempts: %s)", len(sizes), strings.Join(sizes, ", "))
	}
	if all {
		f.Mend = fmt.Sprintf("all of --memory (%s) was not enough, with nothing else running: give a larger --memory, or take a machine with more memory", unit.FormatBytes(total))
	}
}
