package pyworker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/executor/local"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/value"
)

// patience is how long a test waits for what must happen.
const patience = 60 * time.Second

// A bench is a hand-over folder with a pool that works in it. Its Python is
// that of testdata, which needs no nipype.
type bench struct {
	*Pool
	t      *testing.T
	folder string
	exec   *local.Executor
}

func open(t *testing.T, o Options) *bench {
	t.Helper()
	python, err := exec.LookPath("/usr/bin/python3")
	if err != nil {
		python, err = exec.LookPath("python3")
	}
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, folder: t.TempDir(), exec: local.New(local.Options{})}
	o.Executable, o.Package, o.Folder, o.Executor = python, pkg, b.folder, b.exec
	o.Environ = append(os.Environ(), append([]string{"RAPHE_ODD=a 'b'", "PYTHONDONTWRITEBYTECODE=1"}, o.Environ...)...)
	b.Pool = New(o)
	t.Cleanup(func() {
		b.Pool.Close()
		if err := b.exec.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// deed makes a request whose blob says what to do.
func (b *bench) deed(name string, do map[string]any) *Request {
	b.t.Helper()
	text, err := json.Marshal(do)
	if err != nil {
		b.t.Fatal(err)
	}
	blob := filepath.Join(b.folder, "n", name+".pkl")
	if err := os.MkdirAll(filepath.Dir(blob), 0o777); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(blob, text, 0o666); err != nil {
		b.t.Fatal(err)
	}
	return &Request{Op: OpRun, Blob: "n/" + name + ".pkl", Label: name, Task: executor.Task{
		ID: name, Grace: 200 * time.Millisecond,
		Stdout: filepath.Join(b.folder, name+".out"), Stderr: filepath.Join(b.folder, name+".err"),
	}}
}

func (b *bench) do(name, what string) *Request { return b.deed(name, map[string]any{"do": what}) }

// lives are the ids of the templates so far.
func (b *bench) lives() []string {
	text, _ := os.ReadFile(filepath.Join(b.folder, "lives"))
	return strings.Fields(string(text))
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for until := time.Now().Add(patience); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

type ending struct {
	reply *Reply
	out   executor.Outcome
}

// background starts a request and returns when its worker has said that it is
// ready, with the worker's id.
func (b *bench) background(ctx context.Context, r *Request) (pid int, done <-chan ending) {
	b.t.Helper()
	c := make(chan ending, 1)
	go func() {
		reply, out := b.Run(ctx, r, nil)
		c <- ending{reply, out}
	}()
	eventually(b.t, "worker ready", func() bool {
		text, _ := os.ReadFile(r.Task.Stdout)
		_, err := fmt.Sscanf(string(text), "ready %d\n", &pid)
		return err == nil
	})
	return pid, c
}

func await(t *testing.T, done <-chan ending) ending {
	t.Helper()
	select {
	case e := <-done:
		return e
	case <-time.After(patience):
		t.Fatal("the request does not return")
		panic("unreachable")
	}
}

func want(t *testing.T, out executor.Outcome, kind proc.Kind) {
	t.Helper()
	if out.Failure == nil || out.Failure.Kind != kind {
		t.Fatalf("failure %v; want one of kind %v", out.Failure, kind)
	}
	if out.Failure.Error() == "" || out.Failure.Mend() == "" {
		t.Errorf("failure says %q, mend %q", out.Failure.Error(), out.Failure.Mend())
	}
}

func wantDone(t *testing.T, reply *Reply, out executor.Outcome) {
	t.Helper()
	if out.Failure != nil || reply.Error != nil || reply.Outputs == nil {
		t.Fatalf("failure %v, error %v, outputs %v", out.Failure, reply.Error, reply.Outputs)
	}
}

func isThere(pid int) bool { return syscall.Kill(pid, 0) == nil }

// ways runs a test with workers that are spawned, and where there are templates
// with workers that are forked.
func ways(t *testing.T, test func(t *testing.T, o Options)) {
	t.Run("spawn", func(t *testing.T) { test(t, Options{Spawn: true}) })
	if proc.CanFork {
		t.Run("template", func(t *testing.T) { test(t, Options{}) })
	}
}

func TestRun(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		r := b.do("7", "where")
		r.UpdateHash, r.Results = true, []Result{{ReturnCode: -9, Stdout: "/o"}, {ReturnCode: 2, Stderr: "/e", Duration: 1500 * time.Millisecond}}
		r.Task.Dir = t.TempDir()
		var handles []executor.Handle
		reply, out := b.Run(t.Context(), r, func(h executor.Handle) { handles = append(handles, h) })
		wantDone(t, reply, out)
		got := reply.Outputs
		if len(handles) != 1 || got.Get("pid") != value.Int(handles[0].PID) || got.Get("group") != got.Get("pid") {
			t.Errorf("handles %+v, outputs %v", handles, got)
		}
		dir, _ := filepath.EvalSymlinks(r.Task.Dir)
		if got.Str("dir") != dir || got.Str("env") != "a 'b'" {
			t.Errorf("outputs %v", got)
		}
		request := string(value.AppendJSON(nil, got.Get("request")))
		const results = `"result":{"returncode":2,"stderr":"/e","duration":1.5},"results":[{"returncode":-9,"stdout":"/o","duration":0.0},{"returncode":2,"stderr":"/e","duration":1.5}]`
		for _, part := range []string{`"op":"run"`, `"blob":"` + b.folder + `/n/7.pkl"`, `"label":"7"`, `"updatehash":true`, results} {
			if !strings.Contains(request, part) && part != results || part == results && !strings.Contains(request, `"returncode":-9`) {
				t.Errorf("request %s has no %s", request, part)
			}
		}
		if read(t, r.Task.Stdout) != "to stdout\n" || read(t, r.Task.Stderr) != "to stderr\n" || out.StdoutBytes != 10 {
			t.Errorf("streams %q, %q, %+v", read(t, r.Task.Stdout), read(t, r.Task.Stderr), out)
		}
		if out.Started.IsZero() || out.Usage.Wall <= 0 || out.Usage.MaxRSS <= 0 || out.Host == "" {
			t.Errorf("outcome %+v", out)
		}
		for _, file := range []string{"q/7.json", "r/7.json"} {
			if _, err := os.Stat(filepath.Join(b.folder, file)); err == nil {
				t.Errorf("%s is left", file)
			}
		}
	})
}

func TestEndings(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		said := b.deed("1", map[string]any{"do": "say", "reply": map[string]any{
			"error": map[string]any{"type": "ValueError", "message": "no", "traceback": "a\nb"}, "crashfile": "/c.txt"}})
		reply, out := b.Run(t.Context(), said, nil)
		if out.Failure != nil || reply.Error == nil || reply.Error.Error() != "ValueError: no" || reply.Crashfile != "/c.txt" {
			t.Errorf("%v, %+v", out.Failure, reply)
		}
		if read(t, filepath.Join(b.folder, "q/1.json")) == "" {
			t.Error("the request of a failure is not kept")
		}
		for what, kind := range map[string]proc.Kind{"silent": proc.NoReply, "nonsense": proc.NoReply, "complain": proc.ExitStatus} {
			reply, out := b.Run(t.Context(), b.do("1", what), nil) // the same blob: the earlier reply does not count
			want(t, out, kind)
			if reply.Error != nil || reply.Outputs != nil {
				t.Errorf("%s: %+v", what, reply)
			}
		}
		r := b.do("2", "say")
		r.Blob = "n/none.pkl"
		if _, out := b.Run(t.Context(), r, nil); out.Failure == nil {
			t.Error("a blob that is not there")
		}
	})
}

