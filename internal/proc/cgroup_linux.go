package proc

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// groups are the memory cgroups of one Budget:
//
//	HOME                    where Raphe was started
//	  raphe-PID-START-N     of this Budget
//	    coordinator         Raphe itself (version 2 only)
//	    tools               all commands; its limit is the Budget's
//	      young             those that have no group of their own yet
//	      1, 2, ...         one for each
//
// A command with a limit of its own is born in its group. The others are born
// in the one of the young, below the limit of all together from their first
// page on, and move to one of their own when they are seen first: making and
// removing a group costs as much as a short command takes. What they held until
// then stays counted where it was.
//
// A cgroup counts the page cache of files that its processes read and write,
// too. That kills nothing: the kernel drops cached pages before it looks for
// a process to end.
//
// What Raphe leaves when it is killed itself, the next one removes.
type groups struct {
	kernel        // how the version at hand does it
	home   string // where Raphe was started
	base   string // raphe-PID-START-N
	tools  string
	limit  int64 // of all together; 0 is none
	young  *leaf
	born   census
	tally  int // the file of events of the young, kept open; -1 if there is none
	next   atomic.Int64
	rmdir  func(dir string) error // files of a cgroup need not be removed first; save in tests
}

// kernel is what differs between the two versions of cgroups. Sources: the
// kernel's cgroup-v2.rst, cgroup-v1/memory.rst; cgroups(7).
type kernel interface {
	kind() string
	// prepare makes the groups down to tools; undo takes that back.
	prepare(g *groups) error
	undo(g *groups)
	// limit sets what a group may hold.
	limit(dir string, bytes int64) error
	// gate opens what fork needs of a group.
	gate(dir string) (fd int, err error)
	// fork starts a child that is in the group from its first moment.
	fork(gate int, file string, argv []string, attr *syscall.ProcAttr) (pid int, err error)
	// events names the file that counts what the kernel ended in a group for
	// want of memory, after "oom_kill".
	events() string
	// hit says whether the group has reached its own limit.
	hit(dir string, bytes int64) bool
	// peak is the most that was counted in the group, pages of files and what
	// the kernel itself needed among it; 0 is not known.
	peak(dir string) int64
}

// budgets counts the groups that this process has made.
var budgets atomic.Int64

// makeGroups makes the groups for a Budget of that limit, nil if the machine
// does not let us.
func makeGroups(limit int64) *groups {
	prepare() // finds where the kernel counts, before Raphe moves elsewhere
	g := findGroups("", limit)
	if g == nil || g.open() != nil {
		return nil
	}
	return g
}

// findGroups says where the groups would be, and of which version. root is ""
// save in tests.
func findGroups(root string, limit int64) *groups {
	own := ownCgroups(root)
	g := &groups{limit: limit, tally: -1, rmdir: syscall.Rmdir}
	switch {
	case own.memory != "": // where version 1 has the memory, version 2 does not
		g.kernel, g.home = &version1{back: -1}, inOwn(own.memory, filepath.Join(own.mount, "memory"))
	case own.unified != "":
		g.kernel, g.home = &version2{}, inOwn(own.unified, own.mount)
	}
	if g.home == "" {
		return nil
	}
	self, _ := readStat(os.Getpid())
	g.base = filepath.Join(g.home, fmt.Sprintf("%s%d-%d-%d", groupPrefix, self.pid, self.start, budgets.Add(1)))
	g.tools = filepath.Join(g.base, "tools")
	return g
}

// inOwn returns the directory of the cgroup that this process is in, "" if it
// is not to be seen. A container that sees the names of the host has its own
// group at the mount.
func inOwn(dir, mount string) string {
	for _, d := range []string{dir, mount} {
		if slices.Contains(pidsOf(d), os.Getpid()) {
			return d
		}
	}
	return ""
}

// groupPrefix begins the names of the groups that some Raphe made.
const groupPrefix = "raphe-"

// open makes the groups, all or none.
func (g *groups) open() error {
	g.removeStale()
	if err := os.Mkdir(g.base, 0o755); err != nil {
		return err
	}
	err := g.prepare(g)
	if err == nil {
		err = g.openYoung()
	}
	if err != nil {
		g.remove()
	}
	return err
}

// remove removes the groups as far as no process is left in them.
func (g *groups) remove() {
	g.undo(g)
	if g.young != nil {
		syscall.Close(g.young.gate)
		syscall.Close(g.tally)
	}
	g.removeTree(g.base)
}

// removeTree removes a group and those below it. A group with a living process
// stays, and so do those above it.
func (g *groups) removeTree(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			g.removeTree(filepath.Join(dir, e.Name()))
		}
	}
	_ = g.rmdir(dir)
}

// removeStale removes the groups of those Raphes that have gone.
func (g *groups) removeStale() {
	entries, _ := os.ReadDir(g.home)
	for _, e := range entries {
		words, ok := strings.CutPrefix(e.Name(), groupPrefix)
		parts := strings.Split(words, "-")
		if !ok || len(parts) != 3 {
			continue
		}
		pid, err := strconv.Atoi(parts[0])
		if s, alive := readStat(pid); err == nil && (!alive || strconv.FormatUint(s.start, 10) != parts[1]) {
			g.removeTree(filepath.Join(g.home, e.Name()))
		}
	}
}

