package proc

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// machine reads the limits from the files under root, which is "" save in tests.
func machine(root string) Machine {
	m := Machine{CPUs: runtime.NumCPU(), CPUsFrom: "affinity"}
	if n := meminfo(root, "MemTotal:"); n > 0 {
		m.limitMemory(n, "the machine")
	}
	g := ownCgroups(root)
	g.upwards(g.unified, func(dir string) {
		m.limitCPUs(cpuMax(filepath.Join(dir, "cpu.max")), "cgroup")
		m.limitMemory(cgroupBytes(filepath.Join(dir, "memory.max")), "cgroup")
		m.limitMemory(cgroupBytes(filepath.Join(dir, "memory.high")), "cgroup")
	})
	g.upwards(g.memory, func(dir string) {
		m.limitMemory(cgroupBytes(filepath.Join(dir, "memory.limit_in_bytes")), "cgroup")
		// The groups above may not be seen here.
		m.limitMemory(figure(dir, "memory.stat", "hierarchical_memory_limit"), "cgroup")
	})
	g.upwards(g.cpu, func(dir string) {
		quota := cgroupBytes(filepath.Join(dir, "cpu.cfs_quota_us"))
		m.limitCPUs(wholeCPUs(quota, cgroupBytes(filepath.Join(dir, "cpu.cfs_period_us"))), "cgroup")
	})
	return m
}

// cgroups are the directories of the cgroups that this process is in: of the
// one hierarchy of version 2, and of the two that matter of version 1. A
// directory may not exist: a container without a cgroup namespace sees the
// names of the host and only its own part of the tree.
type cgroups struct {
	mount                string
	unified, memory, cpu string
}

func ownCgroups(root string) cgroups {
	g := cgroups{mount: root + "/sys/fs/cgroup"}
	f, err := os.Open(root + "/proc/self/cgroup")
	if err != nil {
		return g
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		// hierarchy-ID:controllers:path, see cgroups(7)
		parts := strings.SplitN(lines.Text(), ":", 3)
		if len(parts) != 3 {
			continue
		}
		if parts[1] == "" {
			g.unified = filepath.Join(g.mount, parts[2])
			if hybrid := filepath.Join(g.mount, "unified"); isDir(hybrid) {
				g.unified = filepath.Join(hybrid, parts[2])
			}
		}
		for _, controller := range strings.Split(parts[1], ",") {
			switch controller {
			case "memory":
				g.memory = filepath.Join(g.mount, "memory", parts[2])
			case "cpu":
				g.cpu = filepath.Join(g.mount, "cpu", parts[2])
			}
		}
	}
	return g
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// upwards visits a cgroup and all those above it, since each may limit.
func (g cgroups) upwards(dir string, visit func(dir string)) {
	for len(dir) >= len(g.mount) && dir != "" {
		visit(dir)
		dir = filepath.Dir(dir)
	}
}

// cgroupBytes reads a limit; 0 if there is none. Version 1 says "none" with a
// number near the end of an int64, or -1.
func cgroupBytes(file string) int64 {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64)
	if err != nil || n < 0 || n >= 1<<62 { // "max"
		return 0
	}
	return n
}

// cpuMax reads "quota period" of version 2.
func cpuMax(file string) int {
	text, err := os.ReadFile(file)
	f := bytes.Fields(text)
	if err != nil || len(f) != 2 {
		return 0
	}
	quota, _ := strconv.ParseInt(string(f[0]), 10, 64)
	period, _ := strconv.ParseInt(string(f[1]), 10, 64)
	return wholeCPUs(quota, period)
}

func wholeCPUs(quota, period int64) int {
	if quota <= 0 || period <= 0 {
		return 0
	}
	return int(max(1, quota/period))
}
