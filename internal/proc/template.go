package proc

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Template is a command that has loaded what others need, and forks those
// when it is asked: Spec.Fork asks it. It forks twice and ends the one between,
// so that the command, left behind by its parent, becomes a child of Raphe, and
// is waited for, measured, limited and ended like one that Raphe has started. It
// outlives the template.
//
// The same Template stands in the Spec of the template itself, which has no Fork,
// and in those of its commands. Between the fork and the moment at which Raphe
// hears of it, such a command looks like something that a tool left behind: so
// long the Template makes Raphe expect it, and nobody ends or reaps it.
//
// The pages that commands share with their template are counted as the
// template's.
type Template struct {
	mu       sync.Mutex
	pid      int    // of the template; 0 before its start
	born     uint64 // when that was, in clock ticks
	expected int    // commands that were asked for and are not known yet
	running  int    // commands that it forked and that run
	none     chan struct{}
	ended    bool // no more are taken
	failed   bool // it forked, or not, without an answer
}

// heirless is how long a template that has ended is waited for to say, through
// whoever listens to it, what it had forked.
const heirless = 5 * time.Second

// expecting are the templates that are about to fork.
var expecting struct {
	sync.Mutex
	templates map[*Template]bool
}

// opened tells a Template which process it is.
func (t *Template) opened(pid int, born uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pid, t.born = pid, born
}

// expect begins to expect another command, until done is called.
func (t *Template) expect(p *Process) (done func()) {
	if t == nil {
		return func() {}
	}
	expecting.Lock()
	defer expecting.Unlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.expected++; t.expected == 1 {
		t.none = make(chan struct{})
		if expecting.templates == nil {
			expecting.templates = make(map[*Template]bool)
		}
		expecting.templates[t] = true
	}
	return func() {
		expecting.Lock()
		defer expecting.Unlock()
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.expected--; t.expected == 0 {
			close(t.none)
			delete(expecting.templates, t)
		}
		p.isKnown()
	}
}

// close is called when the template has ended, and returns when all that it
// forked is known. What is not known then is a leftover.
func (t *Template) close() {
	t.mu.Lock()
	none, expected := t.none, t.expected
	t.mu.Unlock()
	if expected > 0 {
		after := time.NewTimer(heirless)
		defer after.Stop()
		select {
		case <-none:
		case <-after.C:
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
}

// forked says whether a template forked the command.
func (p *Process) forked() bool { return p.spec.Fork != nil }

// isTemplate says whether the command is a template.
func (p *Process) isTemplate() bool { return p.spec.Template != nil && p.spec.Fork == nil }

// handOver has the template fork the command, and takes it over.
func (p *Process) handOver() error {
	t := p.spec.Template
	if t == nil {
		return p.notHandedOver(errors.New("no template named"))
	}
	p.started = time.Now()
	pid, err := p.spec.Fork()
	t.mu.Lock()
	template, born, ended := t.pid, t.born, t.ended
	t.failed = t.failed || err != nil
	t.mu.Unlock()
	if err != nil {
		return p.notHandedOver(err)
	}
	if ended {
		return p.notHandedOver(errors.New("its template has ended"))
	}
	if err := p.inherit(pid, template, born); err != nil {
		return p.notHandedOver(fmt.Errorf("take over process %d: %w", pid, err))
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running++
	return nil
}

// leave is told that a command that t forked has ended.
func (t *Template) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.running--
}

// isIdle says whether the command is a template that nobody needs now.
func (p *Process) isIdle() bool {
	if !p.isTemplate() {
		return false
	}
	t := p.spec.Template
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.running == 0 && t.expected == 0
}

func (p *Process) notHandedOver(err error) error {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Kind: StartFailed, Command: p.spec.Argv[0], Err: err}
}
