package proc

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestSelf(t *testing.T) {
	m := Self()
	if m.RSS < 1<<20 || m.PSS < 1<<19 || m.PSS > 2*m.RSS || m.VSize < m.RSS {
		t.Errorf("self %+v", m)
	}
	if allocs := testing.AllocsPerRun(100, func() { Self() }); allocs > 6 {
		t.Errorf("Self allocates %v times", allocs)
	}
}

func TestCommitted(t *testing.T) {
	eventually(t, "the figure of /proc/meminfo, which changes all the time", func() bool {
		_, rest, _ := strings.Cut(read(t, "/proc/meminfo"), "Committed_AS:")
		var kib int64 // may be 0: the kernel adds up what its CPUs have counted now and then
		_, err := fmt.Sscan(rest, &kib)
		return err == nil && Committed() == kib<<10
	})
	root := t.TempDir()
	write(t, filepath.Join(root, "proc/meminfo"), "MemTotal:       67108864 kB\nMemAvailable:   12 kB\nHugePages_Total:       3\nCommitted_AS:    7 kB\nOdd:\n", 0o600)
	for name, want := range map[string]int64{"MemTotal:": 64 << 30, "MemAvailable:": 12 << 10, "Committed_AS:": 7 << 10, "None:": 0, "Odd:": 0} {
		if got := meminfo(root, name); got != want {
			t.Errorf("%s %d, want %d", name, got, want)
		}
	}
	if got := meminfo(filepath.Join(root, "gone"), "MemTotal:"); got != 0 {
		t.Errorf("no such file: %d", got)
	}
}
