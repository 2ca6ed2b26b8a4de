package proc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/raphe-org/raphe/internal/unit"
)

// Kind says in what way a command failed.
type Kind int

// The kinds of failure. Their names (see String) are stable: they stand in
// records and in JSON.
const (
	NotFound       Kind = iota + 1 // no such command on the PATH, or no such file
	NotExecutable                  // the file is there and can't be run
	StartFailed                    // the kernel or the files of the Spec did not allow a start
	ExitStatus                     // it ended by itself, with a status other than 0
	Signalled                      // a signal that Raphe did not send ended it
	KilledOOM                      // the kernel ended it because memory ran out
	TimedOut                       // Raphe ended it after its time limit
	MemoryExceeded                 // Raphe ended it above its memory limit
	LogLimit                       // it wrote more to its logs than it may
	BackgroundLeft                 // it succeeded and left processes running
	NoSpace                        // it failed, and there is no space for its files
	Cancelled                      // Raphe ended it because it was no longer wanted
	OutOfMemory                    // it failed and said that it got no memory
	NoReply                        // it was to answer, and ended without or with nonsense
)

var kindNames = [...]string{
	NotFound: "not-found", NotExecutable: "not-executable", StartFailed: "start-failed",
	ExitStatus: "exit-status", Signalled: "signalled", KilledOOM: "killed-oom", TimedOut: "timed-out",
	MemoryExceeded: "memory-exceeded", LogLimit: "log-limit", BackgroundLeft: "background-left",
	NoSpace: "disk-full", Cancelled: "cancelled", OutOfMemory: "out-of-memory", NoReply: "no-reply",
}

// String returns the stable short name of the kind, such as "timed-out".
func (k Kind) String() string {
	if k <= 0 || int(k) >= len(kindNames) {
		return "kind-" + strconv.Itoa(int(k))
	}
	return kindNames[k]
}

// ParseKind returns the kind of that name, as String gives it.
func ParseKind(name string) (Kind, error) {
	for k, n := range kindNames {
		if n == name && n != "" {
			return Kind(k), nil
		}
	}
	return 0, fmt.Errorf("failure kind %q: unknown", name)
}

// Failure is why a command did not succeed. Which fields are set depends on
// the Kind.
type Failure struct {
	Kind Kind

	Command string         // NotFound, NotExecutable, StartFailed: the command as asked for
	Where   string         // NotFound: the PATH; NoSpace: the directory; LogLimit: the file
	Status  int            // ExitStatus
	Signal  syscall.Signal // Signalled
	Core    bool           // Signalled: it left a core dump
	After   time.Duration  // TimedOut: the limit
	Peak    int64          // the kinds of ForMemory, and any SIGKILL: the most memory seen, 0 if not known
	Limit   int64          // the kinds of ForMemory, LogLimit: what was allowed, 0 if nothing was said
	Claim   int64          // the kinds of ForMemory: what was set aside for it, 0 if nothing was
	Left    []Left         // processes that it left and that were ended, whatever the Kind
	Err     error          // NotExecutable, StartFailed, NoReply: the reason; NoSpace, OutOfMemory, KilledOOM: the failure it explains

	// Together: MemoryExceeded, and Limit is what all commands may hold
	// together. This one was chosen because it held most beyond its Claim.
	Together bool
	// Probably: KilledOOM, which nobody said, but it was killed from outside at
	// a moment when hardly any memory was left.
	Probably bool
}

// Left is a process that a command left behind.
type Left struct {
	PID  int
	Name string // the kernel's short name of it, "" if not known
}

func (l Left) String() string {
	if l.Name == "" {
		return strconv.Itoa(l.PID)
	}
	return l.Name + " (" + strconv.Itoa(l.PID) + ")"
}

// Unwrap returns the reason beneath, if there is one.
func (f *Failure) Unwrap() error { return f.Err }

