package proc

import (
	"runtime"

	"golang.org/x/sys/unix"
)

func machine(string) Machine {
	m := Machine{CPUs: runtime.NumCPU(), CPUsFrom: "the machine"}
	if n, err := unix.SysctlUint64("hw.memsize"); err == nil {
		m.limitMemory(int64(n), "the machine")
	}
	return m
}
