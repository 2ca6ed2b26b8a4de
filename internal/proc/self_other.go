//go:build !linux

package proc

// Self returns the most that this process has held; what it holds now is not
// known here.
func Self() Memory { return Memory{RSS: ownPeak()} }

// Committed is not known here.
func Committed() int64 { return 0 }
