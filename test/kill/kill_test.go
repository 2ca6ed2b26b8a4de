//go:build linux

package killtest

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sweep is a workflow of about 500 instances: chains under one sweep and under
// two, joins of joins, a MapNode between them, functions, a sink. Each tool
// says in a file outside when it starts and when it has done its work; some of
// them take longer. No tool is a pipeline, so that none succeeds when a part of
// it is killed.
const sweep = `
load("utility", "Function", "IdentityInterface", "Merge")
load("io", "DataSink")

lab = arg("lab", type = "dir")

Work = command(["sh", "-c", '''
me=${PWD#*/wf/}
echo "start $me" >> "$LAB/log" || exit 1
out=$1; shift
{ echo "$me" && cat "$@"; } > all || exit 1
cksum all > sum || exit 1
sum=$(cat sum) || exit 1
case $sum in *[05]\\ *) sleep 0.05 || exit 1;; esac
{ echo "$me" && cat sum; } > "$out" || exit 1
rm all sum || exit 1
echo "done $me" >> "$LAB/log"
''', "sh"],
    inputs = [
        path("out_file", "%s", pos = 0, default = "out.txt"),
        files("in_files", "%s", pos = 1),
        text("label", key = "text"),
    ],
    outputs = [file("out_file", at("out_file"))],
)

wf = Workflow("wf")
def work(name, **options):
    return Node(Work(in_files = [lab + "/seed"]), name = name, **options)

def chain(first, names):
    nodes = [Node(Work(), name = n) for n in names]
    before = first
    for n in nodes:
        wf.connect(before, "out_file", n, "in_files")
        before = n
    return before

subjects = Node(IdentityInterface(fields = ["subject"]), name = "subjects", iterables = ("subject", ["s%d" % i for i in range(16)]))
runs = Node(IdentityInterface(fields = ["run"]), name = "runs", iterables = ("run", [1, 2, 3]))

anat = work("anat")
wf.connect(subjects, "subject", anat, "label")
anat_end = chain(anat, ["a1", "a2", "a3"])                                    # 16 x 4

func = work("func")
wf.connect([(subjects, func, [("subject", "label")]), (runs, func, [(("run", lambda r: "%d.txt" % r), "out_file")])])
func_end = chain(func, ["f1", "f2", "f3", "f4"])                              # 48 x 5

both = Node(Merge(2), name = "both")                                          # 48, inside raphe
wf.connect([(func_end, both, [("out_file", "in1")]), (anat_end, both, [("out_file", "in2")])])
reg = Node(Work(), name = "reg")                                              # 48
wf.connect(both, "out", reg, "in_files")
per_subject = JoinNode(Work(), name = "per_subject", joinsource = "runs", joinfield = "in_files")      # 16
wf.connect(reg, "out_file", per_subject, "in_files")
group = JoinNode(Work(), name = "group", joinsource = "subjects", joinfield = "in_files")
wf.connect(per_subject, "out_file", group, "in_files")

listed = Node(Function(function = lambda f, lab: [f] * 30 + [lab + "/seed"] * 20, output_names = ["files"], lab = lab), name = "listed")
wf.connect(group, "out_file", listed, "f")
pieces = MapNode(Work(), iterfield = ["in_files"], name = "pieces")           # 50
wf.connect(listed, "files", pieces, "in_files")
final = Node(Work(), name = "final")
wf.connect(pieces, "out_file", final, "in_files")

early = MapNode(Work(), iterfield = ["out_file"], name = "early")             # 30, from the start
early.inputs.in_files = [lab + "/seed"]
early.inputs.out_file = ["e%d.txt" % i for i in range(30)]
wf.add_nodes([early])

sink = Node(DataSink(base_directory = lab + "/results"), name = "sink")
wf.connect([(final, sink, [("out_file", "final")]), (group, sink, [("out_file", "group")]), (early, sink, [("out_file", "early")])])
`

