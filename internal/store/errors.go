package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Every error that a person can do something about has a method Mend, which says what.

// ErrReadOnly is returned by the writing methods of a view.
var ErrReadOnly = errors.New("the store is open for reading only")

// ErrNoBlob is returned by Blob for a digest that the store does not hold.
var ErrNoBlob = errors.New("no such blob")

// Hole is a damaged place.
type Hole struct {
	File   string
	Offset int64  // of the first byte that can not be read
	Length int64  // how many bytes; 0 if that is not known
	Lost   string // in words: "records", "a whole segment", ...

	at Ref // the same place; 0 if it is in no segment
}

// DamagedError says which places of the store are damaged: written bytes that
// have changed or gone. It is not used for an end that a killed run left
// half-written, which is no damage.
type DamagedError struct {
	Holes []Hole // in the order of writing, at least one
}

// damaged is the error for holes, less those that were accepted; nil if there
// are none.
func damaged(holes []Hole, accepted map[Ref]int64) *DamagedError {
	holes = slices.DeleteFunc(holes, func(h Hole) bool {
		length, ok := accepted[h.at]
		return ok && length == h.Length
	})
	if len(holes) == 0 {
		return nil
	}
	return &DamagedError{Holes: holes}
}

// Lost returns how many bytes could not be read.
func (e *DamagedError) Lost() int64 {
	var n int64
	for _, h := range e.Holes {
		n += h.Length
	}
	return n
}

func (e *DamagedError) Error() string {
	const most = 3
	var b strings.Builder
	for i, h := range e.Holes {
		if i == most {
			fmt.Fprintf(&b, "; and %d more places, %d bytes in all", len(e.Holes)-most, e.Lost())
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s is damaged at byte %d: %s lost", h.File, h.Offset, h.Lost)
		if h.Length > 0 {
			fmt.Fprintf(&b, " (%d bytes)", h.Length)
		}
	}
	return b.String()
}

// Mend says what to do.
func (e *DamagedError) Mend() string {
	return "check the disk; all other records are readable, and running the workflow again redoes only the instances whose records were lost"
}

// WriteError says that the store could not be written. It is final: the run
// can not go on. What was written before stays readable.
type WriteError struct {
	File string
	Op   string // "write", "sync", "create"
	Err  error
}

func (e *WriteError) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.File, e.Err) }

// Unwrap gives the cause, for instance syscall.ENOSPC.
func (e *WriteError) Unwrap() error { return e.Err }

// Mend says what to do.
func (e *WriteError) Mend() string {
	again := "then start again: what was complete is kept"
	switch {
	case errors.Is(e.Err, syscall.ENOSPC), errors.Is(e.Err, syscall.EDQUOT):
		return "free some space (or raise the quota), " + again
	case errors.Is(e.Err, syscall.EROFS), errors.Is(e.Err, syscall.EACCES), errors.Is(e.Err, syscall.EPERM):
		return "make the base directory writable, " + again
	}
	return "check the disk or the network file system, " + again
}

// OwnedError says that another run owns the store.
type OwnedError struct {
	Base       string // the base directory
	Owner      Owner
	StaleAfter time.Duration
}

func (e *OwnedError) Error() string {
	if e.Owner.Host == "" {
		return fmt.Sprintf("%s is in use by another run", e.Base)
	}
	return fmt.Sprintf("%s is in use by another run: process %d on %s, since %s",
		e.Base, e.Owner.PID, e.Owner.Host, e.Owner.Since.Format(time.RFC3339))
}

// Mend says what to do.
func (e *OwnedError) Mend() string {
	if e.Owner.Host == "" {
		return "wait until it ends, or choose another base directory"
	}
	return fmt.Sprintf("wait until it ends, stop it (on %s: kill %d), or choose another base directory; a run that has died is recognised by itself, on another machine after %s",
		e.Owner.Host, e.Owner.PID, e.StaleAfter)
}

// LostError says that this run lost the store: another one has taken it for
// dead and taken over, or the claim was deleted. It is final.
type LostError struct {
	Base string
	By   Owner // zero if the claim has just gone
}

func (e *LostError) Error() string {
	if e.By.Host == "" {
		return fmt.Sprintf("this run no longer owns %s: its claim was deleted", e.Base)
	}
	return fmt.Sprintf("this run no longer owns %s: process %d on %s took over, since %s",
		e.Base, e.By.PID, e.By.Host, e.By.Since.Format(time.RFC3339))
}

// Mend says what to do.
func (e *LostError) Mend() string {
	return "let the other run finish; this happens when a machine stands still, or can't reach the file system, for longer than the time after which an owner counts as dead"
}

// VersionError says that a newer Raphe wrote the store.
type VersionError struct {
	File         string
	Found, Known int
}

func (e *VersionError) Error() string {
	return fmt.Sprintf("%s says version %d, this program knows versions up to %d", e.File, e.Found, e.Known)
}

// Mend says what to do.
func (e *VersionError) Mend() string {
	return "use a newer Raphe, or another base directory"
}
