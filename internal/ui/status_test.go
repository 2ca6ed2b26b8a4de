package ui

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/raphe-org/raphe/internal/event"
	"github.com/raphe-org/raphe/internal/history"
	"github.com/raphe-org/raphe/internal/progress"
	"github.com/raphe-org/raphe/internal/unit"
)

func TestStatus(t *testing.T) {
	began := time.Date(2026, 11, 22, 14, 3, 20, 0, time.UTC)
	at := func(d time.Duration) time.Time { return began.Add(d) }
	run := history.Run{Format: 1, Began: began, Host: "node7", PID: 4242, Command: "raphe run wf.star", Version: "1.0", Total: 354}
	running := []history.Running{
		{Name: "wf/_subject_01/recon", Node: "wf.recon", Began: at(time.Minute)},
		{Name: "wf/_subject_02/recon", Node: "wf.recon", Began: at(2 * time.Hour), Attempt: 2},
	}
	failure := exitThree
	failed := []history.Failed{
		{Name: "wf/_subject_03/bet", Node: "wf.bet", Time: at(time.Hour), Kind: "exit-status", Cause: "exit status 3", Blocked: 12, Failure: &failure},
		{Name: "wf/files", Time: at(time.Hour), Cause: "input \"x\"\x1b[31m is missing"},
	}
	goes := history.History{
		Run: run, Base: "/data/work", Phase: history.Goes, Read: at(3 * time.Hour), Seen: at(3*time.Hour - time.Second),
		Counts: event.Counts{Total: 354, Cached: 80, Done: 40, Failed: 2, Blocked: 12, Running: 2}, Left: 130 * time.Second,
		Running: running, Failed: failed,
	}
	died, away, stopped, done, failing := goes, goes, goes, goes, goes
	for _, h := range []*history.History{&died, &away, &stopped, &done, &failing} {
		h.Left = 0
	}
	measured := goes
	measured.Running = slices.Clone(running)
	measured.Running[0].RSS = 4 * unit.GiB
	measured.Memory, measured.Tools, measured.ToolsRSS = 16*unit.GiB, 8, 5300*unit.MiB
	measured.Held = &progress.Held{
		Raphe: event.Memory{RSS: 24 * unit.MiB}, PeakRaphe: event.Memory{RSS: 31 * unit.MiB}, Tools: event.Memory{RSS: 5 * unit.GiB},
		PeakTools: event.Memory{RSS: 6 * unit.GiB}, Limit: 16 * unit.GiB, Recent: []int64{1, 2},
	}
	over := measured
	over.Phase, over.Running, over.Left = history.Ended, nil, 0
	died.Phase, died.Damage = history.Died, "segment 3 is damaged"
	away.Phase = history.Away
	stopped.Phase, stopped.Draining, stopped.Running, stopped.Failed = history.Ended, "interrupted", nil, nil
	done.Phase, done.Running, done.Failed, done.Counts = history.Ended, nil, nil, event.Counts{Total: 354, Cached: 80, Done: 274}
	failing.Phase, failing.Running = history.Ended, nil
	for i := range 30 {
		failing.Failed = append(failing.Failed, history.Failed{Name: fmt.Sprint("wf/more", i), Cause: "exit status 1"})
	}
	for _, c := range []struct {
		name string
		h    history.History
	}{{"running", goes}, {"died", died}, {"away", away}, {"stopped", stopped}, {"done", done}, {"failed", failing}, {"measured", measured}, {"measured-over", over}} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			if err := Status(&out, &c.h, false); err != nil {
				t.Error(err)
			}
			golden(t, out.String())
		})
	}
	t.Run("json", func(t *testing.T) {
		var out bytes.Buffer
		if err := StatusJSON(&out, &goes); err != nil {
			t.Error(err)
		}
		golden(t, out.String())
	})
}
