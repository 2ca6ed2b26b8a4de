// Command hold is the tool of the benchmark's larger scenarios: it allocates
// memory, writes to all of it, keeps it for a while and writes one small file.
//
//	hold MEGABYTES SECONDS OUT [--LABEL=VALUE | FILE]...
//
// Each FILE must be readable, as a real tool's inputs must be. Labels (which
// subject, which run) are only repeated in OUT; they make one instance's
// command line differ from another's.
package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	if err := hold(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "hold:", err)
		os.Exit(1)
	}
}

func hold(args []string) error {
	if len(args) < 3 {
		return errors.New("want MEGABYTES SECONDS OUT, and then labels and files")
	}
	megabytes, err := strconv.Atoi(args[0])
	if err != nil || megabytes < 1 {
		return fmt.Errorf("%q is no number of megabytes", args[0])
	}
	seconds, err := strconv.ParseFloat(args[1], 64)
	if err != nil {
		return fmt.Errorf("%q is no number of seconds", args[1])
	}
	for _, a := range args[3:] {
		if strings.HasPrefix(a, "--") {
			continue
		}
		if _, err := os.ReadFile(a); err != nil {
			return err
		}
	}
	memory, err := syscall.Mmap(-1, 0, megabytes<<20, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return fmt.Errorf("map %d MB: %w", megabytes, err)
	}
	for i := 0; i < len(memory); i += 4096 {
		memory[i] = 1
	}
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	return os.WriteFile(args[2], []byte(strings.Join(args[3:], "\n")+"\n"), 0o666)
}
