//go:build linux

package killtest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestKilled kills raphe, or one of its tools, again and again at random, and
// resumes. RAPHE_KILLS says how often, RAPHE_SEED repeats a run.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills, seed := number("RAPHE_KILLS", 12), number("RAPHE_SEED", int(time.Now().UnixNano()&0xffffff))
	t.Logf("%d kills; repeat with RAPHE_SEED=%d", kills, seed)
	calm := newSweepLab(t, nil)
	calm.run(0, calm.command()...)
	_, all, _ := calm.log(0)
	if len(all) < 400 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Fatalf("%d tools ran in the undisturbed run", len(all))
	}

	l := newSweepLab(t, rand.New(rand.NewPCG(uint64(seed), 1)))
	// The work is spread over the kills, so that the last one still hits some.
	l.write("log", "", 0o644)
	mean := max(1, len(all)*9/10/kills)
	for k := range kills {
		l.round(k, mean)
	}
	known := l.complete()
	_, _, at := l.log(0)
	l.run(0, l.command()...)
	l.redoesNothing(kills, known, at)
	l.run(0, l.command()...)
	l.nothingLeft()

	started, done, _ := l.log(0)
	t.Logf("%d starts and %d ends of tools for %d instances", len(started), len(done), len(all))
	if d := cmp.Diff(len(slices.Compact(slices.Sorted(slices.Values(done)))), len(all)); d != "" {
		t.Errorf("instances that were done at some time (-got +want):\n%s", d)
	}
	for _, folder := range []string{"work/wf", "results"} {
		if d := cmp.Diff(tree(t, calm.path(folder)), tree(t, l.path(folder))); d != "" {
			t.Errorf("%s differs from that of an undisturbed run (-undisturbed +killed):\n%s", folder, d)
		}
	}
}

func number(variable string, standard int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return standard
}

// round resumes the run, lets some tools do their work, and kills: raphe three
// times out of five, else a tool, after which raphe is stopped by an interrupt
// or killed as well.
func (l *sweepLab) round(k, mean int) {
	l.t.Helper()
	known := l.complete()
	_, _, from := l.log(0)
	r := l.raphe(l.command()...)
	enough := l.random.IntN(2*mean + 1)
	l.until("tools have done their work", func() bool {
		_, done, _ := l.log(from)
		return len(done) >= enough || r.hasEnded()
	})
	time.Sleep(time.Duration(l.random.IntN(8000)) * time.Microsecond)
	signal := syscall.SIGKILL
	if l.random.IntN(5) < 2 && l.killTool() && l.random.IntN(2) == 0 {
		signal = syscall.SIGINT
	}
	_ = r.Process.Signal(signal) // it may have ended by itself
	switch status := r.end(); {
	case strings.Contains(r.err.String(), "BUG"), strings.Contains(r.err.String(), "panic"):
		l.t.Fatalf("kill %d:\n%s", k, r.err.String())
	case status == -1, status == 0, status == 1, status == 130:
	default:
		l.t.Fatalf("kill %d: exit status %d\n%s", k, status, r.err.String())
	}
	l.toolsGone(k)
	l.redoesNothing(k, known, from)
}

func (r *running) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// killTool kills a random process that raphe, or a tool of its, has started.
func (l *sweepLab) killTool() bool {
	tools := slices.DeleteFunc(l.left(), func(p process) bool { return p.isRaphe() })
	if len(tools) == 0 {
		return false
	}
	return syscall.Kill(tools[l.random.IntN(len(tools))].pid, syscall.SIGKILL) == nil
}

// toolsGone waits until the tools, which die with raphe, are gone: what they
// log later would be counted for the next round. Their own children live until
// the next run ends them; they log nothing.
func (l *sweepLab) toolsGone(k int) {
	l.t.Helper()
	l.until(fmt.Sprintf("the tools of kill %d are gone", k), func() bool {
		return !slices.ContainsFunc(l.left(), func(p process) bool { return strings.HasPrefix(p.command, "sh -c") })
	})
}

// redoesNothing demands that no instance that had a complete record was
// started again.
func (l *sweepLab) redoesNothing(k int, known map[string]bool, from int) {
	l.t.Helper()
	started, _, _ := l.log(from)
	for _, name := range started {
		if known[name] {
			l.t.Errorf("after kill %d: %s was complete and ran again", k, name)
		}
	}
}

// TestKilledWithItsTools sees that what raphe runs dies with it, and that what
// its tools had started is ended by the next run.
func TestKilledWithItsTools(t *testing.T) {
	t.Parallel()
	l := newLab(t, `
Wait = command(["sh", "-c", 'test -e "$LAB/free" || { sleep 1000 & setsid sleep 1000 & touch "$LAB/$0"; wait; }'], inputs = [text("name", "%s")], outputs = [])
wf = Workflow("wf")
wf.add_nodes([Node(Wait(name = "n%d" % i), name = "n%d" % i) for i in range(3)])
`)
	r := l.raphe("run", "wf.star", "--procs", "3")
	for i := range 3 {
		l.until("the tools run", func() bool {
			_, err := os.Stat(l.path(fmt.Sprintf("n%d", i)))
			return err == nil
		})
	}
	if err := r.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.end()
	l.until("the tools have died with raphe", func() bool {
		return !slices.ContainsFunc(l.left(), func(p process) bool { return strings.HasPrefix(p.command, "sh -c") })
	})
	if n := len(l.left()); n == 0 {
		t.Log("what the tools had started is gone already")
	}
	l.write("free", "", 0o644)
	again := l.run(0, "run", "wf.star")
	if log := again.err.String(); !strings.Contains(log, "sleep") {
		t.Errorf("it is not said that processes of the killed run were ended:\n%s", log)
	}
	l.nothingLeft()
	for _, name := range slices.Sorted(maps.Keys(l.records("work"))) {
		if f := l.records("work")[name].Failure; f != nil {
			t.Errorf("%s: %s", name, f.Cause)
		}
	}
}
