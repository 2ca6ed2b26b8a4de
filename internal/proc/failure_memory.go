package proc

import (
	"strconv"
	"strings"

	"github.com/raphe-org/raphe/internal/unit"
)

// ForMemory says whether the command failed for want of memory, so that it may
// succeed where it has more.
func (f *Failure) ForMemory() bool {
	return f != nil && (f.Kind == MemoryExceeded || f.Kind == KilledOOM || f.Kind == OutOfMemory)
}

// memory is Error for the kinds of ForMemory.
func (f *Failure) memory() string {
	switch {
	case f.Kind == MemoryExceeded && f.Together:
		text := "ended because all commands together held more than " + unit.FormatBytes(f.Limit) + f.held("; it held ")
		if f.Claim > 0 {
			text += ", and " + unit.FormatBytes(f.Claim) + " was set aside for it"
		}
		return text
	case f.Kind == MemoryExceeded:
		return "needed more than " + unit.FormatBytes(max(f.Peak, f.Limit)) + "; its limit was " + unit.FormatBytes(f.Limit)
	case f.Kind == OutOfMemory:
		text := "got no more memory from the system"
		if f.Err != nil {
			text += " (" + f.Err.Error() + ")"
		}
		return text + f.held("; it held ")
	case f.Probably:
		return "killed from outside (SIGKILL)" + f.held(" while it held ") + ", probably because memory ran out"
	}
	return "the kernel ended it because memory ran out" + f.held("; it held ")
}

// held gives the most memory seen, after the words before it, "" if it is not known.
func (f *Failure) held(before string) string {
	if f.Peak <= 0 {
		return ""
	}
	return before + unit.FormatBytes(f.Peak)
}

// mendMemory names how much memory to ask for next.
func (f *Failure) mendMemory() string {
	next := f.Enough()
	if next == 0 {
		return "give it more memory (mem_gb), or let less run beside it (--memory, --procs)"
	}
	text := "mem_gb=" + gibibytes(next)
	if f.Kind != MemoryExceeded || f.Together {
		text += ", or let less run beside it (--memory, --procs)"
	}
	return text
}

// Enough returns how much memory may be enough for another attempt: twice its
// own limit and half more than was seen, a quarter more if it went only because
// all together held too much, and in any case whole half GiB, as one would
// write mem_gb. It is 0 if nothing is known.
func (f *Failure) Enough() int64 {
	next := f.Peak + f.Peak/2
	switch {
	case f.Together:
		next = f.Peak + f.Peak/4
	case f.Kind == MemoryExceeded:
		next = max(next, 2*f.Limit)
	}
	const half = unit.GiB / 2
	return (next + half - 1) / half * half
}

// gibibytes writes a size as mem_gb takes it.
func gibibytes(n int64) string {
	text := strconv.FormatFloat(float64(n)/float64(unit.GiB), 'f', 1, 64)
	return strings.TrimSuffix(text, ".0")
}
