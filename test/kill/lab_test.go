//go:build linux

package killtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before it counts as hung.
const patience = 90 * time.Second

// program is the path of the raphe under test.
var program string

func TestMain(m *testing.M) {
	// What ignores a signal passes that on (nohup does), what catches it does not.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	dir, err := os.MkdirTemp("", "raphe-kill-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	program = filepath.Join(dir, "raphe")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/raphe").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build raphe: %v\n%s", err, out)
		os.RemoveAll(dir)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// A lab is a folder in which raphe runs. Everything that it starts carries
// the lab's mark in its environment.
type lab struct {
	t    *testing.T
	dir  string
	mark string
}

func newLab(t *testing.T, definition string) *lab {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	l := &lab{t: t, dir: dir, mark: fmt.Sprintf("RAPHE_KILLTEST=%d-%s", os.Getpid(), filepath.Base(filepath.Dir(dir)))}
	l.write("wf.star", definition, 0o644)
	t.Cleanup(func() {
		for _, p := range l.left() {
			if err := syscall.Kill(p.pid, syscall.SIGKILL); err == nil {
				t.Logf("killed at the end: %s", p)
			}
		}
	})
	return l
}

func (l *lab) path(name string) string { return filepath.Join(l.dir, name) }

func (l *lab) write(name, text string, mode os.FileMode) {
	l.t.Helper()
	if err := os.WriteFile(l.path(name), []byte(text), mode); err != nil {
		l.t.Fatal(err)
	}
}

// A running raphe.
type running struct {
	*exec.Cmd
	lab      *lab
	out, err bytes.Buffer
	ended    chan struct{}
}

// start starts a command with the lab's mark.
func (l *lab) start(argv ...string) *running {
	l.t.Helper()
	r := &running{Cmd: exec.Command(argv[0], argv[1:]...), lab: l, ended: make(chan struct{})}
	r.Dir = l.dir
	r.Env = append(os.Environ(), l.mark, "LAB="+l.dir, "NO_COLOR=1", "RAPHE_NO_LEARN=1")
	r.Stdout, r.Stderr = &r.out, &r.err
	r.WaitDelay = time.Second
	if err := r.Start(); err != nil {
		l.t.Fatal(err)
	}
	go func() {
		_ = r.Wait() // the state says how it ended
		close(r.ended)
	}()
	return r
}

func (l *lab) raphe(args ...string) *running { return l.start(append([]string{program}, args...)...) }

// end waits for a raphe to end and gives its exit status, -1 for a signal.
func (r *running) end() int {
	r.lab.t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		_ = r.Process.Signal(syscall.SIGQUIT) // its stacks tell why
		select {
		case <-r.ended:
		case <-time.After(5 * time.Second):
			_ = r.Process.Kill()
			<-r.ended
		}
		r.lab.t.Fatalf("hung: %v\n%s", r.Args, r.err.String())
	}
	return r.ProcessState.ExitCode()
}

// run runs raphe to its end and demands an exit status.
func (l *lab) run(want int, args ...string) *running {
	l.t.Helper()
	r := l.raphe(args...)
	if got := r.end(); got != want {
		l.t.Fatalf("raphe %s: exit status %d, want %d\n%s", strings.Join(args, " "), got, want, r.err.String())
	}
	return r
}

// until polls for what must come.
func (l *lab) until(what string, ok func() bool) {
	l.t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Fatalf("waited too long until %s", what)
		}
	}
}

// A process that carries the lab's mark.
type process struct {
	pid, parent int
	command     string
}

func (p process) String() string { return fmt.Sprintf("%d %s", p.pid, p.command) }

// isRaphe tells raphe itself from its tools.
func (p process) isRaphe() bool { return strings.HasPrefix(p.command, program) }

// left gives the processes that carry the lab's mark. One that is dead and
// waits for its parent has no environment any more, so it is not among them.
func (l *lab) left() []process {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		l.t.Fatal(err)
	}
	var out []process
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil || !bytes.Contains(append([]byte{0}, env...), []byte("\x00"+l.mark+"\x00")) {
			continue
		}
		command, _ := os.ReadFile(filepath.Join("/proc", e.Name(), "cmdline")) // it may have ended just now
		out = append(out, process{pid, parentOf(pid), strings.TrimSpace(strings.ReplaceAll(string(command), "\x00", " "))})
	}
	return out
}

func parentOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	parent, _ := strconv.Atoi(fields[1])
	return parent
}

// nothingLeft demands that nothing of the lab runs any more, or will not in a
// moment.
func (l *lab) nothingLeft() {
	l.t.Helper()
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		left := l.left()
		if len(left) == 0 {
			return
		}
		if time.Now().After(deadline) {
			l.t.Errorf("left running: %v", left)
			return
		}
	}
}

// peakRSS gives the most memory that a process has held, in bytes.
func peakRSS(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, _ := strconv.ParseInt(strings.Fields(rest + " 0")[0], 10, 64)
	return kib << 10
}

// A record as `raphe show --json` prints it.
type record struct {
	Instance string
	Failure  *struct{ Kind, Cause, Detail, Mend, Stderr string }
}

// records gives what the base directory remembers, by instance.
func (l *lab) records(base string) map[string]record {
	l.t.Helper()
	cmd := exec.Command(program, "show", base, "--json")
	cmd.Dir = l.dir
	out, err := cmd.Output()
	all := map[string]record{}
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 2 {
		return all // nothing recorded yet
	}
	if err != nil {
		l.t.Fatalf("show: %v", err)
	}
	for line := range bytes.Lines(out) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			l.t.Fatalf("%v in %s", err, line)
		}
		all[r.Instance] = r
	}
	return all
}
