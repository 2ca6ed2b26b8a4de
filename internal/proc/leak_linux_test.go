package proc

import (
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"
)

// holdings is what a process must not gather over time.
type holdings struct {
	files, goroutines, threads int
	heap, rss                  int64
}

func held(t *testing.T) holdings {
	t.Helper()
	count := func(dir string) int {
		names, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	self, _ := statm("self")
	return holdings{
		files: count("/proc/self/fd"), threads: count("/proc/self/task"), goroutines: runtime.NumGoroutine(),
		heap: int64(m.HeapAlloc), rss: self.RSS,
	}
}

// noMore says what has grown beyond what a warm start explains.
func (before holdings) noMore(t *testing.T) {
	t.Helper()
	after := held(t)
	t.Logf("before %+v\nafter  %+v", before, after)
	if after.files > before.files+2 || after.goroutines > before.goroutines+4 || after.threads > before.threads+4 {
		t.Errorf("files, goroutines or threads were gathered: %+v, then %+v", before, after)
	}
	if after.heap > before.heap+1*mib || after.rss > before.rss+8*mib {
		t.Errorf("memory was gathered: %+v, then %+v", before, after)
	}
}

// A day of samples of four trees, every four seconds: the sampler's own step,
// with a clock that runs ahead.
func TestADayOfSamples(t *testing.T) {
	const every = 4 * time.Second
	const day = int(24 * time.Hour / every)
	b := NewBudget(8 << 30)
	defer b.Close()
	var running []*Process
	for range 4 {
		spec := tool(t, "sleep")
		spec.Budget, spec.MemLimit = b, 1<<30
		p := start(t, spec)
		readyPIDs(t, spec.Stdout, 1)
		running = append(running, p)
	}
	now := time.Now()
	tick := func() {
		now = now.Add(every)
		family.Lock() // the true sampler has not its turn meanwhile
		defer family.Unlock()
		family.timer.Stop()
	}
	sample := func(n int) {
		for range n {
			tick()
			sampleDue(running, now)
		}
	}
	sample(500)
	before := held(t)
	sample(day - 500)
	before.noMore(t)
	for _, p := range running {
		if s := p.Sample(); s.RSS < mib || s.Processes != 1 {
			t.Errorf("last sample %+v", s)
		}
	}
	family.Lock()
	family.timer.Reset(fast)
	family.Unlock()
	for _, p := range running {
		p.Kill()
		p.Wait()
	}
	family.Lock()
	defer family.Unlock()
	if len(family.running) > 0 {
		t.Errorf("%d still listed", len(family.running))
	}
}

// Thousands of commands, some with cgroups of their own, some with daemons.
func TestThousandsOfStarts(t *testing.T) {
	b := NewBudget(8 << 30)
	sh, err := LookPath("sh", os.Getenv("PATH"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	many := func(n int) {
		work := make(chan int)
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for i := range work {
					spec := Spec{
						Argv: []string{sh, "-c", "exit 0"}, Dir: dir, Budget: b,
						Stdout: dir + "/" + strconv.Itoa(w) + ".out", Stderr: dir + "/" + strconv.Itoa(w) + ".err", Timeout: time.Minute,
					}
					if i%8 == 0 {
						spec.MemLimit = 1 << 30
					}
					if i%64 == 0 {
						spec.Argv[2] = "sleep 0.06 & exit 0"
					}
					r, err := Run(&spec, nil)
					late := i%64 == 0 && r.Failure != nil && r.Failure.Kind == BackgroundLeft // on a busy machine
					if err != nil || r.Failure != nil && !late {
						t.Errorf("%v, %v", err, r.Failure)
					}
				}
			})
		}
		for i := range n {
			work <- i
		}
		close(work)
		all.Wait()
	}
	many(500)
	before := held(t)
	many(4500)
	before.noMore(t)
	b.Close()
	if left := groupsLeft(); len(left) > 0 {
		t.Errorf("cgroups left: %v", left)
	}
}

// BenchmarkSamples is one look at 16 running tools, each of a shell, a
// process and a child of that. While tools run longer than ten seconds there is
// one a second.
func BenchmarkSamples(b *testing.B) {
	var running []*Process
	for range 16 {
		p, err := Start(&Spec{Argv: []string{"/bin/sh", "-c", "(sleep 600; :) & wait"}, Grace: -1})
		if err != nil {
			b.Fatal(err)
		}
		running = append(running, p)
	}
	time.Sleep(4 * fast) // until the shells have forked
	now := time.Now()
	runtime.LockOSThread()
	began := threadTime()
	for b.Loop() {
		now = now.Add(2 * slow)
		sampleDue(running, now)
	}
	b.ReportMetric(float64(threadTime()-began)/float64(b.N)/float64(time.Second)*100, "%CPU")
	runtime.UnlockOSThread()
	for _, p := range running {
		p.Kill()
		p.Wait()
	}
}
