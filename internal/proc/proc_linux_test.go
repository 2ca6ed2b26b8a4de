package proc

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/raphe-org/raphe/internal/proc/proctest"
)

// platformTools are tools that use this package themselves.
var platformTools = map[string]func(args []string){"raphe": raphe, "sharers": sharers, "sharer": sharer}

// raphe runs a tool, says "started" with its record, and waits to be killed.
// The first argument says how: by Run, or by Start in a goroutine whose thread
// ends before "started" is said.
func raphe(args []string) {
	argv, env := proctest.Command(args[1:]...)
	spec := &Spec{Argv: argv, Env: env, Dir: os.Getenv("TOOL_DIR"), Stdout: os.Getenv("TOOL_OUT")}
	record := make(chan Record, 1)
	if args[0] == "run" {
		go Run(spec, func(p *Process) { record <- p.Record() })
	} else {
		task := "/proc/self/task/" + strconv.Itoa(<-inPassingThread(func() {
			p, err := Start(spec)
			if err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
			go p.Wait()
			record <- p.Record()
		}))
		for _, err := os.Stat(task); err == nil; _, err = os.Stat(task) {
			time.Sleep(time.Millisecond)
		}
	}
	r := <-record
	fmt.Println("started", r.Group, r.Start, r.Session)
	time.Sleep(time.Minute)
}

// inPassingThread calls f in a thread that ends then, and tells which it was.
func inPassingThread(f func()) <-chan int {
	tid := make(chan int, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		if !onMainThread() {
			f()
			tid <- unix.Gettid()
			return
		}
		tid <- <-inPassingThread(f) // the main thread never ends; this one gets another
		runtime.UnlockOSThread()
	}()
	return tid
}

// startRaphe runs the tool above, with a tool of its own, as a process that
// can be killed; it returns when that tool runs.
func startRaphe(t *testing.T, args ...string) (*exec.Cmd, Record) {
	t.Helper()
	argv, env := proctest.Command(append([]string{"raphe"}, args...)...)
	dir := t.TempDir()
	c := exec.Command(argv[0], argv[1:]...)
	c.Env = append(env, "TOOL_DIR="+dir, "TOOL_OUT="+dir+"/out")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Process.Kill(); c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	r := Record{Boot: thisBoot(), Dir: dir, Stdout: dir + "/out"}
	if _, scanErr := fmt.Sscanf(line, "started %d %d %d", &r.Group, &r.Start, &r.Session); err != nil || scanErr != nil {
		t.Fatalf("helper said %q: %v, %v", line, err, scanErr)
	}
	return c, r
}

// running says whether the process is alive, and still the one that began then.
func running(pid int, start uint64) bool {
	s, ok := readStat(pid)
	return ok && s.alive() && s.start >= start
}

func TestChildrenDieWithRaphe(t *testing.T) {
	prepareParent()
	for _, how := range []string{"run", "start"} {
		c, r := startRaphe(t, how, "sleep")
		readyPIDs(t, r.Stdout, 1)
		if !running(r.Group, r.Start) {
			t.Fatalf("%s: the tool did not survive the thread that asked for it", how)
		}
		c.Process.Kill()
		c.Wait()
		eventually(t, "tool dies with its parent", func() bool { return !running(r.Group, r.Start) })
		reapStrays(orphans(), nil)
	}
}

// Many goroutines run commands while the threads of others end.
func TestPassingThreadsEndNoCommand(t *testing.T) {
	stop := make(chan struct{})
	churned := make(chan struct{})
	go func() {
		defer close(churned)
		for {
			select {
			case <-stop:
				return
			case <-inPassingThread(func() {}):
			}
		}
	}()
	var all sync.WaitGroup
	for range 8 {
		spec := tool(t, "nap", "20")
		all.Go(func() {
			for range 5 {
				if r, err := Run(spec, nil); err != nil || r.Failure != nil {
					t.Errorf("%v, %v", err, r.Failure)
				}
			}
		})
	}
	all.Wait()
	close(stop)
	<-churned
}

