package proc

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// version2 is cgroups version 2, which works where Raphe's group was delegated
// to it and nobody else is in it: with `systemd-run --user --scope -p
// Delegate=yes raphe run ...`, and in many containers. A group with limits below
// it may hold no process itself, so Raphe moves to one below.
type version2 struct {
	moved   bool // Raphe is in base/coordinator
	enabled bool // home had no memory controller for its children before
}

// oneV2 is set while this process has groups of version 2: a second Budget
// would make its groups below the coordinator's.
var oneV2 atomic.Bool

var errNoGroup = errors.New("no cgroup for a child")

func (*version2) kind() string { return "cgroup v2" }

func (v *version2) prepare(g *groups) error {
	if !oneV2.CompareAndSwap(false, true) {
		return errNoGroup
	}
	if !hasWord(g.home, "cgroup.controllers", "memory") {
		return errNoGroup
	}
	if !hasWord(g.home, "cgroup.subtree_control", "memory") {
		if err := v.moveBelow(g); err != nil {
			return err
		}
		if err := put(g.home, "cgroup.subtree_control", "+memory"); err != nil {
			return err
		}
		v.enabled = true
	}
	if err := put(g.base, "cgroup.subtree_control", "+memory"); err != nil {
		return err
	}
	if err := os.Mkdir(g.tools, 0o755); err != nil {
		return err
	}
	if err := v.limit(g.tools, g.limit); err != nil {
		return err
	}
	return put(g.tools, "cgroup.subtree_control", "+memory")
}

// moveBelow takes Raphe out of its own group. The root of the hierarchy, which
// is the only group without a type, may hold processes besides.
func (v *version2) moveBelow(g *groups) error {
	if _, err := os.Stat(filepath.Join(g.home, "cgroup.type")); err != nil {
		return nil
	}
	self := os.Getpid()
	if !slices.Equal(pidsOf(g.home), []int{self}) {
		return errNoGroup
	}
	coordinator := filepath.Join(g.base, "coordinator")
	if err := os.Mkdir(coordinator, 0o755); err != nil {
		return err
	}
	if err := put(coordinator, "cgroup.procs", strconv.Itoa(self)); err != nil {
		return err
	}
	v.moved = true
	return nil
}

// undo brings Raphe back. Controllers are taken away from below upwards.
func (v *version2) undo(g *groups) {
	g.removeTree(g.tools)
	if v.enabled {
		_ = put(g.base, "cgroup.subtree_control", "-memory")
		_ = put(g.home, "cgroup.subtree_control", "-memory")
		v.enabled = false
	}
	if v.moved {
		_ = put(g.home, "cgroup.procs", strconv.Itoa(os.Getpid()))
		v.moved = false
	}
	oneV2.Store(false)
}

func (v *version2) limit(dir string, bytes int64) error {
	if filepath.Base(dir) != "tools" { // nor for the young, which have no limit to set
		_ = put(dir, "memory.oom.group", "1") // all of a command or nothing, since Linux 4.19
	}
	if bytes <= 0 {
		return nil
	}
	if err := put(dir, "memory.max", strconv.FormatInt(bytes, 10)); err != nil {
		return err
	}
	_ = put(dir, "memory.swap.max", "0") // is not there without swap
	return nil
}

func (*version2) gate(dir string) (int, error) {
	return open(dir, syscall.O_RDONLY|syscall.O_DIRECTORY)
}

// fork has the kernel start the child in the group (clone3, since Linux 5.7).
func (*version2) fork(gate int, file string, argv []string, attr *syscall.ProcAttr) (int, error) {
	inside := *attr
	sys := *attr.Sys
	sys.UseCgroupFD, sys.CgroupFD = true, gate
	inside.Sys = &sys
	return syscall.ForkExec(file, argv, &inside)
}

func (*version2) peak(dir string) int64 { return figure(dir, "memory.peak") } // since Linux 5.19

func (*version2) events() string { return "memory.events" }

// hit asks for the times at which the group's own limit left no memory: kills
// by a limit above are not counted there (file since Linux 5.2).
func (*version2) hit(dir string, _ int64) bool {
	return figure(dir, "memory.events.local", "oom") > 0
}

// hasWord says whether a file of a cgroup lists a word.
func hasWord(dir, file, word string) bool {
	text, err := os.ReadFile(filepath.Join(dir, file))
	return err == nil && slices.Contains(strings.Fields(string(text)), word)
}
