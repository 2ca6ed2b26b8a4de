package task

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/workflow"
)

// However often, and in whatever way, an instance fails for memory, its attempts
// come to an end, each has more than the one before, and none more than there is.
func TestAttemptsForMemoryEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.OneOf(rapid.Int64Range(0, 1<<40), rapid.Just(int64(0))).Draw(t, "total")
		r := &Runner{opts: Options{Memory: Memory{Total: total, Retries: rapid.IntRange(0, 4).Draw(t, "memory retries")}}}
		k := &look{options: &workflow.Options{Retries: rapid.IntRange(0, 3).Draw(t, "retries")}}
		a := &attemptRun{Runner: r, look: k, carried: &carried{from: event.FromDefault}}
		a.claim = sched.Claim{Procs: rapid.IntRange(1, 4).Draw(t, "procs"), Mem: rapid.Int64Range(1, max(1, total, 1<<30)).Draw(t, "claim")}
		if total > 0 {
			a.claim.Mem = min(a.claim.Mem, total) // as the ledger does
		}
		most := 1 + k.options.Retries + r.opts.Memory.Retries + mostEvictions + 1
		for attempt := 1; ; attempt++ {
			again := a.again(&proc.Failure{
				Kind: rapid.SampledFrom([]proc.Kind{proc.MemoryExceeded, proc.KilledOOM, proc.OutOfMemory}).Draw(t, "kind"),
				Peak: rapid.Int64Range(0, 1<<40).Draw(t, "peak"), Together: rapid.Bool().Draw(t, "together"),
			})
			if again == nil {
				break
			}
			if attempt == most {
				t.Fatalf("%d attempts and more", attempt)
			}
			if again.Claim.Mem <= a.claim.Mem || total > 0 && again.Claim.Mem > total || again.Claim.Procs != a.claim.Procs {
				t.Errorf("%+v after %+v, of %d", again.Claim, a.claim, total)
			}
			next := *again.Carry.(*carried)
			if len(next.had) != attempt || next.from != event.FromRetry {
				t.Errorf("carried %+v after attempt %d", next, attempt)
			}
			a.carried, a.claim = &next, again.Claim
		}
	})
}
