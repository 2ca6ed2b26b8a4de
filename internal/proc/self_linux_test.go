package proc

import (
	"path/filepath"
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
	if Committed() < 1<<20 {
		t.Errorf("committed %d", Committed())
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "proc/meminfo"), "MemTotal:       67108864 kB\nMemAvailable:   12 kB\nHugePages_Total:       3\nOdd:\n", 0o600)
	for name, want := range map[string]int64{"MemTotal:": 64 << 30, "MemAvailable:": 12 << 10, "Committed_AS:": 0, "Odd:": 0} {
		if got := meminfo(root, name); got != want {
			t.Errorf("%s %d, want %d", name, got, want)
		}
	}
	if got := meminfo(filepath.Join(root, "gone"), "MemTotal:"); got != 0 {
		t.Errorf("no such file: %d", got)
	}
}
