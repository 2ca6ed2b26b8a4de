package proc

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
				t.Logf("%v after %v, peak %d MiB", f, r.Usage.Wall, r.Usage.PeakRSS>>20)
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

// What several processes share counts once.
func TestSharedMemoryIsNotTooMuch(t *testing.T) {
	for _, by := range []string{"sampling", "group", "together"} {
		spec, alive := marked(t, "sharers", "6", "48", "shared")
		switch by {
		case "group":
			spec.Budget = NewBudget(0)
			fallthrough
		case "sampling":
			spec.MemLimit = 160 * mib
		default:
			spec.Budget = NewBudget(160 * mib)
		}
		p := start(t, spec)
		readyPIDs(t, spec.Stdout, 6)
		eventually(t, "a sample of them all", func() bool { return p.Sample().RSS > 250*mib })
		before := p.Sample().Elapsed
		eventually(t, "some more samples", func() bool { return p.Sample().Elapsed > before+300*time.Millisecond })
		p.Terminate()
		r := p.Wait()
		if r.Failure == nil || r.Failure.Kind != Cancelled {
			t.Errorf("%s: %v", by, r.Failure)
		}
		if r.Usage.PeakPSS > 160*mib || r.Usage.PeakVSize < 6*48*mib || by != "group" && r.Usage.PeakPSS < 48*mib {
			t.Errorf("%s: usage %+v", by, r.Usage)
		}
		if left := alive(); len(left) > 0 {
			t.Errorf("%s: %v still run", by, left)
		}
		spec.Budget.Close()
	}
}

// groupsLeft lists the groups that this process has made and not removed.
func groupsLeft() []string {
	own := ownCgroups("")
	left, _ := filepath.Glob(filepath.Join(own.memory, groupPrefix+strconv.Itoa(os.Getpid())+"-*"))
	more, _ := filepath.Glob(filepath.Join(own.unified, groupPrefix+strconv.Itoa(os.Getpid())+"-*"))
	return append(left, more...)
}
