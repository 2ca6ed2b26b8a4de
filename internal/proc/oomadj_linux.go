package proc

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// When memory runs out the kernel ends the process with the highest score: the
// share of all memory that it holds, in thousandths, and its oom_score_adj on
// top (proc(5)). Raphe holds little, but the kernel also looks at others, so a
// tool gets half the scale more than Raphe was started with, and Raphe, where
// that is allowed, half the scale less.
const adjStep = 500

// ownAdj is Raphe's own value when it was started.
var ownAdj int

// lowerOwnAdj makes Raphe a less likely victim, which takes CAP_SYS_RESOURCE.
// It never raises its own. A child begins with the value of its parent; see
// raiseAdj.
func lowerOwnAdj() {
	text, err := os.ReadFile("/proc/self/oom_score_adj")
	if err != nil {
		return
	}
	ownAdj, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(strconv.Itoa(max(ownAdj-adjStep, min(ownAdj, -900)))), 0)
}

// raiseAdj makes a tool a likelier victim, which everyone may do. It costs
// three system calls, 25 µs of a CPU with what the kernel makes and drops for
// the first look into a new folder of /proc, and is left to the first sample, so
// that short commands are spared; but see launchBelow. Their children have it from them.
func raiseAdj(pid int) { setAdj(pid, ownAdj+adjStep) }

// likeliest is the score of templates: their end costs nothing but another start.
const likeliest = 1000

func setAdj(pid, adj int) {
	fd, err := open("/proc/"+strconv.Itoa(pid)+"/oom_score_adj", syscall.O_WRONLY)
	if err != nil {
		return // it has ended, or is another user's by now
	}
	defer syscall.Close(fd)
	_, _ = syscall.Write(fd, strconv.AppendInt(nil, int64(min(adj, likeliest)), 10))
}

// memoryHere is the memory of the machine, or of the cgroup that Raphe is in.
var memoryHere int64

// starting counts the commands that are being started; oneByOne is held by the
// one that is, where it matters.
var (
	starting atomic.Int64
	oneByOne sync.Mutex
)

// launchBelow is launch, and makes the tool a likelier victim than Raphe at once
// where Raphe would go first otherwise: where tools that have its own score
// still, and are all smaller than Raphe, could together fill the memory. There
// they are started one after the other, so that never more than one has it,
// however long Raphe has to wait for a processor meanwhile.
func (p *Process) launchBelow(files [3]int, fork forker) error {
	prepare()
	running := crowd() + int(starting.Add(1))
	defer starting.Add(-1)
	if !couldFill(running, ownPeak(), memoryHere) {
		return p.launch(files, fork)
	}
	oneByOne.Lock()
	defer oneByOne.Unlock()
	err := p.launch(files, fork)
	if err == nil {
		raiseAdj(p.pid)
	}
	return err
}

// couldFill says whether so many processes and Raphe, none larger than each,
// could hold a good part of the memory. The rest may be files in memory, or
// another's.
func couldFill(running int, each, memory int64) bool {
	const goodPart = 4
	return memory > 0 && each > memory/goodPart/int64(running+1)
}

// settle gives those processes of the tree that are seen for the first time
// their place: at the first two samples, since what is born between them may
// have come from one that had none yet.
func (p *Process) settle(t *tree, before map[int]uint64) {
	if p.samples++; p.samples > 2 {
		return
	}
	var join *leaf
	if p.spec.Budget.limited() && p.spec.MemLimit <= 0 && !p.isTemplate() { // whose commands are born where it is
		join = p.ownCgroup()
	}
	for pid := range t.seen {
		if _, known := before[pid]; known {
			continue
		}
		if p.isTemplate() {
			setAdj(pid, likeliest)
		} else {
			raiseAdj(pid)
		}
		if join != nil {
			join.join(pid)
		}
	}
	if join != nil && p.samples == 2 {
		p.bringAlong(join, t)
	}
}
