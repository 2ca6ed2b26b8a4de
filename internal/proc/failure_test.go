package proc

import (
	"errors"
	"fmt"
	"syscall"
	"testing"
	"time"
)

func TestFailureText(t *testing.T) {
	for _, c := range []struct {
		f    Failure
		want string
	}{
		{Failure{Kind: NotFound, Command: "bet", Where: "/usr/bin:/bin"}, `command "bet" not found on the PATH /usr/bin:/bin`},
		{Failure{Kind: NotFound, Command: "bet"}, `command "bet" not found: the PATH is empty`},
		{Failure{Kind: NotFound, Command: "/opt/bet", Where: "/bin"}, `command "/opt/bet" not found: no such file`},
		{Failure{Kind: NotExecutable, Command: "bet", Err: errors.New("/opt/bet is a directory")}, `command "bet" can't be run: /opt/bet is a directory`},
		{Failure{Kind: StartFailed, Command: "bet", Err: syscall.EAGAIN}, `command "bet" could not be started: resource temporarily unavailable`},
		{Failure{Kind: ExitStatus, Status: 1}, "exit status 1"},
		{Failure{Kind: ExitStatus, Status: 137}, "exit status 137 (perhaps a command inside it was killed by SIGKILL)"},
		{Failure{Kind: ExitStatus, Status: 255}, "exit status 255"},
		{Failure{Kind: Signalled, Signal: syscall.SIGSEGV, Core: true}, "killed by SIGSEGV (core dumped)"},
		{Failure{Kind: Signalled, Signal: syscall.SIGTERM}, "killed by SIGTERM"},
		{Failure{Kind: Signalled, Signal: syscall.SIGKILL}, "killed by signal 9 (SIGKILL) from outside, perhaps for memory"},
		{Failure{Kind: Signalled, Signal: 63}, "killed by signal 63"},
		{Failure{Kind: KilledOOM}, "killed by the kernel because memory ran out"},
		{Failure{Kind: KilledOOM, Peak: 8 << 30}, "killed by the kernel because memory ran out, at 8 GiB"},
		{Failure{Kind: TimedOut, After: 30 * time.Second}, "ended after the time limit of 30s"},
		{Failure{Kind: MemoryExceeded, Peak: 8697308774, Limit: 8 << 30}, "ended above its memory limit: 8.1 GiB used of 8 GiB allowed"},
		{Failure{Kind: LogLimit, Limit: DefaultLogLimit, Where: "/w/stderr"}, "wrote more than 256 MiB to its log /w/stderr"},
		{Failure{Kind: BackgroundLeft, Left: []Left{{7, "sleep"}, {8, ""}}}, "left background processes running: sleep (7), 8"},
		{Failure{Kind: BackgroundLeft, Left: make([]Left, 7)}, "left background processes running: 0, 0, 0, 0, 0, and 2 more"},
		{Failure{Kind: NoSpace, Where: "/w", Err: &Failure{Kind: ExitStatus, Status: 1}}, "no space left for files in /w (exit status 1)"},
		{Failure{Kind: Cancelled}, "cancelled"},
	} {
		if got := c.f.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		if c.f.Mend() == "" {
			t.Errorf("%v has no mend", c.f.Kind)
		}
	}
}

func TestMendOfStarts(t *testing.T) {
	seen := map[string]bool{}
	for _, errno := range []syscall.Errno{syscall.E2BIG, syscall.EAGAIN, syscall.ENOSPC, syscall.ENOENT} {
		f := &Failure{Kind: StartFailed, Err: fmt.Errorf("start bet: %w", errno)}
		if seen[f.Mend()] || !errors.Is(f, errno) {
			t.Errorf("%v: %q again, or the cause is hidden", errno, f.Mend())
		}
		seen[f.Mend()] = true
	}
}

func TestKindNames(t *testing.T) {
	names := map[string]bool{}
	for k := NotFound; k <= Cancelled; k++ {
		if got, err := ParseKind(k.String()); err != nil || got != k || names[k.String()] {
			t.Errorf("%d is %q, read back as %v, %v", k, k, got, err)
		}
		names[k.String()] = true
	}
	if _, err := ParseKind(""); err == nil || Kind(0).String() != "kind-0" || Kind(99).String() != "kind-99" {
		t.Error("what is no kind has a name")
	}
}
