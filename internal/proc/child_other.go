//go:build !linux

package proc

import (
	"runtime"
	"syscall"
	"time"
)

// maxrssUnit is the unit of Rusage.Maxrss, in bytes: macOS counts bytes, the
// BSDs KiB.
var maxrssUnit = map[bool]int64{true: 1, false: 1024}[runtime.GOOS == "darwin"]

var childAttr = &syscall.SysProcAttr{Setpgid: true}

func prepareParent() {}

func onMainThread() bool { return false }

func ticksNow() uint64 { return 0 }

// reap waits for the command to end and takes its status. Between the two
// there is a moment in which a signal could reach a process that was just
// given the same id; systems that are not Linux hand out ids in turn, so that
// would take a whole round.
func (p *Process) reap() (status syscall.WaitStatus, ru syscall.Rusage, err error) {
	_, status, err = wait4(p.pid, 0, &ru)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.reaped = true
	return status, ru, err
}

// endLeftovers ends what is left of the command's process group. Descendants
// in other groups are not seen here, and the names are not known.
func (p *Process) endLeftovers() []Left {
	gone := func(within time.Duration) bool {
		for until := time.Now().Add(within); ; time.Sleep(5 * time.Millisecond) {
			if syscall.Kill(-p.pid, 0) == syscall.ESRCH {
				return true
			}
			if time.Now().After(until) {
				return false
			}
		}
	}
	if gone(0) || gone(settle) {
		return nil
	}
	syscall.Kill(-p.pid, syscall.SIGTERM)
	if !gone(p.spec.grace()) {
		syscall.Kill(-p.pid, syscall.SIGKILL)
		gone(time.Second)
	}
	return []Left{{PID: p.pid}}
}

// measure knows nothing of other processes here, so nothing is ever above a
// limit.
func (p *Process) measure(*round) {}

func (p *Process) exactly(time.Time) int64 { return p.holds() }

// A division divides shared pages, which are not known here.
type division struct{ spent time.Duration }

func threadTime() time.Duration { return 0 }

func childTable() map[int][]int { return nil }

// orphan is a stranger among the children; there are none here.
type orphan struct{}

func anyDoubtful() bool { return false }

func doubt() ([]orphan, int64) { return nil, 0 }

func orphans() []orphan { return nil }

func signalOrphan(*orphan, syscall.Signal) {}

func reapStrays([]orphan, []*Process) {}

func refreshOOM() {}

func memoryRanOut() bool { return false }

func memoryWasScarce(int64) bool { return false }

// groups are cgroups, which only Linux has.
type groups struct{}

func makeGroups(int64) *groups { return nil }

func (*groups) kind() string { return "" }

func (*groups) remove() {}

type leaf struct{}

func (b *Budget) newLeaf(int64) *leaf { return nil }

func (b *Budget) cradle() *leaf { return nil }

type infancy struct{}

func (p *Process) beBorn() {}

func (p *Process) growUp() {}

func (*leaf) giveUp() {}

func (*leaf) counted() int64 { return 0 }

func (*leaf) fork(string, []string, *syscall.ProcAttr) (int, error) { return 0, syscall.ENOSYS }

func (*leaf) remove() {}

func (p *Process) killedInside() *Failure { return nil }

func (p *Process) killedYoung(int64) *Failure { return nil }

func (p *Process) launchBelow(files [3]int, fork forker) error { return p.launch(files, fork) }

func (p *Process) cgroup() *leaf { return nil }

func (*leaf) limits() bool { return false }
