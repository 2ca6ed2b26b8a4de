//go:build !linux

package proc

var platformTools map[string]func(args []string)
