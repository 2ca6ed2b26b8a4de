package sched

// A Claim is an amount of processors and of memory.
type Claim struct {
	Procs int
	Mem   int64 // bytes
}

// fits reports whether c is within room.
func (c Claim) fits(room Claim) bool { return c.Procs <= room.Procs && c.Mem <= room.Mem }

// clip gives c, no larger than most in either part.
func (c Claim) clip(most Claim) Claim { return Claim{min(c.Procs, most.Procs), min(c.Mem, most.Mem)} }

// A ledger keeps what is claimed within the capacity. A claim larger than the
// whole capacity is admitted alone: refusing what can never fit is the check's
// business, before anything runs.
type ledger struct {
	capacity Claim
	claimed  Claim
	holders  int
}

func (l *ledger) free() Claim {
	return Claim{l.capacity.Procs - l.claimed.Procs, l.capacity.Mem - l.claimed.Mem}
}

// admit claims c if there is room.
func (l *ledger) admit(c Claim) bool {
	if !c.fits(l.free()) && l.holders > 0 {
		return false
	}
	l.claimed.Procs += c.Procs
	l.claimed.Mem += c.Mem
	l.holders++
	return true
}

func (l *ledger) release(c Claim) {
	l.claimed.Procs -= c.Procs
	l.claimed.Mem -= c.Mem
	l.holders--
	if l.holders < 0 {
		panic("BUG: more released than claimed")
	}
}
