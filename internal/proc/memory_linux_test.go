package proc

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/raphe-org/raphe/internal/proc/proctest"
)

const mib = 1 << 20

func bytesOf(n int64) string { return strconv.FormatInt(n*mib, 10) }

// greedy are tools that take more than 128 MiB, each in its own way.
var greedy = map[string][]string{
	"slowly":                 {"leak", bytesOf(200), bytesOf(400)},
	"quickly":                {"leak", bytesOf(1 << 20), bytesOf(1000)},
	"fifty children":         {"bomb", "50", "grow", bytesOf(8)},
	"a daemon":               {"outlive", "daemon", "leak", bytesOf(500), bytesOf(500)},
	"deaf to SIGTERM":        {"deaf", bytesOf(500), bytesOf(500)},
	"in a session":           {"setsid", "leak", bytesOf(500), bytesOf(500)},
	"each with its own copy": {"sharers", "6", "48", "own"},
}

// marked gives the tool a mark in its environment, by which all that comes
// from it is found, wherever it goes.
func marked(t *testing.T, args ...string) (spec *Spec, alive func() []int) {
	spec = tool(t, args...)
	mark := "RAPHE_TEST_MARK=" + spec.Dir
	spec.Env = append(spec.Env, mark)
	return spec, func() (pids []int) {
		allProcesses(func(s procStat) {
			env, _ := os.ReadFile("/proc/" + strconv.Itoa(s.pid) + "/environ")
			if s.alive() && bytes.Contains(env, []byte(mark)) {
				pids = append(pids, s.pid)
			}
		})
		return pids
	}
}

func TestGreedyToolsAreEnded(t *testing.T) {
	for name, args := range greedy {
		for _, by := range []string{"sampling", "group", "together"} {
			t.Run(name+" by "+by, func(t *testing.T) {
				spec, alive := marked(t, args...)
				spec.Claim = 64 * mib
				switch by {
				case "sampling":
					spec.MemLimit = 128 * mib
				case "group":
					spec.MemLimit = 128 * mib
					spec.Budget = NewBudget(0)
					defer spec.Budget.Close()
				case "together":
					spec.Budget = NewBudget(128 * mib)
					defer spec.Budget.Close()
				}
				r := run(t, spec)
				f := r.Failure
				if f == nil || f.Kind != MemoryExceeded || f.Limit != 128*mib || f.Claim != 64*mib || f.Together != (by == "together") {
					t.Fatalf("failure %+v %v\n%s", f, f, read(t, spec.Stderr))
				}
				if !f.ForMemory() || r.Usage.PeakRSS == 0 {
					t.Errorf("usage %+v", r.Usage)
				}
				if left := alive(); len(left) > 0 {
					t.Errorf("%v still run", left)
				}
				t.Logf("%s: %v after %v, peak %d MiB", spec.Budget.Enforced(), f, r.Usage.Wall, r.Usage.PeakRSS>>20)
			})
		}
	}
}

// sharers starts copies of itself that map the same memory, so that the sum of
// their RSS is a multiple of what they hold; with "own", each writes to memory
// of its own instead.
func sharers(args []string) {
	n, _ := strconv.Atoi(args[0])
	size, _ := strconv.Atoi(args[1])
	fd, err := unix.MemfdCreate("shared", 0)
	if err == nil {
		err = unix.Ftruncate(fd, int64(size)*mib)
	}
	if err != nil {
		panic(err)
	}
	memory := os.NewFile(uintptr(fd), "shared")
	for range n {
		argv, env := proctest.Command("sharer", args[1], args[2])
		c := exec.Command(argv[0], argv[1:]...)
		c.Env, c.ExtraFiles, c.Stdout = env, []*os.File{memory}, os.Stdout
		if err := c.Start(); err != nil {
			panic(err)
		}
		defer c.Wait()
	}
}

