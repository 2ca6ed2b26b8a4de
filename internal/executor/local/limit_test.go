package local

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/raphe-org/raphe/internal/executor"
	"github.com/raphe-org/raphe/internal/proc"
	"github.com/raphe-org/raphe/internal/proc/proctest"
)

func TestLimitNames(t *testing.T) {
	for l, name := range map[Limit]string{Hard: "hard", Soft: "soft", None: "none"} {
		if got, err := ParseLimit(name); err != nil || got != l || l.String() != name {
			t.Errorf("%s is %v, %v, and back %s", name, got, err, l)
		}
	}
	if _, err := ParseLimit("tight"); err == nil || Limit(7).String() != "limit-7" {
		t.Error("what is no limit has a name")
	}
}

// A task that holds 200 MiB, half a second long.
func TestLimits(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // elsewhere nothing is known of a tree's memory
	}
	const mib = 1 << 20
	for _, c := range []struct {
		limit       Limit
		own, memory int64
		ended       bool
		together    bool
	}{
		{Hard, 100 * mib, 0, true, false},
		{Hard, 100 * mib, 1000 * mib, true, false},
		{Hard, 1000 * mib, 100 * mib, true, true},
		{Hard, 0, 100 * mib, true, true},
		{Hard, 0, 0, false, false},
		{Soft, 100 * mib, 1000 * mib, false, false},
		{Soft, 100 * mib, 0, false, false},
		{Soft, 1000 * mib, 100 * mib, true, true},
		{None, 100 * mib, 100 * mib, false, false},
	} {
		argv, env := proctest.Command("hold", fmt.Sprint(200*mib), "500")
		e := New(Options{Memory: c.memory, Limit: c.limit})
		o := e.Run(t.Context(), &executor.Task{Argv: argv, Env: env, MemBytes: c.own, Claim: 50 * mib}, nil)
		f := o.Failure
		if (f != nil) != c.ended || f != nil && (f.Kind != proc.MemoryExceeded || f.Together != c.together || f.Claim != 50*mib) {
			t.Errorf("%+v: %v", c, f)
		}
		if !c.ended && o.Usage.PeakRSS < 200*mib {
			t.Errorf("%+v: usage %+v", c, o.Usage)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}
}
