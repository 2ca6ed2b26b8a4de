package sched

// A Claim is an amount of processors, of memory and of places on GPUs.
type Claim struct {
	Procs int
	Mem   int64 // bytes
	GPUs  int   // processes that use GPUs
}

// fits reports whether c is within room.
func (c Claim) fits(room Claim) bool {
	return c.Procs <= room.Procs && c.Mem <= room.Mem && (c.GPUs == 0 || c.GPUs <= room.GPUs)
}

// A ledger keeps what is claimed within the capacity.
type ledger struct {
	capacity Claim
	claimed  Claim
	holders  int
}

func (l *ledger) free() Claim {
	return Claim{l.capacity.Procs - l.claimed.Procs, l.capacity.Mem - l.claimed.Mem, l.capacity.GPUs - l.claimed.GPUs}
}

// clip gives c, no larger than the whole capacity (refusing what can never fit
// is the check's business, before anything runs), and at least one processor,
// so that not everything starts at once.
func (l *ledger) clip(c Claim) Claim {
	return Claim{max(1, min(c.Procs, l.capacity.Procs)), max(0, min(c.Mem, l.capacity.Mem)), max(0, min(c.GPUs, l.capacity.GPUs))}
}

// admit claims c if there is room, or if nothing else is claimed.
func (l *ledger) admit(c Claim) bool {
	if !c.fits(l.free()) && l.holders > 0 {
		return false
	}
	l.claimed.Procs += c.Procs
	l.claimed.Mem += c.Mem
	l.claimed.GPUs += c.GPUs
	l.holders++
	return true
}

// lacksGPUs reports whether nothing but a GPU is missing for c.
func (l *ledger) lacksGPUs(c Claim) bool {
	if c.GPUs == 0 || c.fits(l.free()) {
		return false
	}
	c.GPUs = 0
	return c.fits(l.free())
}

func (l *ledger) release(c Claim) {
	l.claimed.Procs -= c.Procs
	l.claimed.Mem -= c.Mem
	l.claimed.GPUs -= c.GPUs
	l.holders--
	if l.holders < 0 {
		panic("BUG: more released than claimed")
	}
}
