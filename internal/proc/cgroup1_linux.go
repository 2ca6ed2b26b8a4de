package proc

import (
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// version1 is the memory controller of cgroups version 1, which works where
// Raphe may make directories below its own group: for root, mostly.
type version1 struct{}

func (version1) kind() string { return "cgroup v1" }

func (v version1) prepare(g *groups) error {
	_ = put(g.base, "memory.use_hierarchy", "1") // the only way since Linux 5.11
	if err := os.Mkdir(g.tools, 0o755); err != nil {
		return err
	}
	_ = put(g.tools, "memory.use_hierarchy", "1")
	return v.limit(g.tools, g.limit)
}

func (version1) undo(*groups) {}

func (version1) limit(dir string, bytes int64) error {
	if bytes <= 0 {
		return nil
	}
	n := strconv.FormatInt(bytes, 10)
	if err := put(dir, "memory.limit_in_bytes", n); err != nil {
		return err
	}
	_ = put(dir, "memory.memsw.limit_in_bytes", n) // is not there without accounting of swap
	return nil
}

// fork moves this thread into the group, where its child is born, and back. A
// new program belongs to the group of the thread that forked; Raphe's own
// memory is counted where its first thread is, so nothing of it moves. The
// group is empty meanwhile, so the kernel has no reason to look into it for
// somebody to end. The two moves take some 25 µs.
func (version1) fork(g *groups, dir, file string, argv []string, attr *syscall.ProcAttr) (int, error) {
	tid := strconv.Itoa(unix.Gettid())
	if err := put(dir, "tasks", tid); err != nil {
		return 0, errNoGroup
	}
	pid, err := syscall.ForkExec(file, argv, attr)
	// It can't fail: this thread has the right to be there, having been there.
	_ = put(g.home, "tasks", tid)
	return pid, err
}

func (version1) kills(dir string) int64 { return figure(dir, "memory.oom_control", "oom_kill") }

// hit compares the most that was counted with the limit, but for the lots in
// which the kernel counts, of 64 pages for each CPU.
func (version1) hit(dir string, bytes int64) bool {
	return figure(dir, "memory.max_usage_in_bytes", "") >= bytes-bytes/64
}
