package proc

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// maxrssUnit is the unit of Rusage.Maxrss, in bytes.
const maxrssUnit = 1024

// childAttr makes each command a process group of its own, which dies with
// Raphe.
var childAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

// prepareParent makes this process inherit what its descendants leave behind.
func prepareParent() {
	unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) // since Linux 3.4; without it orphans outside the group are not seen
	refreshOOM()
	memoryHere = machine("").Memory
	lowerOwnAdj()
}

func onMainThread() bool { return unix.Gettid() == os.Getpid() }

// reap waits for the command to end and takes its status. It waits in two
// steps, because until the zombie is taken nobody else can get its id: signals
// are sent under the lock, so none ever goes astray.
func (p *Process) reap() (status syscall.WaitStatus, ru syscall.Rusage, err error) {
	for {
		err = unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			break
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		_, status, err = wait4(p.pid, 0, &ru)
	}
	p.reaped = true
	return status, ru, err
}
