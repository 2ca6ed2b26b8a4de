package proc

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// groupOf gives the cgroup of a process or thread, by its folder in /proc: that
// of the memory controller, or of version 2 where it has no other.
func groupOf(t *testing.T, process string) (group string) {
	t.Helper()
	for line := range strings.Lines(read(t, "/proc/"+process+"/cgroup")) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3) // see cgroups(7)
		if parts[1] == "memory" || parts[1] == "" && group == "" {
			group = parts[2]
		}
	}
	return group
}

// A command is below the limit of all together when it begins, and so is what it
// starts; the thread that forked it is not. Soon it has a group of its own.
func TestBornInside(t *testing.T) {
	b := NewBudget(512 * mib)
	home := groupOf(t, "thread-self")
	spec := tool(t, "family", "sleep")
	spec.Budget = b
	inside := func(group string) bool {
		return b.Enforced() == "sampling" || strings.Contains(group, "/"+groupPrefix) && strings.Contains(group, "/tools/")
	}
	_, err := Run(spec, func(p *Process) {
		if got := groupOf(t, strconv.Itoa(p.PID())); !inside(got) {
			t.Errorf("%s: born in %s", b.Enforced(), got)
		}
		if got := groupOf(t, "thread-self"); got != home && b.Enforced() != "cgroup v2" {
			t.Errorf("the thread that forked is in %s, not in %s", got, home)
		}
		child := readyPIDs(t, spec.Stdout, 1)[0]
		for _, pid := range []int{p.PID(), child} {
			eventually(t, "a group of its own", func() bool {
				got := groupOf(t, strconv.Itoa(pid))
				return b.Enforced() == "sampling" || inside(got) && !strings.HasSuffix(got, "/young")
			})
		}
		p.Kill()
	})
	if err != nil {
		t.Error(err)
	}
	b.Close()
	if left := groupsLeft(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// Without a limit for all together there is nothing to be born into.
func TestBornOutside(t *testing.T) {
	for _, b := range []*Budget{nil, NewBudget(0)} {
		spec := tool(t, "exit", "0")
		spec.Budget = b
		p := start(t, spec)
		if p.cradle != nil || b.Enforced() != "sampling" {
			t.Error("a group was made for nobody")
		}
		p.Wait()
	}
}

// Version 2 has the kernel itself start a child in a group, which takes no
// memory controller, so that it can be tried wherever version 2 is mounted.
func TestCloneIntoGroup(t *testing.T) {
	dir := filepath.Join(ownCgroups("").unified, groupPrefix+"test-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Logf("no group of version 2 can be made: %v", err)
		return
	}
	defer os.Remove(dir)
	spec := tool(t, "sleep")
	l := &leaf{groups: &groups{kernel: &version2{}}, dir: dir}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, err := l.fork(spec.Argv[0], spec.Argv, &syscall.ProcAttr{Env: spec.Env, Sys: childAttr})
	if err != nil {
		t.Fatal(err)
	}
	if !l.has(pid) || l.has(os.Getpid()) {
		t.Error("who is where")
	}
	syscall.Kill(pid, syscall.SIGKILL)
	if _, _, err := wait4(pid, 0, nil); err != nil {
		t.Error(err)
	}
}

// A kernel that starts nothing in a group is asked once; what follows is started
// outside, and no other reason to refuse a start leads there.
func TestNothingBornInside(t *testing.T) {
	for _, c := range []struct {
		err     error
		outside bool
	}{{syscall.ENOSYS, true}, {errNoGroup, true}, {syscall.ENOMEM, false}, {syscall.ENOENT, false}} {
		g := &groups{}
		g.young = &leaf{groups: g}
		b := &Budget{limit: 1, made: true, groups: g}
		p := &Process{spec: Spec{Argv: []string{"/bin/sh"}}, cradle: b.cradle()}
		var err error
		synctest.Test(t, func(t *testing.T) { // nobody waits for memory
			err = p.launch([3]int{}, func(asked *child) (int, uint64, error) {
				if asked.leaf != nil {
					return 0, 0, c.err
				}
				return 1, 0, nil
			})
		})
		if outside := err == nil; outside != c.outside || (p.cradle == nil) != outside || (b.cradle() == nil) != outside {
			t.Errorf("%v: started outside: %v (%v)", c.err, outside, err)
		}
	}
}

// The kernel counts what it ends among the young for all of them. A command that
// was killed is told so if that was in its infancy; one that took no notice only
// if nobody else can be meant.
func TestKilledYoung(t *testing.T) {
	g := fakeGroups(t, map[string]string{
		"proc/self/cgroup": "4:memory:/\n", "sys/fs/cgroup/memory/cgroup.procs": "SELF\n",
	})
	if err := g.open(); err != nil {
		t.Fatal(err)
	}
	defer g.remove()
	b := &Budget{limit: 512 * mib, made: true, groups: g}
	kills := func(n int) {
		write(t, filepath.Join(g.young.dir, g.events()), "oom_kill_disable 0\nunder_oom 0\noom_kill "+strconv.Itoa(n)+"\n", 0o600)
	}
	kills(0)
	g.tally, _ = open(filepath.Join(g.young.dir, g.events()), syscall.O_RDONLY)
	begin := func() *Process {
		p := &Process{cradle: b.cradle(), spec: Spec{Claim: 7}}
		p.last.PeakRSS = 9
		p.beBorn()
		return p
	}
	told := func(name string, p *Process, killed, inside bool) {
		t.Helper()
		p.growUp()
		p.growUp() // at the sample, and at the end
		if f := p.killedYoung(9); (f != nil) != killed {
			t.Errorf("%s: killed by %v", name, f)
		}
		f := p.killedInside()
		if (f != nil) != inside {
			t.Errorf("%s: killed inside by %v", name, f)
		}
		if f != nil && !cmp.Equal(f, &Failure{Kind: KilledOOM, Peak: 9, Claim: 7}) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	told("nothing happened", begin(), false, false)
	alone := begin()
	kills(1)
	told("alone", alone, true, true)
	told("after that", begin(), false, false)
	told("born elsewhere", &Process{}, false, false)
	one := begin()
	two := begin()
	kills(2)
	told("one of two", one, true, false)
	told("the other", two, true, false)
	one = begin()
	one.growUp()
	two = begin()
	kills(3)
	told("grown up before", one, false, false)
	told("young then", two, true, true)
	write(t, filepath.Join(g.tools, "memory.max_usage_in_bytes"), "536870912\n", 0o600)
	if diff := cmp.Diff(&Failure{Kind: MemoryExceeded, Together: true, Limit: 512 * mib, Claim: 7}, two.killedYoung(0)); diff != "" {
		t.Errorf("by the limit of all together: %s", diff)
	}
}

// What the kernel counted of a command, without the pages of files that it left
// in the cache.
func TestCounted(t *testing.T) {
	for kind, c := range map[string]struct {
		kernel kernel
		file   string
		want   int64
	}{
		"version 1":         {&version1{}, "memory.max_usage_in_bytes", 5 * mib},
		"version 2":         {&version2{}, "memory.peak", 5 * mib},
		"before Linux 5.19": {&version2{}, "memory.current", 0},
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, c.file), bytesOf(30)+"\n", 0o600)
		write(t, filepath.Join(dir, "memory.stat"), "anon 0\nactive_file "+bytesOf(5)+"\ninactive_file "+bytesOf(20)+"\n", 0o600)
		l := &leaf{groups: &groups{kernel: c.kernel}, dir: dir, bytes: 64 * mib}
		if got := l.counted(); got != c.want {
			t.Errorf("%s: %d bytes, want %d", kind, got, c.want)
		}
		l.bytes = 0 // it was not there from the beginning
		if got := l.counted(); got != 0 {
			t.Errorf("%s: %d bytes of one that came later", kind, got)
		}
	}
	if (*leaf)(nil).counted() != 0 {
		t.Error("bytes in no group")
	}
}

// backAmongYoung puts processes of a command, which has a group of its own, back
// to where they were born, as if they had been missed; false without groups.
func backAmongYoung(t *testing.T, p *Process, pids ...int) bool {
	t.Helper()
	if p.spec.Budget.Enforced() == "sampling" {
		return false
	}
	eventually(t, "the end of the infancy", func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.infancy.group == nil
	})
	for _, pid := range pids {
		p.cradle.join(pid)
	}
	return true
}

