package store

import (
	"errors"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// machineID names this boot of this machine, or is "".
var machineID = sync.OnceValue(func() string {
	boot, err := unix.Sysctl("kern.bootsessionuuid")
	if err != nil {
		return ""
	}
	return boot
})

// processStart returns when a process started, in microseconds since 1970,
// and whether it is alive. A zombie is dead: it writes nothing more.
func processStart(pid int) (uint64, Liveness) {
	if pid <= 0 {
		return 0, Unknown
	}
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return 0, Dead
	}
	const zombie = 5 // SZOMB in sys/proc.h
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	if err != nil || int(info.Proc.P_pid) != pid {
		return 0, Unknown
	}
	if info.Proc.P_stat == zombie {
		return 0, Dead
	}
	t := info.Proc.P_starttime
	return uint64(t.Sec)*1e6 + uint64(t.Usec), Alive
}
