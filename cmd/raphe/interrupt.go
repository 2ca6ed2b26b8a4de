package main

import "context"

// untilInterrupt gives a context that the first interrupt ends: for what can be
// given up at once, before anything runs.
func untilInterrupt() (ctx context.Context, stop func()) {
	listening, first, stopListening := listen(func() {})
	ctx, cancel := context.WithCancel(listening)
	go func() {
		select {
		case <-first:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		stopListening()
		cancel()
	}
}
