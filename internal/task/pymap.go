package task

import (
	"context"
	"time"

	"github.com/raphe-org/raphe/internal/nipype"
	"github.com/raphe-org/raphe/internal/pyworker"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/store"
	"github.com/raphe-org/raphe/workflow"
)

// lookForeignMap looks at a MapNode that nipype handed over. One of a tool is
// expanded here like any other; else nipype says what its elements are, each a
// node with a blob of its own, and at the end puts their results together.
func (r *Runner) lookForeignMap(ctx context.Context, k *look) sched.Looked {
	if k.iface.Python == nil {
		e, n, err := expand(k)
		switch {
		case err != nil || n == 0 || !r.suitAll(k, e, n):
			k.iface = k.foreign.Otherwise // which knows what is wrong, or can do it
		case !r.foundByNipype(k):
			return r.expanded(k, e, n)
		}
	}
	hit, err := r.lookup(ctx, k)
	switch {
	case err != nil:
		return sched.Looked{Verdict: sched.Fail, Failure: r.inputFailure(k.unit, err)}
	case hit:
		return sched.Looked{Verdict: sched.Hit}
	}
	if elements := r.elementsOf(ctx, k); len(elements) > 1 {
		return r.expanded(k, &expansion{inputs: k.inputs, python: elements, look: k}, len(elements))
	}
	claim, carry := r.claim(k)
	return sched.Looked{Verdict: sched.Run, Reason: k.reason, Claim: claim, Retries: k.options.Retries, Prepared: k, Carry: carry}
}

// suitAll reports whether the catalogue's interface takes every element.
func (r *Runner) suitAll(k *look, e *expansion, n int) bool {
	for i := range n {
		in := append(k.inputs[:0:0], k.inputs...)
		for field, items := range e.lists {
			in.Set(field, items[i])
		}
		set, err := accept(k.iface, in, k.dir, k.glance)
		if err != nil || r.plain(k, set) != nil {
			return false
		}
	}
	return true
}

// foundByNipype reports whether the directory holds what nipype made without
// Raphe.
func (r *Runner) foundByNipype(k *look) bool {
	rec, _, err := r.results.last(k.name)
	if err != nil || r.door.pool == nil {
		return false
	}
	r.nipypesWord(k, rec)
	return k.foreign.nipypes
}

// elementsOf asks nipype for the elements of a MapNode; none where it is to run
// as a whole: in one process, or since that is quicker, or says what is wrong.
func (r *Runner) elementsOf(ctx context.Context, k *look) []pyworker.Element {
	if r.door.pool == nil || k.options.Serial || k.foreign.nipypes || k.foreign.Class.AlwaysRun ||
		k.options.Overwrite == workflow.Yes || r.door.UpdateHash || k.options.Nested && k.iface.Python == nil {
		return nil
	}
	s, err := r.slots.take()
	if err != nil {
		return nil
	}
	defer r.slots.free(s)
	a := r.attempt(k)
	reply, out := a.ask(ctx, pyworker.OpExpand, s, nil)
	if reply.Error != nil || out.Failure != nil {
		return nil
	}
	return reply.Elements
}

// attempt is an attempt of what is part of looking at a unit, or of collecting
// it: it claims nothing.
func (r *Runner) attempt(k *look) *attemptRun {
	return &attemptRun{Runner: r, look: k, carried: &carried{}, attempt: 1, dir: k.dir, began: time.Now(), started: func(sched.Start) {}}
}

// expanded keeps an expansion for its elements.
func (r *Runner) expanded(k *look, e *expansion, n int) sched.Looked {
	e.refs = make([]store.Ref, n)
	e.look = k
	r.mu.Lock()
	r.maps[k.unit.Instance] = e
	r.mu.Unlock()
	return sched.Looked{Verdict: sched.Expand, Elements: n, Serial: k.options.Serial}
}

// collectByNipype has nipype put the results of a MapNode's elements together.
func (r *Runner) collectByNipype(ctx context.Context, e *expansion) sched.Ran {
	s, err := r.slots.take()
	a := r.attempt(e.look)
	if err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its log files can't be made", err)}
	}
	defer r.slots.free(s)
	return a.worker(ctx, s)
}

// forgetMap lets nipype not believe a MapNode, an element of which is run again.
func (a *attemptRun) forgetMap() error {
	if a.unit.Element < 0 {
		return nil
	}
	return nipype.Forget(a.Runner.dir(a.plan.Dir(a.unit.Instance)))
}

func isMap(o *workflow.Options) bool { return o.Kind == workflow.MapNode }
