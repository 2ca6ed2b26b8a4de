package ui

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/unit"
)

// A watched is a run as a Follower would give it, second after second.
type watched struct {
	history.History
	t *testing.T
	w *Watcher
}

func newWatched(t *testing.T, o Options) *watched {
	began := time.Date(2026, 11, 22, 14, 3, 20, 0, time.UTC)
	w := &watched{t: t, w: NewWatcher(o)}
	w.History = history.History{
		Run: history.Run{
			Format: 1, Began: began, Host: "node7", PID: 4242, Total: 40, Memory: 16 * unit.GiB, Command: "raphe run wf.star",
		},
		Base: "/data/work", Phase: history.Goes, Read: began, Seen: began, Counts: event.Counts{Total: 40},
		Failed: []history.Failed{{Name: "wf/_subject_9/bet", Node: "wf.bet", Cause: "exit status 1"}},
	}
	w.Counts.Failed = 1
	return w
}

// second lets a second pass, in which change happens; nil: nothing.
func (w *watched) second(change func()) {
	w.t.Helper()
	w.Read = w.Read.Add(time.Second)
	if change != nil {
		w.Seen = w.Read
		change()
	}
	if err := w.w.Show(&w.History, change != nil); err != nil {
		w.t.Error(err)
	}
}

// whole is a run from the moment at which it is watched to its end.
func (w *watched) whole(between func(name string)) {
	w.second(func() {})
	between("at first")
	w.second(func() {
		w.Counts.Running, w.Counts.Done, w.Counts.Cached = 2, 3, 10
		w.Left = 95 * time.Second
		w.Running = []history.Running{
			{Name: "wf/_subject_1/bet", Node: "wf.bet", Began: w.Began, RSS: 812 * unit.MiB},
			{Name: "wf/_subject_2/bet", Node: "wf.bet", Began: w.Read},
		}
		w.Tools, w.ToolsRSS = 2, 900*unit.MiB
		w.Held = &progress.Held{
			Raphe: event.Memory{RSS: 24 * unit.MiB}, PeakTools: event.Memory{RSS: 2 * unit.GiB}, Limit: 16 * unit.GiB,
			Recent: []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 4},
		}
	})
	between("two run")
	w.second(nil)
	w.second(func() {
		failure := exitThree
		w.Failed = append(w.Failed, history.Failed{Name: "wf/_subject_2/bet", Node: "wf.bet", Kind: "exit-status", Cause: "exit status 3", Blocked: 2, Failure: &failure})
		w.Failed = append(w.Failed, history.Failed{Name: "wf/files", Node: "wf.files", Cause: "no record of it"})
		w.Counts.Failed, w.Counts.Blocked, w.Counts.Running = 3, 2, 1
		w.Running, w.ToolsRSS = w.Running[:1], 0
	})
	between("two fail")
	w.second(func() { w.Phase = history.Away })
	between("out of sight")
	w.second(func() { w.Phase, w.Draining = history.Goes, "interrupted" })
	between("interrupted")
	w.Phase, w.Running, w.Counts.Running, w.Left = history.Ended, nil, 0, 0
	if err := w.w.End(&w.History, true); err != nil {
		w.t.Error(err)
	}
	between("the end")
}

func TestWatchTerminal(t *testing.T) {
	for _, c := range []struct {
		name string
		cols int
		o    Options
	}{{"wide", 110, Options{Colour: true}}, {"narrow", 40, Options{}}, {"ascii", 80, Options{ASCII: true}}} {
		t.Run(c.name, func(t *testing.T) {
			screen := newScreen(t, c.cols)
			c.o.Out, c.o.Form, c.o.Size = screen, Terminal, screen.size
			var shots strings.Builder
			newWatched(t, c.o).whole(func(name string) { fmt.Fprintf(&shots, "---- %s\n%s", name, screen) })
			golden(t, shots.String())
		})
	}
}

