package proc

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// oom is what was known of the machine's memory at the two latest looks: how
// many processes the kernel has killed for want of it, and how little there
// was. A command that is found killed is compared with the older, since the
// sampler may have looked just between the kill and the find.
var oom struct {
	sync.Mutex
	files        []string // where the count is
	looked       time.Time
	older, newer uint64
	short        [2]int64 // how much less than scarce was left, older and newer; below 0: more
}

// scarce is the part of the memory below which it counts as running out: at a
// tenth, daemons such as earlyoom begin to kill.
const scarce = 10

// oomFile returns the file with the count: that of our cgroup, and where there
// is none, that of the whole machine (since Linux 4.13).
func oomFile() string {
	groups := ownCgroups("")
	for _, file := range []string{
		filepath.Join(groups.unified, "memory.events"),
		filepath.Join(groups.memory, "memory.oom_control"),
	} {
		if _, ok := oomCount(file); ok {
			return file
		}
	}
	return "/proc/vmstat"
}

func oomCount(file string) (uint64, bool) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		if f := bytes.Fields(line); len(f) == 2 && string(f[0]) == "oom_kill" {
			n, err := strconv.ParseUint(string(f[1]), 10, 64)
			return n, err == nil
		}
	}
	return 0, false
}

// refreshOOM looks again. After a pause, in which nothing ran, both looks are
// this one.
func refreshOOM() {
	now := time.Now()
	short := shortage("")
	oom.Lock()
	defer oom.Unlock()
	if oom.files == nil {
		oom.files = []string{oomFile()}
	}
	n := oomKills()
	oom.older, oom.newer = oom.newer, n
	oom.short[0], oom.short[1] = oom.short[1], short
	if now.Sub(oom.looked) > 3*slow {
		oom.older, oom.short[0] = n, short
	}
	oom.looked = now
}

// memoryRanOut says whether the kernel killed something for want of memory in
// about the last two seconds.
func memoryRanOut() bool {
	oom.Lock()
	defer oom.Unlock()
	return oomKills() > oom.older
}

// oomKills adds up the counts. oom is locked.
func oomKills() (n uint64) {
	for _, file := range oom.files {
		count, _ := oomCount(file)
		n += count
	}
	return n
}

// memoryWasScarce says whether hardly any memory was left in about the last
// two seconds, if grown is what a command has taken since the last look.
func memoryWasScarce(grown int64) bool {
	oom.Lock()
	defer oom.Unlock()
	return max(oom.short[0], oom.short[1]+max(grown, 0)) > 0
}

// shortage returns by how much the memory that is left, of the machine or of
// our cgroup and those above it, lies below the part that is scarce.
func shortage(root string) int64 {
	total, left := meminfo(root, "MemTotal:"), meminfo(root, "MemAvailable:")
	most := int64(-1 << 62)
	if total > 0 && left > 0 {
		most = total/scarce - left
	}
	see := func(limit, usage, cache int64) {
		if limit > 0 && usage > 0 && limit < total {
			most = max(most, limit/scarce-(limit-usage+cache))
		}
	}
	g := ownCgroups(root)
	g.upwards(g.unified, func(dir string) {
		if limit := cgroupBytes(filepath.Join(dir, "memory.max")); limit > 0 {
			see(limit, figure(dir, "memory.current"), figure(dir, "memory.stat", "active_file", "inactive_file"))
		}
	})
	g.upwards(g.memory, func(dir string) {
		if limit := cgroupBytes(filepath.Join(dir, "memory.limit_in_bytes")); limit > 0 {
			see(limit, figure(dir, "memory.usage_in_bytes"), figure(dir, "memory.stat", "total_active_file", "total_inactive_file"))
		}
	})
	return most
}
