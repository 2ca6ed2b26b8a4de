package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A pty is a terminal of our own with a command on it.
type pty struct {
	t    *testing.T
	cmd  *exec.Cmd
	file *os.File // our end

	mu  sync.Mutex
	out bytes.Buffer
}

// startOnPTY starts a command as the leader of a session whose terminal is a new one.
func startOnPTY(t *testing.T, cols uint16, argv ...string) *pty {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatalf("no terminal to watch on: %v", err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fd := int(ours.Fd())
	must(unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	must(err)
	p := &pty{t: t, file: ours, cmd: exec.Command(argv[0], argv[1:]...)}
	p.resize(cols)
	theirs, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	must(err)
	defer theirs.Close()
	p.cmd.Stdin, p.cmd.Stdout, p.cmd.Stderr = theirs, theirs, theirs
	p.cmd.Env = append(os.Environ(), "TERM=xterm", "NO_COLOR=1", "LC_ALL=C.UTF-8")
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	must(p.cmd.Start())
	go p.read()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		ours.Close()
	})
	return p
}

func (p *pty) read() {
	buf := make([]byte, 4096)
	for {
		n, err := p.file.Read(buf)
		p.mu.Lock()
		p.out.Write(buf[:n])
		p.mu.Unlock()
		if err != nil {
			return // it ends with EIO when nobody has the other end
		}
	}
}

func (p *pty) resize(cols uint16) {
	p.t.Helper()
	if err := unix.IoctlSetWinsize(int(p.file.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: cols}); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pty) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

// shows waits until the screen was written a text after some others, and gives
// all that was written.
func (p *pty) shows(after int, text string) string {
	p.t.Helper()
	ok := eventually(func() bool { out := p.text(); return len(out) >= after && strings.Contains(out[after:], text) })
	if !ok {
		p.t.Fatalf("no %q in %q", text, p.text()[after:])
	}
	return p.text()
}

// status waits for the end of the command.
func (p *pty) status() int {
	p.cmd.Wait() // a status that is not 0 is told as an error, too
	return p.cmd.ProcessState.ExitCode()
}

// eventually asks again and again for half a minute.
func eventually(ok func() bool) bool {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return true
		}
	}
	return false
}

// TestWatchOnTerminal watches a run on two terminals: one is left with Ctrl-C,
// which leaves the run and the terminal as they should be; on the other it is
// seen to its end.
func TestWatchOnTerminal(t *testing.T) {
	dir := t.TempDir()
	definition := `
Wait = command(["sh", "-c"], inputs = [text("script", "'%s'", pos = 0, mandatory = True)], outputs = [])
wf = Workflow("wf", base_dir = "` + dir + `/work")
wf.add_nodes([Node(Wait(script = "for i in $(seq 1200); do [ -e ` + dir + `/go ] && break; sleep 0.05; done"), name = "waits")])
`
	file := filepath.Join(dir, "wf.star")
	if err := os.WriteFile(file, []byte(definition), 0o666); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("raphe", "run", file, "--memory", "1G")
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	defer run.Process.Kill()
	base := filepath.Join(dir, "work")
	if !eventually(func() bool {
		out, err := exec.Command("raphe", "status", base).Output()
		return err == nil && bytes.Contains(out, []byte("running 1"))
	}) {
		t.Fatal("the run does not begin")
	}

	left, stays := startOnPTY(t, 80, "raphe", "status", base, "--watch"), startOnPTY(t, 80, "raphe", "status", base, "--watch")
	stays.shows(0, "of 1 GiB")
	out := left.shows(0, "of 1 GiB")
	if !strings.Contains(out, "watching the run of process") || !strings.Contains(out, "wf/waits") {
		t.Errorf("the screen was written %q", out)
	}
	left.resize(9)
	left.shows(len(out), "  w…aits") // the name is cut to what there is
	left.file.WriteString("\x03")
	if status := left.status(); status != 130 {
		t.Errorf("exit status %d after Ctrl-C", status)
	}
	out = left.shows(0, "the run goes on")
	if hidden, shown := strings.LastIndex(out, "\x1b[?25l"), strings.LastIndex(out, "\x1b[?25h"); shown < hidden {
		t.Errorf("the cursor stays hidden: %q", out)
	}

	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if err := run.Wait(); err != nil {
		t.Errorf("the run that was watched: %v", err)
	}
	if status := stays.status(); status != 0 {
		t.Errorf("exit status %d at the end of the run", status)
	}
	stays.shows(0, "done: began at")
}
