package ui

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/unit"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // times stand in golden files
	os.Exit(m.Run())
}

// lockedBuffer is written by a Reader's goroutine and read by a test.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// A screen is a terminal as far as the block needs one: logical lines that it
// breaks at its width, and breaks anew when the width changes, as most
// terminals do; a cursor at the beginning of a row; wrap on or off.
type screen struct {
	mu     sync.Mutex
	t      *testing.T
	cols   int
	lines  []string // logical lines, without colours; the last one is being written
	hidden bool
	noWrap bool
}

func newScreen(t *testing.T, cols int) *screen { return &screen{t: t, cols: cols, lines: []string{""}} }

func (s *screen) size() (int, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cols, 24
}

func (s *screen) resize(cols int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cols = cols
}

// rows gives how many rows the logical line takes.
func (s *screen) rows(line string) int { return max(1, (width(line)+s.cols-1)/s.cols) }

// Write understands exactly the sequences that are used.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hidden {
		s.t.Error("the cursor was hidden between two writes")
	}
	for rest := string(p); rest != ""; {
		if rest[0] == 0x1b {
			n := escapeLength(rest)
			s.control(rest[:n])
			rest = rest[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(rest)
		rest = rest[n:]
		last := &s.lines[len(s.lines)-1]
		switch {
		case r == '\r' && *last != "":
			s.t.Error("carriage return within a line")
		case r == '\r':
		case r == '\n':
			s.lines = append(s.lines, "")
		default:
			*last += string(r)
			if s.noWrap && width(*last) > s.cols-1 {
				s.t.Errorf("block line %q does not fit into %d columns", *last, s.cols)
			}
		}
	}
	if s.hidden || s.noWrap {
		s.t.Errorf("after a write: hidden %v, wrap off %v", s.hidden, s.noWrap)
	}
	return len(p), nil
}

func (s *screen) control(seq string) {
	var up int
	switch {
	case seq == hideCursor, seq == showCursor:
		s.hidden = seq == hideCursor
	case seq == wrapOff, seq == wrapOn:
		s.noWrap = seq == wrapOff
	case seq == clearBelow: // the cursor is always at the beginning of the last line
	case strings.HasSuffix(seq, "m"):
	default:
		if n, err := fmt.Sscanf(seq, "\x1b[%dA", &up); n != 1 || err != nil {
			s.t.Errorf("unexpected sequence %q", seq)
		}
		for up > 0 && len(s.lines) > 1 {
			s.lines = s.lines[:len(s.lines)-1]
			up -= s.rows(s.lines[len(s.lines)-1])
			s.lines[len(s.lines)-1] = ""
		}
		if up != 0 {
			s.t.Errorf("the cursor went %d rows too far into a line, or above the first", -up)
		}
	}
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.lines, "\n")
}

// TestTerminal shows the screen at some moments of a run.
func TestTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := newScreen(t, 90)
		var shots strings.Builder
		shot := func(name string) {
			synctest.Wait()
			fmt.Fprintf(&shots, "---- %s\n%s", name, screen)
		}
		s := &script{Reader: New(Options{
			Out: screen, Form: Terminal, Colour: true, Size: screen.size, BaseDir: "/data/work", Command: "raphe run wf.star",
			Running: func() []progress.Sample { return []progress.Sample{{Name: "wf/_subject_3/bet", RSS: 812 * unit.MiB}} },
		})}
		s.begin(40)
		s.cached(10)
		s.wait(300 * time.Millisecond)
		shot("cached")
		for i := range 7 {
			s.start("wf.bet", fmt.Sprintf("wf/_subject_%d/bet", i), "")
			s.wait(400 * time.Millisecond)
		}
		for i := range 40 {
			s.say(event.Event{Kind: event.Sampled, Sample: &event.Sample{
				Raphe: event.Memory{RSS: 24 * unit.MiB}, Tools: event.Memory{RSS: int64(i*i) * unit.MiB}, Limit: 16 * unit.GiB,
			}})
		}
		shot("seven run")
		for i := range 3 {
			s.finish("wf.bet", fmt.Sprintf("wf/_subject_%d/bet", i), time.Second, 0)
		}
		s.fail("wf.bet", "wf/_subject_4/bet", exitThree, "wf/_subject_4/flirt")
		s.wait(3 * time.Second)
		shot("a failure")
		screen.resize(44)
		s.wait(time.Second)
		shot("narrow")
		screen.resize(12)
		s.wait(time.Second)
		shot("very narrow")
		screen.resize(130)
		s.wait(time.Second)
		shot("wide")
		s.end()
		s.Close()
		shot("the end")
		golden(t, shots.String())
	})
}