// What was forked while its parent moved is brought along, and nobody else.
func TestBringAlong(t *testing.T) {
	b := NewBudget(512 * mib)
	defer b.Close()
	family, other := tool(t, "family", "sleep"), tool(t, "sleep")
	family.Budget, other.Budget = b, b
	p, q := start(t, family), start(t, other)
	child := readyPIDs(t, family.Stdout, 1)[0]
	if backAmongYoung(t, p, child) && backAmongYoung(t, q, q.pid) {
		p.bringAlong(p.cgroup(), &tree{seen: map[int]uint64{p.pid: p.born}})
		if !p.cgroup().has(child) || p.cgroup().has(q.pid) || !p.cradle.has(q.pid) {
			t.Error("who is where")
		}
	}
	p.Kill()
	q.Kill()
	p.Wait()
	q.Wait()
}

// A command of which the kernel ended something that had stayed among the young
// is told so: it may wait for it for ever.
func TestKilledLate(t *testing.T) {
	spec := tool(t, "await", "outlive", "daemon", "leak", bytesOf(500), bytesOf(500))
	spec.Budget = NewBudget(128 * mib)
	defer spec.Budget.Close()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	spec.Input = in
	p := start(t, spec)
	in.Close()
	backAmongYoung(t, p, p.pid)
	out.WriteString("\n")
	if r := p.Wait(); r.Failure == nil || r.Failure.Kind != MemoryExceeded || !r.Failure.Together {
		t.Errorf("failure %v", r.Failure)
	}
}
