//go:build linux

package limitstest

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What somebody else ended is told with what it held, also where a shell stands
// between, and what says by itself that it got no memory is named as that.
func TestEndedByOthers(t *testing.T) {
	eachWay(t, tools+`
wf.add_nodes([script(n) for n in ["itself", "inside", "silent", "alloc"]])
wf.add_nodes([hog("outside", "hold", 100, 600), hog("innocent", "hold", 20, 1)])
`, func(t *testing.T, l *lab) {
		l.write("itself", "#!/bin/sh\nkill -9 $$\n", 0o755)
		l.write("inside", "#!/bin/sh\nhog hold 90 600\nexit $?\n", 0o755)
		l.write("silent", "#!/bin/sh\nsh -c 'kill -9 $$'\ntrue\n", 0o755)
		l.write("alloc", "#!/bin/sh\necho \"terminate called after throwing an instance of 'std::bad_alloc'\" >&2\nexit 134\n", 0o755)
		cmd := l.command(filepath.Join(folder, "raphe"), "run", "wf.star", "--memory", "4G", "--procs", "6", "--memory-retries", "0")
		killed := make(chan bool)
		go func() { killed <- killLarge(2, 80*mib) }()
		r := l.end(cmd)
		if !<-killed {
			t.Fatalf("the tools did not come up:\n%s", r.said)
		}
		nothingLeft(t)
		all := l.records()
		for _, name := range []string{"wf/outside", "wf/inside"} {
			f := l.failed(all, name, "signalled", "exit-status")
			if f.Failure != nil && (!strings.Contains(f.Failure.Cause, "killed from outside (SIGKILL") || !strings.Contains(f.Failure.Cause, " while it held ") ||
				!strings.Contains(f.Failure.Mend, "who or what ended it")) {
				t.Errorf("%s: cause %q, mend %q", name, f.Failure.Cause, f.Failure.Mend)
			}
			if f.Usage.PeakRSS < 78*mib { // the kernel adds up what its processors count with a delay
				t.Errorf("%s held %d MiB", name, f.Usage.PeakRSS/mib)
			}
		}
		l.failed(all, "wf/itself", "signalled")
		l.failed(all, "wf/alloc", "out-of-memory")
		l.succeeded(all, "wf/silent", "wf/innocent")
	})
}

// killLarge waits for so many hogs that hold as much each, and kills them.
func killLarge(n int, least int64) bool {
	for deadline := time.Now().Add(patience / 2); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		var large []int
		for pid, held := range hogs() {
			if held >= least {
				large = append(large, pid)
			}
		}
		if len(large) == n {
			for _, pid := range large {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			return true
		}
	}
	return false
}

// The kernel ends a tool because the memory of all, raphe among them, has run
// out: it is told as that, and the run goes on. Where nobody may make the cgroup
// that it takes, raphe keeps the same limit, and the rest must hold as well.
func TestKilledByKernel(t *testing.T) {
	l := newLab(t, tools+`
wf.add_nodes([hog("big", "leak", 3000, 400), script("wrapped")])
last = hog("last", "hold", 10, 0.1)
wf.add_nodes([last])
`)
	l.write("wrapped", "#!/bin/sh\nhog leak 3000 400\nexit $?\n", 0o755)
	argv := []string{filepath.Join(folder, "raphe"), "run", "wf.star", "--procs", "1", "--memory-retries", "0"}
	kind := "killed-oom"
	group, err := newGroup(t, 256*mib)
	if err == nil {
		argv = append([]string{"/bin/sh", "-c", `echo $$ >"$0" && exec "$@"`, group}, append(argv, "--memory", "4G", "--limit", "none")...)
	} else {
		t.Logf("no memory cgroup can be made: %v", err)
		argv, kind = append(argv, "--memory", "256M"), "memory-exceeded"
	}
	r := l.end(l.command(argv...))
	if r.status != 1 {
		t.Fatalf("exit status %d\n%s", r.status, r.said)
	}
	nothingLeft(t)
	all := l.records()
	l.failed(all, "wf/big", kind)
	l.failed(all, "wf/wrapped", kind)
	l.succeeded(all, "wf/last")
	if err == nil && !strings.Contains(r.said, "warning: --memory 4 GiB is more than there is: 256 MiB (cgroup)") {
		t.Errorf("no warning:\n%s", r.said)
	}
}