func TestKilled(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		pid, done := b.background(t.Context(), b.do("1", "sleep"))
		syscall.Kill(pid, syscall.SIGKILL)
		e := await(t, done)
		want(t, e.out, proc.Signalled)
		if e.out.Signal != "SIGKILL" || e.out.ExitCode != -1 {
			t.Errorf("%+v", e.out)
		}
		reply, out := b.Run(t.Context(), b.do("2", "where"), nil)
		wantDone(t, reply, out)
	})
}

func TestTimeoutAndCancel(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		r := b.do("1", "stubborn")
		r.Task.Timeout = 100 * time.Millisecond
		_, out := b.Run(t.Context(), r, nil)
		want(t, out, proc.TimedOut)

		ctx, cancel := context.WithCancel(t.Context())
		_, done := b.background(ctx, b.do("2", "stubborn"))
		cancel()
		want(t, await(t, done).out, proc.Cancelled)

		ctx, cancel = context.WithCancel(t.Context())
		cancel()
		_, out = b.Run(ctx, b.do("3", "where"), func(executor.Handle) { t.Error("started") })
		want(t, out, proc.Cancelled)
	})
}

func TestMemory(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		r := b.deed("1", map[string]any{"do": "grow", "mib": 300})
		r.Task.MemBytes, r.Task.Claim = 100<<20, 50<<20
		_, out := b.Run(t.Context(), r, nil)
		if out.Failure == nil || !out.Failure.ForMemory() {
			t.Fatalf("failure %v", out.Failure)
		}

		r = b.deed("2", map[string]any{"do": "grow", "mib": 60, "seconds": 0.5})
		reply, out := b.Run(t.Context(), r, nil)
		wantDone(t, reply, out)
		// What is the template's, 32 MiB and its Python, is not counted, but what
		// the worker took is.
		most := int64(90 << 20)
		if o.Spawn {
			most = 110 << 20
		}
		if got := out.Usage.PeakRSS; got < 60<<20 || got > most {
			t.Errorf("peak %d MiB", got>>20)
		}
	})
}

