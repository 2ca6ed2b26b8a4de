package main

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/unit"
)

// ballastVariable names the environment variable that makes `raphe run` hold so
// much memory for as long as it lives. It is for experiments only: bench/ shows
// with it that tools start however large the engine is (nipype issue 2776).
const ballastVariable = "RAPHE_BALLAST"

// hugePages is MADV_HUGEPAGE, which only Linux has: gigabytes in pages of 4 KiB
// would take minutes on some virtual machines.
const hugePages = 14

// holdBallast maps as much memory as the variable says and writes to each page
// of it, so that it is held and not only promised. It is outside the Go heap,
// which the collector would otherwise let grow with it, and is never given back.
func holdBallast() error {
	text := os.Getenv(ballastVariable)
	if text == "" {
		return nil
	}
	n, err := unit.ParseBytes(text)
	if err == nil && n <= 0 {
		err = fmt.Errorf("size %q: nothing to hold", text)
	}
	if err != nil {
		return &diag.Diagnostic{Code: diag.Usage, What: ballastVariable + ": " + err.Error(), Mend: "unset it: it is for tests only", Err: err}
	}
	memory, err := unix.Mmap(-1, 0, int(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		return &diag.Diagnostic{Code: diag.Usage, What: fmt.Sprintf("%s: cannot hold %s", ballastVariable, unit.FormatBytes(n)), Why: err.Error(),
			Mend: "unset it: it is for tests only", Err: err}
	}
	if runtime.GOOS == "linux" {
		_ = unix.Madvise(memory, hugePages) // where there are none it takes longer
	}
	for i := 0; i < len(memory); i += os.Getpagesize() {
		memory[i] = 1
	}
	return nil
}