// Error says in one clause what happened.
func (f *Failure) Error() string {
	switch f.Kind {
	case NotFound:
		return f.notFound()
	case NotExecutable:
		return fmt.Sprintf("command %q can't be run: %v", f.Command, f.Err)
	case StartFailed:
		return fmt.Sprintf("command %q could not be started: %v", f.Command, f.Err)
	case ExitStatus:
		return f.exitStatus()
	case Signalled:
		return f.signalled()
	case KilledOOM, MemoryExceeded, OutOfMemory:
		return f.memory()
	case TimedOut:
		return "ended after the time limit of " + unit.FormatDuration(f.After)
	case LogLimit:
		return fmt.Sprintf("wrote more than %s to its log %s", unit.FormatBytes(f.Limit), f.Where)
	case BackgroundLeft:
		return "left background processes running: " + f.leftNames()
	case NoSpace:
		return fmt.Sprintf("no space left for files in %s (%v)", f.Where, f.Err)
	case Cancelled:
		return "cancelled"
	case NoReply:
		return f.Err.Error()
	}
	return f.Kind.String()
}

func (f *Failure) notFound() string {
	switch {
	case strings.Contains(f.Command, "/"):
		return fmt.Sprintf("command %q not found: no such file", f.Command)
	case f.Where == "":
		return fmt.Sprintf("command %q not found: the PATH is empty", f.Command)
	}
	return fmt.Sprintf("command %q not found on the PATH %s", f.Command, f.Where)
}

// exitStatus explains the statuses above 128, with which a shell passes on the
// signal that ended a command inside it.
func (f *Failure) exitStatus() string {
	text := "exit status " + strconv.Itoa(f.Status)
	if f.passedOnKill() {
		return "probably a command inside it was killed from outside (SIGKILL, " + text + ")" + f.held(" while it held ")
	}
	if name := unix.SignalName(syscall.Signal(f.Status - 128)); f.Status > 128 && name != "" {
		text += " (perhaps a command inside it was killed by " + name + ")"
	}
	return text
}

// passedOnKill says whether the status is that of a shell whose command somebody
// ended with SIGKILL: most tools of some packages are scripts.
func (f *Failure) passedOnKill() bool {
	return f.Kind == ExitStatus && f.Status == 128+int(syscall.SIGKILL)
}

func (f *Failure) signalled() string {
	name := unix.SignalName(f.Signal)
	if name == "" {
		name = "signal " + strconv.Itoa(int(f.Signal))
	}
	switch {
	case f.Signal == syscall.SIGKILL:
		return "killed from outside (SIGKILL)" + f.held(" while it held ")
	case f.Core:
		return "killed by " + name + " (core dumped)"
	}
	return "killed by " + name
}

func (f *Failure) leftNames() string {
	names := make([]string, 0, len(f.Left))
	for i, l := range f.Left {
		if i == 5 {
			names = append(names, fmt.Sprintf("and %d more", len(f.Left)-i))
			break
		}
		names = append(names, l.String())
	}
	return strings.Join(names, ", ")
}

// Mend says what one can do about it.
func (f *Failure) Mend() string {
	switch f.Kind {
	case NotFound:
		return "install the package that has it, or put its directory on the PATH"
	case NotExecutable:
		return "make the file executable and right for this machine, or name another command"
	case StartFailed:
		return f.mendStart()
	case ExitStatus, Signalled:
		if f.Signal == syscall.SIGKILL || f.passedOnKill() {
			return "see who or what ended it (a batch system, an out-of-memory daemon); then run again"
		}
		return "read the end of its stderr; the fault is in the tool or in its inputs"
	case KilledOOM, MemoryExceeded, OutOfMemory:
		return f.mendMemory()
	case TimedOut:
		return "give it more time (timeout), or find out why it hangs"
	case LogLimit:
		return "make the tool less verbose, or declare its standard output as a file that it makes"
	case BackgroundLeft:
		return "let the tool wait for what it starts; what it left has been ended"
	case NoSpace:
		return "free some space, or put the working directory on another disk (--base-dir)"
	case Cancelled:
		return "run again; what was complete is not done again"
	case NoReply:
		return "read the end of its stderr; run again"
	}
	return ""
}

func (f *Failure) mendStart() string {
	var known interface{ Mend() string }
	if errors.As(f.Err, &known) {
		return known.Mend()
	}
	errno, _ := asErrno(f.Err)
	switch errno {
	case syscall.E2BIG:
		return "the arguments and the environment are too long for the kernel: pass fewer files, or a file that lists them"
	case syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE:
		return "the machine has no room for another process now: let fewer run at once (--procs), or see ulimit -a"
	case syscall.ENOSPC, syscall.EDQUOT:
		return "free some space, or put the working directory on another disk (--base-dir)"
	}
	return "see that the directory and the files named there exist and may be read and written"
}