func TestEndStale(t *testing.T) {
	prepareParent()
	c, r := startRaphe(t, "start", "family", "sleep")
	grandchild := readyPIDs(t, r.Stdout, 1)[0]
	c.Process.Kill()
	c.Wait()
	eventually(t, "tool dies with its parent", func() bool { return !running(r.Group, r.Start) })
	reapStrays(orphans(), nil)
	if !running(grandchild, 0) {
		t.Fatal("the grandchild is gone already")
	}

	innocent := func(name string, change func(r *Record)) {
		other := r
		change(&other)
		if ended, err := EndStale([]Record{other}, time.Second); len(ended) > 0 || err != nil {
			t.Errorf("%s: ended %v, %v", name, ended, err)
		}
	}
	innocent("another boot", func(r *Record) { r.Boot = "another" })
	innocent("younger than the group", func(r *Record) { r.Start += 1 << 40 })
	innocent("another group", func(r *Record) { r.Group, r.Stdout = 1<<22+1, "" })
	innocent("another directory and no file", func(r *Record) { r.Dir, r.Stdout = "/nowhere", "" })
	innocent("another session and no file", func(r *Record) { r.Session, r.Stdout = 1, "" })
	if !running(grandchild, 0) {
		t.Fatal("an innocent process was ended")
	}

	ended, err := EndStale([]Record{r, r}, 10*time.Second)
	if err != nil || len(ended) != 1 || ended[0].PID != grandchild {
		t.Errorf("ended %v, %v; want %d", ended, err, grandchild)
	}
	if running(grandchild, 0) {
		t.Error("the grandchild still runs")
	}
	reapStrays(orphans(), nil)
}

func TestEndStaleWithALivingLeader(t *testing.T) {
	spec := tool(t, "stubborn")
	p := start(t, spec)
	readyPIDs(t, spec.Stdout, 1)
	r := p.Record()
	r.Dir, r.Stdout, r.Stderr = "", "", ""
	recycled := r
	recycled.Start -= 2 * startSlack
	if ended, err := EndStale([]Record{recycled}, time.Second); len(ended) > 0 || err != nil {
		t.Errorf("recycled id: ended %v, %v", ended, err)
	}
	ended, err := EndStale([]Record{r}, 20*time.Millisecond)
	if err != nil || len(ended) != 1 || ended[0].PID != p.PID() {
		t.Errorf("ended %v, %v", ended, err)
	}
	if res := p.Wait(); res.Failure == nil || res.Failure.Kind != Signalled {
		t.Errorf("failure %v", res.Failure)
	}
}

func TestDaemonIsFound(t *testing.T) {
	r := run(t, tool(t, "daemon", "sleep"))
	if r.Failure == nil || r.Failure.Kind != BackgroundLeft || len(r.Failure.Left) != 1 {
		t.Fatalf("failure %v", r.Failure)
	}
	if running(r.Failure.Left[0].PID, 0) {
		t.Error("the daemon still runs")
	}
}

// Two commands that end at the same moment each take the other for the last that
// could end a daemon of which nobody knows whose it is.
func TestDaemonOfTwoThatEndAtOnce(t *testing.T) {
	one, two := start(t, tool(t, "sleep")), start(t, tool(t, "sleep"))
	daemon := tool(t, "daemon", "sleep")
	daemon.Grace = -1
	three := start(t, daemon)
	three.reap()
	unwatch(three)
	eventually(t, "an orphan", func() bool { return len(orphans()) > 0 })
	for _, p := range []*Process{one, two} {
		p.Kill()
		p.reap()
	}
	one.endLeftovers()
	two.endLeftovers()
	unwatch(one)
	unwatch(two)
	if len(orphans()) > 0 { // else the sampler saw whose it is
		if !anyDoubtful() {
			t.Error("it was somebody's")
		}
		one.endLeftovers()
	}
	for _, o := range orphans() {
		t.Errorf("the daemon %d %s still runs", o.pid, o.name)
	}
	for _, p := range []*Process{one, two, three} {
		p.closeLogs()
	}
}

func TestDaemonBesideAnotherCommand(t *testing.T) {
	other := tool(t, "sleep")
	o := start(t, other)
	readyPIDs(t, other.Stdout, 1)
	if r := run(t, tool(t, "daemon", "sleep")); r.Failure == nil || r.Failure.Kind != BackgroundLeft {
		t.Errorf("the guilty: %v", r.Failure)
	}
	o.Terminate()
	if r := o.Wait(); r.Failure == nil || r.Failure.Kind != Cancelled || len(r.Failure.Left) > 0 {
		t.Errorf("the innocent: %v", r.Failure)
	}
	for _, s := range orphans() {
		if s.alive() {
			t.Errorf("the daemon %d %s still runs", s.pid, s.name)
		}
	}
}

