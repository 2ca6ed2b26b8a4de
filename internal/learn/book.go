package learn

import (
	"cmp"
	"maps"
	"slices"
)

// A book is one file of what was learned, and what is to be added to it. A nil
// book is empty and stays so.
type book struct {
	path    string
	warn    func(string)
	read    bool
	entries map[Subject]*entry
	nodes   int // of the entries, those of one node
}

// An entry is what is known of one subject.
type entry struct {
	day   int64 // since 1970, of the last attempt
	known sizes // all
	fresh sizes // of this, what is not in the file yet
}

// most bounds how many interfaces, and how many nodes, a file has: those seen
// last. In memory there may be twice as many, the file's and new ones; what
// comes then is not learned before the next time that the file is written.
const most = 1000

// find gives the entry of a subject, nil if there is none.
func (b *book) find(s Subject) *entry {
	if b == nil {
		return nil
	}
	b.load()
	return b.entries[s]
}

func (b *book) add(s Subject, seen Seen, day int64) {
	if b == nil {
		return
	}
	b.load()
	e := b.entries[s]
	if e == nil {
		if s.Node != "" && b.nodes >= 2*most || s.Node == "" && len(b.entries)-b.nodes >= 2*most {
			return
		}
		e = &entry{}
		b.put(s, e)
	}
	e.day = day
	e.known.add(seen)
	e.fresh.add(seen)
}

func (b *book) put(s Subject, e *entry) {
	if s.Node != "" {
		b.nodes++
	}
	b.entries[s] = e
}

// load reads the file, once.
func (b *book) load() {
	if b.read {
		return
	}
	b.read = true
	b.take(b.current())
}

// take makes entries what is known.
func (b *book) take(entries map[Subject]*entry) {
	b.entries, b.nodes = map[Subject]*entry{}, 0
	for s, e := range entries {
		b.put(s, e)
	}
}

// save adds what is fresh to the file as it is at this moment, since another
// run may have written it meanwhile.
func (b *book) save() error {
	if b == nil || !b.hasFresh() {
		return nil
	}
	entries := b.current()
	for s, e := range b.entries {
		if len(e.fresh) == 0 {
			continue
		}
		at := entries[s]
		if at == nil {
			at = &entry{}
			entries[s] = at
		}
		at.day = max(at.day, e.day)
		for _, f := range e.fresh {
			at.known.merge(f)
		}
	}
	trim(entries)
	if err := write(b.path, entries); err != nil {
		return err
	}
	b.take(entries)
	return nil
}

func (b *book) hasFresh() bool {
	for _, e := range b.entries {
		if len(e.fresh) > 0 {
			return true
		}
	}
	return false
}

// trim keeps the most interfaces and the most nodes that were seen last.
func trim(entries map[Subject]*entry) {
	ofNodes := func(s Subject) bool { return s.Node != "" }
	for _, drop := range []func(Subject) bool{ofNodes, func(s Subject) bool { return !ofNodes(s) }} {
		var subjects []Subject
		for s := range maps.Keys(entries) {
			if drop(s) {
				subjects = append(subjects, s)
			}
		}
		if len(subjects) <= most {
			continue
		}
		slices.SortFunc(subjects, func(a, b Subject) int {
			return cmp.Or(cmp.Compare(entries[b].day, entries[a].day), compare(a, b))
		})
		for _, s := range subjects[most:] {
			delete(entries, s)
		}
	}
}

func compare(a, b Subject) int {
	return cmp.Or(cmp.Compare(a.Interface, b.Interface), cmp.Compare(a.Node, b.Node))
}
