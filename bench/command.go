package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// rssUnit is what getrusage counts the RSS in: kilobytes, but on macOS bytes.
var rssUnit = map[bool]int64{true: 1, false: 1024}[runtime.GOOS == "darwin"]

// A Command is one run of a peer.
type Command struct {
	Argv  []string
	Dir   string
	Env   []string      // in addition to the benchmark's own
	Tool  string        // name of the tool's program, to tell it from the peer's own processes
	Every time.Duration // between samples; 0: usual
	NoPSS bool          // of an engine so large that reading it takes a second
	Blind bool          // no samples at all: only its time counts
	Limit time.Duration // it is ended after that; 0: ten minutes

	// Started is told the peer's process number, if it is there.
	Started func(pid int)
	// Stdout and Stderr get what the peer prints, if they are there.
	Stdout, Stderr io.Writer
}

// An Outcome is what was measured of one run.
type Outcome struct {
	Wall, CPU time.Duration
	MaxRSS    int64 // of the peer's first process or the largest one it has waited for
	Exit      int
	TimedOut  bool
	Stderr    string // its last bytes
	Samples   []Sample
}

// Footprint sums up the samples.
func (o Outcome) Footprint() Footprint { return footprint(o.Samples) }

const (
	usualInterval = 100 * time.Millisecond
	usualLimit    = 10 * time.Minute
)

// run runs a command under the stopwatch and samples its tree. Its whole group
// is killed when the context or its time ends. A command that did not exit with
// 0 is an error, and its outcome is there nevertheless.
func (c Command) run(ctx context.Context) (Outcome, error) {
	limit := c.Limit
	if limit == 0 {
		limit = usualLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		return Outcome{}, err
	}
	readings, theirs, err := os.Pipe()
	if err != nil {
		return Outcome{}, err
	}
	defer readings.Close()
	cmd := exec.CommandContext(ctx, self, append([]string{stopwatchWord}, c.Argv...)...)
	cmd.Dir, cmd.Env = c.Dir, append(os.Environ(), c.Env...)
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	stderr := &tail{most: 4000}
	cmd.Stdout, cmd.Stderr = c.Stdout, stderr
	if c.Stderr != nil {
		cmd.Stderr = io.MultiWriter(stderr, c.Stderr)
	}
	began := time.Now()
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return Outcome{}, fmt.Errorf("start %s: %w", c.Argv[0], err)
	}
	last, samples := c.follow(readings, began)
	waited := cmd.Wait()
	out := Outcome{Wall: last.Wall, CPU: last.CPU, MaxRSS: last.MaxRSS, Exit: last.Exit, Stderr: stderr.String(), Samples: samples}
	if !last.Ended {
		out.Wall, out.Exit = time.Since(began), -1
		out.TimedOut = errors.Is(ctx.Err(), context.DeadlineExceeded)
	}
	switch {
	case out.TimedOut:
		return out, fmt.Errorf("%s: ended after %s", c.name(), limit)
	case ctx.Err() != nil:
		return out, ctx.Err()
	case out.Exit != 0:
		return out, fmt.Errorf("%s: exit status %d: %s", c.name(), out.Exit, lastLine(out.Stderr))
	case waited != nil:
		return out, fmt.Errorf("%s: %w: %s", c.name(), waited, lastLine(out.Stderr))
	}
	return out, nil
}

// name gives what an error calls the command.
func (c Command) name() string {
	return strings.Join(c.Argv[:min(len(c.Argv), 3)], " ")
}

// follow reads the stopwatch until it has ended, and samples meanwhile.
func (c Command) follow(readings io.Reader, began time.Time) (reading, []Sample) {
	var last reading
	var s *sampler
	stop, done := make(chan struct{}), make(chan struct{})
	lines := bufio.NewScanner(readings)
	for lines.Scan() {
		if json.Unmarshal(lines.Bytes(), &last) != nil || last.Ended || s != nil || c.Blind {
			continue
		}
		if c.Started != nil {
			c.Started(last.PID)
		}
		every := c.Every
		if every == 0 {
			every = usualInterval
		}
		s = newSampler(last.PID, c.Tool, began)
		go func() {
			defer close(done)
			s.watch(every, !c.NoPSS, stop)
		}()
	}
	if s == nil {
		return last, nil
	}
	close(stop)
	<-done
	return last, s.Samples
}

// A tail keeps the last bytes written to it.
type tail struct {
	most int
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.text = append(t.text, p...)
	if extra := len(t.text) - t.most; extra > t.most {
		t.text = bytes.Clone(t.text[extra:])
	}
	return len(p), nil
}

func (t *tail) String() string { return string(t.text[max(0, len(t.text)-t.most):]) }

// lastLine gives the last line of a text that says something.
func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(lines[len(lines)-1])
}
