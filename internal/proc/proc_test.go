package proc

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/proc/proctest"
)

func TestMain(m *testing.M) { proctest.Main(m, platformTools) }

// tool is the Spec of a test tool, in a directory of its own.
func tool(t *testing.T, args ...string) *Spec {
	t.Helper()
	dir := t.TempDir()
	argv, env := proctest.Command(args...)
	return &Spec{
		Argv: argv, Env: env, Dir: dir, Grace: 10 * time.Second,
		Stdout: filepath.Join(dir, "stdout"), Stderr: filepath.Join(dir, "stderr"),
	}
}

func start(t *testing.T, spec *Spec) *Process {
	t.Helper()
	p, err := Start(spec)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func run(t *testing.T, spec *Spec) Result {
	t.Helper()
	return start(t, spec).Wait()
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for until := time.Now().Add(30 * time.Second); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// readyPIDs waits until n tools have written "ready" to the file, and returns their ids.
func readyPIDs(t *testing.T, path string, n int) []int {
	t.Helper()
	var pids []int
	eventually(t, "tools ready", func() bool {
		pids = pids[:0]
		text, _ := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			if word, ok := strings.CutPrefix(line, "ready "); ok && strings.HasSuffix(word, "\n") {
				pid, _ := strconv.Atoi(strings.TrimSpace(word))
				pids = append(pids, pid)
			}
		}
		return len(pids) >= n
	})
	return pids
}

func TestRun(t *testing.T) {
	odd := []string{"args", "a b", `"quoted"`, "it's", "x;y", "$HOME", "new\nline", "", "*", "ünïcode", "-n", `back\slash`}
	spec := tool(t, odd...)
	r := run(t, spec)
	if r.Failure != nil || r.ExitCode != 0 {
		t.Fatalf("failed: %v", r.Failure)
	}
	if want, got := fmt.Sprintf("%q\n", odd[1:]), read(t, spec.Stdout); got != want {
		t.Errorf("arguments arrived as %s want %s", got, want)
	}
	u := r.Usage
	if u.Wall <= 0 || u.User+u.System <= 0 || u.MaxRSS < 1<<20 || u.PeakRSS != 0 && u.PeakRSS < 1<<20 || u.Processes != 1 {
		t.Errorf("usage %+v", u)
	}
	if r.StdoutBytes != int64(len(read(t, spec.Stdout))) || r.StderrBytes != 0 {
		t.Errorf("logs have %d and %d bytes", r.StdoutBytes, r.StderrBytes)
	}
}

func TestFilesAndSurroundings(t *testing.T) {
	spec := tool(t, "cat")
	spec.Stdin = filepath.Join(spec.Dir, "input file")
	if err := os.WriteFile(spec.Stdin, []byte("one\ntwo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run(t, spec); r.Failure != nil || read(t, spec.Stdout) != "one\ntwo\n" {
		t.Errorf("stdin: %v, %q", r.Failure, read(t, spec.Stdout))
	}

	spec = tool(t, "cat") // no stdin: /dev/null ends at once
	if r := run(t, spec); r.Failure != nil || read(t, spec.Stdout) != "" {
		t.Errorf("no stdin: %v", r.Failure)
	}

	spec = tool(t, "cwd")
	dir, err := filepath.EvalSymlinks(spec.Dir)
	if r := run(t, spec); err != nil || r.Failure != nil || read(t, spec.Stdout) != dir+"\n" {
		t.Errorf("directory: %v, %q want %q", r.Failure, read(t, spec.Stdout), dir)
	}

	spec = tool(t, "env", "RAPHE_X")
	spec.Env = append(spec.Env, "RAPHE_X=a b")
	if r := run(t, spec); r.Failure != nil || read(t, spec.Stdout) != "a b\n" {
		t.Errorf("environment: %v", r.Failure)
	}

	spec = tool(t, "complain", "oh", "0")
	spec.Stderr = spec.Stdout
	if r := run(t, spec); r.Failure != nil || read(t, spec.Stdout) != "oh\n" || r.StdoutBytes != 3 {
		t.Errorf("one file for both: %v, %q", r.Failure, read(t, spec.Stdout))
	}
}

func TestEnds(t *testing.T) {
	for _, c := range []struct {
		args []string
		want Failure
		text string
	}{
		{[]string{"exit", "3"}, Failure{Kind: ExitStatus, Status: 3}, "exit status 3"},
		{[]string{"exit", "139"}, Failure{Kind: ExitStatus, Status: 139}, "exit status 139 (perhaps a command inside it was killed by SIGSEGV)"},
		{[]string{"raise", "15"}, Failure{Kind: Signalled, Signal: syscall.SIGTERM}, "killed by SIGTERM"},
		{[]string{"raise", "9"}, Failure{Kind: Signalled, Signal: syscall.SIGKILL}, "killed from outside (SIGKILL)"},
	} {
		r := run(t, tool(t, c.args...))
		if r.Failure != nil && r.Failure.Signal == syscall.SIGKILL {
			if r.Failure.Peak != r.Usage.PeakRSS {
				t.Errorf("%v: peak %d, used %d", c.args, r.Failure.Peak, r.Usage.PeakRSS)
			}
			r.Failure.Peak = 0 // known only if a busy machine made it last
		}
		if r.Failure == nil || r.Failure.Error() != c.text {
			t.Errorf("%v: %v; want %q", c.args, r.Failure, c.text)
			continue
		}
		if diff := cmp.Diff(c.want, *r.Failure); diff != "" {
			t.Errorf("%v: %s", c.args, diff)
		}
		if r.Failure.Mend() == "" {
			t.Errorf("%v: no mend", c.args)
		}
	}
}

func TestTerminate(t *testing.T) {
	spec := tool(t, "sleep")
	p := start(t, spec)
	readyPIDs(t, spec.Stdout, 1)
	p.Terminate()
	if r := p.Wait(); r.Failure == nil || r.Failure.Kind != Cancelled || r.Signal != syscall.SIGTERM || r.ExitCode != -1 {
		t.Errorf("terminated: %v, signal %v", r.Failure, r.Signal)
	}

	spec = tool(t, "stubborn")
	spec.Grace = 20 * time.Millisecond
	p = start(t, spec)
	readyPIDs(t, spec.Stdout, 1)
	p.Terminate()
	if r := p.Wait(); r.Failure == nil || r.Failure.Kind != Cancelled || r.Signal != syscall.SIGKILL {
		t.Errorf("terminated after the grace: %v, signal %v", r.Failure, r.Signal)
	}

	spec = tool(t, "stubborn") // ten seconds of grace
	p = start(t, spec)
	readyPIDs(t, spec.Stdout, 1)
	p.Terminate()
	p.Kill()
	if r := p.Wait(); r.Failure == nil || r.Failure.Kind != Cancelled || r.Signal != syscall.SIGKILL || r.Usage.Wall > 9*time.Second {
		t.Errorf("killed while terminating: %v, signal %v", r.Failure, r.Signal)
	}
	p.Terminate() // after the end: nothing happens
	p.Kill()
}

func TestTerminateReachesTheWholeGroup(t *testing.T) {
	spec := tool(t, "family", "family", "sleep")
	p := start(t, spec)
	pids := readyPIDs(t, spec.Stdout, 1)
	p.Terminate()
	if r := p.Wait(); r.Failure == nil || r.Failure.Kind != Cancelled {
		t.Errorf("failure %v", r.Failure)
	}
	eventually(t, "grandchild gone", func() bool { return syscall.Kill(pids[0], 0) == syscall.ESRCH })
}

func TestTimeout(t *testing.T) {
	spec := tool(t, "sleep")
	spec.Timeout = 30 * time.Millisecond
	r := run(t, spec)
	if r.Failure == nil || r.Failure.Kind != TimedOut || r.Failure.Error() != "ended after the time limit of 30ms" {
		t.Errorf("failure %v", r.Failure)
	}
}

func TestLogLimit(t *testing.T) {
	spec := tool(t, "write", "stderr", "1000000")
	spec.LogLimit = 1000
	r := run(t, spec)
	if r.Failure == nil || r.Failure.Kind != LogLimit || !strings.HasSuffix(r.Failure.Error(), spec.Stderr) {
		t.Errorf("stderr: %v", r.Failure)
	}

	spec = tool(t, "write", "stdout", "1000000")
	spec.LogLimit = 1000
	if r = run(t, spec); r.Failure == nil || r.Failure.Kind != LogLimit {
		t.Errorf("stdout: %v", r.Failure)
	}

	spec.StdoutIsData = true
	if r = run(t, spec); r.Failure != nil || len(read(t, spec.Stdout)) != 1000000 {
		t.Errorf("data: %v", r.Failure)
	}

	spec = tool(t, "write", "stderr", strconv.Itoa(1<<40)) // it would never end
	spec.LogLimit = 1 << 20
	if r = run(t, spec); r.Failure == nil || r.Failure.Kind != LogLimit || r.Signal != syscall.SIGKILL {
		t.Errorf("endless: %v", r.Failure)
	}
}

func TestOutputIsWrittenAfresh(t *testing.T) {
	spec := tool(t, "args")
	if err := os.WriteFile(spec.Stdout, []byte("what an earlier attempt left\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := run(t, spec); r.Failure != nil || read(t, spec.Stdout) != "[]\n" {
		t.Errorf("%v, %q", r.Failure, read(t, spec.Stdout))
	}
}

func TestLeftBehind(t *testing.T) {
	spec := tool(t, "leave", "sleep")
	p := start(t, spec)
	r := p.Wait()
	if r.Failure == nil || r.Failure.Kind != BackgroundLeft || len(r.Failure.Left) != 1 || r.ExitCode != 0 {
		t.Fatalf("failure %v", r.Failure)
	}
	if left := r.Failure.Left[0]; syscall.Kill(left.PID, 0) != syscall.ESRCH {
		t.Errorf("%v is still there", left)
	}

	spec = tool(t, "brief") // ends by itself a moment later
	if r := run(t, spec); r.Failure != nil {
		t.Errorf("brief leftover: %v", r.Failure)
	}

	spec = tool(t, "leave", "stubborn")
	spec.Grace = 20 * time.Millisecond
	if r := run(t, spec); r.Failure == nil || r.Failure.Kind != BackgroundLeft {
		t.Errorf("stubborn leftover: %v", r.Failure)
	}
}

func TestNoLeftoversBlamedOnTheTerminated(t *testing.T) {
	spec := tool(t, "family", "stubborn")
	spec.Grace = 20 * time.Millisecond
	p := start(t, spec)
	readyPIDs(t, spec.Stdout, 1)
	p.Terminate()
	r := p.Wait()
	if r.Failure == nil || r.Failure.Kind != Cancelled || len(r.Failure.Left) != 0 {
		t.Errorf("failure %v, left %v", r.Failure, r.Failure.Left)
	}
}

func TestDiskFullIsRecognised(t *testing.T) {
	spec := tool(t, "complain", "fslmaths: write failed: No space left on device", "1")
	r := run(t, spec)
	var inner *Failure
	if r.Failure == nil || r.Failure.Kind != NoSpace || !errors.As(r.Failure.Err, &inner) || inner.Kind != ExitStatus {
		t.Errorf("failure %v", r.Failure)
	}
	if DiskFull(spec.Dir) {
		t.Error("a disk with space is full")
	}
}

func TestNoMemoryIsRecognised(t *testing.T) {
	for _, words := range []string{"terminate called after throwing an instance of 'std::bad_alloc'", "MemoryError: Unable to allocate 3.1 GiB"} {
		for _, merged := range []bool{false, true} {
			spec := tool(t, "complain", words, "1")
			if merged {
				spec.Stderr = spec.Stdout
			}
			r := run(t, spec)
			var inner *Failure
			if f := r.Failure; f == nil || f.Kind != OutOfMemory || !f.ForMemory() || f.Peak != r.Usage.PeakRSS || !errors.As(f.Err, &inner) || inner.Kind != ExitStatus {
				t.Errorf("%s: %v", words, r.Failure)
			}
		}
	}
	if r := run(t, tool(t, "complain", "warning: out of memory, trying less", "0")); r.Failure != nil {
		t.Errorf("a tool that succeeded: %v", r.Failure)
	}
	if SaysNoMemory([]string{"memory: 3 GiB", "done"}) || !SaysNoMemory([]string{"fslmaths: Cannot allocate memory", "end"}) {
		t.Error("words")
	}
}

func TestManyAtOnce(t *testing.T) {
	const n = 20
	results := make(chan *Failure, n)
	for i := range n {
		spec := tool(t, "exit", strconv.Itoa(i))
		go func() {
			p, err := Start(spec)
			if err != nil {
				results <- &Failure{Kind: StartFailed, Err: err}
				return
			}
			r := p.Wait()
			if r.ExitCode != i {
				results <- &Failure{Kind: StartFailed, Err: fmt.Errorf("exit status %d for %d", r.ExitCode, i)}
				return
			}
			results <- nil
		}()
	}
	for range n {
		if f := <-results; f != nil {
			t.Error(f)
		}
	}
}
