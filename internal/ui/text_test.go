package ui

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/event"
)

// runs are the runs whose texts stand in the golden files.
var runs = []struct {
	name    string
	options Options
	run     func(*script)
}{
	{"everything", Options{}, (*script).everything},
	{"coloured", Options{Colour: true}, (*script).everything},
	{"nothing-had-to-run", Options{Results: []string{"/data/results"}, Always: func(n string) bool { return n == "wf.sink" }}, func(s *script) {
		s.begin(24)
		s.cached(23)
		s.start("wf.sink", "wf/sink", "io.DataSink looks at the world outside, so it runs always")
		s.finish("wf.sink", "wf/sink", time.Second, 0)
		s.end()
	}},
	{"one-up-to-date", Options{}, func(s *script) { s.begin(1); s.cached(1); s.end() }},
	{"nothing-planned", Options{}, func(s *script) { s.begin(0); s.end() }},
	{"why", Options{}, func(s *script) {
		s.begin(11)
		s.cached(2)
		for i := range 9 {
			name := fmt.Sprintf("wf/n%d", i)
			s.start("wf.n", name, []string{"it never ran here", "b", "c", "d", "e", "f", "g"}[max(0, i-2)])
			s.finish("wf.n", name, time.Millisecond, 0)
		}
		s.end()
	}},
	{"interrupted", Options{}, func(s *script) {
		s.begin(5)
		s.start("wf.a", "wf/a0", "")
		s.start("wf.a", "wf/a1", "")
		s.wait(3 * time.Second)
		s.say(event.Event{Kind: event.Draining, Reason: "interrupted"})
		s.wait(time.Second)
		s.finish("wf.a", "wf/a0", 4*time.Second, 0)
		s.fail("wf.a", "wf/a1", event.Failure{Kind: "cancelled", Cause: "ended since the run ends"})
		s.end()
	}},
	{"broken-off", Options{}, func(s *script) { s.begin(5); s.cached(1); s.wait(time.Minute) }},
	{"never-begun", Options{}, func(s *script) {}},
	{"python", Options{Command: "python3 study.py"}, func(s *script) {
		trace := "Traceback (most recent call last):\n"
		for i := range 12 {
			trace += fmt.Sprintf("  File \"study.py\", line %d, in f%d\n    f%d()\n\n", i, i, i+1)
		}
		s.begin(1)
		s.fail("wf.a", "wf/a", event.Failure{Kind: "python", Cause: "ValueError: no good", Detail: trace + "ValueError: no good\n", CrashFile: "/data/crash-a.pklz"})
		s.end()
	}},
	{"many-failures", Options{}, func(s *script) {
		s.begin(14)
		for i := range 14 {
			s.fail("wf.a", fmt.Sprintf("wf/a%d", i), event.Failure{Kind: "exit-status", Cause: "exit status 1"}, "wf/b")
			s.counts.Blocked--
		}
		s.end()
	}},
}

func TestPlain(t *testing.T) {
	for _, c := range runs {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got, err := play(c.options, c.run)
				if err != nil {
					t.Error(err)
				}
				golden(t, strings.ReplaceAll(got, "\x1b", "^["))
			})
		})
	}
}

func TestJSONLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, err := play(Options{Form: JSONLines}, (*script).everything)
		if err != nil {
			t.Error(err)
		}
		golden(t, got)
	})
}

// TestFolding sees that a flood of short instances becomes a count.
func TestFolding(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, _ := play(Options{}, func(s *script) {
			s.begin(500)
			for i := range 500 {
				name := fmt.Sprintf("wf/a%d", i)
				s.start("wf.a", name, "")
				s.finish("wf.a", name, 0, 0)
				s.wait(2500 * time.Microsecond)
			}
			s.end()
		})
		if n := strings.Count(got, "done  wf/a"); n != 2*mostLines {
			t.Errorf("%d lines of instances; want %d", n, 2*mostLines)
		}
		for _, want := range []string{"done  350 more in the same second", "done  50 more in the same second"} {
			if !strings.Contains(got, want) {
				t.Errorf("no %q in:\n%s", want, got[len(got)-2000:])
			}
		}
	})
}

// TestFailureIsToldSoon sees that a failure is printed although no event
// follows it.
func TestFailureIsToldSoon(t *testing.T) {
	for _, form := range []Form{Plain, Terminal} {
		synctest.Test(t, func(t *testing.T) {
			var out lockedBuffer
			s := &script{Reader: New(Options{Out: &out, Form: form})}
			s.begin(3)
			s.fail("wf.a", "wf/a", exitThree, "wf/b")
			s.wait(1300 * time.Millisecond)
			synctest.Wait()
			for _, want := range []string{"FAILED", "Image Exception : #22", "1 instance that depends on it will not run"} {
				if !strings.Contains(out.String(), want) {
					t.Errorf("form %d: no %q in %q", form, want, out.String())
				}
			}
			s.Close()
		})
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken pipe")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteError(t *testing.T) {
	for _, form := range []Form{Plain, Terminal, JSONLines} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{Reader: New(Options{Out: brokenWriter{}, Form: form})}
			s.everything()
			if err := s.Close(); !errors.Is(err, errBroken) {
				t.Errorf("form %d: Close: %v", form, err)
			}
		})
	}
}

func TestWrapCommand(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"short", "bet a b", []string{"bet a b"}},
		{"at words", "bet aaaaaaaa bbbbbbbb cccc", []string{"bet aaaaaaaa \\", "    bbbbbbbb cccc"}},
		{"long words stay", "bet aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b", []string{"bet \\", "    aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \\", "    b"}},
		{"quotes", `bet 'a b c d e f g h' "x \" y" p\ q`, []string{"bet \\", "    'a b c d e f g h' \\", `    "x \" y" p\ q`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, wrapCommand(c.in, 20)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrintable(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain ünïcode 脳", "plain ünïcode 脳"},
		{"10%\r50%\r100%\r", "100%"},
		{"\x1b[1;31mred\x1b[0m", "red"},
		{"\x1b]0;title\x07text", "text"}, {"\x1b]8;;x\x1b\\text", "text"}, {"\x1b(Btext", "text"},
		{"a\tb", "a    b"}, {"a\x00b\x7f", "a\ufffdb\ufffd"}, {"bad\xff", "bad\ufffd"}, {"\x1b", ""}, {"\x1b[12", ""},
		{"\u202egnp.exe", "\ufffdgnp.exe"}, {"", ""},
	} {
		if got := printable(c.in); got != c.want {
			t.Errorf("printable(%q) = %q; want %q", c.in, got, c.want)
		}
	}
}

// TestChoose sees that what is no terminal gets lines without colours.
func TestChoose(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if form, colour := Choose(w, func(string) string { return "" }); form != Plain || colour {
		t.Errorf("Choose(pipe) = %d, %v", form, colour)
	}
	if cols, rows := SizeOf(w)(); cols != 80 || rows != 24 {
		t.Errorf("SizeOf(pipe) = %d, %d", cols, rows)
	}
}
