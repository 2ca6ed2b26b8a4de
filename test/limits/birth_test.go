//go:build linux

package limitstest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mostIn gives the most that a group has held, raphe and all tools, as the kernel
// counted it at every moment.
func mostIn(t *testing.T, procs string) int64 {
	t.Helper()
	for _, file := range []string{"memory.peak", "memory.max_usage_in_bytes"} { // version 2, version 1
		if text, err := os.ReadFile(filepath.Join(filepath.Dir(procs), file)); err == nil {
			n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("the kernel does not tell what a group held")
	return 0
}

// inGroup runs raphe in a group of that size, and says how it ended and what the
// group held at most. Where no group can be made it runs outside; most is 0 then.
func (l *lab) inGroup(bytes int64, args ...string) (r result, most int64) {
	l.t.Helper()
	argv := append([]string{filepath.Join(folder, "raphe")}, args...)
	group, err := newGroup(l.t, bytes)
	if err != nil {
		l.t.Logf("no memory cgroup can be made: %v", err)
		return l.end(l.command(argv...)), 0
	}
	r = l.end(l.command(append([]string{"/bin/sh", "-c", `echo $$ >"$0" && exec "$@"`, group}, argv...)...))
	return r, mostIn(l.t, group)
}

// Four tools that nobody knows grow as quickly as they can from the start. What
// they hold before anybody can have looked at them is counted, too.
func TestGrowFromBirth(t *testing.T) {
	l := newLab(t, tools+`wf.add_nodes([hog("h%d" % i, "leak", 2000, 1000) for i in range(4)])`)
	r, most := l.inGroup(2048*mib, "run", "wf.star", "--memory", "256M", "--procs", "4", "--memory-retries", "0")
	if r.status != 1 {
		t.Fatalf("exit status %d\n%s", r.status, r.said)
	}
	nothingLeft(t)
	all := l.records()
	for i := range 4 {
		l.failed(all, "wf/h"+strconv.Itoa(i), "memory-exceeded")
	}
	// Raphe itself and its files are in there, too.
	if most > (256+40)*mib {
		t.Errorf("all together held %d MiB of 256", most/mib)
	}
	t.Logf("%d MiB", most/mib)
}

// Many tools, each smaller than raphe and too short to be seen, fill the memory
// of the group in which raphe itself is: the kernel takes some of them, which is
// told as that, and never raphe.
func TestRapheIsNotTaken(t *testing.T) {
	l := newLab(t, tools+`wf.add_nodes([hog("h%d" % i, "hold", 8, 0.04) for i in range(100)])`)
	for range 3 {
		t.Run("", func(t *testing.T) { fillGroup(t, l) })
	}
}

func fillGroup(t *testing.T, l *lab) {
	l.t = t
	r, most := l.inGroup(100*mib, "run", "wf.star", "--memory", "8G", "--procs", "24", "--memory-retries", "0", "--force")
	if r.status != 0 && r.status != 1 {
		t.Fatalf("exit status %d\n%s", r.status, r.said)
	}
	nothingLeft(t)
	all := l.records()
	if len(all) != 100 {
		t.Errorf("%d of 100 have a record", len(all))
	}
	killed := 0
	for name, got := range all {
		if got.Failure != nil {
			killed++
			l.failed(all, name, "killed-oom", "start-failed")
		}
	}
	t.Logf("%d MiB, %d killed", most/mib, killed)
}
