package proc

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeGroups makes a tree of files that looks like /sys/fs/cgroup, and returns
// the groups in it.
func fakeGroups(t *testing.T, files map[string]string) *groups {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		write(t, filepath.Join(root, name), strings.ReplaceAll(text, "SELF", strconv.Itoa(os.Getpid())), 0o600)
	}
	g := findGroups(root, 512*mib)
	if g != nil {
		g.rmdir = func(dir string) error { // the kernel's files are no obstacle
			files, _ := os.ReadDir(dir)
			for _, f := range files {
				if !f.IsDir() {
					os.Remove(filepath.Join(dir, f.Name()))
				}
			}
			return os.Remove(dir)
		}
	}
	return g
}

// tree reads all files below a directory.
func fileTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files[path[len(dir)+1:]] = read(t, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestVersion2(t *testing.T) {
	self := strconv.Itoa(os.Getpid())
	delegated := map[string]string{
		"proc/self/cgroup":                     "0::/user/scope\n",
		"sys/fs/cgroup/user/cgroup.procs":      "",
		"sys/fs/cgroup/user/scope/cgroup.type": "domain\n", "sys/fs/cgroup/user/scope/cgroup.procs": "SELF\n",
		"sys/fs/cgroup/user/scope/cgroup.controllers": "cpu memory pids\n", "sys/fs/cgroup/user/scope/cgroup.subtree_control": "\n",
	}
	g := fakeGroups(t, delegated)
	if err := g.open(); err != nil {
		t.Fatal(err)
	}
	b := &Budget{made: true, groups: g}
	l := b.newLeaf(128 * mib)
	rest := b.newLeaf(0)
	rest.join(4711)
	want := map[string]string{
		"coordinator/cgroup.procs": self,
		"cgroup.subtree_control":   "+memory",
		"tools/memory.max":         "536870912", "tools/memory.swap.max": "0", "tools/cgroup.subtree_control": "+memory",
		"tools/1/memory.max": "134217728", "tools/1/memory.swap.max": "0", "tools/1/memory.oom.group": "1",
		"tools/2/memory.oom.group": "1", "tools/2/cgroup.procs": "4711",
	}
	if diff := cmp.Diff(want, fileTree(t, g.base)); diff != "" {
		t.Error(diff)
	}
	if got := read(t, filepath.Join(g.home, "cgroup.subtree_control")); got != "+memory" {
		t.Errorf("the group itself has %q", got)
	}
	if !rest.has(4711) || l.has(4711) || !l.limits() || rest.limits() {
		t.Error("who is where")
	}
	if again := makeGroupsIn(t, delegated); again {
		t.Error("groups were made twice at once")
	}
	write(t, filepath.Join(l.dir, "memory.events"), "low 0\nhigh 0\nmax 17\noom 1\noom_kill 2\noom_group_kill 1\n", 0o600)
	write(t, filepath.Join(l.dir, "memory.events.local"), "max 17\noom 1\noom_kill 2\n", 0o600)
	p := &Process{leaf: l, spec: Spec{Claim: 7}}
	if diff := cmp.Diff(&Failure{Kind: MemoryExceeded, Limit: 128 * mib, Peak: 128 * mib, Claim: 7}, p.killedInside()); diff != "" {
		t.Error(diff)
	}
	p.leaf = rest
	write(t, filepath.Join(rest.dir, "memory.events"), "oom 0\noom_kill 1\n", 0o600)
	p.last.PeakRSS = 9
	if diff := cmp.Diff(&Failure{Kind: KilledOOM, Peak: 9, Claim: 7}, p.killedInside()); diff != "" {
		t.Error(diff)
	}
	write(t, filepath.Join(g.tools, "memory.events.local"), "oom 3\n", 0o600)
	if diff := cmp.Diff(&Failure{Kind: MemoryExceeded, Together: true, Limit: 512 * mib, Peak: 9, Claim: 7}, p.killedInside()); diff != "" {
		t.Error(diff)
	}
	l.remove()
	b.closed = true
	b.tidy()
	if read(t, filepath.Join(g.home, "cgroup.subtree_control")) != "-memory" || read(t, filepath.Join(g.home, "cgroup.procs")) != self {
		t.Error("raphe was not brought back")
	}
	if _, err := os.Stat(g.base); err == nil {
		t.Errorf("left: %v", fileTree(t, g.base))
	}
}

// makeGroupsIn says whether groups can be made in such a tree.
func makeGroupsIn(t *testing.T, files map[string]string) bool {
	g := fakeGroups(t, files)
	return g != nil && g.open() == nil
}

func TestWhereGroupsCantBe(t *testing.T) {
	held := oneV2.Swap(false)
	defer oneV2.Store(held)
	for name, files := range map[string]map[string]string{
		"no cgroups":    {},
		"no controller": {"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cgroup.procs": "SELF\n", "sys/fs/cgroup/a/cgroup.controllers": "cpu\n", "sys/fs/cgroup/a/cgroup.type": "domain\n"},
		"not alone":     {"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cgroup.procs": "SELF\n1\n", "sys/fs/cgroup/a/cgroup.controllers": "memory\n", "sys/fs/cgroup/a/cgroup.type": "domain\n"},
		"not in it":     {"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cgroup.procs": "1\n", "sys/fs/cgroup/a/cgroup.controllers": "memory\n", "sys/fs/cgroup/a/cgroup.type": "domain\n"},
		"not seen":      {"proc/self/cgroup": "4:memory:/docker/0123\n", "sys/fs/cgroup/memory/cgroup.procs": "1\n"},
	} {
		if makeGroupsIn(t, files) {
			t.Errorf("%s: groups were made", name)
		}
		if oneV2.Load() {
			t.Errorf("%s: the groups that were not made are held", name)
		}
	}
}

func TestVersion1(t *testing.T) {
	g := fakeGroups(t, map[string]string{
		"proc/self/cgroup":                         "4:memory:/docker/0123\n0::/\n", // seen at the mount, as in a container
		"sys/fs/cgroup/memory/cgroup.procs":        "1\nSELF\n",
		"sys/fs/cgroup/memory/raphe-1-2-3/x/tasks": "", // of a Raphe that has gone
		"sys/fs/cgroup/memory/raphe-x/tasks":       "", // somebody else's
	})
	if err := g.open(); err != nil {
		t.Fatal(err)
	}
	b := &Budget{made: true, groups: g}
	l := b.newLeaf(128 * mib)
	want := map[string]string{
		"memory.use_hierarchy": "1", "tools/memory.use_hierarchy": "1",
		"tools/memory.limit_in_bytes": "536870912", "tools/memory.memsw.limit_in_bytes": "536870912",
		"tools/1/memory.limit_in_bytes": "134217728", "tools/1/memory.memsw.limit_in_bytes": "134217728",
		"tools/young/tasks": "", // no limit of its own
	}
	if diff := cmp.Diff(want, fileTree(t, g.base)); diff != "" {
		t.Error(diff)
	}
	p := &Process{leaf: l}
	if f := p.killedInside(); f != nil {
		t.Errorf("before anything: %v", f)
	}
	write(t, filepath.Join(l.dir, "memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n", 0o600)
	if f := p.killedInside(); f == nil || f.Kind != KilledOOM {
		t.Errorf("killed by the whole machine: %v", f)
	}
	write(t, filepath.Join(l.dir, "memory.max_usage_in_bytes"), "134217728\n", 0o600)
	if f := p.killedInside(); f == nil || f.Kind != MemoryExceeded || f.Limit != 128*mib || f.Together {
		t.Errorf("killed for its own limit: %v", f)
	}
	l.remove()
	b.Close()
	if _, err := os.Stat(g.base); err == nil {
		t.Errorf("left: %v", fileTree(t, g.base))
	}
	if diff := cmp.Diff([]string{"cgroup.procs", "raphe-x/tasks", "tasks"}, slices.Sorted(maps.Keys(fileTree(t, g.home)))); diff != "" {
		t.Error(diff)
	}
}

func TestEnforced(t *testing.T) {
	b := NewBudget(512 * mib)
	want := "sampling"
	own := ownCgroups("")
	for kind, dir := range map[string]string{"cgroup v1": own.memory, "cgroup v2": own.unified} {
		probe := filepath.Join(dir, "raphe-probe")
		if alone := len(pidsOf(dir)) == 1; dir == "" || os.Mkdir(probe, 0o755) != nil {
			continue
		} else if kind == "cgroup v1" || alone && own.memory == "" && hasWord(dir, "cgroup.controllers", "memory") {
			want = kind
		}
		os.Remove(probe)
	}
	l := b.newLeaf(64 * mib)
	if got := b.Enforced(); got != want && !isRootGroup(own.unified) || (l == nil) != (got == "sampling") {
		t.Errorf("limits by %s, expected %s, group %v", got, want, l)
	}
	l.remove()
	b.Close()
	if left := groupsLeft(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
	if b.Enforced() != "sampling" || b.newLeaf(1) != nil {
		t.Error("groups after the end")
	}
}

// isRootGroup says whether a group of version 2 is the root, where more than
// one process may be.
func isRootGroup(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "cgroup.type"))
	return err != nil
}
