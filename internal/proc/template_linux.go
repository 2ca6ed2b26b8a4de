package proc

import (
	"errors"
	"math"
	"os"
	"strconv"
	"syscall"
)

// CanFork says whether this system knows templates.
const CanFork = true

// bornOf says whether an orphan may come from the process pid, by its age, its
// group and its session.
func bornOf(o *orphan, pid int, born uint64) bool {
	return o.start >= born && o.session == ownSession() && (o.group == pid || o.group == o.pid)
}

// maybe says whether t may have forked an orphan that nobody knows yet: it began
// after t, and is in t's process group still or in one of its own already.
func (t *Template) maybe(o *orphan) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.ended && t.pid > 0 && bornOf(o, t.pid, t.born)
}

// isExpected says whether an orphan may be a command that some template has
// just forked. If it is none, it is in doubt whose it is.
func isExpected(o *orphan) bool {
	expecting.Lock()
	defer expecting.Unlock()
	for t := range expecting.templates {
		if t.maybe(o) {
			setDoubtful(o, true)
			return true
		}
	}
	return false
}

// lost says whether an orphan may be a command that t forked and of which
// nobody heard before t ended.
func (t *Template) lost(o *orphan) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ended && t.failed && bornOf(o, t.pid, t.born)
}

// isKnown ends the doubt about an orphan that was expected.
func (p *Process) isKnown() { setDoubtful(&orphan{pid: p.pid, start: p.born}, false) }

// inherit takes over the process pid, which a template forked and left to this
// process. It may have ended already: it is a zombie then, until Wait.
func (p *Process) inherit(pid, template int, born uint64) error {
	s, ok := readStat(pid)
	family.Lock()
	_, known := family.running[pid]
	family.Unlock()
	switch {
	case !ok:
		return syscall.ESRCH
	case s.ppid != os.Getpid() || known || !bornOf(&s, template, born):
		return errors.New("it is no command of its template")
	}
	// The command does so itself as well; whoever comes first, from now on it
	// can be signalled with all its children.
	_ = syscall.Setpgid(pid, pid)
	raiseAdj(pid) // which lowers that of its template
	p.pid, p.born = pid, s.start
	p.parent = math.MaxInt64 // the kernel's figure has the template's pages in it,
	p.inherited = s.rss      // which are these; 0 if it has ended
	if m, anonymous := statm(strconv.Itoa(template)); m.RSS > 0 {
		p.inherited = min(p.inherited, anonymous) // it may have grown already
	}
	if p.leaf != nil && put(p.leaf.dir, "cgroup.procs", strconv.Itoa(pid)) != nil && s.alive() {
		p.leaf.remove() // its limit is kept by sampling
		p.leaf = nil
	}
	return nil
}

// isForked says whether a child of this process is a command that a template
// has forked.
func isForked(pid int) bool {
	family.Lock()
	defer family.Unlock()
	p, known := family.running[pid]
	return known && p.forked()
}

// own gives the memory of a tree without what it shares with its template: all
// of it, and as it counts against limits, without the pages of files. One
// process holds what no other has; of several, which share among each other,
// shared pages are divided. Both are 0 if the kernel does not tell.
func (t *tree) own() (rss, held int64) {
	for pid := range t.seen {
		s := sharesOf(pid)
		if t.alive == 1 {
			rss += s.alone
			held += s.dirty
		} else {
			rss += s.pss
			held += s.pss - s.files
		}
	}
	return rss, held
}
