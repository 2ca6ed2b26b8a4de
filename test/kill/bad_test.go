//go:build linux

package killtest

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
)

// badTools is a workflow of tools that misbehave, each in its own way, beside
// chains that do not.
const badTools = `
lab = arg("lab", type = "dir")

def tool(name, argv, outputs = [], **options):
    return Node(command(argv, name = name, inputs = [], outputs = outputs)(), name = name, **options)

def sh(name, script, **options):
    return tool(name, ["sh", "-c", script], **options)

Put = command("echo", inputs = [text("text", "%s"), path("out_file", "> %s", default = "out.txt")], outputs = [file("out_file", at("out_file"))])
Copy = command("cp", inputs = [file("in_file", "%s", pos = 0, mandatory = True), path("out_file", "%s", pos = 1, default = "out.txt")],
    outputs = [file("out_file", at("out_file"))])

wf = Workflow("wf")
wf.add_nodes([
    sh("sigkill", "kill -KILL $$"),
    sh("sigsegv", "kill -SEGV $$"),
    sh("child_killed", "sh -c 'kill -KILL $$'"),
    tool("not_found", "no-such-tool-anywhere"),
    tool("not_found_path", lab + "/no/such/tool"),
    tool("not_executable", lab + "/plain.txt"),
    tool("a_directory", lab + "/folder"),
    tool("bad_interpreter", lab + "/bad-interpreter"),
    tool("not_a_program", lab + "/garbage"),
    sh("exit_7", "echo bad voxel >&2; exit 7"),
    sh("much_stderr", "head -c 1073741824 /dev/zero >&2"),
    sh("much_stdout", "head -c 1073741824 /dev/zero"),
    sh("one_line", "head -c 20000000 /dev/zero | tr '\\0' x >&2; exit 1"),
    sh("background", "sleep 1000 & exit 0"),
    sh("background_session", "setsid sleep 1000 & sleep 0.2; exit 0"),
    sh("background_failed", "sleep 1000 & setsid sleep 1000 & sleep 0.2; exit 3"),
    sh("no_term", "trap '' TERM; sleep 1000 & wait; sleep 1000", timeout = 0.5),
    sh("too_long", "sleep 1000", timeout = 0.5),
    sh("many_children", "for i in $(seq 200); do sleep 1000 & done; wait", timeout = 1.5),
    sh("no_output", "true", outputs = [file("out_file", here("out.txt"))]),
    sh("disk_full", "cat /dev/zero > /dev/full"),
    sh("file_limit", "ulimit -f 8; head -c 1000000 /dev/zero > big"),
    sh("much_memory", "head -c 300000000 /dev/zero | tail -c 1 ; sleep 0.3; x=$(head -c 300000000 /dev/zero | tr '\\0' x); sleep 1000", mem_gb = 0.1),
    sh("no_directory", "rm -rf $PWD; exit 4"),
])
for c in range(5):
    before = Node(Put(text = "chain %d" % c), name = "chain_%d_0" % c)
    for k in range(1, 4):
        after = Node(Copy(), name = "chain_%d_%d" % (c, k))
        wf.connect(before, "out_file", after, "in_file")
        before = after
after_bad = Node(Copy(), name = "after_bad")
wf.connect(wf.get_node("no_output"), "out_file", after_bad, "in_file")
`

// wantFailures gives for each tool the kind of its failure, and what its cause
// must say.
var wantFailures = map[string]struct{ kind, cause string }{
	"sigkill":            {"signalled", "SIGKILL"},
	"sigsegv":            {"signalled", "SIGSEGV"},
	"child_killed":       {"exit-status", "killed from outside .SIGKILL, exit status 137"},
	"not_found":          {"not-found", `"no-such-tool-anywhere" not found on the PATH$`},
	"not_found_path":     {"not-found", "no such file"},
	"not_executable":     {"not-executable", "permission denied"},
	"a_directory":        {"not-executable", "directory"},
	"bad_interpreter":    {"not-executable", "interpreter"},
	"not_a_program":      {"not-executable", "format|program"},
	"exit_7":             {"exit-status", "exit status 7"},
	"much_stderr":        {"log-limit", "256 MiB to its log .*/wf/much_stderr/stderr.txt"},
	"much_stdout":        {"log-limit", "256 MiB to its log .*/wf/much_stdout/stdout.txt"},
	"one_line":           {"exit-status", "exit status 1"},
	"background":         {"background-left", "sleep"},
	"background_session": {"background-left", "sleep"},
	"background_failed":  {"exit-status", "exit status 3"},
	"no_term":            {"timed-out", "500ms"},
	"too_long":           {"timed-out", "500ms"},
	"many_children":      {"timed-out", "1.5s"},
	"no_output":          {"outputs", `did not make its output "out_file"`},
	"disk_full":          {"disk-full", "disk is full"},
	"file_limit":         {"(exit-status|signalled)", "SIGXFSZ|exit status"},
	"much_memory":        {"memory-exceeded", "needed more than .*; its limit was"},
	"no_directory":       {"exit-status", "exit status 4"},
}

