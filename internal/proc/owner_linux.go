package proc

import (
	"os"
	"strconv"
	"strings"
	"sync"
)

// owns says whether the orphan surely comes from this command: it is in its
// process group or its cgroup, was seen in its tree, writes to its files, or
// works in its directory or bears its mark, where no other command does.
func (p *Process) owns(o *orphan) bool {
	if o.group == p.pid || p.isTemplate() && p.spec.Template.lost(o) {
		return true
	}
	p.mu.Lock()
	start, seen := p.seen[o.pid]
	if !seen {
		start, seen = p.known[o.pid]
	}
	p.mu.Unlock()
	if seen {
		return start == o.start
	}
	if o.start < p.born {
		return false
	}
	mine := p.cgroup().has(o.pid) || writesTo(o.pid, p.spec.Stdout, p.spec.Stderr) || (within(o.pid, p.spec.Dir) || p.bore(o.pid)) && p.alone(nil)
	if mine {
		p.know(o)
	}
	return mine
}

// left says whether an orphan belongs to the tree of this command while it runs:
// it is surely its, or can be nobody else's.
func (p *Process) left(o *orphan) bool {
	return p.owns(o) || p.alone(o) && !isDoubtful(o) && !p.isTemplate()
}

// alone says whether p is the only running command that could have left an
// orphan: the only one that was there when it began, or, if o is nil, the only
// one in its directory.
func (p *Process) alone(o *orphan) bool {
	family.Lock()
	defer family.Unlock()
	for _, q := range family.running {
		if q == p || q.isTemplate() { // which leaves nothing
			continue
		}
		if o != nil && q.born <= o.start || o == nil && (isBelow(p.spec.Dir, q.spec.Dir) || isBelow(q.spec.Dir, p.spec.Dir)) {
			return false
		}
	}
	return o == nil || p.born <= o.start
}

// isBelow says whether a path is dir or below it, by name.
func isBelow(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// know keeps that an orphan is the command's, which a zombie does not show.
func (p *Process) know(o *orphan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil {
		p.known = make(map[int]uint64)
	}
	p.known[o.pid] = o.start
}

// writesTo says whether standard output or error of a process is one of the files.
func writesTo(pid int, files ...string) bool {
	for _, fd := range []string{"1", "2"} {
		open, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/fd/" + fd)
		if err != nil || !open.Mode().IsRegular() {
			continue
		}
		for _, file := range files {
			if file == "" {
				continue
			}
			if info, err := os.Stat(file); err == nil && os.SameFile(open, info) {
				return true
			}
		}
	}
	return false
}

// bore says whether a process has the mark of the command in the environment that
// it, or what it was forked from, began with.
func (p *Process) bore(pid int) bool {
	if p.spec.Dir == "" || p.forked() {
		return false
	}
	env, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/environ")
	return err == nil && strings.Contains("\x00"+string(env), "\x00"+markName+p.spec.Dir+"\x00")
}

// doubtful are the orphans that came from one of several commands, nobody knows
// which: a daemon that left group, session and files behind before it was seen.
var doubtful struct {
	sync.Mutex
	start map[int]uint64 // process id to start ticks
}

// A claim is an orphan that a command has to end, and whether it is to blame.
type claim struct {
	orphan
	blamed bool
}

// claim picks from the orphans those that p has to end. An orphan without a
// proof of origin belongs to the only command that ran when it began; among
// several, the last of them to end ends it, and none is blamed.
func (p *Process) claim(list []orphan) []claim {
	family.Lock()
	others := make([]*Process, 0, len(family.running))
	for _, q := range family.running {
		if q != p {
			others = append(others, q)
		}
	}
	family.Unlock()
	var mine []claim
	for i := range list {
		o := &list[i]
		if p.owns(o) {
			mine = append(mine, claim{*o, true})
			continue
		}
		owned, suspected := false, false
		for _, q := range others {
			owned = owned || q.owns(o)
			suspected = suspected || q.born <= o.start && !q.isTemplate()
		}
		switch inDoubt := isDoubtful(o); {
		case owned, o.start < p.born && !inDoubt: // another's, or older than p
		case suspected:
			setDoubtful(o, true)
		default:
			mine = append(mine, claim{*o, !inDoubt})
		}
	}
	return mine
}

func anyDoubtful() bool {
	doubtful.Lock()
	defer doubtful.Unlock()
	return len(doubtful.start) > 0
}

func isDoubtful(o *orphan) bool {
	doubtful.Lock()
	defer doubtful.Unlock()
	start, ok := doubtful.start[o.pid]
	return ok && start == o.start
}

func setDoubtful(o *orphan, yes bool) {
	doubtful.Lock()
	defer doubtful.Unlock()
	if !yes {
		delete(doubtful.start, o.pid)
		return
	}
	if doubtful.start == nil {
		doubtful.start = make(map[int]uint64)
	}
	doubtful.start[o.pid] = o.start
}

// doubt gives the doubtful orphans that live, and what they hold together.
func doubt() (list []orphan, held int64) {
	doubtful.Lock()
	defer doubtful.Unlock()
	for pid, start := range doubtful.start {
		if s, ok := readStat(pid); ok && s.start == start && s.alive() && s.ppid == os.Getpid() {
			list, held = append(list, s), held+s.rss
		}
	}
	return list, held
}
