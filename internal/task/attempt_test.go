package task_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/raphe-org/raphe/internal/diag"
	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// one runs a single node and gives how it ended.
func (l *lab) one(f *iface.Interface, in map[string]value.Value, o workflow.Options) event.Event {
	l.t.Helper()
	d := workflow.New()
	top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	top.Add(diag.Pos{}, d.AddNode(workflow.NodeSpec{Name: "n", Interface: f, Inputs: value.NewRecord(in), Options: o}))
	events, _ := l.execute(top)
	return events["wf/n"]
}

// What an attempt left is never taken for the next one's.
func TestAttemptsStartAfresh(t *testing.T) {
	l := newLab(t)
	tries := filepath.Join(filepath.Dir(l.in), "tries")
	events, _ := l.run(step{name: "n", script: `echo x >> ` + tries + `; if test $(wc -l < ` + tries + `) = 1; then echo stale > "$2"; touch other; exit 1; fi; ls; echo seen`,
		options: workflow.Options{Retries: 1}})
	f := events["wf/n"].Failure
	if f == nil || !strings.Contains(f.Cause, "did not make its output") || read(t, tries) != "x\nx\n" {
		t.Fatalf("second attempt: %+v", events["wf/n"])
	}
	if got := read(t, l.base+"/wf/n/stdout.txt"); got != "seen\n" {
		t.Errorf("the second attempt found %q in its directory", got)
	}
}

func TestFunctionAfterCommand(t *testing.T) {
	l := newLab(t)
	l.run(step{name: "n", script: upper})
	fn := iface.New(iface.Interface{
		Ref:      iface.Ref{Name: "Function"},
		Outputs:  []iface.Output{{Name: "out"}},
		Function: &iface.Function{Fn: iface.Func{Name: "f", Source: "def f(): return \"" + l.base + "/wf/n/out.txt\""}, Outputs: []string{"out"}},
	})
	if e := l.one(fn, nil, workflow.Options{}); e.Failure != nil || e.Reason == "" {
		t.Fatalf("%+v", e)
	}
	if _, err := os.Stat(l.base + "/wf/n"); err == nil {
		t.Error("the directory of the command that ran under this name is still there")
	}
}

func TestStagedInputs(t *testing.T) {
	l := newLab(t)
	dir := filepath.Dir(l.in)
	for _, name := range []string{"a.img", "a.hdr"} {
		l.write(filepath.Join(dir, name), name+"\n")
	}
	if err := os.Symlink(dir, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	stager := func(copies bool) *iface.Interface {
		f := tool(`test -L "$1" && echo linked > "$2"; ls >> "$2"; test -L "$1" || echo changed >> "$1"`)
		out := *f
		out.Inputs[0].CopyFile = &copies
		return iface.New(iface.Interface{Ref: f.Ref, Inputs: out.Inputs, Outputs: f.Outputs, Command: f.Command})
	}
	for _, tt := range []struct {
		name, file string
		copies     bool
		want       string
	}{
		{"copied with its header", "a.img", true, "a.hdr\na.img\nout.txt\n"},
		{"linked", "a.img", false, "linked\na.hdr\na.img\nout.txt\n"},
		{"copied from behind a link", "link/in.txt", true, "in.txt\nout.txt\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := l.one(stager(tt.copies), map[string]value.Value{"in_file": value.String(filepath.Join(dir, tt.file))}, workflow.Options{})
			if e.Failure != nil {
				t.Fatalf("%+v", e.Failure)
			}
			if d := cmp.Diff(tt.want, read(t, l.base+"/wf/n/out.txt")); d != "" {
				t.Errorf("the tool saw (-want +got):\n%s", d)
			}
		})
	}
	if read(t, l.in) != "one\n" || read(t, dir+"/a.img") != "a.img\n" {
		t.Error("a tool changed what it was given a copy of")
	}
}

// The replay script says the same as the failed tool.
func TestReplayRepeats(t *testing.T) {
	l := newLab(t)
	odd := "it's $HOME `x` \"q\" \\ \n*~#\xff"
	word := strings.NewReplacer(" ", "", "\n", "").Replace(odd) // an argument is split at spaces, as nipype does
	script := `printf '%s|%s|%s|%s|' "$3" "$ODD" "$OMP_NUM_THREADS" "$PWD" >&2; cat "$1" >&2; exit 3`
	events, _ := l.run(step{name: "n", script: script, inputs: map[string]value.Value{"text": value.String(word)},
		options: workflow.Options{NProcs: 2, Environ: []workflow.EnvVar{{Name: "ODD", Value: odd}}}})
	f := events["wf/n"].Failure
	if f == nil || f.Cause != "exit status 3" {
		t.Fatalf("%+v", events["wf/n"])
	}
	said := read(t, l.base+"/wf/n/stderr.txt")
	if want := word + "|" + odd + "|2|" + l.base + "/wf/n|one\n"; said != want {
		t.Errorf("the tool said %q, want %q", said, want)
	}
	cmd := exec.Command("sh", "-c", f.Rerun)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Env = &stderr, []string{"PATH=" + os.Getenv("PATH")}
	if err := cmd.Run(); cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("%s: %v, %s", f.Rerun, err, stderr.String())
	}
	if d := cmp.Diff(said, stderr.String()); d != "" {
		t.Errorf("the script says otherwise (-tool +script):\n%s", d)
	}
}

