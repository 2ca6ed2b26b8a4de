package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"time"
)

// killWait is how long a peer is waited for after its process was killed.
const killWait = 20 * time.Second

// A killCase is one peer and the process of it that is killed.
type killCase struct {
	peer   Peer
	victim string // "tool", or "worker": the process that waits for the tool
	argv   []string
	write  func(dir string) error
	// names tells the peer's words for the failure from its other output.
	names func(line string) bool
}

// killedTool is scenario g: a tool that is killed in the middle, as the
// kernel's out-of-memory killer does it.
func killedTool(l *lab, s *Section) error {
	s.Work = fmt.Sprintf("One tool that would run for 5 minutes is killed (SIGKILL) from outside, or the worker process that waits for it, where there is one. "+
		"What counts is the time until the peer's output names the failure, and until it exits; after %s it is given up.", killWait)
	t := Table{Head: []string{"", "killed", "failure named after", "exit after", "exit status"}}
	for _, c := range l.killCases() {
		if !l.has(c.peer) {
			continue
		}
		k, err := l.kill(c)
		if err != nil {
			if l.ctx.Err() != nil || c.peer.Debian() == "" {
				return err
			}
			t.add(c.peer.Name(), c.victim, "failed: "+err.Error())
			continue
		}
		named, exit, status := showAfter(k.named), showAfter(k.exit), fmt.Sprint(k.status)
		if k.exit == 0 {
			exit, status = fmt.Sprintf("**not within %s**", killWait), "-"
		}
		t.add(c.peer.Name(), c.victim, named, exit, status)
		l.say("   %s, %s killed: named %s, exit %s", c.peer.Name(), c.victim, named, exit)
		if c.peer.Debian() == "" {
			s.Targets = append(s.Targets, atMost("time until a killed tool is named", k.named.Seconds(), 1, showSeconds))
		}
	}
	s.Tables = append(s.Tables, t)
	return nil
}

func (l *lab) killCases() []killCase {
	fast := nipype{l, "MultiProc", 10 * time.Millisecond, 0}
	flow := append(fast.flow(2, "single", "300"), "--hold", l.hold)
	tool := func(form string) func(string) error {
		return func(dir string) error {
			name, text := "build.ninja", "rule hold\n  command = ../hold 1 300 out/x\nbuild out/x: hold\n"
			if form == "make" {
				name, text = "Makefile", "out/x:\n\t@../hold 1 300 out/x\n"
			}
			return writeText(dir, name, func(b *strings.Builder) { b.WriteString(text) })
		}
	}
	says := func(words string) func(string) bool {
		return func(line string) bool { return strings.Contains(line, words) }
	}
	raphe := rapheJSON{l.raphe}
	return []killCase{
		{raphe, "tool", raphe.run("wf.star", 2, "--json"), func(dir string) error {
			return star(dir, "wf.star",
				fmt.Sprintf(`Hold = command([%q, "1", "300"], inputs = [path("out_file", "%%s", pos = 0, default = "out.txt")], outputs = [file("out_file", at("out_file"))])`, l.hold),
				`wf = Workflow("wf")`, `wf.add_nodes([Node(Hold(), name = "tool")])`)
		}, says(`"event":"failed"`)},
		{ninja{}, "tool", []string{"ninja", "-j", "2"}, tool("ninja"), says("FAILED")},
		{gnuMake{}, "tool", gnuMake{}.Argv(nil, "", 2), tool("make"), says("Killed")},
		{fast, "tool", flow, mkdir, says("Error")},
		{fast, "worker", flow, mkdir, says("Error")},
	}
}

// A killing is what was seen; 0 is never.
type killing struct {
	named, exit time.Duration
	status      int
}

// kill starts a peer, kills its victim as soon as the tool runs, and waits.
func (l *lab) kill(c killCase) (killing, error) {
	dir, err := l.folder("g")
	if err != nil {
		return killing{}, err
	}
	if err := c.write(dir); err != nil {
		return killing{}, err
	}
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	watch := &lineWatch{names: c.names}
	killed := make(chan time.Time, 1)
	cmd := Command{Argv: c.argv, Dir: dir, Tool: "hold", Env: l.quietEnv(), Stdout: watch, Stderr: watch, Started: func(pid int) {
		go func() {
			victim := findVictim(ctx, pid, c.victim)
			if victim == 0 {
				return
			}
			killed <- time.Now()
			_ = syscall.Kill(victim, syscall.SIGKILL)
			select {
			case <-time.After(killWait):
				cancel()
			case <-ctx.Done():
			}
		}()
	}}
	out, _ := cmd.run(ctx) // a failure is what is wanted
	ended := time.Now()
	if l.ctx.Err() != nil {
		return killing{}, l.ctx.Err()
	}
	select {
	case at := <-killed:
		var k killing
		if named := watch.first(); !named.IsZero() {
			k.named = max(1, named.Sub(at))
		}
		if ctx.Err() == nil {
			k.exit, k.status = ended.Sub(at), out.Exit
		}
		return k, nil
	default:
		return killing{}, fmt.Errorf("%s ended before its tool ran: %s", c.peer.Name(), lastLine(out.Stderr))
	}
}

// findVictim waits for the tool to run and gives it, or its parent.
func findVictim(ctx context.Context, root int, victim string) int {
	proc := procfs{"/proc"}
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		for _, p := range tree(proc.processes(nil), root) {
			switch {
			case p.Comm != "hold":
			case victim == "tool":
				return p.PID
			case p.Parent != root:
				return p.Parent
			}
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return 0
		}
	}
}

// A lineWatch notes when a line that names the failure was first written.
type lineWatch struct {
	names func(string) bool

	mu   sync.Mutex
	rest []byte
	at   time.Time
}

func (w *lineWatch) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, p...)
	for {
		line, rest, ok := bytes.Cut(w.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		w.rest = rest
		if w.at.IsZero() && w.names(string(line)) {
			w.at = time.Now()
		}
	}
}

func (w *lineWatch) first() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func showAfter(d time.Duration) string {
	if d == 0 {
		return "never"
	}
	return showSeconds(d.Seconds())
}
