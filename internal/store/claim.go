package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Claims are numbered files: the one with the highest number says who owns the
// store. Who wants it, when the last owner has released it or is dead, makes
// the file with the next number; of several that try, the file system lets
// one succeed. Nothing is ever renamed or deleted to make room, so there is no
// moment at which a slow rival could remove the claim of the winner.
//
// A released claim stays, marked as such. Deleting is housekeeping: a claim
// goes only when there is a higher one, so from its first moment on a store
// has a claim, and numbers never come back. A rival that acted on
// an outdated listing, and made a number that was deleted long ago, therefore
// finds a higher one when it looks again, and withdraws.

// claim is the claim of this process.
type claim struct {
	base, dir string
	number    uint64
	owner     Owner
	file      file

	// previousGone says that no earlier owner can still write: the last one
	// released the store, or was a process of this machine that is dead.
	previousGone bool
	clockOff     time.Duration // of the file system's clock from ours, at least

	mu      sync.Mutex
	beats   uint64
	lastAt  time.Time // when the claim was last seen to be ours
	freed   bool
	tookFor *Owner // the dead owner that was replaced
}

func claimName(number uint64) string { return fmt.Sprintf("%06d", number) }

// takeClaim makes this process the owner, or returns an *OwnedError.
func takeClaim(ctx context.Context, base, dir string, opts Options) (*claim, error) {
	for {
		number, content, err := highestClaim(dir)
		if err != nil {
			return nil, err
		}
		gone, stale := true, (*Owner)(nil)
		if number > 0 {
			owner := parseOwner(content)
			verdict, err := judge(ctx, dir, number, content, opts)
			if err != nil {
				return nil, err
			}
			switch verdict {
			case claimHeld:
				return nil, &OwnedError{Base: base, Owner: owner, StaleAfter: opts.StaleAfter}
			case claimChanged:
				continue
			case claimSilent:
				gone, stale = false, &owner
			case claimDead:
				stale = &owner
			}
		}
		c, err := stake(base, dir, number+1, opts)
		if err != nil {
			return nil, err
		}
		if c != nil {
			c.previousGone, c.tookFor = gone, stale
			return c, nil
		}
	}
}

// highestClaim returns the number and the content of the claim that counts; 0
// if there is none.
func highestClaim(dir string) (uint64, []byte, error) {
	for {
		numbers, err := claimNumbers(dir)
		if err != nil || len(numbers) == 0 {
			return 0, nil, err
		}
		number := slices.Max(numbers)
		content, err := os.ReadFile(filepath.Join(dir, claimName(number)))
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE) {
			continue // it was replaced just now
		}
		return number, content, err
	}
}

func claimNumbers(dir string) ([]uint64, error) {
	names, err := readNames(dir)
	if err != nil {
		return nil, err
	}
	var numbers []uint64
	for _, name := range names {
		if n, err := strconv.ParseUint(name, 10, 64); err == nil && n > 0 && claimName(n) == name {
			numbers = append(numbers, n)
		}
	}
	return numbers, nil
}

// stake tries to make the claim with a number. It returns nil if someone else
// has it.
//
// The content is written first, to a file of another name, which is then
// linked: so a claim is whole from its first moment, and a link that was made
// although the answer got lost is recognised. Where links are not to be
// had (FAT, some FUSE file systems) an exclusive create must do.
func stake(base, dir string, number uint64, opts Options) (*claim, error) {
	c := &claim{base: base, dir: dir, number: number, owner: thisProcess()}
	path := filepath.Join(dir, claimName(number))
	tmp := filepath.Join(dir, "new-"+c.owner.Token)
	before := time.Now()
	if err := c.write(tmp, opts.open); err != nil {
		return nil, err
	}
	defer os.Remove(tmp)
	if info, err := c.file.Stat(); err == nil {
		c.clockOff = clockOffset(info.ModTime(), before, time.Now())
	}
	if err := opts.link(tmp, path); err != nil && !c.holds(path) {
		c.file.Close()
		if errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			return nil, nil // someone has it, or is tidying up
		}
		if err := c.write(path, opts.open); errors.Is(err, fs.ErrExist) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	c.seen()
	if err := c.verify(); err != nil {
		c.file.Close()
		os.Remove(path) // not the highest: a number of the past
		if _, lost := errors.AsType[*LostError](err); lost {
			return nil, nil
		}
		return nil, err
	}
	return c, nil
}

// write makes a file with the claim and keeps it open.
func (c *claim) write(path string, open opener) error {
	f, err := open(path, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(c.owner.format(), 0)
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		f.Close()
		os.Remove(path)
		return err
	}
	c.file = f
	return nil
}

// holds says whether the claim at path is this one.
func (c *claim) holds(path string) bool {
	content, err := os.ReadFile(path)
	return err == nil && parseOwner(content).Token == c.owner.Token
}

// clockOffset returns by how much at least the clock that gave a file its
// time differs from ours, between whose times the file was written.
func clockOffset(mtime, before, after time.Time) time.Duration {
	return max(before.Sub(mtime), mtime.Sub(after), 0)
}

// verify looks whether the claim is still the highest.
func (c *claim) verify() error {
	numbers, err := claimNumbers(c.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return &LostError{Base: c.base}
	}
	if err != nil {
		return err
	}
	if len(numbers) > 0 && slices.Max(numbers) == c.number {
		return nil
	}
	lost := &LostError{Base: c.base}
	if n, content, err := highestClaim(c.dir); err == nil && n > 0 {
		lost.By = parseOwner(content)
	}
	return lost
}

// seen notes that the claim is ours at this moment.
func (c *claim) seen() {
	c.mu.Lock()
	c.lastAt = time.Now()
	c.mu.Unlock()
}

// silence is how long the claim was not seen to be ours.
func (c *claim) silence() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.lastAt)
}

// beat shows others that this process is alive.
func (c *claim) beat() error {
	if err := c.verify(); err != nil {
		return err
	}
	c.beats++
	if _, err := c.file.WriteAt(beatDigits(c.beats), beatOffset); err != nil {
		return err
	}
	if err := c.file.Sync(); err != nil {
		return err
	}
	c.seen()
	return nil
}

// release gives the claim back. The file stays, marked.
func (c *claim) release() error {
	if c.freed {
		return nil
	}
	c.freed = true
	_, err := c.file.WriteAt([]byte(stateFree), stateOffset)
	if err == nil {
		err = c.file.Sync()
	}
	if err := errors.Join(err, c.file.Close()); err != nil {
		return fmt.Errorf("release %s: %w", filepath.Join(c.dir, claimName(c.number)), err)
	}
	return nil
}
