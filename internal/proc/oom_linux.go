package proc

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// oom is the kernel's count of processes killed for want of memory, as it was
// at the two latest looks. A command that is found killed is compared with the
// older, since the sampler may have looked just between the kill and the find.
var oom struct {
	sync.Mutex
	file         string // where the count is
	older, newer uint64
}

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

func refreshOOM() {
	oom.Lock()
	defer oom.Unlock()
	first := oom.file == ""
	if first {
		oom.file = oomFile()
	}
	n, _ := oomCount(oom.file)
	oom.older, oom.newer = oom.newer, n
	if first {
		oom.older = n
	}
}

// memoryRanOut says whether the kernel killed something for want of memory in
// about the last two seconds.
func memoryRanOut() bool {
	oom.Lock()
	defer oom.Unlock()
	n, ok := oomCount(oom.file)
	return ok && n > oom.older
}
