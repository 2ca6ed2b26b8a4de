package proc

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestLeave(t *testing.T) {
	prepare()
	t.Cleanup(prepareParent) // for the tests that follow
	Leave()
	var heir int32
	if err := unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&heir)), 0, 0, 0); err != nil || heir != 0 {
		t.Errorf("still a child subreaper: %d, %v", heir, err)
	}
	text, err := os.ReadFile("/proc/self/oom_score_adj")
	if got, _ := strconv.Atoi(strings.TrimSpace(string(text))); err != nil || got != ownAdj {
		t.Errorf("score %d (%v), want %d", got, err, ownAdj)
	}
}