func TestLeftovers(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		reply, out := b.Run(t.Context(), b.do("1", "daemon"), nil)
		wantDone(t, reply, out)
		pid, _ := value.Integer(reply.Outputs.Get("daemon"))
		if pid == 0 || isThere(int(pid)) {
			t.Errorf("daemon %d is left", pid)
		}
	})
}

// Many requests, and nothing is left of them: no process, no file.
func TestMany(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		n := 200
		if o.Spawn {
			n = 10
		}
		reply, out := b.Run(t.Context(), b.do("first", "where"), nil)
		wantDone(t, reply, out)
		before := openFiles(t)
		slots := make(chan bool, 16)
		var all sync.WaitGroup
		for i := range n {
			slots <- true
			r := b.deed(strconv.Itoa(i), map[string]any{"do": "nap", "seconds": float64(i%7) / 500})
			all.Go(func() {
				defer func() { <-slots }()
				reply, out := b.Run(t.Context(), r, nil)
				if out.Failure != nil || reply.Error != nil || reply.Outputs.Get("pid") == nil {
					t.Errorf("request %s: %v, %+v", r.Label, out.Failure, reply)
				}
			})
		}
		all.Wait()
		if after := openFiles(t); after > before+2 { // the poller's own come once
			t.Errorf("%d open files before, %d after", before, after)
		}
		if got := b.exec.Running(); len(got) > 1 || len(got) == 1 && got[0].ID != executor.TemplateID {
			t.Errorf("running: %+v", got)
		}
		if left := children(t); len(left) > 1 || o.Spawn && len(left) > 0 {
			t.Errorf("children left: %v", left)
		}
	})
}

func openFiles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

// children are those of this process, zombies among them; none where that can't
// be seen.
func children(t *testing.T) (pids []string) {
	t.Helper()
	lists, _ := filepath.Glob("/proc/self/task/*/children")
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

func TestClosed(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		_, done := b.background(t.Context(), b.do("1", "stubborn"))
		if err := b.exec.Close(); err != nil {
			t.Fatal(err)
		}
		want(t, await(t, done).out, proc.Cancelled)
		_, out := b.Run(t.Context(), b.do("2", "where"), nil)
		want(t, out, proc.Cancelled)
	})
}

func TestNoPython(t *testing.T) {
	ways(t, func(t *testing.T, o Options) {
		b := open(t, o)
		b.Pool.opts.Executable = filepath.Join(b.folder, "python9")
		_, out := b.Run(t.Context(), b.do("1", "where"), nil)
		if out.Failure == nil || !strings.Contains(out.Failure.Error(), "python9") {
			t.Errorf("failure %v", out.Failure)
		}
		var f *proc.Failure
		if !errors.As(out.Failure, &f) || out.ExitCode != -1 || !out.Started.IsZero() {
			t.Errorf("outcome %+v", out)
		}
	})
}
