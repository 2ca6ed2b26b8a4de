package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A fakeProcess is a process of a made-up /proc.
type fakeProcess struct {
	pid, parent int
	comm, state string
	data, pss   int // kB
}

// fakeProc writes a /proc.
func fakeProc(t *testing.T, list ...fakeProcess) procfs {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("meminfo", "MemTotal:       1000 kB\nCommitLimit:     600 kB\nCommitted_AS:    250 kB\nHugePages_Total:   7\n")
	write("self/stat", "no process number")
	for _, p := range list {
		dir := fmt.Sprint(p.pid)
		write(dir+"/stat", fmt.Sprintf("%d (%s) %s %d 1 1 0 -1 4194304 0 0", p.pid, p.comm, p.state, p.parent))
		if p.state == "Z" {
			write(dir+"/status", "Name:\t"+p.comm+"\nState:\tZ (zombie)\n")
			continue
		}
		write(dir+"/status", fmt.Sprintf("Name:\t%s\nVmSize:\t    %d kB\nVmHWM:\t  %d kB\nVmRSS:\t  %d kB\nVmData:\t  %d kB\nVmStk:\t  4 kB\nThreads:\t1\n",
			p.comm, 10*p.data, p.data/2+1, p.data/2, p.data-4))
		write(dir+"/smaps_rollup", fmt.Sprintf("00400000-7ffc000 ---p 00000000 00:00 0    [rollup]\nRss:    9 kB\nPss:    %d kB\n", p.pss))
	}
	return procfs{root}
}

func TestProcessNames(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hold", "a) R 7 (b", "two words", "", "))"} {
		got, err := fakeProc(t, fakeProcess{pid: 30, parent: 20, comm: name, state: "S"}).process(30)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(process{PID: 30, Parent: 20, Comm: name}, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTreeSums(t *testing.T) {
	t.Parallel()
	s := newSampler(100, "hold", time.Now())
	s.proc = fakeProc(t,
		fakeProcess{1, 0, "init", "S", 1000, 10},
		fakeProcess{2, 0, "kthreadd", "S", 1000, 10},
		fakeProcess{3, 2, "kworker", "S", 1000, 10},
		fakeProcess{100, 1, "engine", "S", 400, 90},
		fakeProcess{101, 100, "sh", "S", 20, 3},
		fakeProcess{102, 101, "hold", "R", 5000, 2000},
		fakeProcess{103, 100, "hold", "S", 6000, 2500},
		fakeProcess{104, 100, "hold", "Z", 0, 0},
		fakeProcess{105, 100, "engine", "R", 400, 90}, // between fork and exec
		fakeProcess{200, 1, "hold", "S", 7000, 3000},  // another's
	)
	s.same = func(a, b int) bool { return a == 105 && b == 100 }
	s.look(true)
	s.look(false) // keeps what the PSS was
	if len(s.Samples) != 2 {
		t.Fatalf("%d samples, want 2", len(s.Samples))
	}
	const k = 1024
	want := Sample{
		Engine:  Memory{RSS: 200 * k, PSS: 90 * k, Size: 4000 * k, Data: 400 * k, Peak: 201 * k},
		Program: "engine",
		Tools:   Memory{RSS: 5500 * k, PSS: 4500 * k, Size: 110_000 * k, Data: 11_000 * k, Peak: 3001 * k},
		Others:  Memory{RSS: 10 * k, PSS: 3 * k, Size: 200 * k, Data: 20 * k, Peak: 11 * k},
		Running: 2, Committed: 250 * k,
	}
	for i, got := range s.Samples {
		got.At = 0
		want.Fresh = i == 0
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("sample %d: %s", i, diff)
		}
	}
	if !s.kernel[3] || s.kernel[100] {
		t.Errorf("threads of the kernel: %v, want 3 alone", s.kernel)
	}
	if got := want.Commit(); got != 11_420*k {
		t.Errorf("commit charge of the tree is %d kB", got/k)
	}
	if got := want.Overhead(); got != 420*k {
		t.Errorf("commit charge without the tools is %d kB", got/k)
	}
}

// The beginning is looked at closely where tools are told apart.
func TestWatch(t *testing.T) {
	for tool, want := range map[string][2]int{"hold": {40, 8}, "": {2, 8}} {
		t.Run("tool "+tool, func(t *testing.T) {
			proc := fakeProc(t, fakeProcess{100, 1, "engine", "S", 400, 90})
			synctest.Test(t, func(t *testing.T) {
				s := newSampler(100, tool, time.Now())
				s.proc = proc
				stop := make(chan struct{})
				time.AfterFunc(999*time.Millisecond, func() { close(stop) })
				s.watch(100*time.Millisecond, false, stop)
				var got [2]int
				for _, sample := range s.Samples {
					if sample.At < beginning {
						got[0]++
					} else {
						got[1]++
					}
				}
				if got != want {
					t.Errorf("%d samples in the beginning and %d behind it, want %d", got[0], got[1], want)
				}
			})
		})
	}
}

func TestBornMeanwhile(t *testing.T) {
	t.Parallel()
	engine, tool := fakeProcess{100, 1, "engine", "S", 400, 90}, fakeProcess{101, 100, "hold", "S", 20, 30}
	s := newSampler(100, "hold", time.Now())
	s.proc = fakeProc(t, engine, tool)
	if !s.look(true) {
		t.Error("nothing changed, and the PSS does not count")
	}
	other := fakeProc(t, engine, tool, fakeProcess{102, 100, "engine", "S", 400, 45})
	s.same = func(int, int) bool { s.proc = other; return false }
	if s.look(true) {
		t.Error("the PSS counts although a process was born")
	}
	if !s.look(true) {
		t.Error("the PSS does not count, later")
	}
	var got []int64
	for _, sample := range s.Samples {
		got = append(got, sample.TreePSS()>>10)
	}
	if diff := cmp.Diff([]int64{120, 120, 165}, got); diff != "" {
		t.Error(diff)
	}
}

func TestProcessGone(t *testing.T) {
	t.Parallel()
	s := newSampler(100, "hold", time.Now())
	s.proc = fakeProc(t, fakeProcess{1, 0, "init", "S", 1000, 10})
	s.look(true)
	if len(s.Samples) != 0 {
		t.Errorf("%d samples of a process that is gone", len(s.Samples))
	}
	if _, _, err := s.proc.memory(100, false); err == nil {
		t.Error("a process that is gone has memory")
	}
}

func TestFootprint(t *testing.T) {
	t.Parallel()
	engine := func(data, peak int64) Memory { return Memory{Data: data, RSS: peak - 1, Peak: peak, PSS: 5, Size: 70} }
	got := footprint([]Sample{
		{Engine: engine(10, 3)},
		{Engine: engine(12, 4)},
		{Engine: engine(13, 6), Tools: Memory{Data: 100, PSS: 20}, Others: Memory{Data: 7, PSS: 2}, Running: 2},
		{Engine: engine(15, 6), Running: 0},
		{Engine: engine(14, 6), Tools: Memory{Data: 300, PSS: 10}, Running: 6},
	})
	want := Footprint{RSS: 6, PSS: 5, Size: 70, TreePSS: 27, Commit: 314, Overhead: 20, Growth: 8, Running: 6, Samples: 5}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(Footprint{}, footprint(nil)); diff != "" {
		t.Error(diff)
	}
}
