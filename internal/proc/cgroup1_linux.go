package proc

import (
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// version1 is the memory controller of cgroups version 1, which works where
// Raphe may make directories below its own group: for root, mostly.
type version1 struct {
	back int // the gate of home
}

func (*version1) kind() string { return "cgroup v1" }

func (v *version1) prepare(g *groups) (err error) {
	if v.back, err = v.gate(g.home); err != nil {
		return err
	}
	_ = put(g.base, "memory.use_hierarchy", "1") // the only way since Linux 5.11
	if err := os.Mkdir(g.tools, 0o755); err != nil {
		return err
	}
	_ = put(g.tools, "memory.use_hierarchy", "1")
	return v.limit(g.tools, g.limit)
}

func (v *version1) undo(*groups) {
	if v.back >= 0 {
		syscall.Close(v.back)
	}
	v.back = -1
}

func (*version1) limit(dir string, bytes int64) error {
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

// gate opens the file that takes threads. Opening it costs twice as much as a
// move.
func (*version1) gate(dir string) (int, error) {
	return open(filepath.Join(dir, "tasks"), syscall.O_WRONLY|syscall.O_CREAT) // it is there, save in tests
}

// fork moves this thread into the group, where its child is born, and back: two
// writes, some 15 µs each, since the gates of home and of the young stay open. A
// new program belongs to the group of the thread that forked. Raphe's own
// memory is counted where its first thread is, which never comes here, so nothing
// of it moves, and since Linux 5.3 only first threads are looked at when the
// kernel seeks somebody to end; before, Raphe's low score has to do (see
// lowerOwnAdj).
//
// A thread that lives in the group of the young and does nothing but fork would
// save both writes, but two switches of threads cost more: 4,000 times cp took a
// fifth longer. One that does anything else must not stay: the kernel counts its
// own memory for open files and names where the thread is, and would refuse it to
// Raphe when the tools have filled their group.
func (v *version1) fork(gate int, file string, argv []string, attr *syscall.ProcAttr) (int, error) {
	if moveHere(gate) != nil {
		return 0, errNoGroup
	}
	pid, err := syscall.ForkExec(file, argv, attr)
	// It can't fail: this thread has the right to be there, having been there.
	_ = moveHere(v.back)
	return pid, err
}

// moveHere moves this thread: to a gate, 0 is whoever writes it.
func moveHere(gate int) error {
	_, err := syscall.Pwrite(gate, []byte("0"), 0)
	return err
}

func (*version1) peak(dir string) int64 { return figure(dir, "memory.max_usage_in_bytes") }

func (*version1) events() string { return "memory.oom_control" }

// hit compares the most that was counted with the limit, but for the lots in
// which the kernel counts, of 64 pages for each CPU.
func (*version1) hit(dir string, bytes int64) bool {
	return figure(dir, "memory.max_usage_in_bytes") >= bytes-bytes/64
}
