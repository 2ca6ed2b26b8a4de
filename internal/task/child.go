package task

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/sched"
	"github.com/raphe-org/raphe/internal/value"
)

// A childRequest is what this program reads on standard input when it is
// started for one native interface; a childAnswer what it writes. Package
// native has the other end.
type childRequest struct {
	Impl    string          `json:"impl"`
	Params  json.RawMessage `json:"params"`
	Inputs  json.RawMessage `json:"inputs"`
	Dir     string          `json:"dir"`
	BaseDir string          `json:"base_dir"`
}

type childAnswer struct {
	Outputs json.RawMessage `json:"outputs"`
	Error   string          `json:"error"`
}

// child runs an interface written in Go in a process of its own, so that its
// memory is measured, bounded and returned, and a crash is one failure.
func (a *attemptRun) child(ctx context.Context) sched.Ran {
	if err := fresh(a.dir); err != nil {
		return sched.Ran{Failure: a.fail("directory", "its directory can't be made", err)}
	}
	s, err := a.slots.take()
	if err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its log files can't be made", err)}
	}
	defer a.slots.free(s)
	if err := a.writeRequest(s.path("in")); err != nil {
		return sched.Ran{Failure: a.fail("prepare", "its request can't be written", err)}
	}
	t := &executor.Task{
		ID: a.name, Argv: []string{a.opts.Self, "native"}, Dir: a.dir,
		Env:   append(a.toolEnv(a.env), "GOMAXPROCS="+fmt.Sprint(max(1, a.look.options.NProcs))),
		Stdin: s.path("in"), Stdout: s.path("out"), Stderr: s.path("err"), StdoutIsData: true,
		Procs: 1, Timeout: a.look.options.Timeout, MemBytes: int64(a.look.options.MemGB * (1 << 30)),
	}
	out := a.execute(ctx, t, "raphe native "+a.iface.Native.Impl)
	outputs, err := answer(t.Stdout)
	if out.Failure == nil && err == nil {
		return a.done(outputs, usage(&out), nil)
	}
	return sched.Ran{Usage: usage(&out), Dir: a.dir, Failure: a.recordFailure(a.childFailure(&out, t, err))}
}

func (a *attemptRun) childFailure(out *executor.Outcome, t *executor.Task, err error) *event.Failure {
	f := &event.Failure{Kind: "native", Parameters: a.parameters(a.unit), Stderr: tail(t.Stderr), Rerun: a.opts.Rerun}
	var said saidError
	switch {
	case errors.As(err, &said):
		f.Cause, f.Stderr = firstLine(err), ""
	case out.Failure != nil:
		f.Kind, f.Cause, f.Mend = out.Failure.Kind.String(), out.Failure.Error(), out.Failure.Mend()
	default:
		f.Cause = firstLine(err)
	}
	return f
}

func (a *attemptRun) writeRequest(path string) error {
	b, err := json.Marshal(childRequest{
		Impl: a.iface.Native.Impl, Dir: a.dir, BaseDir: a.opts.BaseDir,
		Params: value.AppendRecordJSON(nil, a.iface.Params, true), Inputs: value.AppendRecordJSON(nil, a.inputs, true),
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, b, 0o666)
}

// A saidError is a failure in the child's own words.
type saidError string

func (e saidError) Error() string { return string(e) }

func answer(path string) (value.Record, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var ans childAnswer
	if err := json.Unmarshal(bytes.TrimSpace(b), &ans); err != nil {
		return nil, fmt.Errorf("it ended without an answer")
	}
	if ans.Error != "" {
		return nil, saidError(strings.TrimSpace(ans.Error))
	}
	return value.ParseRecordJSON(ans.Outputs)
}
