package proc

import (
	"strconv"
	"syscall"
	"testing"
)

// The kernel's figure is the command's own only where it is above what Raphe had
// when the command was started.
func TestPeakIsItsOwn(t *testing.T) {
	const mb = 1 << 20
	for _, c := range []struct {
		name                         string
		own, orphan, sampled, parent int64
		want                         int64
	}{
		{"too short, smaller than raphe", 20 * mb, 0, 0, 20 * mb, 0},
		{"too short, raphe has grown since another", 18 * mb, 0, 0, 20 * mb, 0},
		{"too short, but larger", 300 * mb, 0, 0, 20 * mb, 300 * mb},
		{"sampled, smaller", 20 * mb, 0, 3 * mb, 20 * mb, 3 * mb},
		{"sampled, and larger between samples", 300 * mb, 0, 200 * mb, 20 * mb, 300 * mb},
		{"sampled, several processes", 100 * mb, 0, 400 * mb, 20 * mb, 400 * mb},
		{"an orphan was largest", 20 * mb, 90 * mb, 0, 20 * mb, 90 * mb},
	} {
		t.Run(c.name, func(t *testing.T) {
			ru := syscall.Rusage{Maxrss: c.own / maxrssUnit}
			orphaned := syscall.Rusage{Maxrss: c.orphan / maxrssUnit}
			if got := usageOf(&ru, &orphaned, Sample{PeakRSS: c.sampled}, Usage{}, c.parent).PeakRSS; got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}

// A tool that is much smaller than this process and ends at once says nothing of
// its size; one that is larger does, however short it was.
func TestPeakOfShortTools(t *testing.T) {
	ballast := make([]byte, 64<<20)
	for i := 0; i < len(ballast); i += 4096 {
		ballast[i] = 1
	}
	if r := run(t, tool(t, "exit", "0")); r.Usage.PeakRSS >= 64<<20 {
		t.Errorf("a small tool held %d bytes, as this process", r.Usage.PeakRSS)
	}
	hold := ownPeak() + 32<<20
	if r := run(t, tool(t, "hold", strconv.FormatInt(hold, 10), "0")); r.Usage.PeakRSS < hold {
		t.Errorf("a tool that held %d bytes held %d", hold, r.Usage.PeakRSS)
	}
	ballast[0]++
}
