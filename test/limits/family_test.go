//go:build linux

package limitstest

import (
	"strings"
	"testing"
)

// Whatever a tool starts counts as the tool, and ends with it.
func TestFamilies(t *testing.T) {
	eachWay(t, tools+`
wf.add_nodes([
    hog("bomb", "kids", 50, 20, 600, mem_gb = 0.25),
    hog("orphan", "orphan", 200, 600, mem_gb = 0.0625),
    hog("daemon", "daemon", 20, 600, mem_gb = 0.25),
    hog("deaf", "deaf", 200, 600, mem_gb = 0.0625),
    hog("innocent", "hold", 20, 0.5, mem_gb = 0.25),
])
`, func(t *testing.T, l *lab) {
		l.run(1, "run", "wf.star", "--memory", "4G", "--procs", "6", "--memory-retries", "0")
		nothingLeft(t)
		all := l.records()
		l.failed(all, "wf/bomb", "memory-exceeded")
		l.failed(all, "wf/orphan", "memory-exceeded")
		l.failed(all, "wf/deaf", "memory-exceeded")
		l.succeeded(all, "wf/innocent")
		// Without groups nobody knows which of them left the daemon; see TestDaemon.
	})
}

// A daemon that gave up group, session, parent, directory, files and
// environment is ended, and who left it is told where only one can have.
func TestDaemon(t *testing.T) {
	eachWay(t, tools+`wf.add_nodes([hog("daemon", "daemon", 20, 600)])`, func(t *testing.T, l *lab) {
		l.run(1, "run", "wf.star")
		nothingLeft(t)
		f := l.failed(l.records(), "wf/daemon", "background-left")
		if f.Failure != nil && !strings.Contains(f.Failure.Cause, "hog (") {
			t.Errorf("cause %q", f.Failure.Cause)
		}
	})
}