func sharer(args []string) {
	size, _ := strconv.Atoi(args[0])
	how := unix.MAP_SHARED
	if args[1] == "own" {
		how = unix.MAP_PRIVATE
	}
	m, err := unix.Mmap(3, 0, size*mib, unix.PROT_READ|unix.PROT_WRITE, how)
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(m); i += 4096 {
		m[i] = 1
	}
	os.Stdout.WriteString("ready " + strconv.Itoa(os.Getpid()) + "\n")
	time.Sleep(time.Minute)
}

// sharing is less than several tools seem to hold, and more than they do.
const sharing = 800 * mib

// What several processes share counts once.
func TestSharedMemoryIsNotTooMuch(t *testing.T) {
	for _, by := range []string{"sampling", "group", "together"} {
		spec, alive := marked(t, "sharers", "6", "200", "shared")
		switch by {
		case "group":
			spec.Budget = NewBudget(0)
			fallthrough
		case "sampling":
			spec.MemLimit = sharing
		default:
			spec.Budget = NewBudget(sharing)
		}
		p := start(t, spec)
		readyPIDs(t, spec.Stdout, 6)
		eventually(t, "a sample of them all", func() bool { return p.Sample().RSS > 1000*mib })
		before := p.Sample().Elapsed
		eventually(t, "some more samples", func() bool { return p.Sample().Elapsed > before+300*time.Millisecond })
		p.Terminate()
		r := p.Wait()
		if r.Failure == nil || r.Failure.Kind != Cancelled {
			t.Errorf("%s: %v", by, r.Failure)
		}
		if r.Usage.PeakPSS > sharing || r.Usage.PeakVSize < 6*200*mib || by != "group" && r.Usage.PeakPSS < 150*mib {
			t.Errorf("%s: usage %+v", by, r.Usage)
		}
		if left := alive(); len(left) > 0 {
			t.Errorf("%s: %v still run", by, left)
		}
		spec.Budget.Close()
	}
}

