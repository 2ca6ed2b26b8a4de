package main

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/unit"
)

// limitMemory makes the garbage collector work harder before this process is
// near what it may use: a container, a batch job, `ulimit -v`. GOMEMLIMIT, Go's
// own setting, stands where it is set.
func limitMemory() {
	if text := narrow(addressSpace()); text != "" {
		fmt.Fprintln(os.Stderr, "warning:", text)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimit(proc.Available().Memory, addressSpace()))
	}
}

const (
	// reserved is the address space that Go's runtime takes without using it:
	// 585 MiB of summaries of pages (runtime/mpagealloc_64bit.go), and what the
	// program, the stacks and the first arena of 64 MiB need beside the heap.
	reserved = 768 << 20
	// leastHeap is a limit that is never gone below: a collector that runs
	// without end helps nobody.
	leastHeap = 24 << 20
)

// softLimit gives what this process should keep to: half of the memory that
// there is, since tools have to live beside it, and what of the address space is
// not reserved. Zero means that a limit is not known.
func softLimit(memory, addressSpace int64) int64 {
	limit := int64(math.MaxInt64)
	if memory > 0 {
		limit = memory / 2
	}
	if addressSpace > 0 {
		limit = min(limit, addressSpace-reserved)
	}
	return max(limit, leastHeap)
}

// roomy is the address space with which Go's runtime does not run out of it: what
// is reserved, and a second arena of 64 MiB, since the heap begins at a place in
// the first that differs from run to run (Go 1.26, randomizedheapbase64).
const roomy = reserved + 72<<20

// narrow says that the address space may be too small, "" where it is not.
// Where it ends, the runtime ends this process with a trace that helps nobody.
func narrow(addressSpace int64) string {
	if addressSpace <= 0 || addressSpace >= roomy {
		return ""
	}
	return fmt.Sprintf("ulimit -v leaves %s of address space, which may be too little: raphe then ends with \"out of memory\"\n  mend: ulimit -v %d or more, or unlimited; it is address space that is reserved, not memory",
		unit.FormatBytes(addressSpace), int64(roomy)>>10)
}

// addressSpace gives the limit that `ulimit -v` set, 0 for none.
func addressSpace() int64 {
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &r) != nil || r.Cur > math.MaxInt64 {
		return 0
	}
	return int64(r.Cur)
}
