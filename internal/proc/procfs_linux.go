package proc

import (
	"bytes"
	"os"
	"strconv"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// userHZ is the unit of times in /proc: the kernel gives them in hundredths of
// a second to every program, whatever its own clock (see times(2), proc(5)).
const userHZ = 100

// A procStat is what /proc/PID/stat tells of one process.
type procStat struct {
	pid, ppid, group, session int

	state   byte
	name    string
	cpu     uint64 // ticks, of itself and of the children it has waited for
	threads int
	start   uint64 // ticks since boot
	rss     int64  // bytes
}

var pageSize = int64(os.Getpagesize())

var procBuffers = sync.Pool{New: func() any { b := make([]byte, 4096); return &b }}

// readStat reads /proc/PID/stat.
func readStat(pid int) (procStat, bool) {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	n, err := readSmall("/proc/"+strconv.Itoa(pid)+"/stat", *buf)
	if err != nil {
		return procStat{}, false
	}
	return parseStat((*buf)[:n])
}

// readSmall reads the beginning of a file of /proc with three system calls.
func readSmall(path string, buf []byte) (int, error) {
	fd, err := open(path, syscall.O_RDONLY)
	if err != nil {
		return 0, err
	}
	defer syscall.Close(fd)
	return syscall.Read(fd, buf)
}

// parseStat reads the line of /proc/PID/stat, whose fields proc(5) lists. The
// name, in parentheses, may itself hold blanks and parentheses.
func parseStat(line []byte) (procStat, bool) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 1 || end < open {
		return procStat{}, false
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line[:open])))
	rest := bytes.Fields(line[end+1:])
	if err != nil || len(rest) < 22 || len(rest[0]) != 1 {
		return procStat{}, false
	}
	ok := true
	number := func(field int) int64 { // numbered as in proc(5), where the state is 3
		n, err := strconv.ParseInt(string(rest[field-3]), 10, 64)
		ok = ok && err == nil
		return n
	}
	s := procStat{
		pid: pid, name: string(line[open+1 : end]), state: rest[0][0],
		ppid: int(number(4)), group: int(number(5)), session: int(number(6)),
		cpu:     uint64(number(14) + number(15) + number(16) + number(17)),
		threads: int(number(20)),
		start:   uint64(number(22)),
		rss:     number(24) * pageSize,
	}
	return s, ok
}

// alive says whether the process is more than a zombie. One whose first thread
// has ended looks like a zombie, but runs until its last thread has.
func (s *procStat) alive() bool {
	return s.state != 'Z' && s.state != 'X' && s.state != 0 || s.threads > 1
}

// children calls visit with each child of the process, of all its threads.
func children(s *procStat, visit func(pid int)) {
	dir := "/proc/" + strconv.Itoa(s.pid) + "/task"
	if s.threads <= 1 {
		childrenOfThread(dir+"/"+strconv.Itoa(s.pid)+"/children", visit)
		return
	}
	threads, err := os.ReadDir(dir)
	if err != nil {
		return // it has ended
	}
	for _, t := range threads {
		childrenOfThread(dir+"/"+t.Name()+"/children", visit)
	}
}

func childrenOfThread(path string, visit func(pid int)) {
	fd, err := open(path, syscall.O_RDONLY)
	if err != nil {
		return
	}
	defer syscall.Close(fd)
	readPIDs(fd, visit)
}

// readPIDs reads the numbers of a children file from its beginning.
func readPIDs(fd int, visit func(pid int)) {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	pid := 0
	for offset := int64(0); ; {
		n, err := syscall.Pread(fd, *buf, offset)
		if err == syscall.EINTR {
			continue
		}
		if n <= 0 || err != nil {
			break
		}
		offset += int64(n)
		for _, c := range (*buf)[:n] {
			if c >= '0' && c <= '9' {
				pid = pid*10 + int(c-'0')
			} else if pid > 0 {
				visit(pid)
				pid = 0
			}
		}
	}
	if pid > 0 {
		visit(pid)
	}
}

// allProcesses calls visit with what /proc tells of every process.
func allProcesses(visit func(s procStat)) {
	dir, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if s, ok := readStat(pid); ok {
				visit(s)
			}
		}
	}
}

// ticksNow returns the time since boot in the unit of procStat.start.
func ticksNow() uint64 {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) != nil {
		return 0
	}
	return uint64(ts.Sec)*userHZ + uint64(ts.Nsec)/(1e9/userHZ)
}

// proportional returns the memory of a process with each shared page divided
// among those that share it, 0 if the kernel does not tell.
func proportional(pid int) int64 {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	n, err := readSmall("/proc/"+strconv.Itoa(pid)+"/smaps_rollup", *buf)
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut((*buf)[:n], []byte("\nPss:"))
	fields := bytes.Fields(rest)
	if !found || len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10
}
