package proc

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const statLine = "4711 (a (b) c) S 12 13 14 0 -1 4194560 100 200 0 0 5 6 7 8 20 0 3 0 12345 1000000 256 18446744073709551615 1 1 0 0\n"

func TestParseStat(t *testing.T) {
	got, ok := parseStat([]byte(statLine))
	want := procStat{
		pid: 4711, name: "a (b) c", state: 'S', ppid: 12, group: 13, session: 14,
		cpu: 26, threads: 3, start: 12345, vsize: 1000000, rss: 256 * pageSize,
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(procStat{})); !ok || diff != "" {
		t.Error(ok, diff)
	}
	for _, bad := range []string{"", "1", "1 (x)", "1 (x) S 1 2", ") 1 (", "x (y) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23"} {
		if s, ok := parseStat([]byte(bad)); ok {
			t.Errorf("%q was read as %+v", bad, s)
		}
	}
	self, ok := readStat(os.Getpid())
	if !ok || self.pid != os.Getpid() || self.ppid != os.Getppid() || self.rss == 0 || !self.alive() || self.start > ticksNow() {
		t.Errorf("of itself: %v %+v", ok, self)
	}
	line := []byte(statLine)
	if allocs := testing.AllocsPerRun(100, func() { parseStat(line) }); allocs > 1 {
		t.Errorf("parseStat allocates %v times", allocs)
	}
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte(statLine))
	f.Add([]byte("1 (x) R"))
	f.Add([]byte("() "))
	f.Fuzz(func(_ *testing.T, line []byte) { parseStat(line) })
}
