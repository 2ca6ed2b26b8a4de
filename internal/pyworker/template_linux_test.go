package pyworker

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/proc"
)

// misbehaving are Options of a template that misbehaves.
func misbehaving(how string) Options { return Options{Environ: []string{"RAPHE_TEST_ZYGOTE=" + how}} }

// A template that fails once is replaced, and no request notices.
func TestTemplateReplaced(t *testing.T) {
	for _, how := range []string{"fails", "killed", "babbles", "dies", "dies-after", "babbles-after"} {
		t.Run(how, func(t *testing.T) {
			b := open(t, misbehaving("once:"+how))
			reply, out := b.Run(t.Context(), b.do("1", "where"), nil)
			wantDone(t, reply, out)
			reply, out = b.Run(t.Context(), b.do("2", "where"), nil)
			wantDone(t, reply, out)
			if n := len(b.lives()); n != 2 && how != "babbles-after" {
				t.Errorf("%d templates", n)
			}
			if left := children(t); len(left) > 1 {
				t.Errorf("children %v; want the template", left)
			}
		})
	}
}

// One that always fails is a named failure, and is not tried for ever.
func TestTemplateFails(t *testing.T) {
	for how, says := range map[string]string{
		"fails":   "exit status 1: ImportError: no module named nipype",
		"killed":  "SIGKILL",
		"babbles": `it said "Hello, world"`,
		"dies":    "SIGKILL",
		"lies":    "take over process 1073741824",
		"refuses": "Cannot fork",
	} {
		t.Run(how, func(t *testing.T) {
			b := open(t, misbehaving(how))
			for i := range 2 {
				_, out := b.Run(t.Context(), b.do(strconv.Itoa(i), "where"), nil)
				want(t, out, proc.StartFailed)
				if !strings.Contains(out.Failure.Error(), says) {
					t.Errorf("failure %v; want one with %s", out.Failure, says)
				}
				var e *TemplateError
				if errors.As(out.Failure, &e) && !strings.Contains(out.Failure.Mend(), e.Log) {
					t.Errorf("mend %s", out.Failure.Mend())
				}
			}
			most := map[string]int{"fails": mostMisses, "killed": 2 * mostKills, "babbles": mostMisses, "dies": 4, "lies": 1, "refuses": 1}[how]
			if n := len(b.lives()); n != most {
				t.Errorf("%d templates; want %d", n, most)
			}
		})
	}
}

// Workers outlive their template.
func TestTemplateKilled(t *testing.T) {
	b := open(t, Options{})
	_, done := b.background(t.Context(), b.deed("1", map[string]any{"do": "grow", "mib": 1, "seconds": 1}))
	first := b.lives()[0]
	pid, _ := strconv.Atoi(first)
	syscall.Kill(pid, syscall.SIGKILL)
	eventually(t, "template gone", func() bool { return !isThere(pid) })
	reply, out := b.Run(t.Context(), b.do("2", "where"), nil)
	wantDone(t, reply, out)
	e := await(t, done)
	wantDone(t, e.reply, e.out)
	if n := len(b.lives()); n != 2 {
		t.Errorf("%d templates", n)
	}
}

func TestIdle(t *testing.T) {
	b := open(t, Options{Idle: 50 * time.Millisecond})
	if len(b.exec.Running()) != 0 {
		t.Error("it runs before the first request")
	}
	for range 3 {
		reply, out := b.Run(t.Context(), b.do("1", "where"), nil)
		wantDone(t, reply, out)
		eventually(t, "template gone", func() bool { return len(b.exec.Running()) == 0 })
	}
	if n := len(b.lives()); n != 3 {
		t.Errorf("%d templates", n)
	}
}

func TestAside(t *testing.T) {
	var none *Pool
	forking, spawning := New(Options{}), New(Options{Spawn: true})
	for _, c := range []struct {
		pool        *Pool
		total, want int64
	}{{none, 1 << 30, 0}, {spawning, 1 << 30, 0}, {forking, 1 << 30, templateSize}, {forking, 100, 25}, {forking, 0, 0}} {
		if got := c.pool.Aside(c.total); got != c.want {
			t.Errorf("of %d: %d; want %d", c.total, got, c.want)
		}
	}
}

func TestRest(t *testing.T) {
	b := open(t, Options{})
	b.Rest()
	_, done := b.background(t.Context(), b.deed("1", map[string]any{"do": "grow", "mib": 1, "seconds": 0.3}))
	b.Rest() // it is needed
	reply, out := b.Run(t.Context(), b.do("2", "where"), nil)
	wantDone(t, reply, out)
	e := await(t, done)
	wantDone(t, e.reply, e.out)
	b.Rest()
	eventually(t, "template gone", func() bool { return len(b.exec.Running()) == 0 })
	if n := len(b.lives()); n != 1 {
		t.Errorf("%d templates", n)
	}
}

