package task_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/raphe-org/raphe/internal/store"
)

// The test's own program is also the run that dies.
func init() {
	if base := os.Getenv("LEAVE"); base != "" {
		if err := leaveBehind(base); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
}

// leaveBehind is a run of a base directory that dies and leaves three processes:
// one of a group that it noted, one that left its group but writes to a log of
// a slot, and one whose group was noted for a process that has gone since.
func leaveBehind(base string) error {
	s, err := store.Open(context.Background(), base, store.Options{})
	if err != nil {
		return err
	}
	slots := filepath.Join(base, store.Folder, "slots")
	if err := os.MkdirAll(slots, 0o777); err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(slots, "0.out"))
	if err != nil {
		return err
	}
	for k := range 3 {
		cmd := exec.Command("sleep", "600")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if k == 1 {
			cmd.Stdout = log
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		fmt.Println(cmd.Process.Pid)
		ticks, err := startTicks(cmd.Process.Pid)
		if k == 2 {
			ticks -= 1000 // the number was another's then
		}
		if err == nil && k != 1 {
			err = s.NoteProcess(cmd.Process.Pid, ticks)
		}
		if err != nil {
			return err
		}
	}
	return nil // without Close: it is killed, as it were
}

// startTicks gives when a process started, field 22 of /proc/PID/stat (proc(5)).
func startTicks(pid int) (uint64, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	_, after, _ := strings.Cut(string(b), ") ")
	return strconv.ParseUint(strings.Fields(after)[19], 10, 64)
}

// isAlive reports whether a process runs.
func isAlive(pid int) bool {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(b), ") Z ")
}

func TestEndStale(t *testing.T) {
	l := newLab(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "LEAVE="+l.base)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, f := range strings.Fields(string(out)) {
		pid, err := strconv.Atoi(f)
		if err != nil {
			t.Fatalf("%s", out)
		}
		pids = append(pids, pid)
		defer syscall.Kill(pid, syscall.SIGKILL)
	}
	r := l.runner(l.star(`wf.add_nodes([Node(Merge(1), name = "n")])`))
	st, err := store.Open(context.Background(), l.base, store.Options{Visit: r.Visit})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	r.Begin(st)
	lines := r.EndStale()
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "ended ") || !strings.HasSuffix(lines[1], ", which an earlier run left running") {
		t.Errorf("it says %q", lines)
	}
	for k, want := range []bool{false, false, true} {
		if len(pids) == 3 && isAlive(pids[k]) != want {
			t.Errorf("process %d of 3 is alive: %v", k+1, !want)
		}
	}
	if again := r.EndStale(); len(again) != 0 {
		t.Errorf("a second look says %q", again)
	}
}
