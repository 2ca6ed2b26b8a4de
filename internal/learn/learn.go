// Package learn remembers how much memory and time interfaces needed, by the
// size of what they were given, and from that says what the next use will need.
//
//	Learned   what is known, in up to two files: the project's and the user's
//	Subject   what is told apart: an interface, or one node that has it
//	Seen      what one attempt needed
//	Estimate  what another one will need
//
// What a node has needed before says most; next what its interface has needed
// in this project, then what it has needed in any. Sizes are gathered in
// buckets, the powers of two, so that a subject costs some hundred bytes
// however often it was seen; there are at most so many subjects.
//
// Nothing here is ever a reason to fail: a file that can't be read is set
// aside, one that can't be written is not written. The package knows no
// workflow, no store and no process.
package learn

import (
	"sync"
	"time"
)

// A Subject is what is remembered apart: an interface, with Node for its use at
// one place.
type Subject struct {
	Interface string
	Node      string // full name; "" stands for all nodes together
}

// Seen is what one attempt needed.
type Seen struct {
	Input int64 // bytes of the files that it was given
	Peak  int64 // bytes
	Wall  time.Duration
	Short bool // it ended for want of memory: it needs more than Peak
}

// An Estimate is what an attempt is expected to need.
type Estimate struct {
	Mem  int64
	Wall time.Duration // 0: not known
}

// Options says where things are remembered; "" is nowhere.
type Options struct {
	Project string       // file in the base directory
	User    string       // file in the user's cache: interfaces only, no names of nodes
	Warn    func(string) // told of files that are set aside; may be nil
}

// Learned is what is known. Its methods may be called from many goroutines at
// once, and on nil, which knows nothing and keeps nothing.
type Learned struct {
	mu            sync.Mutex
	project, user *book
	saved         time.Time
}

// saveEvery is after how long what a long run has learned is written down.
const saveEvery = 5 * time.Minute

// Open prepares what is known. The files are read when something is asked or
// told for the first time, so that a run that has nothing to do reads none.
func Open(o Options) *Learned {
	l := &Learned{saved: time.Now()}
	if o.Project != "" {
		l.project = &book{path: o.Project, warn: o.Warn}
	}
	if o.User != "" {
		l.user = &book{path: o.User, warn: o.Warn}
	}
	return l
}

// Estimate gives what an attempt of s with so many bytes of input will need,
// and whether anything is known of it. Of what is known first comes what covers
// that size, then what must be drawn out beyond the largest size seen.
func (l *Learned) Estimate(s Subject, input int64) (Estimate, bool) {
	if l == nil {
		return Estimate{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var beyond Estimate
	found := false
	for _, at := range l.places(s) {
		e := at.book.find(at.Subject)
		switch {
		case e == nil || len(e.known) == 0:
		case e.known.covers(input):
			return e.known.estimate(input), true
		case !found:
			beyond, found = e.known.estimate(input), true
		}
	}
	return beyond, found
}

// Wall gives what attempts of s took on the whole, whatever their input; 0: not
// known.
func (l *Learned) Wall(s Subject) time.Duration {
	if l == nil {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, at := range l.places(s) {
		if e := at.book.find(at.Subject); e != nil {
			if wall := e.known.wall(); wall > 0 {
				return wall
			}
		}
	}
	return 0
}

// A place is where something may be known of a subject.
type place struct {
	book *book
	Subject
}

// places are those of a subject, what says most first.
func (l *Learned) places(s Subject) [3]place {
	all := Subject{s.Interface, ""}
	return [3]place{{l.project, s}, {l.project, all}, {l.user, all}}
}

// Add takes in what an attempt of s needed.
func (l *Learned) Add(s Subject, seen Seen) {
	if l == nil || seen.Peak <= 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	today := now().Unix() / secondsADay
	if s.Node != "" {
		l.project.add(s, seen, today)
	}
	all := Subject{s.Interface, ""}
	l.project.add(all, seen, today)
	l.user.add(all, seen, today)
	if time.Since(l.saved) > saveEvery {
		_ = l.save() // tried again at the end
	}
}

// Save writes down what was learned since the last time. An error says that
// this was not possible somewhere; it is no reason for alarm.
func (l *Learned) Save() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.save()
}

func (l *Learned) save() error {
	l.saved = time.Now()
	err := l.project.save()
	if userErr := l.user.save(); err == nil {
		err = userErr
	}
	return err
}

const secondsADay = 24 * 60 * 60

// now is the clock; entries are dated to the day.
var now = time.Now