// A sweepLab counts what the tools of the sweep say.
type sweepLab struct {
	*lab
	random *rand.Rand
	base   string
}

func newSweepLab(t *testing.T, random *rand.Rand) *sweepLab {
	l := newLab(t, sweep)
	l.write("seed", "seed\n", 0o644)
	l.write("log", "", 0o644)
	return &sweepLab{lab: l, random: random, base: "work"}
}

func (l *sweepLab) command() []string {
	return []string{"run", "wf.star", "--lab", ".", "--base-dir", l.base, "--procs", "4"}
}

// log gives what the tools have said since a place in the log: which have
// started, and which have done their work. A last line that is cut short was
// the last act of a tool that was killed.
func (l *sweepLab) log(from int) (started, done []string, end int) {
	l.t.Helper()
	text, err := os.ReadFile(l.path("log"))
	if err != nil {
		l.t.Fatal(err)
	}
	for line := range strings.Lines(string(text[from:])) {
		word, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case ok && word == "start":
			started = append(started, "wf/"+name)
		case ok && word == "done":
			done = append(done, "wf/"+name)
		default:
			l.t.Errorf("the log has the line %q", line)
		}
	}
	return started, done, len(text)
}

// complete gives the instances that have a complete record.
func (l *sweepLab) complete() map[string]bool {
	out := map[string]bool{}
	for name, r := range l.records(l.base) {
		if r.Failure == nil {
			out[name] = true
		}
	}
	return out
}