// mostMemory is what raphe itself may hold while its tools write gigabytes.
const mostMemory = 60 << 20

func TestToolsThatMisbehave(t *testing.T) {
	t.Parallel()
	l := newLab(t, badTools)
	l.write("plain.txt", "no program\n", 0o644)
	l.write("bad-interpreter", "#!/no/such/interpreter\n", 0o755)
	l.write("garbage", "\x7fELF\x00garbage", 0o755)
	if err := os.Mkdir(l.path("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := l.raphe("run", "wf.star", "--allow-missing", "--lab", l.dir, "--procs", "4", "--memory-retries", "0")
	var peak int64
	for going := true; going; {
		select {
		case <-r.ended:
			going = false
		case <-time.After(20 * time.Millisecond):
			peak = max(peak, peakRSS(r.Process.Pid))
		}
	}
	if status := r.end(); status != 1 {
		t.Fatalf("exit status %d, want 1\n%s", status, r.err.String())
	}
	t.Logf("raphe's own peak: %d MiB", peak>>20)
	if peak > mostMemory {
		t.Errorf("raphe held %d MiB", peak>>20)
	}
	l.nothingLeft()
	l.wantFailures(r.err.String())
	for c := range "01234" {
		if got, err := os.ReadFile(l.path("work/wf/chain_" + string(rune('0'+c)) + "_3/out.txt")); err != nil || !strings.HasPrefix(string(got), "chain") {
			t.Errorf("chain %d did not complete: %v", c, err)
		}
	}
	if !strings.Contains(r.err.String(), "1 blocked by failures") {
		t.Errorf("what depends on a failure is not counted:\n%s", tail(r.err.String()))
	}
}

func (l *lab) wantFailures(printed string) {
	l.t.Helper()
	records := l.records("work")
	for name, want := range wantFailures {
		f := records["wf/"+name].Failure
		if f == nil {
			l.t.Errorf("%s: no failure is recorded", name)
			continue
		}
		if !regexp.MustCompile("^"+want.kind+"$").MatchString(f.Kind) || !regexp.MustCompile(want.cause).MatchString(f.Cause) {
			l.t.Errorf("%s: %s: %s (%s), want %s: %s", name, f.Kind, f.Cause, f.Detail, want.kind, want.cause)
		}
		if f.Mend == "" {
			l.t.Errorf("%s: nothing is said of how to mend it", name)
		}
		if len(f.Stderr) > 16<<10 {
			l.t.Errorf("%s: %d bytes of stderr are kept", name, len(f.Stderr))
		}
		if !strings.Contains(printed, "FAILED  wf."+name+" ") {
			l.t.Errorf("%s: its failure was not reported", name)
		}
	}
}

// tail gives the last lines of a text.
func tail(s string) string {
	lines := strings.Split(s, "\n")
	return strings.Join(lines[max(0, len(lines)-30):], "\n")
}

// A base directory on a disk that gets full: of Raphe's own writing, too.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	l := newLab(t, `
Fill = command(["sh", "-c", "head -c $(($0*1024)) /dev/zero > out.bin"], inputs = [integer("kib", "%d"), path("out_file", default = "out.bin")], outputs = [file("out_file", at("out_file"))])
Put = command("echo", inputs = [text("text", "%s"), path("out_file", "> %s", default = "out.txt")], outputs = [file("out_file", at("out_file"))])
wf = Workflow("wf")
wf.add_nodes([Node(Put(text = "first"), name = "first")])
fill = MapNode(Fill(), iterfield = ["kib"], name = "fill")
fill.inputs.kib = [1024, 1025, 1026, 1027, 1028]
wf.add_nodes([fill])
`)
	base := l.path("small")
	if err := os.Mkdir(base, 0o755); err != nil {
		t.Fatal(err)
	}
	script := `mount -t tmpfs -o size=3m tmpfs "$1" || exit 99
"$2" run wf.star --base-dir "$1" --procs 1; echo "exit $?"
"$2" run wf.star --base-dir "$1" --procs 1; echo "exit $?"
mount -o remount,size=30m "$1"
"$2" run wf.star --base-dir "$1" --procs 1; echo "exit $?"`
	if exec.Command("unshare", "-rm", "sh", "-c", "mount -t tmpfs tmpfs "+base).Run() != nil {
		t.Log("no file system may be mounted here; /dev/full in TestToolsThatMisbehave has to do")
		return
	}
	r := l.start("unshare", "-rm", "sh", "-c", script, "sh", base, program)
	r.end()
	out, log := r.out.String(), r.err.String()
	// 1: tools failed; 5: what they did could not be recorded either.
	if !regexp.MustCompile(`^exit [15]\nexit [15]\nexit 0\n$`).MatchString(out) {
		t.Errorf("%q; want exit 1 or 5 while the disk is full, then exit 0\n%s", out, log)
	}
	if !strings.Contains(log, "the disk is full") || !strings.Contains(log, "free some space") {
		t.Errorf("it is not said that the disk is full:\n%s", log)
	}
	l.nothingLeft()
}