func TestLogs(t *testing.T) {
	l := newLab(t)
	for _, tt := range []struct{ script, stdout, stderr string }{
		{`cp "$1" "$2"`, "", ""},
		{`cp "$1" "$2"; echo hi`, "hi\n", ""},
		{`cp "$1" "$2"; echo oops >&2`, "", "oops\n"},
		{`echo hi; exit 1`, "hi\n", ""},
	} {
		l.run(step{name: "n", script: tt.script})
		for name, want := range map[string]string{"stdout.txt": tt.stdout, "stderr.txt": tt.stderr} {
			got, err := os.ReadFile(filepath.Join(l.base, "wf/n", name))
			if string(got) != want || (err == nil) != (want != "") {
				t.Errorf("%s: %s holds %q, %v; want %q", tt.script, name, got, err, want)
			}
		}
	}
}

// A tool that could not start has no log: not that of the tool before it.
func TestAnotherToolsLogIsNotShown(t *testing.T) {
	l := newLab(t)
	gone := iface.New(iface.Interface{Ref: iface.Ref{Name: "Gone"}, Command: &iface.Command{Words: []string{"no-such-tool"}},
		Inputs: []iface.Input{{Name: "in_file", Type: iface.Type{Kind: iface.File}, Argstr: "%s"}}})
	d := workflow.New()
	top := d.AddWorkflow("wf", workflow.WorkflowOptions{}, diag.Pos{})
	a := d.AddNode(workflow.NodeSpec{Name: "a", Interface: tool(`cp "$1" "$2"; echo secret; echo secret >&2`), Inputs: value.NewRecord(map[string]value.Value{"in_file": value.String(l.in)})})
	b := d.AddNode(workflow.NodeSpec{Name: "b", Interface: gone})
	top.Connect(workflow.Edge{Src: a, SrcPort: "out_file", Dst: b, DstPort: "in_file"})
	// The slot's files are there, with the words of a tool that was killed.
	slots := filepath.Join(l.base, ".raphe", "slots")
	if err := os.MkdirAll(slots, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"0.out", "0.err"} {
		l.write(filepath.Join(slots, name), "of an earlier run\n")
	}
	events, _ := l.execute(top)
	if got := read(t, l.base+"/wf/a/stderr.txt"); got != "secret\n" {
		t.Errorf("the log of a: %q", got)
	}
	f := events["wf/b"].Failure
	if f == nil || f.Cause != `command "no-such-tool" not found on the PATH` || f.Stderr != "" || f.Stdout != "" {
		t.Fatalf("%+v", f)
	}
	if logs, _ := filepath.Glob(l.base + "/wf/b/std*"); len(logs) > 0 {
		t.Errorf("it has logs: %v", logs)
	}
}

// A bug is the failure of its unit; what came before is kept.
func TestPanics(t *testing.T) {
	l := newLab(t)
	l.run(step{name: "a", script: upper})
	l.exec = struct{ executor.Executor }{} // none: whoever calls it panics
	events, sum := l.run(step{name: "a", script: upper}, step{name: "b", script: upper})
	f := events["wf/b"].Failure
	if sum.Failed != 1 || sum.Cached != 1 || f == nil || f.Kind != "bug" || !strings.Contains(f.Cause, "BUG in raphe") || !strings.Contains(f.Detail, "command.go") {
		t.Fatalf("%+v, %+v", sum, f)
	}
	l.exec = nil
	if events, sum := l.run(step{name: "a", script: upper}, step{name: "b", script: upper}); !sum.OK() {
		t.Errorf("without the bug: %v", verdicts(events))
	}
}

func function(source string, timeout time.Duration, outputs ...string) (*iface.Interface, workflow.Options) {
	f := iface.Interface{Ref: iface.Ref{Name: "Function"}, Function: &iface.Function{Fn: iface.Func{Name: "f", Source: source}, Outputs: outputs}}
	for _, name := range outputs {
		f.Outputs = append(f.Outputs, iface.Output{Name: name})
	}
	return iface.New(f), workflow.Options{Timeout: timeout}
}

func TestFunctionsThatFail(t *testing.T) {
	const endless = "def f():\n    for i in range(1 << 30):\n        for k in range(1 << 30):\n            pass\n"
	for _, tt := range []struct {
		name, source string
		timeout      time.Duration
		outputs      []string
		kind, want   string
	}{
		{"too few outputs", "def f(): return (1,)", 0, []string{"a", "b"}, "function", "it has 2 outputs ([a b]) and its function returned 1 values"},
		{"no list of outputs", "def f(): return 1", 0, []string{"a", "b"}, "function", "it has 2 outputs ([a b]) and its function returned a value of type int"},
		{"its own error", "def f(): fail('no brain')", 0, []string{"a"}, "function", "no brain"},
		{"no function", "def g(): pass", 0, []string{"a"}, "function", `does not define "f"`},
		{"time limit", endless, time.Millisecond, []string{"a"}, "timed-out", "it took longer than its time limit of 1ms"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			f, o := function(tt.source, tt.timeout, tt.outputs...)
			e := l.one(f, nil, o)
			if e.Failure == nil || e.Failure.Kind != tt.kind || !strings.Contains(e.Failure.Cause+"\n"+e.Failure.Detail, tt.want) {
				t.Errorf("got %+v, want %s: %s", e.Failure, tt.kind, tt.want)
			}
		})
	}
	t.Run("the run ends", func(t *testing.T) {
		l := newLab(t)
		l.started = func(_ string, stop func()) { stop() }
		f, o := function(endless, 0, "a")
		if e := l.one(f, nil, o); e.Failure == nil || e.Failure.Kind != "cancelled" {
			t.Errorf("%+v", e)
		}
	})
}
