package proc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/raphe-org/raphe/internal/proc/proctest"
)

func init() {
	platformTools["nest"], platformTools["nestHalf"] = nest, nestHalf
}

// nest is a template: for each line, a file for standard output, it starts the
// tool of its arguments through a process that ends, and says its id.
func nest(args []string) {
	if n, err := strconv.Atoi(args[0]); err == nil { // it holds so many MiB
		hold, err := syscall.Mmap(-1, 0, n*mib, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_POPULATE)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		defer syscall.Munmap(hold)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		argv, env := proctest.Command(append([]string{"nestHalf", lines.Text()}, args...)...)
		c := exec.Command(argv[0], argv[1:]...)
		c.Env, c.Stderr = env, os.Stderr
		pid, err := c.Output()
		if err != nil {
			fmt.Println(err)
		}
		fmt.Print(string(pid))
	}
}

func nestHalf(args []string) {
	argv, env := proctest.Command(args[1:]...)
	c := exec.Command(argv[0], argv[1:]...)
	c.Env, c.SysProcAttr = env, &syscall.SysProcAttr{Setpgid: true}
	out, err := os.OpenFile(args[0], os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		c.Stdout = out
		err = c.Start()
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(c.Process.Pid)
}

// A nursery is a template that runs, and the ends of its pipes.
type nursery struct {
	*Template
	process *Process
	in      io.WriteCloser
	out     *bufio.Reader
}

// openNursery starts a template that forks the tool of args.
func openNursery(t *testing.T, budget *Budget, args ...string) *nursery {
	t.Helper()
	childIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, childOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	spec := tool(t, append([]string{"nest"}, args...)...)
	spec.Stdout, spec.Input, spec.Output, spec.Template, spec.Budget = "", childIn, childOut, &Template{}, budget
	n := &nursery{Template: spec.Template, process: start(t, spec), in: in, out: bufio.NewReader(out)}
	childIn.Close()
	childOut.Close()
	t.Cleanup(func() { out.Close() })
	return n
}

// end ends the template.
func (n *nursery) end(t *testing.T) {
	t.Helper()
	n.in.Close()
	if r := n.process.Wait(); r.Failure != nil {
		t.Errorf("template: %v", r.Failure)
	}
}

// fork has the template fork its tool.
func (n *nursery) fork(stdout string) (pid int, err error) {
	if _, err := fmt.Fprintln(n.in, stdout); err != nil {
		return 0, err
	}
	line, err := n.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(line))
}

// spec is that of a tool that the template forks.
func (n *nursery) spec(t *testing.T) *Spec {
	t.Helper()
	spec := tool(t, "forked")
	spec.Template = n.Template
	spec.Fork = func() (int, error) { return n.fork(spec.Stdout) }
	return spec
}

func TestForked(t *testing.T) {
	n := openNursery(t, nil, "sleep")
	p := start(t, n.spec(t))
	if p.PID() == n.process.PID() || p.Record().Group != p.PID() {
		t.Errorf("id %d of %d, %+v", p.PID(), n.process.PID(), p.Record())
	}
	readyPIDs(t, p.spec.Stdout, 1)
	p.Terminate()
	r := p.Wait()
	if r.Failure == nil || r.Failure.Kind != Cancelled || r.Signal != syscall.SIGTERM || r.StdoutBytes == 0 || r.Usage.Wall <= 0 {
		t.Errorf("%v, %+v", r.Failure, r)
	}
	n.end(t)
}

// A command that ends before its id is known is nobody's leftover.
func TestForkedAndEnded(t *testing.T) {
	n := openNursery(t, nil, "exit", "3")
	other := start(t, tool(t, "sleep"))
	spec := n.spec(t)
	spec.Fork = func() (int, error) {
		pid, err := n.fork(spec.Stdout)
		eventually(t, "a zombie", func() bool { s, ok := readStat(pid); return ok && !s.alive() })
		for _, o := range orphans() {
			if o.pid == pid {
				t.Error("it counts as left behind")
			}
		}
		run(t, tool(t, "args")) // which would end what is left behind
		return pid, err
	}
	r := run(t, spec)
	if r.ExitCode != 3 || r.Failure == nil || r.Failure.Kind != ExitStatus {
		t.Errorf("exit status %d, %v", r.ExitCode, r.Failure)
	}
	other.Kill()
	other.Wait()
	n.end(t)
}

