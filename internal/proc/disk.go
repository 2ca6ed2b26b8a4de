package proc

import (
	"strings"
	"syscall"
)

// fullBelow is the free space at which a disk counts as full for the question
// why a tool failed: a tool that could not write its last block often leaves
// some blocks free.
const fullBelow = 256 << 10

// DiskFull says whether the disk that holds dir has (nearly) no space or no
// file entries left for this user. Quotas are not seen.
func DiskFull(dir string) bool {
	var st syscall.Statfs_t
	if syscall.Statfs(dir, &st) != nil {
		return false
	}
	if int64(st.Blocks) == 0 {
		return false // /proc and its like have no size
	}
	return int64(st.Bavail)*int64(st.Bsize) < fullBelow || st.Files > 0 && st.Ffree == 0
}

// SaysDiskFull says whether a tool complains, in the last lines of its log, of
// a full disk or an exhausted quota, in the words of the C library.
func SaysDiskFull(lines []string) bool {
	for _, line := range lines {
		low := strings.ToLower(line)
		for _, words := range []string{"no space left on device", "disk quota exceeded", "enospc", "edquot"} {
			if strings.Contains(low, words) {
				return true
			}
		}
	}
	return false
}
