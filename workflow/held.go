package workflow

import (
	"sync"

	"github.com/raphe-org/raphe/internal/value"
)

// heldValues are the constants that were written or read last, unpacked. A list
// of 100,000 names that a thousand nodes share is then unpacked once, not a
// thousand times, and not kept for ever.
type heldValues struct {
	mu   sync.Mutex
	last [8]heldValue
	next int
}

type heldValue struct {
	id   uint32
	v    value.Value // nil: free
	size int         // of its binary form
}

// mostHeld bounds what is held beside the newest, by the size of the binary
// forms; unpacked they take some five times that.
const mostHeld = 2 << 20

// worthHolding leaves small ones out: they are unpacked as quickly as found.
const worthHolding = 1 << 10

func (h *heldValues) hold(id uint32, v value.Value, size int) {
	if size < worthHolding {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last[h.next] = heldValue{id, v, size}
	for sum, k := 0, 0; k < len(h.last); k++ { // from the newest to the oldest
		e := &h.last[(h.next-k+len(h.last))%len(h.last)]
		if sum += e.size; k > 0 && sum > mostHeld {
			*e = heldValue{}
		}
	}
	h.next = (h.next + 1) % len(h.last)
}

func (h *heldValues) get(id uint32) value.Value {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.last {
		if e.v != nil && e.id == id {
			return e.v
		}
	}
	return nil
}

// find gives the constant that is the very value v, not one that equals it.
func (h *heldValues) find(v value.Value) (id uint32, ok bool) {
	items, isList := value.Items(v)
	if !isList || len(items) == 0 {
		return 0, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.last {
		if value.KindOf(e.v) != value.KindOf(v) {
			continue
		}
		if theirs, _ := value.Items(e.v); len(theirs) == len(items) && &theirs[0] == &items[0] {
			return e.id, true
		}
	}
	return 0, false
}

func (h *heldValues) drop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last = [len(h.last)]heldValue{}
}