func TestWatchLines(t *testing.T) {
	for _, c := range []struct {
		name string
		form Form
	}{{"plain", Plain}, {"json", JSONLines}} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			newWatched(t, Options{Out: &out, Form: c.form}).whole(func(string) {})
			golden(t, out.String())
		})
	}
}

// TestWatchLeave sees that the block goes when nobody watches any longer, and
// that it is drawn below what a shell has written meanwhile.
func TestWatchLeave(t *testing.T) {
	screen := newScreen(t, 80)
	w := newWatched(t, Options{Out: screen, Form: Terminal, Size: screen.size})
	w.second(func() {})
	screen.Write([]byte("[1]+ Stopped\n"))
	w.w.Resume()
	w.second(nil)
	if err := w.w.Leave(); err != nil {
		t.Error(err)
	}
	lines := strings.Split(screen.String(), "\n")
	want := []string{"1s  done 0 · failed 1 · 39 to go", "[1]+ Stopped", "the run goes on", ""}
	if got := lines[len(lines)-4:]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestWatchNextRun sees that a run that begins while another was watched is
// told anew.
func TestWatchNextRun(t *testing.T) {
	for _, form := range []Form{Plain, JSONLines} {
		var out bytes.Buffer
		w := newWatched(t, Options{Out: &out, Form: form})
		w.second(func() {})
		out.Reset()
		w.second(func() {
			w.Began, w.PID = w.Read, 5555
			w.Failed = []history.Failed{{Name: "wf/again", Cause: "exit status 1"}}
		})
		for _, want := range []string{"5555", "wf/again"} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("form %d: no %q in %q", form, want, out.String())
			}
		}
	}
}

func TestWatchWriteError(t *testing.T) {
	for _, form := range []Form{Plain, Terminal, JSONLines} {
		w := newWatched(t, Options{Out: brokenWriter{}, Form: form})
		w.t = nil
		if err := w.w.Show(&w.History, true); !errors.Is(err, errBroken) {
			t.Errorf("form %d: Show: %v", form, err)
		}
		if err := w.w.End(&w.History, true); !errors.Is(err, errBroken) {
			t.Errorf("form %d: End: %v", form, err)
		}
	}
}

func TestSparkline(t *testing.T) {
	var many []int64
	for i := range int64(60) {
		many = append(many, i%2*8)
	}
	for _, c := range []struct {
		in   []int64
		want string
	}{
		{nil, ""}, {[]int64{5}, ""}, {[]int64{0, 0, 0}, ""},
		{[]int64{0, 1, 2, 3, 4, 5, 6, 7, 8}, "▁▂▃▄▅▆▇██"},
		{[]int64{1 << 50, 0}, "█▁"},
		{many, strings.Repeat("█", 30)}, // the larger of each two
		{many[:59], "▁" + strings.Repeat("█", 29)},
	} {
		if got := sparkline(c.in); got != c.want {
			t.Errorf("sparkline(%v) = %q; want %q", c.in, got, c.want)
		}
	}
}

func TestASCII(t *testing.T) {
	for _, c := range []struct {
		all, ctype, lang string
		want             bool
	}{
		{"", "", "", false}, {"", "", "C.UTF-8", false}, {"", "", "de_DE.utf8", false}, {"", "", "C", true},
		{"POSIX", "", "en_US.UTF-8", true}, {"", "en_US.UTF-8", "C", false}, {"", "", "en_US.ISO-8859-1", true},
	} {
		env := map[string]string{"LC_ALL": c.all, "LC_CTYPE": c.ctype, "LANG": c.lang}
		if got := ASCII(func(name string) string { return env[name] }); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	in := "\x1b[2m█░…·▁▂▃▄▅▆▇█ é脳e\u0301\x1b[0m\n"
	if got, want := asciiOnly(in), "\x1b[2m#.~|_.:-=+*# ???e\x1b[0m\n"; got != want {
		t.Errorf("asciiOnly = %q; want %q", got, want)
	}
}