// A daemon of which nobody knows whose it is counts, and goes before any command
// that keeps to its limit.
func TestDaemonInDoubtCounts(t *testing.T) {
	b := NewBudget(128 * mib)
	defer b.Close()
	innocent := tool(t, "sleep")
	o := start(t, innocent)
	b.enter(o) // and no cgroup, by which the kernel would end the daemon
	daemon := start(t, tool(t, "daemon", "grow", bytesOf(200)))
	daemon.reap()
	unwatch(daemon)
	eventually(t, "an orphan of 200 MiB", func() bool {
		for _, s := range orphans() {
			setDoubtful(&s, true)
		}
		_, held := doubt()
		return held > 200*mib
	})
	b.enforce(time.Now())
	eventually(t, "its end", func() bool { list, _ := doubt(); return len(list) == 0 })
	if o.isEnding() {
		t.Error("the innocent is ended")
	}
	o.Kill()
	o.Wait()
	daemon.closeLogs()
}

func TestOsExecIsNotDisturbed(t *testing.T) {
	argv, env := proctest.Command("sleep")
	c := exec.Command(argv[0], argv[1:]...)
	c.Env = env
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if r := run(t, tool(t, "leave", "sleep")); r.Failure == nil || len(r.Failure.Left) != 1 {
		t.Errorf("failure %v", r.Failure)
	}
	if !running(c.Process.Pid, 0) {
		t.Error("a child of os/exec was ended")
	}
	c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err == nil || !strings.Contains(err.Error(), "signal: terminated") {
		t.Errorf("os/exec's wait: %v", err)
	}
}

func TestMemoryLimit(t *testing.T) {
	spec := tool(t, "grow", strconv.Itoa(200<<20))
	spec.MemLimit = 100 << 20
	r := run(t, spec)
	if r.Failure == nil || r.Failure.Kind != MemoryExceeded || r.Failure.Peak <= 100<<20 || r.Failure.Limit != 100<<20 {
		t.Fatalf("failure %v", r.Failure)
	}
	if r.Usage.PeakRSS < r.Failure.Peak {
		t.Errorf("peak %d below that of the failure, %d", r.Usage.PeakRSS, r.Failure.Peak)
	}
}

func TestSample(t *testing.T) {
	spec := tool(t, "family", "family", "grow", strconv.Itoa(64<<20))
	spec.MemLimit = 4 << 30
	p := start(t, spec)
	eventually(t, "sample of the whole tree", func() bool {
		s := p.Sample()
		return s.RSS > 64<<20 && s.Processes == 3 && s.CPU > 0 && s.PID == p.PID() && s.Elapsed > 0
	})
	p.Kill()
	if r := p.Wait(); r.Usage.PeakRSS < 64<<20 || r.Usage.Processes != 3 {
		t.Errorf("usage %+v", r.Usage)
	}
}

// noLooks keeps the sampler from looking at the machine during a test, however
// long that takes.
func noLooks(t *testing.T) {
	set := func(when time.Time) {
		family.Lock()
		defer family.Unlock()
		family.looked = when
	}
	set(time.Now().Add(time.Hour))
	t.Cleanup(func() { set(time.Now()) })
}

func TestKilledForMemory(t *testing.T) {
	// The kernel's count can't be raised in a test, so the earlier looks are lowered.
	refreshOOM()
	noLooks(t)
	oom.Lock()
	files, newer := oom.files, oom.newer
	file := t.TempDir() + "/memory.events"
	oom.files = []string{file}
	oom.Unlock()
	t.Cleanup(func() { oom.Lock(); oom.files, oom.older, oom.newer = files, newer, newer; oom.Unlock() })
	for _, args := range [][]string{{"raise", "9"}, {"exit", "137"}} {
		for count, want := range map[string]Kind{"5": KilledOOM, "4": 0} {
			if err := os.WriteFile(file, []byte("low 0\noom 1\noom_kill "+count+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			oom.Lock()
			oom.older, oom.newer = 4, 4
			oom.Unlock()
			r := run(t, tool(t, args...))
			if r.Failure == nil || (r.Failure.Kind == KilledOOM) != (want == KilledOOM) {
				t.Errorf("%v, count %s: %v", args, count, r.Failure)
			}
		}
	}
}

func TestDiskFills(t *testing.T) {
	spec := tool(t, "write", "stdout", "100000")
	spec.Stdout, spec.StdoutIsData = "/dev/full", true
	r := run(t, spec)
	if r.Failure == nil || r.Failure.Kind != NoSpace || r.ExitCode != 1 || r.Failure.Where != spec.Dir {
		t.Errorf("failure %v", r.Failure)
	}
}
