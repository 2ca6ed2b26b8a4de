package proc

import (
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Leave gives back what the first command made of this process, for a program
// that is to take its place (execve(2) keeps both): it no longer inherits what
// its descendants leave behind, and is as likely a victim as when it was
// started. No command may run, and none may be started afterwards.
func Leave() {
	var heir int32
	if unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&heir)), 0, 0, 0) != nil || heir == 0 {
		return // there was no command
	}
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(strconv.Itoa(ownAdj)), 0)
}
