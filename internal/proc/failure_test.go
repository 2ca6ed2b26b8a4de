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
		{Failure{Kind: ExitStatus, Status: 137}, "probably a command inside it was killed from outside (SIGKILL, exit status 137)"},
		{Failure{Kind: ExitStatus, Status: 137, Peak: 3 << 30}, "probably a command inside it was killed from outside (SIGKILL, exit status 137) while it held 3 GiB"},
		{Failure{Kind: ExitStatus, Status: 255}, "exit status 255"},
		{Failure{Kind: Signalled, Signal: syscall.SIGSEGV, Core: true}, "killed by SIGSEGV (core dumped)"},
		{Failure{Kind: Signalled, Signal: syscall.SIGTERM}, "killed by SIGTERM"},
		{Failure{Kind: Signalled, Signal: syscall.SIGKILL}, "killed from outside (SIGKILL)"},
		{Failure{Kind: Signalled, Signal: syscall.SIGKILL, Peak: 3328599654}, "killed from outside (SIGKILL) while it held 3.1 GiB"},
		{Failure{Kind: Signalled, Signal: 63}, "killed by signal 63"},
		{Failure{Kind: KilledOOM}, "the kernel ended it because memory ran out"},
		{Failure{Kind: KilledOOM, Peak: 8 << 30}, "the kernel ended it because memory ran out; it held 8 GiB"},
		{Failure{Kind: KilledOOM, Peak: 8 << 30, Probably: true}, "killed from outside (SIGKILL) while it held 8 GiB, probably because memory ran out"},
		{Failure{Kind: OutOfMemory}, "got no more memory from the system"},
		{Failure{Kind: OutOfMemory, Peak: 1 << 30, Err: &Failure{Kind: ExitStatus, Status: 1}}, "got no more memory from the system (exit status 1); it held 1 GiB"},
		{Failure{Kind: TimedOut, After: 30 * time.Second}, "ended after the time limit of 30s"},
		{Failure{Kind: MemoryExceeded, Peak: 8697308774, Limit: 8 << 30}, "needed more than 8.1 GiB; its limit was 8 GiB"},
		{Failure{Kind: MemoryExceeded, Limit: 512 << 20}, "needed more than 512 MiB; its limit was 512 MiB"},
		{Failure{Kind: MemoryExceeded, Peak: 7 << 30, Limit: 16 << 30, Claim: 4 << 30, Together: true}, "ended because all commands together held more than 16 GiB; it held 7 GiB, and 4 GiB was set aside for it"},
		{Failure{Kind: MemoryExceeded, Peak: 7 << 30, Limit: 16 << 30, Together: true}, "ended because all commands together held more than 16 GiB; it held 7 GiB"},
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
	for k := NotFound; k <= OutOfMemory; k++ {
		if got, err := ParseKind(k.String()); err != nil || got != k || names[k.String()] {
			t.Errorf("%d is %q, read back as %v, %v", k, k, got, err)
		}
		names[k.String()] = true
	}
	if _, err := ParseKind(""); err == nil || Kind(0).String() != "kind-0" || Kind(99).String() != "kind-99" {
		t.Error("what is no kind has a name")
	}
}

func TestMendOfMemory(t *testing.T) {
	for _, c := range []struct {
		f    Failure
		want string
	}{
		{Failure{Kind: MemoryExceeded, Peak: 530 << 20, Limit: 512 << 20}, "mem_gb=1"},
		{Failure{Kind: MemoryExceeded, Peak: 3 << 30, Limit: 1 << 30}, "mem_gb=4.5"},
		{Failure{Kind: MemoryExceeded, Peak: 4 << 30, Limit: 16 << 30, Together: true}, "mem_gb=5, or let less run beside it (--memory, --procs)"},
		{Failure{Kind: KilledOOM, Peak: 3 << 30}, "mem_gb=4.5, or let less run beside it (--memory, --procs)"},
		{Failure{Kind: OutOfMemory, Peak: 1}, "mem_gb=0.5, or let less run beside it (--memory, --procs)"},
		{Failure{Kind: KilledOOM}, "give it more memory (mem_gb), or let less run beside it (--memory, --procs)"},
	} {
		if got := c.f.Mend(); got != c.want {
			t.Errorf("%+v: %s; want %s", c.f, got, c.want)
		}
		if !c.f.ForMemory() {
			t.Errorf("%v is not for memory", c.f.Kind)
		}
	}
	var none *Failure
	if none.ForMemory() || (&Failure{Kind: Signalled, Signal: syscall.SIGKILL}).ForMemory() {
		t.Error("what is not for memory is")
	}
}