// tree gives every file below a folder with its content, and every folder.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel := strings.TrimPrefix(path, root+"/")
		switch {
		case path == root:
			return nil
		case d.IsDir():
			out[rel] = "folder"
			return nil
		}
		text, err := os.ReadFile(path)
		out[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestKilled kills raphe, or one of its tools, again and again at random, and
// resumes. RAPHE_KILLS says how often, RAPHE_SEED repeats a run.
func TestKilled(t *testing.T) {
	t.Parallel()
	kills, seed := number("RAPHE_KILLS", 12), number("RAPHE_SEED", int(time.Now().UnixNano()&0xffffff))
	t.Logf("%d kills; repeat with RAPHE_SEED=%d", kills, seed)
	calm := newSweepLab(t, nil)
	calm.run(0, calm.command()...)
	_, all, _ := calm.log(0)
	if len(all) < 400 || len(slices.Compact(slices.Sorted(slices.Values(all)))) != len(all) {
		t.Fatalf("%d tools ran in the undisturbed run", len(all))
	}

	l := newSweepLab(t, rand.New(rand.NewPCG(uint64(seed), 1)))
	// The work is spread over the kills, so that the last one still hits some.
	l.write("log", "", 0o644)
	mean := max(1, len(all)*9/10/kills)
	for k := range kills {
		l.round(k, mean)
	}
	known := l.complete()
	_, _, at := l.log(0)
	l.run(0, l.command()...)
	l.redoesNothing(kills, known, at)
	l.run(0, l.command()...)
	l.nothingLeft()

	started, done, _ := l.log(0)
	t.Logf("%d starts and %d ends of tools for %d instances", len(started), len(done), len(all))
	if d := cmp.Diff(len(slices.Compact(slices.Sorted(slices.Values(done)))), len(all)); d != "" {
		t.Errorf("instances that were done at some time (-got +want):\n%s", d)
	}
	for _, folder := range []string{"work/wf", "results"} {
		if d := cmp.Diff(tree(t, calm.path(folder)), tree(t, l.path(folder))); d != "" {
			t.Errorf("%s differs from that of an undisturbed run (-undisturbed +killed):\n%s", folder, d)
		}
	}
}

func number(variable string, standard int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return standard
}

// round resumes the run, lets some tools do their work, and kills: raphe three
// times out of five, else a tool, after which raphe is stopped by an interrupt
// or killed as well.
func (l *sweepLab) round(k, mean int) {
	l.t.Helper()
	known := l.complete()
	_, _, from := l.log(0)
	r := l.raphe(l.command()...)
	enough := l.random.IntN(2*mean + 1)
	l.until("tools have done their work", func() bool {
		_, done, _ := l.log(from)
		return len(done) >= enough || r.hasEnded()
	})
	time.Sleep(time.Duration(l.random.IntN(8000)) * time.Microsecond)
	signal := syscall.SIGKILL
	if l.random.IntN(5) < 2 && l.killTool() && l.random.IntN(2) == 0 {
		signal = syscall.SIGINT
	}
	_ = r.Process.Signal(signal) // it may have ended by itself
	switch status := r.end(); {
	case strings.Contains(r.err.String(), "BUG"), strings.Contains(r.err.String(), "panic"):
		l.t.Fatalf("kill %d:\n%s", k, r.err.String())
	case status == -1, status == 0, status == 1, status == 130:
	default:
		l.t.Fatalf("kill %d: exit status %d\n%s", k, status, r.err.String())
	}
	l.toolsGone(k)
	l.redoesNothing(k, known, from)
}

func (r *running) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// killTool kills a random process that raphe, or a tool of its, has started.
func (l *sweepLab) killTool() bool {
	tools := slices.DeleteFunc(l.left(), func(p process) bool { return p.isRaphe() })
	if len(tools) == 0 {
		return false
	}
	return syscall.Kill(tools[l.random.IntN(len(tools))].pid, syscall.SIGKILL) == nil
}

// toolsGone waits until the tools, which die with raphe, are gone: what they
// log later would be counted for the next round. Their own children live until
// the next run ends them; they log nothing.
func (l *sweepLab) toolsGone(k int) {
	l.t.Helper()
	l.until(fmt.Sprintf("the tools of kill %d are gone", k), func() bool {
		return !slices.ContainsFunc(l.left(), func(p process) bool { return strings.HasPrefix(p.command, "sh -c") })
	})
}

// redoesNothing demands that no instance that had a complete record was
// started again.
func (l *sweepLab) redoesNothing(k int, known map[string]bool, from int) {
	l.t.Helper()
	started, _, _ := l.log(from)
	for _, name := range started {
		if known[name] {
			l.t.Errorf("after kill %d: %s was complete and ran again", k, name)
		}
	}
}

// TestKilledWithItsTools sees that what raphe runs dies with it, and that what
// its tools had started is ended by the next run.
func TestKilledWithItsTools(t *testing.T) {
	t.Parallel()
	l := newLab(t, `
Wait = command(["sh", "-c", 'test -e "$LAB/free" || { sleep 1000 & setsid sleep 1000 & touch "$LAB/$0"; wait; }'], inputs = [text("name", "%s")], outputs = [])
wf = Workflow("wf")
wf.add_nodes([Node(Wait(name = "n%d" % i), name = "n%d" % i) for i in range(3)])
`)
	r := l.raphe("run", "wf.star", "--procs", "3")
	for i := range 3 {
		l.until("the tools run", func() bool {
			_, err := os.Stat(l.path(fmt.Sprintf("n%d", i)))
			return err == nil
		})
	}
	if err := r.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	r.end()
	l.until("the tools have died with raphe", func() bool {
		return !slices.ContainsFunc(l.left(), func(p process) bool { return strings.HasPrefix(p.command, "sh -c") })
	})
	if n := len(l.left()); n == 0 {
		t.Log("what the tools had started is gone already")
	}
	l.write("free", "", 0o644)
	again := l.run(0, "run", "wf.star")
	if log := again.err.String(); !strings.Contains(log, "sleep") {
		t.Errorf("it is not said that processes of the killed run were ended:\n%s", log)
	}
	l.nothingLeft()
	for _, name := range slices.Sorted(maps.Keys(l.records("work"))) {
		if f := l.records("work")[name].Failure; f != nil {
			t.Errorf("%s: %s", name, f.Cause)
		}
	}
}
