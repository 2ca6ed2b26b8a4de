package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// machineID names this boot of this machine and the process-id namespace
// (two containers on one machine have different processes under one number).
// It is "" if /proc does not tell.
var machineID = sync.OnceValue(func() string {
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	ns, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(boot)) + "/" + ns
})

// processStart returns when a process started, in the kernel's ticks since
// boot, and whether it is alive. A zombie is dead: it writes nothing more.
//
// Source: proc(5), /proc/pid/stat, fields 3 (state) and 22 (starttime).
func processStart(pid int) (uint64, Liveness) {
	if pid <= 0 {
		return 0, Unknown
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		// /proc may hide the processes of others (mount option hidepid).
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			return 0, Dead
		}
		return 0, Unknown
	}
	// The name, in parentheses, may contain anything.
	i := bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[i+1:]))
	if i < 0 || len(fields) < 20 {
		return 0, Unknown
	}
	if fields[0] == "Z" || fields[0] == "X" {
		return 0, Dead
	}
	ticks, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0, Unknown
	}
	return ticks, Alive
}
