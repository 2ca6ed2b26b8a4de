package task

import (
	"io/fs"
	"syscall"
)

// changeTime gives when a file's inode changed, in nanoseconds since 1970.
func changeTime(info fs.FileInfo) int64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ctim.Nano()
	}
	return 0
}
