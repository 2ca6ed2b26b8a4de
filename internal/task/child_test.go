package task_test

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/raphe-org/raphe/internal/iface"
	"github.com/raphe-org/raphe/internal/value"
	"github.com/raphe-org/raphe/workflow"
)

// childMain is what the test's own program does as the child of a runner: what
// the variable CHILD asks for.
func childMain() {
	request, _ := io.ReadAll(os.Stdin)
	fmt.Fprintln(os.Stderr, "child speaking")
	switch does := os.Getenv("CHILD"); does {
	case "killed":
		fmt.Print(`{"outputs": {"a`)
		if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
			panic(err)
		}
	case "exit":
		os.Exit(7)
	case "wait":
		select {}
	case "request":
		fmt.Printf(`{"outputs": {"a": %q}}`, request)
	default:
		fmt.Print(does)
	}
	os.Exit(0)
}

func TestChild(t *testing.T) {
	f := iface.New(iface.Interface{
		Ref: iface.Ref{Name: "Child"}, Inputs: []iface.Input{{Name: "x"}}, Outputs: []iface.Output{{Name: "a"}},
		Native: &iface.Native{Impl: "test.Child", Child: true},
	})
	for _, tt := range []struct {
		name, does string
		kind, want string // of the failure
	}{
		{"answers", `{"outputs": {"a": 1}}`, "", ""},
		{"is asked", "request", "", ""},
		{"its own error", `{"error": "no such voxel\nin slice 3"}`, "native", "no such voxel"},
		{"is killed", "killed", "signalled", "SIGKILL"},
		{"exits", "exit", "exit-status", "exit status 7"},
		{"nonsense", "nonsense", "native", "the child process gave no answer"},
		{"half an answer", `{"outputs": {"a": `, "native", "the child process gave no answer"},
		{"no answer", "", "native", "the child process gave no answer"},
		{"outputs that are none", `{"outputs": [1]}`, "native", "the child process gave no answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.env = []string{"CHILD=" + tt.does}
			e := l.one(f, map[string]value.Value{"x": value.Float(0.5)}, workflow.Options{})
			switch {
			case tt.kind == "":
				if e.Failure != nil {
					t.Errorf("%+v", e.Failure)
				}
			case e.Failure == nil || e.Failure.Kind != tt.kind || !strings.Contains(e.Failure.Cause, tt.want):
				t.Errorf("got %+v, want %s: %s", e.Failure, tt.kind, tt.want)
			case tt.does[:min(1, len(tt.does))] != "{" && !strings.Contains(e.Failure.Stderr, "child speaking"):
				t.Errorf("its log is not shown: %+v", e.Failure)
			}
		})
	}
	t.Run("takes too long", func(t *testing.T) {
		l := newLab(t)
		l.env = []string{"CHILD=wait"}
		if e := l.one(f, nil, workflow.Options{Timeout: 1}); e.Failure == nil || e.Failure.Kind != "timed-out" {
			t.Errorf("%+v", e.Failure)
		}
	})
}