// A template that does not end when it should is killed.
func TestLingers(t *testing.T) {
	b := open(t, misbehaving("lingers"))
	reply, out := b.Run(t.Context(), b.do("1", "where"), nil)
	wantDone(t, reply, out)
	pid, _ := strconv.Atoi(b.lives()[0])
	if err := b.exec.Close(); err != nil { // which kills, and spares the test the graces
		t.Fatal(err)
	}
	b.Close()
	if isThere(pid) {
		t.Error("the template is there")
	}
}

// Many at once wait for one template, and survive that it is killed again and
// again.
func TestManyTemplates(t *testing.T) {
	b := open(t, Options{})
	stop := make(chan bool)
	var killer, all sync.WaitGroup
	killer.Go(func() {
		killed := 0
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			if lives := b.lives(); len(lives) > killed && killed < 3 {
				killed = len(lives)
				pid, _ := strconv.Atoi(lives[killed-1])
				syscall.Kill(pid, syscall.SIGKILL)
			}
		}
	})
	for i := range 24 {
		r := b.deed(strconv.Itoa(i), map[string]any{"do": "nap", "seconds": 0.01})
		all.Go(func() {
			// A request may meet more than one kill.
			for try := 0; ; try++ {
				reply, out := b.Run(t.Context(), r, nil)
				if out.Failure == nil && reply.Outputs != nil {
					return
				}
				if out.Failure == nil || out.Failure.Kind != proc.StartFailed || try == 3 {
					t.Errorf("request %s: %v, %+v", r.Label, out.Failure, reply)
					return
				}
			}
		})
	}
	all.Wait()
	close(stop)
	killer.Wait()
	if left := children(t); len(left) > 1 {
		t.Errorf("children %v", left)
	}
}

// What all hold together is limited with template and workers; the worker that
// holds most goes, and the template stays.
func TestTogether(t *testing.T) {
	b := open(t, Options{})
	b.exec.Close()
	b.exec = local.New(local.Options{Memory: 200 << 20})
	b.opts.Executor = b.exec
	small := b.deed("1", map[string]any{"do": "grow", "mib": 20, "seconds": 3})
	_, done := b.background(t.Context(), small)
	_, out := b.Run(t.Context(), b.deed("2", map[string]any{"do": "grow", "mib": 400}), nil)
	if out.Failure == nil || !out.Failure.ForMemory() {
		t.Errorf("failure %v", out.Failure)
	}
	e := await(t, done)
	wantDone(t, e.reply, e.out)
	if n := len(b.lives()); n != 1 {
		t.Errorf("%d templates", n)
	}
}

// A tool that runs beside the template is blamed for what it leaves, and
// workers are not taken for it.
func TestBesideTools(t *testing.T) {
	b := open(t, Options{})
	pid, done := b.background(t.Context(), b.deed("1", map[string]any{"do": "grow", "mib": 1, "seconds": 1}))
	for range 5 {
		out := b.exec.Run(t.Context(), &executor.Task{ID: "tool", Argv: []string{"sh", "-c", "setsid sleep 60 & exit 0"}, Env: os.Environ(),
			Dir: t.TempDir(), Grace: 100 * time.Millisecond}, nil)
		want(t, out, proc.BackgroundLeft)
		if len(out.Failure.Left) != 1 || out.Failure.Left[0].PID == pid {
			t.Errorf("left %v; the worker is %d", out.Failure.Left, pid)
		}
	}
	e := await(t, done)
	wantDone(t, e.reply, e.out)
}

const raphe = "RAPHE_TEST_DYING"

// TestDying is a Raphe with one worker, which TestRapheKilled kills.
func TestDying(t *testing.T) {
	folder := os.Getenv(raphe)
	if folder == "" {
		return // only of use to TestRapheKilled
	}
	b := open(t, Options{})
	pid, done := b.background(t.Context(), b.do("1", "stubborn"))
	text := fmt.Sprintln(pid, b.lives()[0])
	if err := os.WriteFile(filepath.Join(folder, "new"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(folder, "new"), filepath.Join(folder, "pids")); err != nil {
		t.Fatal(err)
	}
	await(t, done)
}

// When Raphe is killed its template and its workers die with it.
func TestRapheKilled(t *testing.T) {
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	c := exec.Command(self, "-test.run=^TestDying$", "-test.v")
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), raphe+"="+dir, "TMPDIR="+dir), &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var worker, template int
	eventually(t, "a worker", func() bool {
		text, _ := os.ReadFile(filepath.Join(dir, "pids"))
		_, err := fmt.Sscan(string(text), &worker, &template)
		return err == nil
	})
	if !isThere(worker) || !isThere(template) {
		t.Errorf("worker %d and template %d do not run", worker, template)
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	// Nobody need take the zombies: pid 1 of a container may not.
	eventually(t, "worker and template gone", func() bool { return !runs(worker) && !runs(template) })
}

func runs(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}
