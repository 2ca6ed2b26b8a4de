package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// stopwatchWord as the first argument makes this program a stopwatch: it runs
// one command and says what the kernel says of it.
//
// It stands between the benchmark and the command because a process inherits
// its highest RSS from the one that forked it (setmax_mm_hiwater_rss in the
// kernel's exec), and the benchmark itself is larger than what it measures.
const stopwatchWord = "measure-one-command"

// A reading is what the stopwatch writes to its file descriptor 3: first with
// the process's number alone, at its end with the rest.
type reading struct {
	PID    int           `json:"pid"`
	Ended  bool          `json:"ended"`
	Wall   time.Duration `json:"wall_ns"`
	CPU    time.Duration `json:"cpu_ns"`  // with that of all waited-for descendants
	MaxRSS int64         `json:"max_rss"` // of the process or its largest waited-for descendant
	Exit   int           `json:"exit"`    // -1: by a signal
}

// stopwatch runs argv with this process's streams.
func stopwatch(argv []string) error {
	syscall.CloseOnExec(3)
	out := json.NewEncoder(os.NewFile(3, "readings"))
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := out.Encode(reading{PID: cmd.Process.Pid}); err != nil {
		return err
	}
	err := cmd.Wait()
	wall := time.Since(began)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	use, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		return fmt.Errorf("measure %s: this system gives no resource usage", argv[0])
	}
	return out.Encode(reading{
		PID: cmd.Process.Pid, Ended: true, Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		MaxRSS: use.Maxrss * rssUnit, Exit: cmd.ProcessState.ExitCode(),
	})
}
