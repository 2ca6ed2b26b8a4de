package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

type verdict uint8

const (
	claimHeld     verdict = iota // the owner is alive
	claimReleased                // the owner gave it back
	claimDead                    // the owner was here and is gone
	claimSilent                  // the owner did not move for StaleAfter
	claimChanged                 // look again
)

// judge says what a claim is worth.
func judge(ctx context.Context, dir string, number uint64, content []byte, opts Options) (verdict, error) {
	owner := parseOwner(content)
	if owner.Released {
		return claimReleased, nil
	}
	switch owner.Liveness() {
	case Alive:
		return claimHeld, nil
	case Dead:
		return claimDead, nil
	}
	if opts.OnWait != nil {
		opts.OnWait(owner)
	}
	return watchClaim(ctx, filepath.Join(dir, claimName(number)), content, opts)
}

// watchClaim watches a claim for StaleAfter. Only time in which the claim
// could be read counts: while a file server is away no owner can move.
func watchClaim(ctx context.Context, path string, content []byte, opts Options) (verdict, error) {
	every := min(opts.Heartbeat/2, opts.StaleAfter/8)
	last, quiet := time.Now(), time.Duration(0)
	timer := time.NewTimer(every)
	defer timer.Stop()
	for quiet < opts.StaleAfter {
		select {
		case <-ctx.Done():
			return claimHeld, fmt.Errorf("watch whether %s is alive: %w", path, ctx.Err())
		case <-timer.C:
		}
		now, err := os.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESTALE):
			return claimChanged, nil
		case err != nil:
			return claimHeld, err
		case !bytes.Equal(now, content):
			if parseOwner(now).Released || len(content) == 0 {
				return claimChanged, nil
			}
			return claimHeld, nil
		}
		quiet += min(time.Since(last), 2*every)
		last = time.Now()
		timer.Reset(every)
	}
	return claimSilent, nil
}
