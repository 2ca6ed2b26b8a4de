package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The stopwatch and the guard are this program, which is here that of the test.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == stopwatchWord || os.Args[1] == guardWord) {
		if err := start(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestRun(t *testing.T) {
	t.Parallel()
	var printed bytes.Buffer
	pid := 0
	c := Command{Argv: []string{"sh", "-c", "echo $GREETING; pwd; echo loud >&2"}, Dir: t.TempDir(), Env: []string{"GREETING=hello"}, Stdout: &printed,
		Started: func(p int) { pid = p }}
	out, err := c.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := "hello\n" + c.Dir + "\n"; printed.String() != want || out.Stderr != "loud\n" {
		t.Errorf("printed %q and %q", printed.String(), out.Stderr)
	}
	if pid == 0 || out.Wall <= 0 || out.MaxRSS <= 0 || out.Exit != 0 {
		t.Errorf("process %d, wall %s, RSS %d, exit status %d", pid, out.Wall, out.MaxRSS, out.Exit)
	}
}

// The stopwatch must not pass on how large this program is.
func TestRSSIsTheCommandsOwn(t *testing.T) {
	t.Parallel()
	ballast := bytes.Repeat([]byte{1}, 64<<20)
	out, err := Command{Argv: []string{"true"}}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if out.MaxRSS > int64(len(ballast))/2 {
		t.Errorf("`true` had %s", showMB(out.MaxRSS))
	}
	runtime.KeepAlive(ballast)
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	out, err := Command{Argv: []string{"sh", "-c", "echo 'it broke' >&2; exit 3"}}.run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "it broke") || out.Exit != 3 {
		t.Errorf("exit status %d: %v", out.Exit, err)
	}
	if _, err := (Command{Argv: []string{filepath.Join(t.TempDir(), "none")}}).run(t.Context()); err == nil {
		t.Error("a program that is not there ran")
	}
	out, err = Command{Argv: []string{"sh", "-c", "kill -9 $$"}}.run(t.Context())
	if err == nil || out.Exit != -1 {
		t.Errorf("exit status %d: %v", out.Exit, err)
	}
}

// A command that does not end is ended with everything that it started.
func TestRunIsEnded(t *testing.T) {
	t.Parallel()
	out, err := Command{Argv: []string{"sh", "-c", "sleep 600 & wait"}, Limit: 100 * time.Millisecond}.run(t.Context())
	if err == nil || !out.TimedOut {
		t.Errorf("timed out: %t, %v", out.TimedOut, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	c := Command{Argv: []string{"sleep", "600"}, Started: func(int) { cancel() }}
	if out, err := c.run(ctx); err == nil || out.TimedOut {
		t.Errorf("timed out: %t, %v", out.TimedOut, err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	w := &tail{most: 10}
	for i := range 1000 {
		fmt.Fprintf(w, "%04d\n", i)
	}
	if diff := cmp.Diff("0998\n0999\n", w.String()); diff != "" {
		t.Error(diff)
	}
	if len(w.text) > 4*w.most {
		t.Errorf("%d bytes are kept", len(w.text))
	}
	if got := lastLine("one\n two \n\n"); got != "two" {
		t.Errorf("last line %q", got)
	}
}

func TestLineWatch(t *testing.T) {
	t.Parallel()
	w := &lineWatch{names: func(line string) bool { return strings.Contains(line, "failed") }}
	for _, piece := range []string{"it fai", "lad\n", "it fai", "led"} {
		fmt.Fprint(w, piece)
		if !w.first().IsZero() {
			t.Fatalf("named after %q", piece)
		}
	}
	fmt.Fprint(w, "\nand more\n")
	if w.first().IsZero() {
		t.Error("never named")
	}
}
