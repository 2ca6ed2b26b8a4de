package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// apart is how much of the program the kernel brings back at once, at most. By
// itself it brings the 64 KiB around what is used, of which half is not.
const apart = 8 << 10

// forgetProgram gives back the pages of this program's own file that were read
// so far: what reads definitions and plans them is most of it, and not needed
// again. The kernel brings back from its cache what is used, a few pages at a
// time. Pages that were written to are not among them.
func forgetProgram() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	f, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		from, to, ok := ownPages(lines.Text(), self)
		if ok {
			keepApart(from, to)
			// Only a hint: where it fails they stay.
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED)
		}
	}
}

// keepApart makes mappings of their own of pieces of one, by what is said of every
// other piece: that it need not be in a core dump, where it would not be anyway.
// What the kernel brings back around a page ends with the mapping.
func keepApart(from, to uintptr) {
	for at := from + apart; at < to; at += 2 * apart {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, at, min(apart, to-at), unix.MADV_DONTDUMP)
	}
}

// ownPages reads a line of /proc/PID/maps (proc_pid_maps(5)): ok says that it is
// of a part of that file that can't be written to.
func ownPages(line, file string) (from, to uintptr, ok bool) {
	if !strings.HasSuffix(line, " "+file) {
		return 0, 0, false
	}
	var perms string
	if _, err := fmt.Sscanf(line, "%x-%x %s", &from, &to, &perms); err != nil {
		return 0, 0, false
	}
	return from, to, strings.HasPrefix(perms, "r") && perms[1] == '-'
}