// Of two, the one that holds more than was set aside for it goes.
func TestTheGreedierGoes(t *testing.T) {
	b := NewBudget(300 * mib)
	modest, greedy := tool(t, "grow", bytesOf(120)), tool(t, "leak", bytesOf(100), bytesOf(400))
	modest.Budget, modest.Claim = b, 300*mib
	greedy.Budget, greedy.Claim = b, 10*mib
	m := start(t, modest)
	readyPIDs(t, modest.Stdout, 1)
	g := start(t, greedy)
	if r := g.Wait(); r.Failure == nil || !r.Failure.Together || r.Failure.Limit != 300*mib || r.Failure.Claim != 10*mib {
		t.Errorf("the greedier: %v", r.Failure)
	}
	m.Terminate()
	if r := m.Wait(); r.Failure == nil || r.Failure.Kind != Cancelled {
		t.Errorf("the other: %v", r.Failure)
	}
	b.Close()
	if left := groupsLeft(); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

func TestOrphansCount(t *testing.T) {
	spec := tool(t, "outlive", "leave", "work", "300")
	p := start(t, spec)
	readyPIDs(t, spec.Stdout, 2)
	p.Terminate()
	r := p.Wait()
	if cpu := r.Usage.User + r.Usage.System; cpu < 300*time.Millisecond {
		t.Errorf("%v, CPU time %v without what the orphan used", r.Failure, cpu)
	}
}

func TestOOMScores(t *testing.T) {
	prepare()
	score := func(pid string) int {
		text, _ := os.ReadFile("/proc/" + pid + "/oom_score_adj")
		n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
		return n
	}
	if got := score("self"); got > ownAdj {
		t.Errorf("own score went from %d to %d", ownAdj, got)
	}
	spec := tool(t, "family", "sleep")
	p := start(t, spec)
	child := readyPIDs(t, spec.Stdout, 1)[0]
	want := min(ownAdj+adjStep, 1000)
	eventually(t, "scores of tools", func() bool {
		return score(strconv.Itoa(p.PID())) == want && score(strconv.Itoa(child)) == want
	})
	p.Kill()
	p.Wait()
}

// Where small tools could fill the memory a tool has its own score at once.
func TestBelowRaphe(t *testing.T) {
	prepare()
	was := memoryHere
	defer func() { memoryHere = was }()
	memoryHere = ownPeak()
	p := start(t, tool(t, "sleep"))
	text := read(t, "/proc/"+strconv.Itoa(p.PID())+"/oom_score_adj")
	if got, want := strings.TrimSpace(text), strconv.Itoa(min(ownAdj+adjStep, 1000)); got != want {
		t.Errorf("score %s, want %s", got, want)
	}
	p.Kill()
	p.Wait()
	for _, c := range []struct {
		running      int
		each, memory int64
		want         bool
	}{
		{2, 20 * mib, 24 << 30, false},
		{24, 20 * mib, 100 * mib, true},
		{1, 20 * mib, 200 * mib, false},
		{2, 20 * mib, 200 * mib, true},
		{400, 20 * mib, 24 << 30, true},
		{24, 20 * mib, 0, false},
	} {
		if got := couldFill(c.running, c.each, c.memory); got != c.want {
			t.Errorf("%d of %d MiB in %d MiB: %v", c.running, c.each/mib, c.memory/mib, got)
		}
	}
}

// What is killed from outside while hardly any memory is left was probably
// killed for that.
func TestProbablyForMemory(t *testing.T) {
	refreshOOM()
	noLooks(t)
	for _, short := range []int64{-1 << 40, 1} {
		spec := tool(t, "raise", "9")
		p := start(t, spec)
		oom.Lock()
		was := oom.short
		oom.short = [2]int64{-1 << 40, short}
		oom.Unlock()
		if memoryWasScarce(0) != (short > 0) || !memoryWasScarce(2-short) {
			t.Errorf("%d bytes short, and what grew since", short)
		}
		r := p.Wait()
		oom.Lock()
		oom.short = was
		oom.Unlock()
		f := r.Failure
		if probably := short > -1<<40; f == nil || f.Probably != probably || f.ForMemory() != probably || f.Peak != r.Usage.PeakRSS {
			t.Errorf("%d bytes short: %+v", short, f)
		}
	}
}

func TestShortage(t *testing.T) {
	const meminfo = "MemTotal:       1048576 kB\nMemAvailable:   524288 kB\n" // 1 GiB, half of it left
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"plenty", nil, 1<<30/10 - 512*mib},
		{"version 2", map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/memory.max": "104857600\n", "sys/fs/cgroup/a/memory.current": "104857600\n",
			"sys/fs/cgroup/a/memory.stat": "anon 0\nactive_file 1048576\ninactive_file 1048576\nactive_file_x 7\n",
		}, 8 * mib},
		{"version 1", map[string]string{
			"proc/self/cgroup": "4:memory:/a\n", "sys/fs/cgroup/memory/a/memory.limit_in_bytes": "104857600\n", "sys/fs/cgroup/memory/a/memory.usage_in_bytes": "104857600\n",
			"sys/fs/cgroup/memory/a/memory.stat": "active_file 5\ntotal_active_file 1048576\ntotal_inactive_file 0\n",
		}, 9 * mib},
	} {
		root := t.TempDir()
		write(t, filepath.Join(root, "proc/meminfo"), meminfo, 0o600)
		for name, text := range c.files {
			write(t, filepath.Join(root, name), text, 0o600)
		}
		if got := shortage(root); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

// groupsLeft lists the groups that this process has made and not removed.
func groupsLeft() []string {
	own := ownCgroups("")
	left, _ := filepath.Glob(filepath.Join(own.memory, groupPrefix+strconv.Itoa(os.Getpid())+"-*"))
	more, _ := filepath.Glob(filepath.Join(own.unified, groupPrefix+strconv.Itoa(os.Getpid())+"-*"))
	return append(left, more...)
}