// Where memory runs out a template goes first, but not what it has forked.
func TestTemplateGoesFirst(t *testing.T) {
	score := func(p *Process) int {
		text := read(t, "/proc/"+strconv.Itoa(p.PID())+"/oom_score_adj")
		adj, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			t.Fatal(err)
		}
		return adj
	}
	n := openNursery(t, nil, "sleep")
	eventually(t, "the template seen", func() bool { return score(n.process) == likeliest })
	p := start(t, n.spec(t))
	if got := score(p); got != min(ownAdj+adjStep, likeliest) {
		t.Errorf("score %d of what it forked", got)
	}
	p.Kill()
	p.Wait()
	n.end(t)

	budget := NewBudget(300 * mib)
	budget.made = true // without cgroups: the kernel may end more than it has to
	defer budget.Close()
	large := openNursery(t, budget, "200")
	eventually(t, "the template seen", func() bool { return large.process.Sample().RSS > 200*mib && score(large.process) == likeliest })
	greedy := tool(t, "hold", bytesOf(200), "1000")
	greedy.Budget = budget
	if r := run(t, greedy); r.Failure != nil {
		t.Error(r.Failure)
	}
	large.in.Close()
	if r := large.process.Wait(); !r.Failure.ForMemory() {
		t.Errorf("the template ended with %v", r.Failure)
	}
}

// Only what the template has forked is taken over.
func TestNotForked(t *testing.T) {
	n := openNursery(t, nil, "sleep")
	other := start(t, tool(t, "sleep"))
	foreign := exec.Command("sleep", "60")
	if err := foreign.Start(); err != nil {
		t.Fatal(err)
	}
	defer foreign.Wait()
	defer foreign.Process.Kill()
	p := start(t, n.spec(t))
	for what, pid := range map[string]int{
		"nothing": 1 << 30, "this process": os.Getpid(), "the template": n.process.PID(),
		"a tool": other.PID(), "a foreign child": foreign.Process.Pid, "one that is known": p.PID(), "pid 1": 1,
	} {
		spec := n.spec(t)
		spec.Fork = func() (int, error) { return pid, nil }
		q, err := Start(spec)
		var f *Failure
		if !errors.As(err, &f) || f.Kind != StartFailed || q != nil {
			t.Errorf("%s was taken over: %v", what, err)
		}
	}
	for what, q := range map[string]*Process{"tool": other, "worker": p} {
		if syscall.Kill(q.PID(), 0) != nil {
			t.Errorf("the %s was ended", what)
		}
		q.Kill()
		q.Wait()
	}
	n.end(t)
	if _, err := Start(n.spec(t)); err == nil {
		t.Error("a template that has ended forked")
	}
	spec := tool(t, "x")
	spec.Fork = func() (int, error) { return 0, nil }
	if _, err := Start(spec); err == nil {
		t.Error("a command of no template")
	}
}

// While commands are expected, what a tool leaves behind may be taken for one
// of them. It is ended all the same, with the last tool at the latest.
func TestLeftWhileExpecting(t *testing.T) {
	n := openNursery(t, nil, "exit", "0")
	spec := n.spec(t)
	mark := filepath.Join(t.TempDir(), "pid")
	spec.Fork = func() (int, error) {
		leave := tool(t, "args")
		leave.Argv = []string{"python3", "-c", `
import os, time
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    with open(` + strconv.Quote(mark) + `, "w") as f: f.write(str(os.getpid()))
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for fd in range(3): os.dup2(null, fd)
    time.sleep(60)
while not os.path.exists(` + strconv.Quote(mark) + `) or not os.path.getsize(` + strconv.Quote(mark) + `): time.sleep(0.001)
os._exit(0)
`}
		run(t, leave)
		return n.fork(spec.Stdout)
	}
	if r := run(t, spec); r.Failure != nil {
		t.Error(r.Failure)
	}
	pid, err := strconv.Atoi(read(t, mark))
	if err != nil {
		t.Fatal(err)
	}
	run(t, tool(t, "args"))
	if syscall.Kill(pid, 0) == nil {
		t.Errorf("%d is left", pid)
	}
	n.end(t)
}

// Forked commands are limited, where the machine allows it in a cgroup of their
// own, and leave their template alone.
func TestForkedLimit(t *testing.T) {
	budget := NewBudget(1 << 40)
	defer budget.Close()
	n := openNursery(t, budget, "leak", bytesOf(400), bytesOf(1000))
	spec := n.spec(t)
	spec.Budget, spec.MemLimit = budget, 100*mib
	r := run(t, spec)
	if !r.Failure.ForMemory() {
		t.Errorf("failure %v", r.Failure)
	}
	n.end(t)
}
