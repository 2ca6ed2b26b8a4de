package monitor

import (
	"bytes"
	"os"
	"strconv"
)

// peakRSS gives the largest RSS that this process ever had: VmHWM of
// /proc/self/status, see proc(5). getrusage would tell that of the program
// before the exec as well. 0 where it can't be read.
func peakRSS() int64 {
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(b, []byte("\nVmHWM:"))
	if f := bytes.Fields(rest); len(f) > 0 {
		kib, _ := strconv.ParseInt(string(f[0]), 10, 64)
		return kib << 10
	}
	return 0
}
