//go:build linux

package limitstest

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

const mib = int64(1) << 20

// hogs gives what each process of the tool hog holds, in bytes. Those of other
// tests that run at this moment have a hog of their own.
func hogs() map[int]int64 {
	all := map[int]int64{}
	program := filepath.Join(folder, "hog")
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err != nil || exe != program {
			continue
		}
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid)) // it may have ended just now
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			pages, _ := strconv.ParseInt(fields[1], 10, 64)
			all[pid] = pages * int64(os.Getpagesize())
		}
	}
	return all
}

// A watcher looks at all hogs together, again and again.
type watcher struct {
	peak atomic.Int64
	stop chan struct{}
	done chan struct{}
}

func watch() *watcher {
	w := &watcher{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for tick := time.NewTicker(20 * time.Millisecond); ; {
			var sum int64
			for _, n := range hogs() {
				sum += n
			}
			w.peak.Store(max(w.peak.Load(), sum))
			select {
			case <-tick.C:
			case <-w.stop:
				tick.Stop()
				return
			}
		}
	}()
	return w
}

// most ends the watch and gives the most that was held together, in bytes.
func (w *watcher) most() int64 {
	close(w.stop)
	<-w.done
	return w.peak.Load()
}

// nothingLeft demands that no hog runs any more, or will not in a moment.
func nothingLeft(t *testing.T) {
	t.Helper()
	deadline := time.Now().Add(5 * time.Second)
	left := hogs()
	for len(left) > 0 && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
		left = hogs()
	}
	for pid, n := range left {
		t.Errorf("left running: process %d, which holds %d MiB", pid, n/mib)
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

// peakOf follows the most memory that a process has held. The kernel's figure
// at its end would be at least what the test itself held when it started it.
func peakOf(pid int) (end func() int64) {
	var peak atomic.Int64
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
			_, rest, ok := strings.Cut(string(status), "VmHWM:")
			if err != nil || !ok { // it has ended
				return
			}
			if kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64); err == nil {
				peak.Store(kib << 10)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return func() int64 {
		<-done
		return peak.Load()
	}
}
