//go:build linux

package killtest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
