package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A doorPeer is a plugin of nipype's that is given a workflow of door.py:
// nipype's MultiProc, or Raphe's.
type doorPeer struct {
	lab    *lab
	plugin string
	poll   time.Duration // MultiProc's
	exec   bool          // Raphe replaces the Python process
}

func (p doorPeer) name() string {
	switch {
	case p.plugin == "Raphe" && p.exec:
		return "raphe, exec"
	case p.plugin == "Raphe":
		return "raphe"
	}
	return fmt.Sprintf("nipype %s, poll %s", p.plugin, p.poll)
}

// is tells whether this is Raphe.
func (p doorPeer) is() bool { return p.plugin == "Raphe" }

func (p doorPeer) argv(mode string, n, slots int) []string {
	argv := []string{p.lab.python, p.lab.script("door.py"), mode, fmt.Sprint(n), "--plugin", p.plugin, "--procs", fmt.Sprint(slots), "--poll", fmt.Sprint(p.poll.Seconds())}
	if p.exec {
		argv = append(argv, "--exec")
	}
	return argv
}

// doorEnv lets the script find the plugin and its program, as after an
// installation.
func (l *lab) doorEnv() ([]string, error) {
	pkg := filepath.Join(l.scratch, "installed")
	if _, err := os.Stat(pkg); err != nil {
		if err := l.install(pkg); err != nil {
			return nil, fmt.Errorf("install raphe_nipype: %w", err)
		}
	}
	return []string{"PYTHONPATH=" + pkg, "RAPHE_BINARY=" + l.raphe}, nil
}

// install copies the Python package to a folder and compiles it, as pip does.
func (l *lab) install(dir string) error {
	const name = "raphe_nipype"
	if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join("python", name))); err != nil {
		return err
	}
	out, err := exec.CommandContext(l.ctx, l.python, "-m", "compileall", "-q", dir).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// A doorRun is one run of a workflow through a plugin.
type doorRun struct {
	wall time.Duration // of wf.run(); of what takes its place, to its end
	// The largest sums over the tree: while the workflow runs, and of it all.
	peak, whole int64
}

// timeAndSee runs a workflow in folders of their own: for its time, which is the
// median of several where it is short, and to look at its memory. A tree that is
// looked at every few milliseconds loses as much time by that as it needs where
// it is quick.
func (l *lab) timeAndSee(p doorPeer, dir, mode string, n, slots int) (doorRun, error) {
	rounds := 1
	if p.is() {
		rounds = l.pick(3, 1)
	}
	var walls []float64
	for k := range rounds {
		timed, err := l.runDoor(p, timedIn(dir, k), mode, n, slots, true)
		if err != nil {
			return timed, err
		}
		walls = append(walls, timed.wall.Seconds())
	}
	seen, err := l.runDoor(p, filepath.Join(dir, "seen"), mode, n, slots, false)
	seen.wall = time.Duration(spreadOf(walls).Median * float64(time.Second))
	return seen, err
}

// timedIn is the folder of one of the runs that are timed.
func timedIn(dir string, round int) string { return filepath.Join(dir, fmt.Sprint("timed", round)) }

// runDoor runs a workflow in a folder. What counts is from the call of wf.run():
// the memory of what runs from then on, and of Raphe from the hand-over on: when
// the definition is complete, or when Raphe has replaced the Python process. Of a
// blind run there is only the time.
func (l *lab) runDoor(p doorPeer, dir, mode string, n, slots int, blind bool) (r doorRun, err error) {
	env, err := l.doorEnv()
	if err != nil {
		return r, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return r, err
	}
	settle()
	began := time.Now()
	out, err := l.run(Command{Argv: p.argv(mode, n, slots), Dir: dir, Env: env, Every: 25 * time.Millisecond, Blind: blind, Limit: 15 * time.Minute})
	if err != nil {
		return r, err
	}
	marks, err := readMarks(dir)
	if err != nil {
		return r, err
	}
	from, to := marks.Run.Sub(began), out.Wall
	if !marks.Returned.IsZero() {
		to = marks.Returned.Sub(began)
	}
	r.wall = to - from
	if p.is() {
		if given, err := os.Stat(filepath.Join(dir, "base", ".raphe", "nipype", "wf", "graph.jsonl")); err == nil {
			from = max(from, given.ModTime().Sub(began))
		}
	}
	for _, s := range out.Samples {
		if !s.Fresh {
			continue
		}
		r.whole = max(r.whole, s.TreePSS())
		handed := !p.exec || s.Program == programName(l.raphe)
		if handed && s.At > from && s.At <= to {
			r.peak = max(r.peak, s.TreePSS())
		}
	}
	return r, nil
}

// marks are the times that door.py writes; Returned is zero if it was replaced.
type marks struct{ Run, Returned time.Time }

func readMarks(dir string) (m marks, err error) {
	text, err := os.ReadFile(filepath.Join(dir, "marks.json"))
	if err != nil {
		return m, err
	}
	var seconds struct{ Run, Returned float64 }
	if err := json.Unmarshal(text, &seconds); err != nil {
		return m, fmt.Errorf("read marks.json: %w", err)
	}
	m.Run = epoch(seconds.Run)
	if seconds.Returned > 0 {
		m.Returned = epoch(seconds.Returned)
	}
	return m, nil
}

func epoch(seconds float64) time.Time { return time.UnixMicro(int64(seconds * 1e6)) }

// programName gives what the kernel calls a process that runs a program: 15 bytes
// of its name (prctl(2), PR_SET_NAME).
func programName(path string) string {
	name := filepath.Base(path)
	return name[:min(len(name), 15)]
}
