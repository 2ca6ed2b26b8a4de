package task

import "github.com/raphe-org/raphe/internal/value"

// A cache keeps what was used last, up to twice half its size: when the newer
// half is full it becomes the older one, and what was the older one is dropped.
// What is larger than a half is kept with at most another half beside it.
type cache[K comparable, V any] struct {
	half         int // bytes of a half, by what callers say
	newer, older map[K]cached[V]
	size         int // bytes in newer
}

type cached[V any] struct {
	v    V
	size int
}

func (c *cache[K, V]) get(k K) (v V, ok bool) {
	if e, ok := c.newer[k]; ok {
		return e.v, true
	}
	e, ok := c.older[k]
	if ok {
		delete(c.older, k)
		c.add(k, e)
	}
	return e.v, ok
}

// put takes in v, which needs some size bytes.
func (c *cache[K, V]) put(k K, v V, size int) {
	delete(c.older, k)
	c.size -= c.newer[k].size
	delete(c.newer, k)
	c.add(k, cached[V]{v, size + entryCost})
}

// entryCost is what a map entry and the headers of what it holds need.
const entryCost = 256

func (c *cache[K, V]) add(k K, e cached[V]) {
	if c.newer == nil || c.size+e.size > c.half {
		c.newer, c.older, c.size = map[K]cached[V]{}, c.newer, 0
		if e.size > c.half {
			c.older = nil
		}
	}
	c.newer[k] = e
	c.size += e.size
}

// weigh gives some upper bound of the bytes that a value needs in memory.
func weigh(v value.Value) int {
	const header = 40 // an interface's two words, and the slice or string behind it
	n := header
	switch v := v.(type) {
	case value.String:
		n += len(v)
	case value.Dict:
		for _, e := range v {
			n += weigh(e.Key) + weigh(e.Value)
		}
	default:
		items, _ := value.Items(v)
		for _, item := range items {
			n += weigh(item)
		}
	}
	return n
}

// weighRecord gives the same for a record whose payload has that length.
func weighRecord(rec *Record, payload int) int {
	n := 2 * payload // texts, and their headers
	for _, f := range rec.Outputs {
		n += weigh(f.Value)
	}
	return n
}
