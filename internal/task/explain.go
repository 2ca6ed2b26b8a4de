package task

import (
	"context"
	"errors"

	"github.com/raphe-org/raphe/internal/plan"
	"github.com/raphe-org/raphe/internal/sched"
)

// A Forecast is what a run would do with an instance, and why.
type Forecast struct {
	Instance plan.Instance
	Run      bool
	Reason   string // why it would run; "" where it would not
	Err      error  // it can't be told, or would fail
}

// Explain tells for every instance of the plan, in order, whether it would run
// and why. An instance downstream of one that would run can't be keyed yet: its
// reason is that one. It changes nothing.
func (r *Runner) Explain(ctx context.Context, fn func(Forecast) bool) {
	runs := make([]bool, r.plan.NumInstances())
	for i := range runs {
		f := Forecast{Instance: plan.Instance(i)}
		r.plan.Predecessors(f.Instance, func(p plan.Instance) {
			if runs[p] && f.Reason == "" {
				f.Run, f.Reason = true, r.plan.Dir(p)+" runs before it"
			}
		})
		if !f.Run {
			f.Run, f.Reason, f.Err = r.forecast(ctx, f.Instance)
		}
		runs[i] = f.Run || f.Err != nil
		if !fn(f) {
			return
		}
	}
}

// forecast looks at one instance whose predecessors are all up to date.
func (r *Runner) forecast(ctx context.Context, i plan.Instance) (run bool, reason string, err error) {
	l := r.Look(ctx, sched.Whole(i))
	switch l.Verdict {
	case sched.Fail:
		return true, "", errors.New(l.Failure.Cause)
	case sched.Run:
		return true, l.Reason, nil
	case sched.Expand:
		return r.forecastMap(ctx, i, l.Elements)
	}
	return false, "", nil
}

// forecastMap looks at the elements of a MapNode's instance; when all are up
// to date its own record is made, in memory only, so that what follows can be
// looked at.
func (r *Runner) forecastMap(ctx context.Context, i plan.Instance, elements int) (bool, string, error) {
	defer r.Forget(i)
	for k := range elements {
		u := sched.Unit{Instance: i, Element: int32(k)}
		switch l := r.Look(ctx, u); l.Verdict {
		case sched.Fail:
			return true, "", errors.New(l.Failure.Cause)
		case sched.Run:
			name, _ := r.Name(u)
			return true, name + ": " + l.Reason, nil
		}
	}
	name, _ := r.Name(sched.Whole(i))
	rec, ref, err := r.results.last(name)
	if err != nil || rec == nil || rec.Failure != nil {
		return true, "its elements were never collected", nil
	}
	r.results.settle(i, false, rec, ref, r.dir(name))
	return false, "", nil
}
