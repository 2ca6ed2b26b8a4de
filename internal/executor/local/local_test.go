package local

import (
	"testing"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/executor/executortest"
	"github.com/raphe-org/raphe/internal/proc/proctest"
)

func TestMain(m *testing.M) { proctest.Main(m) }

func TestConformance(t *testing.T) {
	executortest.Run(t, func(*testing.T) executor.Executor { return New(Options{}) })
}

func TestHandleRecordsTheGroup(t *testing.T) {
	argv, env := proctest.Command("args")
	var h executor.Handle
	o := New(Options{}).Run(t.Context(), &executor.Task{Argv: argv, Env: env}, func(got executor.Handle) { h = got })
	if o.Failure != nil || h.PID == 0 || h.Group.Group != h.PID {
		t.Errorf("%v, handle %+v", o.Failure, h)
	}
}

// BenchmarkTrivial runs commands that do nothing, on as many slots as there
// are processors.
func BenchmarkTrivial(b *testing.B) {
	e := New(Options{})
	dir := b.TempDir()
	task := &executor.Task{Argv: []string{"true"}, Env: []string{"PATH=/usr/bin:/bin"}, Dir: dir}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if o := e.Run(b.Context(), task, func(executor.Handle) {}); o.Failure != nil {
				b.Error(o.Failure)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}