// TestTerminalKeepsWhatIsAbove plays any run in any sizes: what was printed
// above the block stays, the block fits, and is gone at the end.
func TestTerminalKeepsWhatIsAbove(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		names := rapid.SliceOfN(rapid.StringOf(rapid.SampledFrom([]rune("ab/é脳e\u0301🧠\t"))), 1, 8).Draw(rt, "names")
		widths := rapid.SliceOfN(rapid.IntRange(2, 140), 1, 8).Draw(rt, "widths")
		synctest.Test(t, func(t *testing.T) {
			screen := newScreen(t, widths[0])
			s := &script{Reader: New(Options{Out: screen, Form: Terminal, Size: screen.size})}
			s.begin(100)
			want := []string{}
			for i, name := range names {
				s.start("wf.n", name+fmt.Sprint(i), "")
				s.say(event.Event{Kind: event.Sampled, Sample: &event.Sample{Tools: event.Memory{RSS: int64(i+1) << 30}, Limit: 1 << 40}})
				s.wait(700 * time.Millisecond)
				screen.resize(widths[i%len(widths)])
				if i%3 == 2 {
					s.fail("wf.n", name+fmt.Sprint(i), exitThree)
					want = append(want, "FAILED  wf.n  "+printable(name+fmt.Sprint(i)))
				}
				s.wait(900 * time.Millisecond)
			}
			s.end()
			s.Close()
			lines := strings.Split(screen.String(), "\n")
			for _, w := range want {
				found := false
				for _, l := range lines {
					found = found || strings.TrimRight(l, " ") == strings.TrimRight(w, " ")
				}
				if !found {
					t.Errorf("no line %q in\n%s", w, screen)
				}
			}
			if strings.Contains(screen.String(), "to go") && strings.Contains(screen.String(), " · ") {
				t.Errorf("the block is still there:\n%s", screen)
			}
		})
	})
}

// TestStoppedTerminal sees that a terminal that takes nothing does not hold up
// the run.
func TestStoppedTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := make(chan struct{})
		s := &script{Reader: New(Options{Out: writerFunc(func(p []byte) (int, error) { <-stopped; return len(p), nil }), Form: Terminal})}
		s.begin(10)
		s.wait(time.Minute)
		s.cached(10)
		s.end()
		close(stopped)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in          string
		cols        int
		end, middle string
	}{
		{"abcdef", 6, "abcdef", "abcdef"}, {"abcdef", 5, "abcd…", "a…def"}, {"abcdef", 1, "…", "…"}, {"abcdef", 0, "", ""},
		{"脳脳脳", 6, "脳脳脳", "脳脳脳"}, {"脳脳脳", 5, "脳脳…", "…脳"}, {"脳脳脳", 2, "…", "…"},
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…", "…e\u0301"},
	} {
		if got := cutEnd(c.in, c.cols); got != c.end {
			t.Errorf("cutEnd(%q, %d) = %q; want %q", c.in, c.cols, got, c.end)
		}
		if got := cutMiddle(c.in, c.cols); got != c.middle {
			t.Errorf("cutMiddle(%q, %d) = %q; want %q", c.in, c.cols, got, c.middle)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		s, cols := printable(strings.ReplaceAll(rapid.String().Draw(t, "s"), "\n", "")), rapid.IntRange(0, 40).Draw(t, "cols")
		for _, got := range []string{cutEnd(s, cols), cutMiddle(s, cols)} {
			if width(got) > cols || !utf8.ValidString(got) {
				t.Fatalf("%q cut to %d columns: %q, %d wide", s, cols, got, width(got))
			}
		}
	})
}

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"\x1b[31mred\x1b[0m", "a\rb", "\x1b]8;;http://x\x1b\\y", "\xff\xfe", "\x1b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := printable(s)
		if strings.ContainsAny(got, "\x1b\r\n\t\x00\x07") || !utf8.ValidString(got) {
			t.Errorf("printable(%q) = %q", s, got)
		}
	})
}
