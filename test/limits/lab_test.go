//go:build linux

package limitstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is how long anything may take before it counts as hung.
const patience = 60 * time.Second

// folder holds the programs under test: raphe, and the tool hog.
var folder string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "raphe-limits-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	folder = dir
	for name, pkg := range map[string]string{"raphe": "../../cmd/raphe", "hog": "./hog"} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, name), pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // and so without the race detector, which takes memory
		out, err := cmd.CombinedOutput()
		if err == nil {
			err = os.Chmod(dir, 0o755) // nobody looks at it, too
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", name, err, out)
			return 1
		}
	}
	return m.Run()
}

// A lab is a folder in which raphe runs, as a user.
type lab struct {
	t    *testing.T
	dir  string
	attr *syscall.SysProcAttr
	env  []string
}

// tools is what definitions may use: Hog, and scripts of their own by name.
const tools = `
Hog = command("hog", name = "Hog", outputs = [], inputs = [text("mode", "%s", pos = 0), real("a", "%g", pos = 1), real("b", "%g", pos = 2), real("c", "%g", pos = 3)])
def hog(name, mode, a, b, c = None, **options):
    node = Node(Hog(mode = mode, a = a, b = b), name = name, **options)
    if c != None:
        node.inputs.c = c
    return node
def script(name, **options):
    return Node(command(name, name = name, inputs = [], outputs = [])(), name = name, **options)
wf = Workflow("wf", base_dir = "work")
`

func newLab(t *testing.T, definition string) *lab {
	t.Helper()
	dir, err := os.MkdirTemp("", "raphe-lab-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l := &lab{t: t, dir: dir, env: append(os.Environ(), "PATH="+dir+":"+folder+":"+os.Getenv("PATH"),
		"HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "NO_COLOR=1", "RAPHE_NO_LEARN=1")}
	l.write("wf.star", definition, 0o644)
	return l
}

// asNobody lets raphe run without the rights of root.
func (l *lab) asNobody() *lab {
	const nobody = 65534
	if err := os.Chown(l.dir, nobody, nobody); err != nil {
		l.t.Fatal(err)
	}
	l.attr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	return l
}

// eachWay runs a test in a lab by each means of keeping limits that this user
// has.
func eachWay(t *testing.T, definition string, test func(t *testing.T, l *lab)) {
	if os.Getuid() != 0 {
		test(t, newLab(t, definition))
		return
	}
	t.Run("root", func(t *testing.T) { test(t, newLab(t, definition)) })
	t.Run("nobody", func(t *testing.T) { test(t, newLab(t, definition).asNobody()) })
}

func (l *lab) write(name, text string, mode os.FileMode) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(l.dir, name), []byte(text), mode); err != nil {
		l.t.Fatal(err)
	}
}

// command gives a command in the lab, which does not run yet.
func (l *lab) command(argv ...string) *exec.Cmd {
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = l.dir, l.env, l.attr
	cmd.WaitDelay = time.Second
	return cmd
}

// A result is how a raphe ended.
type result struct {
	status int
	said   string // both streams
	peak   int64  // the most memory that it held itself, in bytes
}

// end runs a command to its end.
func (l *lab) end(cmd *exec.Cmd) result {
	l.t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		l.t.Fatal(err)
	}
	peak := peakOf(cmd.Process.Pid)
	hung := time.AfterFunc(patience, func() { _ = cmd.Process.Signal(syscall.SIGQUIT) }) // its stacks tell why
	_ = cmd.Wait()                                                                       // the state says how it ended
	if !hung.Stop() {
		l.t.Fatalf("hung: %v\n%s", cmd.Args, said.String())
	}
	return result{cmd.ProcessState.ExitCode(), said.String(), peak()}
}

// run runs raphe to its end and demands an exit status.
func (l *lab) run(want int, args ...string) result {
	l.t.Helper()
	r := l.end(l.command(append([]string{filepath.Join(folder, "raphe")}, args...)...))
	if r.status != want {
		l.t.Fatalf("raphe %s: exit status %d, want %d\n%s", strings.Join(args, " "), r.status, want, r.said)
	}
	return r
}

// A record as `raphe show --json` prints it.
type record struct {
	Instance string
	Attempt  int
	Failure  *struct{ Kind, Cause, Mend string }
	Outputs  map[string]json.RawMessage
	Usage    struct {
		PeakRSS int64 `json:"peak_rss"`
		Asked   struct {
			Mem, Limit int64
			From       string
		}
	}
}

// records gives what the base directory remembers, by instance.
func (l *lab) records() map[string]record {
	l.t.Helper()
	cmd := l.command(filepath.Join(folder, "raphe"), "show", "work", "--json")
	out, err := cmd.Output()
	if err != nil {
		l.t.Fatalf("show: %v", err)
	}
	all := map[string]record{}
	for line := range bytes.Lines(out) {
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			l.t.Fatalf("%v in %s", err, line)
		}
		all[r.Instance] = r
	}
	return all
}

// failed demands that an instance failed in one of these ways, with a mend.
func (l *lab) failed(all map[string]record, instance string, kinds ...string) record {
	l.t.Helper()
	r := all[instance]
	if r.Failure == nil {
		l.t.Errorf("%s did not fail: %+v", instance, r)
		return r
	}
	if !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+r.Failure.Kind+" ") || r.Failure.Mend == "" {
		l.t.Errorf("%s failed as %s: %q, mend %q; want one of %v", instance, r.Failure.Kind, r.Failure.Cause, r.Failure.Mend, kinds)
	}
	return r
}

// succeeded demands that instances did.
func (l *lab) succeeded(all map[string]record, instances ...string) {
	l.t.Helper()
	for _, name := range instances {
		if r, ok := all[name]; !ok || r.Failure != nil {
			l.t.Errorf("%s: %+v, failure %+v", name, r, r.Failure)
		}
	}
}
