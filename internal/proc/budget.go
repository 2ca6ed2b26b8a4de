package proc

import (
	"math"
	"sync"
	"syscall"
	"time"
)

// Budget is the memory that several commands share: those whose Spec names it
// hold no more than its limit together. When they do, the one that holds most
// beyond its claim is ended, and as many more as are needed; a template that is
// not needed goes before them. Where the machine lets Raphe make memory cgroups,
// the kernel keeps the limit as well, and the limits of single commands.
//
// A nil Budget has no limit.
type Budget struct {
	limit int64

	mu      sync.Mutex
	members map[*Process]bool
	total   int64 // what they held at the last look
	closed  bool
	made    bool    // the cgroups were made, or can't be
	groups  *groups // nil where there are none
}

// NewBudget returns a Budget of that many bytes; 0 is no limit for all
// together. Close gives back what it takes from the machine.
func NewBudget(memory int64) *Budget {
	return &Budget{limit: memory, members: make(map[*Process]bool)}
}

// Close removes the cgroups, once the last command has ended. Commands that
// start later have none.
func (b *Budget) Close() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.tidy()
}

// Enforced says by what means the limits are kept: "cgroup v2", "cgroup v1" or
// "sampling". Groups are made when the first command needs one.
func (b *Budget) Enforced() string {
	if b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.groups != nil {
			return b.groups.kind()
		}
	}
	return "sampling"
}

// limited says whether there is a limit for all together.
func (b *Budget) limited() bool { return b != nil && b.limit > 0 }

func (b *Budget) enter(p *Process) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.members[p] = true
}

func (b *Budget) leave(p *Process) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.members, p)
	b.tidy()
}

// tidy removes the cgroups when they are of no more use. b.mu is held.
func (b *Budget) tidy() {
	if b.closed && len(b.members) == 0 && b.groups != nil {
		b.groups.remove()
		b.groups = nil
	}
}

// cgroups returns the groups of the commands, which the first call makes; nil
// where there can't be any. The first call comes before the first start, since
// version 2 makes none where a command runs already.
func (b *Budget) cgroups() *groups {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.made && !b.closed {
		b.made = true
		b.groups = makeGroups(b.limit)
	}
	return b.groups
}

// reach is how soon the commands could have filled what is left.
func (b *Budget) reach(running int) time.Duration {
	if b == nil || b.limit <= 0 {
		return math.MaxInt64
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return reach(b.limit-b.total, running)
}

// enforce ends as many of the commands as hold too much together.
func (b *Budget) enforce(now time.Time) {
	if b == nil || b.limit <= 0 {
		return
	}
	b.mu.Lock()
	list := make([]*Process, 0, len(b.members))
	for p := range b.members {
		if !p.isEnding() { // what is being ended will soon hold nothing
			list = append(list, p)
		}
	}
	b.mu.Unlock()
	held, claims := make([]int64, len(list)), make([]int64, len(list))
	var total int64
	for i, p := range list {
		held[i], claims[i] = p.holds(), p.spec.Claim
		if p.isTemplate() { // goes first if it is not needed, else last
			claims[i] = b.limit
			if p.isIdle() {
				claims[i] = -b.limit
			}
		}
		total += held[i]
	}
	for i, p := range list {
		if total > b.limit {
			exact := p.exactly(now)
			total += exact - held[i]
			held[i] = exact
		}
	}
	// What left a command behind that has ended, nobody knows which, is nobody's
	// claim, and goes first.
	strays, more := doubt()
	if total += more; total > b.limit {
		for i := range strays {
			signalOrphan(&strays[i], syscall.SIGKILL)
		}
		total -= more
	}
	for _, i := range choose(b.limit, held, claims) {
		total -= held[i]
		list[i].end(&Failure{Kind: MemoryExceeded, Together: true, Peak: held[i], Limit: b.limit, Claim: list[i].spec.Claim}, true)
	}
	b.mu.Lock()
	b.total = total
	b.mu.Unlock()
}

// choose returns which of the commands that hold so much have to go so that
// the others hold no more than limit: one after the other the one that holds
// most beyond its claim.
func choose(limit int64, held, claims []int64) (victims []int) {
	var total int64
	for _, h := range held {
		total += h
	}
	gone := make([]bool, len(held))
	for total > limit {
		worst := -1
		for i := range held {
			if !gone[i] && held[i] > 0 && (worst < 0 || held[i]-claims[i] > held[worst]-claims[worst]) {
				worst = i
			}
		}
		if worst < 0 {
			break
		}
		gone[worst] = true
		total -= held[worst]
		victims = append(victims, worst)
	}
	return victims
}
