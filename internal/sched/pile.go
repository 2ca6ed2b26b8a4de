package sched

// A pile is a binary heap: the first by before is on top.
type pile[T any] struct {
	items  []T
	before func(a, b *T) bool
}

func (p *pile[T]) len() int { return len(p.items) }

// top gives the first; the pile must not be empty.
func (p *pile[T]) top() *T { return &p.items[0] }

func (p *pile[T]) push(x T) {
	p.items = append(p.items, x)
	p.up(len(p.items) - 1)
}

func (p *pile[T]) pop() T { return p.remove(0) }

// remove takes the item at place k out.
func (p *pile[T]) remove(k int) T {
	var zero T
	last := len(p.items) - 1
	x := p.items[k]
	p.items[k] = p.items[last]
	p.items[last] = zero // what it points at may go
	p.items = p.items[:last]
	if k < last {
		p.down(k)
		p.up(k)
	}
	return x
}

func (p *pile[T]) up(k int) {
	for k > 0 {
		parent := (k - 1) / 2
		if !p.before(&p.items[k], &p.items[parent]) {
			return
		}
		p.items[k], p.items[parent] = p.items[parent], p.items[k]
		k = parent
	}
}

func (p *pile[T]) down(k int) {
	for {
		first := k
		for child := 2*k + 1; child <= 2*k+2 && child < len(p.items); child++ {
			if p.before(&p.items[child], &p.items[first]) {
				first = child
			}
		}
		if first == k {
			return
		}
		p.items[k], p.items[first] = p.items[first], p.items[k]
		k = first
	}
}

// An entry is a unit in a queue: 12 bytes, so that a million may wait.
type entry struct {
	unit     Unit
	priority int32
}

// sooner orders by the longest chain below, then as in the plan.
func sooner(a, b *entry) bool {
	if a.priority != b.priority {
		return a.priority > b.priority
	}
	return a.unit.less(b.unit)
}

func (u Unit) less(v Unit) bool {
	if u.Instance != v.Instance {
		return u.Instance < v.Instance
	}
	return u.Element < v.Element
}
