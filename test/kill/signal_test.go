//go:build linux

package killtest

import (
	"os"
	"strings"
	"syscall"
	"testing"
)

// waiting is a workflow of tools that wait for a file, two at a time, and note
// how they ended.
const waiting = `
Wait = command(["sh", "-c", 'touch "$LAB/began.$0"; while ! test -e "$LAB/free"; do sleep 0.02; done; touch "$LAB/ended.$0"'], inputs = [text("name", "%s")], outputs = [])
wf = Workflow("wf")
wf.add_nodes([Node(Wait(name = "n%d" % i), name = "n%d" % i) for i in range(6)])
`

// began starts a run of it and waits until two tools run.
func began(t *testing.T, l *lab) *running {
	t.Helper()
	r := l.raphe("run", "wf.star", "--procs", "2")
	l.until("two tools run", func() bool { return l.count("began.") == 2 || r.hasEnded() })
	return r
}

// count gives how many files of the lab begin so.
func (l *lab) count(prefix string) int {
	l.t.Helper()
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		l.t.Fatal(err)
	}
	n := 0
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			n++
		}
	}
	return n
}

func (l *lab) wantLog(r *running, texts ...string) {
	l.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.err.String(), text) {
			l.t.Errorf("nothing is said of %q:\n%s", text, r.err.String())
		}
	}
}

func (l *lab) signal(r *running, s syscall.Signal) {
	l.t.Helper()
	if err := r.Process.Signal(s); err != nil {
		l.t.Fatalf("%v: %v\n%s", s, err, r.err.String())
	}
}

// Once: what runs may end, nothing new starts, and it is said how to go on.
func TestInterruptedOnce(t *testing.T) {
	t.Parallel()
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(s.String(), func(t *testing.T) {
			t.Parallel()
			l := newLab(t, waiting)
			r := began(t, l)
			l.signal(r, s)
			status := l.start(program, "status", "work")
			status.end()
			l.write("free", "", 0o644)
			if got := r.end(); got != 130 {
				t.Errorf("exit status %d, want 130\n%s", got, r.err.String())
			}
			if b, e := l.count("began."), l.count("ended."); b != 2 || e != 2 {
				t.Errorf("%d tools began and %d ended by themselves, want 2 and 2", b, e)
			}
			l.wantLog(r, "2 of 6 instances done", "4 not reached", "to go on: start it again", "raphe run wf.star --procs 2")
			l.nothingLeft()
			again := l.run(0, "run", "wf.star", "--procs", "2")
			l.wantLog(again, "done: 6 instances", "4 ran, 2 up to date before")
		})
	}
}

// Twice: everything is ended at once; nothing of it is believed afterwards.
func TestInterruptedTwice(t *testing.T) {
	t.Parallel()
	l := newLab(t, waiting)
	r := began(t, l)
	l.signal(r, syscall.SIGINT)
	l.until("the first interrupt was heard", func() bool {
		s := l.start(program, "status", "work")
		s.end()
		return strings.Contains(s.out.String(), "nothing new is started")
	})
	l.signal(r, syscall.SIGINT)
	if got := r.end(); got != 130 {
		t.Errorf("exit status %d, want 130\n%s", got, r.err.String())
	}
	if e := l.count("ended."); e != 0 {
		t.Errorf("%d tools ended by themselves", e)
	}
	l.wantLog(r, "0 of 6 instances done", "2 ended early", "to go on: start it again")
	l.nothingLeft()
	l.write("free", "", 0o644)
	l.wantLog(l.run(0, "run", "wf.star"), "done: 6 instances")
}

// What nohup starts goes on when its terminal is closed.
func TestHangupIgnored(t *testing.T) {
	t.Parallel()
	l := newLab(t, waiting)
	r := l.start("sh", "-c", `trap "" HUP; exec "$0" run wf.star --procs 2`, program)
	l.until("two tools run", func() bool { return l.count("began.") == 2 || r.hasEnded() })
	l.signal(r, syscall.SIGHUP)
	l.write("free", "", 0o644)
	if got := r.end(); got != 0 {
		t.Errorf("exit status %d\n%s", got, r.err.String())
	}
}

// One run at a time owns a base directory; what a killed run owned is taken
// over at once.
func TestTwoRunsOfOneBaseDirectory(t *testing.T) {
	t.Parallel()
	l := newLab(t, waiting)
	r := began(t, l)
	second := l.run(5, "run", "wf.star")
	l.wantLog(second, "process", "wait for that run to end, or choose another --base-dir")
	if n := l.count("began."); n != 2 {
		t.Errorf("%d tools began", n)
	}
	// Looking is always allowed.
	l.run(0, "status", "work")
	l.run(0, "why", "wf.star")
	if err := r.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.end()
	l.write("free", "", 0o644)
	third := l.run(0, "run", "wf.star")
	l.wantLog(third, "done: 6 instances")
	if strings.Contains(third.err.String(), "waiting") {
		t.Errorf("it waited for a run that was gone:\n%s", third.err.String())
	}
	l.nothingLeft()
}
