//go:build linux

package limitstest

import (
	"strings"
	"testing"
)

// One tool grows above its mem_gb, quickly or slowly, a map's elements, too;
// the innocent beside them end as if nothing were.
func TestLeaks(t *testing.T) {
	eachWay(t, tools+`
wf.add_nodes([
    hog("fast", "leak", 3000, 1000, mem_gb = 0.0625),
    hog("slow", "leak", 3000, 60, mem_gb = 0.0625),
    hog("innocent", "hold", 20, 1, mem_gb = 0.0625),
])
m = MapNode(Hog(mode = "hold", b = 0.4), iterfield = ["a"], name = "m", mem_gb = 0.0625)
m.inputs.a = [10, 300, 12]
wf.add_nodes([m])
`, func(t *testing.T, l *lab) {
		w := watch()
		r := l.run(1, "run", "wf.star", "--memory", "1G", "--procs", "6", "--memory-retries", "0")
		peak := w.most()
		nothingLeft(t)
		all := l.records()
		for _, name := range []string{"wf/fast", "wf/slow", "wf/m/mapflow/_m1"} {
			f := l.failed(all, name, "memory-exceeded")
			if f.Failure != nil && (!strings.Contains(f.Failure.Cause, "needed more than ") || !strings.Contains(f.Failure.Cause, "its limit was 64 MiB")) {
				t.Errorf("%s: cause %q", name, f.Failure.Cause)
			}
			if f.Failure != nil && !strings.Contains(f.Failure.Mend, "mem_gb=") {
				t.Errorf("%s: mend %q", name, f.Failure.Mend)
			}
		}
		l.succeeded(all, "wf/innocent", "wf/m/mapflow/_m0", "wf/m/mapflow/_m2")
		if strings.Contains(r.said, "137") {
			t.Errorf("a number instead of a name:\n%s", r.said)
		}
		// Without groups what is taken between two looks comes on top.
		if peak > 900*mib {
			t.Errorf("all together held %d MiB", peak/mib)
		}
	})
}

// Two that nobody knows grow until together they hold more than there is, and
// each would fit alone: all come through, and so do the innocent.
func TestTogether(t *testing.T) {
	eachWay(t, tools+`
wf.add_nodes([hog("grows%d" % i, "leak", 300, 600, 0.8) for i in range(2)])
wf.add_nodes([hog("innocent%d" % i, "hold", 30, 0.3) for i in range(4)])
`, func(t *testing.T, l *lab) {
		w := watch()
		r := l.run(0, "run", "wf.star", "--memory", "512M", "--procs", "4")
		if peak := w.most(); peak > 512*mib*3/2 {
			t.Errorf("all together held %d MiB of 512", peak/mib)
		}
		nothingLeft(t)
		if !strings.Contains(r.said, "all commands together held more than 512 MiB") {
			t.Errorf("nobody made room:\n%s", r.said)
		}
		if all := l.records(); len(all) != 6 {
			t.Errorf("%d records", len(all))
		}
	})
}

// The limits that are not enforced are not, and the others are.
func TestLimitModes(t *testing.T) {
	l := newLab(t, tools+`wf.add_nodes([hog("h", "hold", 200, 0.4, mem_gb = 0.0625)])`)
	l.run(0, "run", "wf.star", "--limit", "none", "--memory", "100M", "--force")
	l.run(0, "run", "wf.star", "--limit", "soft", "--memory", "1G", "--force")
	l.run(1, "run", "wf.star", "--limit", "soft", "--memory", "100M", "--force")
	l.failed(l.records(), "wf/h", "memory-exceeded")
	l.run(1, "run", "wf.star", "--limit", "hard", "--memory", "1G", "--memory-retries", "0", "--force")
	l.run(0, "run", "wf.star", "--limit", "hard", "--memory", "1G", "--force")
	if r := l.records()["wf/h"]; r.Attempt < 2 || r.Usage.Asked.From != "retry" {
		t.Errorf("%+v", r)
	}
	nothingLeft(t)
}
