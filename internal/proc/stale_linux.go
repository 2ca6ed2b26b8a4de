package proc

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// thisBoot names the boot of this machine, which is all that process ids and
// start times hold for, and the namespace of the ids: containers on one machine
// share the boot.
var thisBoot = sync.OnceValue(func() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	namespace, _ := os.Readlink("/proc/self/ns/pid")
	return string(bytes.TrimSpace(id)) + " " + namespace
})

// Record returns what a later Raphe needs to recognise the command's process
// group. It asks the kernel nothing, so that every command can be recorded.
func (p *Process) Record() Record {
	return Record{
		Group: p.pid, Start: p.born, Boot: thisBoot(), Session: ownSession(),
		Dir: p.spec.Dir, Stdout: p.spec.Stdout, Stderr: p.spec.Stderr,
	}
}

var ownSession = sync.OnceValue(func() int {
	id, _ := unix.Getsid(0)
	return id
})

// startSlack is how much later than recorded a group's first process may have
// started, in clock ticks: the time is taken just before the fork. Within a
// second no machine hands out all its ids and comes back to the same.
const startSlack = userHZ

// endStale ends the recorded processes, in rounds, because what is about to
// end may start others.
func endStale(records []Record, grace time.Duration) (ended, alive []Left) {
	known := make(map[Left]bool)
	sig, within := syscall.SIGTERM, grace
	for range 8 {
		found := stale(records)
		alive = alive[:0]
		for i := range found {
			left := Left{PID: found[i].pid, Name: found[i].name}
			alive = append(alive, left)
			if !known[left] {
				known[left] = true
				ended = append(ended, left)
			}
		}
		if len(found) == 0 {
			return ended, nil
		}
		for i := range found {
			signalProcess(&found[i].orphan, sig)
		}
		awaitGone(found, within)
		sig, within = syscall.SIGKILL, time.Second
	}
	return ended, alive
}

// stale returns the living processes that surely are of the recorded groups.
func stale(records []Record) []claim {
	var recent []Record
	for _, r := range records {
		if r.Boot == thisBoot() && r.Boot != "" && (r.Group > 1 || r.Group == 0) {
			recent = append(recent, r)
		}
	}
	if len(recent) == 0 {
		return nil
	}
	var all []procStat
	own := syscall.Getpgrp()
	allProcesses(func(s procStat) {
		if s.group != own && s.alive() && sameUser(s.pid) {
			all = append(all, s)
		}
	})
	var found []claim
	taken := make(map[int]bool)
	for i := range recent {
		for _, s := range recent[i].members(all) {
			if !taken[s.pid] {
				taken[s.pid] = true
				found = append(found, claim{orphan: s})
			}
		}
	}
	return found
}

// members picks the processes that surely are of the recorded group.
func (r *Record) members(all []procStat) []procStat {
	var group, others []procStat
	sure, recycled := false, false
	for _, s := range all {
		switch {
		case r.Group == 0: // only the logs are known
			if writesTo(s.pid, r.Stdout, r.Stderr) {
				others = append(others, s)
			}
		case s.pid == r.Group:
			// An id is not given out while a group has it as its number: if
			// the first process is another, so is the group.
			sure = s.start >= r.Start && s.start <= r.Start+startSlack
			recycled = !sure
			group = append(group, s)
		case s.start < r.Start:
		case s.group == r.Group:
			group = append(group, s)
			sure = sure || s.session == r.Session && (within(s.pid, r.Dir) || writesTo(s.pid, r.Stdout, r.Stderr))
		case writesTo(s.pid, r.Stdout, r.Stderr): // a daemon that left the group
			others = append(others, s)
		}
	}
	if recycled || !sure {
		return others
	}
	return append(group, others...)
}

// within says whether the process works in dir or below.
func within(pid int, dir string) bool {
	cwd, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil || dir == "" {
		return false
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return false
	}
	return isBelow(cwd, real)
}

func sameUser(pid int) bool {
	var st syscall.Stat_t
	return syscall.Stat("/proc/"+strconv.Itoa(pid), &st) == nil && int(st.Uid) == os.Geteuid()
}

// signalProcess sends a signal to a process that is not our child, and surely
// to that: the descriptor stays with the process that had the id when the
// start time was compared. Kernels before 5.3 have none, and there a moment
// stays in which the id could change hands.
func signalProcess(s *orphan, sig syscall.Signal) {
	fd, err := unix.PidfdOpen(s.pid, 0)
	if err == nil {
		defer unix.Close(fd)
	}
	if now, ok := readStat(s.pid); !ok || now.start != s.start {
		return
	}
	if err == nil {
		unix.PidfdSendSignal(fd, sig, nil, 0)
		return
	}
	syscall.Kill(s.pid, sig)
}
