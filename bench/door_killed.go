package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// doorKilled is scenario k: the process that runs a Python node is killed.
func doorKilled(l *lab, s *Section) error {
	if !l.has(nipype{l, "MultiProc", 10 * time.Millisecond, 0}) {
		return nil
	}
	n := l.pick(40, 10)
	s.Work = fmt.Sprintf("A nipype workflow of %d command lines and one Python function that would wait for 5 minutes; the process that runs it is killed (SIGKILL). "+
		"What counts is the time until the output names the node as failed, until the end, and how many of the others were done; after %s it is given up.", n, killWait)
	t := Table{Head: []string{"", "failure named after", "end after", "others done"}}
	for i, p := range []doorPeer{{lab: l, plugin: "Raphe"}, {lab: l, plugin: "MultiProc", poll: 10 * time.Millisecond}} {
		k, done, err := l.killWorker(p, filepath.Join(l.scratch, "k", fmt.Sprint("peer", i)), n)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name(), err)
		}
		exit := showAfter(k.exit)
		if k.exit == 0 {
			exit = fmt.Sprintf("**not within %s**", killWait)
		}
		t.add(p.name(), showAfter(k.named), exit, fmt.Sprintf("%d of %d", done, n))
		l.say("   %s: named %s, end %s, %d of %d done", p.name(), showAfter(k.named), exit, done, n)
		if p.is() {
			s.Targets = append(s.Targets,
				atMost("time until a killed Python worker is named", k.named.Seconds(), 1, showSeconds),
				Target{"other nodes that are done then", fmt.Sprint(n), fmt.Sprint(done), done == n})
		}
	}
	s.Tables = append(s.Tables, t)
	return nil
}

// killWorker runs the workflow, kills the process that its node names, and
// waits.
func (l *lab) killWorker(p doorPeer, dir string, n int) (k killing, done int, err error) {
	env, err := l.doorEnv()
	if err != nil {
		return k, 0, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return k, 0, err
	}
	ctx, cancel := context.WithCancel(l.ctx)
	defer cancel()
	watch := &lineWatch{names: func(line string) bool {
		return strings.Contains(line, "victim") && strings.Contains(strings.ToLower(line), "fail")
	}}
	killed := make(chan time.Time, 1)
	cmd := Command{Argv: p.argv("killed", n, doorSlots), Dir: dir, Env: append(l.quietEnv(), env...), Stdout: watch, Stderr: watch, Started: func(int) {
		go func() {
			victim := awaitVictim(ctx, filepath.Join(dir, "victim"))
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
		return k, 0, l.ctx.Err()
	}
	select {
	case at := <-killed:
		if named := watch.first(); !named.IsZero() {
			k.named = max(1, named.Sub(at))
		}
		if ctx.Err() == nil {
			k.exit, k.status = max(1, ended.Sub(at)), out.Exit
		}
	default:
		return k, 0, fmt.Errorf("it ended before its node ran: %s", lastLine(out.Stderr))
	}
	results, err := filepath.Glob(filepath.Join(dir, "base", "wf", "n*", "result_*.pklz"))
	return k, len(results), err
}

// awaitVictim waits for a file with a process number and gives the number.
func awaitVictim(ctx context.Context, path string) int {
	ticks := time.NewTicker(20 * time.Millisecond)
	defer ticks.Stop()
	for {
		text, err := os.ReadFile(path)
		if line, whole := strings.CutSuffix(string(text), "\n"); err == nil && whole {
			pid, _ := strconv.Atoi(line)
			return pid
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return 0
		}
	}
}
