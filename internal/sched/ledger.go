package sched

// A Claim is an amount of processors and of memory.
type Claim struct {
	Procs int
	Mem   int64 // bytes
}

// fits reports whether c is within room.
func (c Claim) fits(room Claim) bool { return c.Procs <= room.Procs && c.Mem <= room.Mem }

// A ledger keeps what is claimed within the capacity.
type ledger struct {
	capacity Claim
	claimed  Claim
	holders  int
}

func (l *ledger) free() Claim {
	return Claim{l.capacity.Procs - l.claimed.Procs, l.capacity.Mem - l.claimed.Mem}
}

// clip gives c, no larger than the whole capacity (refusing what can never fit
// is the check's business, before anything runs), and at least one processor,
// so that not everything starts at once.
func (l *ledger) clip(c Claim) Claim {
	return Claim{max(1, min(c.Procs, l.capacity.Procs)), max(0, min(c.Mem, l.capacity.Mem))}
}

// admit claims c if there is room, or if nothing else is claimed.
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
