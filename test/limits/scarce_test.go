//go:build linux

package limitstest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// newGroup makes a memory cgroup of that limit below the one of this test, and
// gives the file that takes the ids of processes. It is removed in the end.
func newGroup(t *testing.T, bytes int64) (procs string, err error) {
	t.Helper()
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	home, file := "/sys/fs/cgroup", "memory.max"
	for line := range strings.Lines(string(text)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) == 3 && parts[1] == "memory": // version 1, see cgroups(7)
			home, file = "/sys/fs/cgroup/memory"+parts[2], "memory.limit_in_bytes"
		case len(parts) == 3 && parts[1] == "" && file == "memory.max":
			home = "/sys/fs/cgroup" + parts[2]
		}
	}
	dir := filepath.Join(home, "limitstest-"+strconv.Itoa(os.Getpid()))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	t.Cleanup(func() {
		if err := os.Remove(dir); err != nil { // files of a group go with it
			t.Errorf("left in a group: %v", err)
		}
	})
	return filepath.Join(dir, "cgroup.procs"), os.WriteFile(filepath.Join(dir, file), []byte(strconv.FormatInt(bytes, 10)), 0o644)
}

const manyFunctions = `
def double(x): return 2 * x
def count(xs): return len(xs)
a = Node(Function(input_names = ["x"], output_names = ["out"], function = double), name = "a", iterables = ("x", range(10000)))
j = JoinNode(Function(input_names = ["xs"], output_names = ["out"], function = count), name = "j", joinsource = "a", joinfield = "xs")
wf = Workflow("wf", base_dir = "work")
wf.connect(a, "out", j, "xs")
`

// raphe runs 10,000 instances in a group of 64 MiB, and with an address space
// of 1 GB.
func TestScarce(t *testing.T) {
	ways := map[string][]string{
		"address space": {"/bin/sh", "-c", `ulimit -v 1000000 && exec "$0" run wf.star`},
	}
	if group, err := newGroup(t, 64*mib); err == nil {
		ways["group"] = []string{"/bin/sh", "-c", `echo $$ >"$1" && exec "$0" run wf.star`, group}
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			l := newLab(t, `load("utility", "Function")`+manyFunctions)
			argv := append(append([]string{}, way[:3]...), append([]string{filepath.Join(folder, "raphe")}, way[3:]...)...)
			for _, want := range []string{"done: 10001 instances", "nothing had to run"} {
				r := l.end(l.command(argv...))
				if r.status != 0 || !strings.Contains(r.said, want) {
					t.Fatalf("exit status %d\n%s", r.status, r.said)
				}
				if r.peak > 40*mib {
					t.Errorf("raphe held %d MiB", r.peak/mib)
				}
			}
		})
	}
}

// Runs that share the user's memory of what tools needed do not disturb each
// other, and what stands there is no reason to fail.
func TestSharedCache(t *testing.T) {
	l := newLab(t, tools+`
tag = arg("tag")
wf.add_nodes([hog("h%d" % i, "hold", 60, 0.2, environ = {"TAG": tag}) for i in range(2)])
`)
	l.env = append(l.env, "RAPHE_NO_LEARN=")
	ended := make(chan result)
	for i := range 3 {
		go func() {
			cmd := l.command(filepath.Join(folder, "raphe"), "run", "wf.star", "--tag", strconv.Itoa(i), "--base-dir", "work"+strconv.Itoa(i))
			out, _ := cmd.CombinedOutput()
			ended <- result{status: cmd.ProcessState.ExitCode(), said: string(out)}
		}()
	}
	for range 3 {
		if r := <-ended; r.status != 0 {
			t.Errorf("exit status %d\n%s", r.status, r.said)
		}
	}
	l.run(0, "run", "wf.star", "--tag", "later")
	if asked := l.records()["wf/h0"].Usage.Asked; asked.From != "learned" || asked.Mem < 60*mib || asked.Mem > 150*mib {
		t.Errorf("%+v", asked)
	}
	files, err := filepath.Glob(filepath.Join(l.dir, "cache", "raphe", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v %v", files, err)
	}
	for _, damage := range []string{"", "none of your files", "{\"raphe_learned\":1}\n{\"interf"} {
		for _, file := range files {
			if err := os.WriteFile(file, []byte(damage), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		l.run(0, "run", "wf.star", "--tag", "d"+damage, "--base-dir", "damaged")
	}
}
