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
	vsize   int64  // bytes
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
// name, in parentheses, may itself hold blanks and parentheses. It is called
// for every process at every sample, so only the name is allocated.
func parseStat(line []byte) (s procStat, ok bool) {
	open, end := bytes.IndexByte(line, '('), bytes.LastIndexByte(line, ')')
	if open < 1 || end < open {
		return s, false
	}
	pid, ok := decimal(bytes.TrimSpace(line[:open]))
	field := 3 // numbered as in proc(5)
	for rest := line[end+1:]; ok && field <= 24; field++ {
		rest = bytes.TrimLeft(rest, " \n")
		word := rest
		if i := bytes.IndexAny(rest, " \n"); i >= 0 {
			word, rest = rest[:i], rest[i:]
		} else {
			rest = nil
		}
		ok = s.set(field, word)
	}
	s.pid, s.name = int(pid), string(line[open+1:max(end, open+1)])
	return s, ok
}

// set takes one field of the line.
func (s *procStat) set(field int, word []byte) bool {
	if field == 3 {
		if len(word) != 1 {
			return false
		}
		s.state = word[0]
		return true
	}
	n, ok := decimal(word)
	switch field {
	case 4:
		s.ppid = int(n)
	case 5:
		s.group = int(n)
	case 6:
		s.session = int(n)
	case 14, 15, 16, 17:
		s.cpu += uint64(n)
	case 20:
		s.threads = int(n)
	case 22:
		s.start = uint64(n)
	case 23:
		s.vsize = n
	case 24:
		s.rss = n * pageSize
	default:
		return len(word) > 0
	}
	return ok
}

// decimal reads a number that may have a minus sign.
func decimal(word []byte) (n int64, ok bool) {
	digits := bytes.TrimPrefix(word, []byte("-"))
	for _, c := range digits {
		if c < '0' || c > '9' || n > (1<<63-10)/10 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if len(digits) < len(word) {
		n = -n
	}
	return n, len(digits) > 0
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
	pid := 0 // they are given in one piece as large as the buffer; a number may be cut
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
