package proc

import (
	"bytes"
	"os"
	"strconv"
	"sync"
	"time"
)

// pssEvery is how often the shared pages of a process are divided anew: the
// kernel walks all its page tables for that.
const pssEvery = 5 * time.Second

// own is Raphe's own PSS at the last look.
var own struct {
	sync.Mutex
	looked time.Time
	pss    int64
}

// Self returns what this process holds: RSS and VSize now, which costs three
// system calls, and PSS as it was at most a few seconds ago.
func Self() Memory {
	m, _ := statm("self")
	own.Lock()
	defer own.Unlock()
	if now := time.Now(); own.looked.IsZero() || now.Sub(own.looked) >= pssEvery {
		own.looked = now
		pss, _ := shared(os.Getpid())
		own.pss = pss
	}
	m.PSS = own.pss
	return m
}

// statm reads /proc/PID/statm: address space and resident pages, and of those
// the ones that are of no file and not shared on purpose; see proc(5).
func statm(pid string) (m Memory, anonymous int64) {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	n, err := readSmall("/proc/"+pid+"/statm", *buf)
	if err != nil {
		return m, 0
	}
	if f := bytes.Fields((*buf)[:n]); len(f) > 2 {
		size, _ := strconv.ParseInt(string(f[0]), 10, 64)
		resident, _ := strconv.ParseInt(string(f[1]), 10, 64)
		shared, _ := strconv.ParseInt(string(f[2]), 10, 64)
		m.VSize, m.RSS = size*pageSize, resident*pageSize
		anonymous = (resident - shared) * pageSize
	}
	return m, anonymous
}

// Committed returns what the whole machine has promised to its processes
// (Committed_AS of /proc/meminfo), 0 if that is not known. The kernel adds up
// late what each CPU has counted, so on a machine of much memory where little is
// promised it may say 0, too.
func Committed() int64 { return meminfo("", "Committed_AS:") }

// meminfo reads one figure of /proc/meminfo below root, in bytes; 0 if it is not there.
func meminfo(root, name string) int64 {
	buf := procBuffers.Get().(*[]byte)
	defer procBuffers.Put(buf)
	n, err := readSmall(root+"/proc/meminfo", *buf)
	if err != nil {
		return 0
	}
	return kibibytes((*buf)[:n], name)
}

// kibibytes returns the figure that follows name at the beginning of a line,
// in bytes; 0 if it is not there. Much of /proc is written so.
func kibibytes(text []byte, name string) int64 {
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			n, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
			kib, _ := decimal(n)
			return kib << 10
		}
	}
	return 0
}
