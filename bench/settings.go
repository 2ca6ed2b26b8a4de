package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// guardWord as the only argument makes this program a guard of settings.
const guardWord = "guard-settings"

// overcommitDir is where the kernel's settings of overcommit are.
const overcommitDir = "/proc/sys/vm"

// strict is the kernel's commit limit while it is set by this program. A second
// process, the guard, has the old values: it puts them back when its standard
// input ends, which it does however this program ends, killed or not.
type strict struct {
	guard *exec.Cmd
	input io.Closer
	Old   []string // NAME=VALUE, as they were
}

// setStrict makes the kernel refuse every commitment beyond limit bytes.
func setStrict(limit int64) (*strict, error) {
	old, err := readOvercommit(overcommitDir)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, guardWord)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // out of reach of the terminal's signals
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	ready, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &strict{guard: cmd, input: in, Old: old}
	for _, line := range old {
		fmt.Fprintln(in, filepath.Join(overcommitDir, line))
	}
	fmt.Fprintln(in, "end")
	if line, err := bufio.NewReader(ready).ReadString('\n'); err != nil || line != "ready\n" {
		return nil, errors.Join(fmt.Errorf("the guard of the settings did not start"), err, s.restore())
	}
	for _, v := range []string{fmt.Sprintf("overcommit_kbytes=%d", limit>>10), "overcommit_memory=2"} {
		if err := writeSetting(filepath.Join(overcommitDir, v)); err != nil {
			return nil, errors.Join(err, s.restore())
		}
	}
	return s, nil
}

// restore puts the old values back.
func (s *strict) restore() error {
	return errors.Join(s.input.Close(), s.guard.Wait())
}

// readOvercommit gives the settings as lines NAME=VALUE, in the order in which
// they are written back: the mode first, so that nothing is refused meanwhile.
// The kernel keeps either the ratio or the kilobytes, and sets the other one
// to 0.
func readOvercommit(dir string) ([]string, error) {
	var out []string
	for _, name := range []string{"overcommit_memory", "overcommit_ratio", "overcommit_kbytes"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		value := strings.TrimSpace(string(text))
		if _, err := strconv.Atoi(value); err != nil {
			return nil, fmt.Errorf("%s: %q is no number", name, value)
		}
		if value == "0" && name != "overcommit_memory" {
			continue
		}
		out = append(out, name+"="+value)
	}
	return out, nil
}

// writeSetting writes PATH=VALUE. In strict mode nothing may be allocated in
// between, so it is one write of few bytes.
func writeSetting(line string) error {
	path, value, ok := strings.Cut(line, "=")
	if !ok {
		return fmt.Errorf("%q is no setting", line)
	}
	return os.WriteFile(path, []byte(value+"\n"), 0o644)
}

// guardSettings is the guard: it reads settings up to the line "end", says that
// it has them, waits for the end of its input and writes them.
func guardSettings(in io.Reader) error {
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	var settings []string
	lines := bufio.NewScanner(in)
	for lines.Scan() && lines.Text() != "end" {
		settings = append(settings, lines.Text())
	}
	if _, err := fmt.Println("ready"); err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, in)
	var failed error
	for _, s := range settings {
		failed = errors.Join(failed, writeSetting(s))
	}
	return failed
}
