package key

import (
	"sync"
	"time"
	"weak"

	"github.com/raphe-org/raphe/internal/value"
)

// A Memo remembers the forms of large lists, so that one that goes to a
// thousand instances is hashed once, and the files that it names are looked at
// once in a while and not a thousand times. It knows a list by where it lies in
// memory, and does not keep it there. The zero Memo is ready; a nil one
// remembers nothing. It is safe for concurrent use.
type Memo struct {
	mu    sync.Mutex
	forms map[memoKey]memoForm
	now   func() time.Time // nil: time.Now
}

// A memoKey says which list was written, and how.
type memoKey struct {
	list            weak.Pointer[value.Value] // its first element
	length          int
	named, hashText bool
}

type memoForm struct {
	form  []byte
	given int64
	until time.Time // zero: for good, since no file was looked at
}

const (
	// fewest is how long a list is that is worth remembering.
	fewest = 256
	// filesStand is for how long files that were looked at are taken to be as
	// they were.
	filesStand = 5 * time.Second
	// mostForms is how many lists are remembered before all are forgotten.
	mostForms = 256
)

// form gives the canonical form of a value, and the bytes of the files that it
// names.
func (m *Memo) form(c *canonical, v value.Value) (form []byte, given int64, err error) {
	items, _ := value.Items(v)
	if m == nil || len(items) < fewest {
		form, err = c.form(v)
		return form, c.given, err
	}
	k := memoKey{weak.Make(&items[0]), len(items), c.named, c.hashText}
	began := m.time()
	m.mu.Lock()
	known, ok := m.forms[k]
	m.mu.Unlock()
	if ok && (known.until.IsZero() || began.Before(known.until)) {
		return known.form, known.given, nil
	}
	if form, err = c.form(v); err != nil {
		return nil, 0, err
	}
	fresh := memoForm{form: form, given: c.given}
	if c.looked {
		fresh.until = began.Add(filesStand)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.forms == nil || len(m.forms) >= mostForms {
		m.forms = map[memoKey]memoForm{}
	}
	m.forms[k] = fresh
	return form, c.given, nil
}

func (m *Memo) time() time.Time {
	if m.now != nil {
		return m.now()
	}
	return time.Now()
}
