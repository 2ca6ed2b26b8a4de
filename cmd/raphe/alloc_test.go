package main

import (
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// alloc is a tool of the scripts that needs memory: it holds and touches so many
// MB until what watches it must have seen it. `alloc MB [SECONDS]`.
func alloc() {
	mb, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	// Mapped, not made: the race detector keeps a shadow of what is made.
	held, err := unix.Mmap(-1, 0, mb<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		panic(err)
	}
	for i := 0; i < len(held); i += 4096 {
		held[i] = 1
	}
	if len(os.Args) > 2 {
		seconds, err := strconv.ParseFloat(os.Args[2], 64)
		if err != nil {
			panic(err)
		}
		time.Sleep(time.Duration(seconds * float64(time.Second)))
	}
	os.Exit(int(held[0]) - 1)
}