// A leaf is the cgroup of one command, or that of the young.
type leaf struct {
	groups *groups
	dir    string
	bytes  int64       // its own limit; 0 is none
	gate   int         // of the young's; that of a command is opened for the one child
	shut   atomic.Bool // nothing can be born there
}

// newLeaf makes the group of one command, with a limit of its own if bytes is
// not 0; nil if there can't be any.
func (b *Budget) newLeaf(bytes int64) *leaf {
	g := b.cgroups()
	if g == nil {
		return nil
	}
	l := &leaf{groups: g, bytes: bytes, dir: filepath.Join(g.tools, strconv.FormatInt(g.next.Add(1), 10))}
	if os.Mkdir(l.dir, 0o755) != nil {
		return nil
	}
	if g.kernel.limit(l.dir, bytes) != nil {
		l.remove()
		return nil
	}
	return l
}

func (l *leaf) fork(file string, argv []string, attr *syscall.ProcAttr) (int, error) {
	if l.isYoung() {
		return l.groups.fork(l.gate, file, argv, attr)
	}
	gate, err := l.groups.gate(l.dir)
	if err != nil {
		return 0, errNoGroup
	}
	defer syscall.Close(gate)
	return l.groups.fork(gate, file, argv, attr)
}

// limits says whether the kernel keeps the command's own limit.
func (l *leaf) limits() bool { return l != nil && l.bytes > 0 }

// has says whether a process is in the group.
func (l *leaf) has(pid int) bool { return l != nil && slices.Contains(pidsOf(l.dir), pid) }

// remove removes the group when its command and all that it left have ended.
func (l *leaf) remove() {
	if l != nil {
		_ = l.groups.rmdir(l.dir)
	}
}

// cgroup returns the command's own group, nil if it has none.
func (p *Process) cgroup() *leaf {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.leaf
}

// ownCgroup is cgroup, and makes one at the first sample.
func (p *Process) ownCgroup() *leaf {
	if l := p.cgroup(); l != nil || p.samples > 1 {
		return l
	}
	l := p.spec.Budget.newLeaf(0)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reaped { // nobody would remove it
		l.remove()
		return nil
	}
	p.leaf = l
	return l
}

// join moves a process into the group. Its children will be born there.
func (l *leaf) join(pid int) {
	_ = put(l.dir, "cgroup.procs", strconv.Itoa(pid)) // it may have ended
}

// killedInside returns the failure of a command of which the kernel has ended
// some process for want of memory, nil if it has not.
func (p *Process) killedInside() *Failure {
	p.mu.Lock()
	l, peak, infancy := p.leaf, p.last.PeakRSS, p.infancy
	p.mu.Unlock()
	if infancy.lost && infancy.alone && p.cradle != nil {
		return p.cradle.groups.killed(peak, p.spec.Claim)
	}
	if l == nil || l.groups.kills(l.dir) == 0 {
		return nil
	}
	if l.bytes > 0 && l.groups.hit(l.dir, l.bytes) {
		// RSS would count shared pages more than once.
		return &Failure{Kind: MemoryExceeded, Limit: l.bytes, Peak: l.bytes, Claim: p.spec.Claim}
	}
	return l.groups.killed(peak, p.spec.Claim)
}

// kills counts the processes of a group that the kernel ended for memory.
func (g *groups) kills(dir string) int64 { return figure(dir, g.events(), "oom_kill") }

// killed returns the failure of a command that the kernel ended, but not for a
// limit of its own.
func (g *groups) killed(peak, claim int64) *Failure {
	if g.limit > 0 && g.hit(g.tools, g.limit) {
		return &Failure{Kind: MemoryExceeded, Together: true, Limit: g.limit, Peak: peak, Claim: claim}
	}
	return &Failure{Kind: KilledOOM, Peak: peak, Claim: claim}
}

// counted returns the most memory that the kernel has counted of a command in
// the group in which it was born, 0 if there is none. The pages of files that
// are still there, which a process does not hold, are left out.
func (l *leaf) counted() int64 {
	if !l.limits() {
		return 0
	}
	return max(0, l.groups.peak(l.dir)-figure(l.dir, "memory.stat", "active_file", "inactive_file"))
}

// put writes a file of a cgroup.
func put(dir, file, text string) error {
	return os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644)
}

// pidsOf lists the processes that are in a cgroup itself. One of another id
// namespace counts as 0.
func pidsOf(dir string) (pids []int) {
	fd, err := open(filepath.Join(dir, "cgroup.procs"), syscall.O_RDONLY)
	if err != nil {
		return nil
	}
	defer syscall.Close(fd)
	readPIDs(fd, func(pid int) { pids = append(pids, pid) })
	return pids
}

// figure reads a number from a file of a cgroup: the only one in it, or the sum
// of those after some names.
func figure(dir, file string, names ...string) (sum int64) {
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		return 0
	}
	return figureIn(string(text), names)
}

func figureIn(text string, names []string) (sum int64) {
	for line := range strings.Lines(text) {
		name, number, ok := strings.Cut(line, " ")
		switch {
		case len(names) == 0:
			number = line
		case !ok || !slices.Contains(names, name):
			continue
		}
		n, _ := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		sum += n
	}
	return sum
}
